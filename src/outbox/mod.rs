//! What is to be said: enqueued with the decision, sent in order, paced, once.
//!
//! In: replies, from the answerer and from people. Out: sends through adapters, and rows that say
//! what became of them. Must not know: what a good answer is, platform JSON.

mod acts;
mod amend;
mod drafts;
mod enqueue;
mod limiter;
mod refusals;
mod rules;
mod send;
mod sends;

pub use acts::{confirm_arrived, discard, release, retry, rewrite};
pub use drafts::{ShadowRecord, shadow_record};
pub use enqueue::{Draft, enqueue};
pub use limiter::Limiter;
pub use send::Sender;
pub(crate) use send::{backoff, later};
pub use sends::{Progress, Sends};
