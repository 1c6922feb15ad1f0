//! Experts, anywhere: people who answer from their own channel.
//!
//! In: questions that wait, and what experts press and write. Out: offers to few at a time, claims,
//! replies under the expert's name, each checked before it leaves. Everything that changes an
//! escalation goes through its acts. Must not know: platforms, pages.

mod acts;
mod check;
mod matching;
mod paging;
mod review;
mod telling;

pub use acts::{EXPERT_CODE_MINUTES, link, make_code, refuse, release};
pub use check::{Objection, check};
pub use matching::{concerns, suits};
pub use paging::{A_DAY, offer_waiting};
pub(crate) use review::{are_held, hold};
pub(crate) use telling::{say_to, tell_customers_words, tell_released, tell_taken};
