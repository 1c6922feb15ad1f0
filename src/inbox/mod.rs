//! What arrived: stored durably before anybody is told that it was.
//!
//! In: messages from adapters. Out: inbox rows, once each, and a hint to the answerer. Many
//! waiting deliveries share one commit into `arrivals`, which is all that a platform waits for; the
//! answerer has them sorted into conversations before it looks for work. Must not know: platforms,
//! what a good answer is.

mod content;
mod intake;
mod sorting;
mod writer;

pub use intake::ChannelIntake;
pub use writer::{Inbox, Stored};

#[cfg(test)]
mod tests;
