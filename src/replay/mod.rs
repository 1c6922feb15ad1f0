//! The base's own history, walked again: what would have been answered, and was it right?
//!
//! In: the accepted answers with their dates. Each question is asked in time order, with the
//! search and the decision of the running server, of an index that holds only what had been
//! accepted before it. Out: rows of `replay_cases`, and a [`Report`] on them. Reads the answers
//! and changes none, so it works beside a running server. Must not know: channels, customers.

mod acts;
mod likeness;
mod markdown;
mod report;
mod walk;

pub use acts::judge;
pub use markdown::{curve, markdown};
pub use report::{Agreement, Author, Month, Pair, Report, pairs, report};
pub use walk::{ReplayError, Replaying, Request, Walked, replay};
