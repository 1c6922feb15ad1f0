//! The help desk the brand already has: escalations go there as events, replies come back.
//!
//! In: what happens to escalations, in the transaction in which it happens. Out: events, repeated
//! with the same id until they are taken; and replies and closes of people there, as acts. What
//! came from the desk is not told to it again. Must not know: any desk's JSON.

mod acts;
mod events;
mod receive;
mod send;

pub use acts::retry;
pub(crate) use events::{closed, created, replied, said};
pub use receive::router;
pub use send::{DeskSender, Progress};
