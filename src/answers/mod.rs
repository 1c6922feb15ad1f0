//! The answer base: accepted answers read out of files, judged for sending, and kept.
//!
//! What comes in is a brand's own history; what goes out are values, never SQL or HTTP.

pub mod read;
pub mod sendable;
