//! What arrived: stored durably before anybody is told that it was.
//!
//! In: messages from adapters. Out: inbox rows, once each, and a hint to the answerer. Many
//! waiting deliveries share one commit. Must not know: platforms, what a good answer is.

mod content;
mod intake;
mod writer;

pub use intake::ChannelIntake;
pub use writer::{Inbox, Stored};
