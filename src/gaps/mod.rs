//! What the base could not answer, grouped by meaning: what people ask most, who has it, where it
//! stands; and the answer, once written, to all who wait.
//!
//! In: escalations, what people say of a gap. Out: gaps with figures, replies in the outbox. A gap
//! keeps its id when questions come and go. Must not know: pages, SQL, how likeness is found.

mod acts;
mod answering;
mod asked;
mod grouped;
mod incidents;
mod keep;
mod pack;

pub use acts::{answer, set_standing, to_experts};
pub use answering::send_answers;
pub use asked::{Asked, asked};
pub use incidents::{close_incident, dismiss_incident, open_incident, tell_incidents};
pub use keep::GapKeeper;
pub use pack::{Pack, PackGap, pack};
