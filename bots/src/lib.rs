//! Everything superfan knows about the platforms: one folder each, always the same six files.
//!
//! In: deliveries and listeners of a platform. Out: [`InboundMessage`]s into [`Intake`], [`Reply`]s
//! to the platform. Must not know: the search index, our tables, what a good answer is.

mod contract;
pub mod discord;
pub mod discourse;
#[cfg(feature = "fakes")]
pub mod fakes;
pub mod github;
pub mod helpdesk;
pub mod telegram;
mod text;
pub mod webchat;
pub mod webhook;
pub mod x;

pub use contract::*;
