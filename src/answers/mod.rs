//! The answer base: accepted answers read out of files, judged for sending, kept and indexed.
//!
//! What comes in is a brand's own history; what goes out are rows and an index, never HTTP.

pub mod indexer;
pub mod read;
pub mod sendable;
