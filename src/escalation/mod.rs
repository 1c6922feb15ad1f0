//! Conversations waiting for a human: opened by the answerer, claimed, answered and closed by
//! people.
//!
//! In: decisions to escalate, acts of people. Out: rows, and replies in the outbox. Must not know:
//! pages, HTTP, platforms.

mod acts;
mod open;
mod watch;

pub use acts::{Closed, Replied, Words, claim, close, reply};
pub use open::{Opening, open_or_join, settle_state};
pub use watch::release_lapsed;
