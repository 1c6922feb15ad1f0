//! The contract between the application and every channel: what comes in, what goes out, and what
//! each outcome means. Values only; nothing here knows a particular platform, the index or SQL.

mod adapter;
mod amend;
mod forum;
mod inbound;
mod outcome;
mod reply;

pub use adapter::*;
pub use amend::*;
pub use forum::*;
pub use inbound::*;
pub use outcome::*;
pub use reply::*;
