//! Conversations waiting for a human: opened by the answerer, claimed, answered and closed by
//! people.
//!
//! In: decisions to escalate, acts of people. Out: rows, and replies in the outbox. Must not know:
//! pages, HTTP, platforms.

mod acts;
mod open;
mod skills;
mod speak;
mod teach;
mod watch;

pub use acts::{Closed, Handover, Target, claim, close, snooze, transfer};
pub use open::{Opening, open_or_join, settle_state};
pub use skills::{Fit, fit, for_person, listed};
pub(crate) use speak::send_as_read;
pub use speak::{Replied, Words, ask_back, reply};
pub use teach::teach;
pub use watch::release_lapsed;
