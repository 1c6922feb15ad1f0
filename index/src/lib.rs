//! Finds the accepted answer that fits a question, and says how sure it is.
//!
//! In go accepted answers as [`IndexedAnswer`] and questions as [`Question`]; out come
//! [`Found`] hits with a calibrated [`Confidence`] and the evidence for it. Everything is
//! synchronous and touches nothing but the index's own directory. This crate never knows of
//! channels, HTTP, SQL or who learned what.

pub mod analysis;
mod answer;
mod asked;
mod build;
mod calibration;
mod candidates;
mod directory;
mod error;
mod evidence;
mod found;
mod frame;
mod generation;
pub mod groups;
mod index;
mod info;
mod language;
mod payload;
mod purge;
mod refit;
mod schema;
mod search;
pub mod semantic;
mod spelling;
mod statistics;
mod strangers;
mod synonyms;
mod twins;
mod vocabulary;

pub use analysis::sentences;
pub use answer::{Change, IndexedAnswer};
pub use calibration::{Calibration, CalibrationError, Line};
pub use error::{IndexError, SearchError};
pub use found::{Confidence, Evidence, Found, Hit, LISTED, MatchedTerm, Question};
pub use index::Index;
pub use info::{BuildProgress, GenerationInfo, GenerationState};
pub use language::{Detected, detect_language};
pub use refit::Judged;
