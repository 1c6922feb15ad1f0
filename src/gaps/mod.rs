//! What the base could not answer, grouped by meaning: what people ask most, who has it, where it
//! stands; and the answer, once written, to all who wait.
//!
//! In: escalations, what people say of a gap. Out: gaps with figures, replies in the outbox. A gap
//! keeps its id when questions come and go. Must not know: pages, SQL, how likeness is found.

mod acts;
mod answering;
mod grouped;
mod incidents;
mod keep;
mod pack;

pub use acts::{answer, set_standing, to_experts};
pub use answering::send_answers;
pub use incidents::{close_incident, dismiss_incident, open_incident, tell_incidents};
pub use keep::GapKeeper;
pub use pack::{Pack, PackGap, pack};

use jiff::{Timestamp, ToSpan, tz};

/// The month of a time, `2026-11`.
pub fn month(at: Timestamp) -> String {
    at.to_zoned(tz::TimeZone::UTC).strftime("%Y-%m").to_string()
}

/// The month before it.
pub fn month_before(at: Timestamp) -> String {
    let first = at.to_zoned(tz::TimeZone::UTC).date().first_of_month();
    first.checked_sub(1.month()).unwrap_or(first).strftime("%Y-%m").to_string()
}
