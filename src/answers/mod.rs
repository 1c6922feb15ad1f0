//! The answer base: accepted answers read out of files, judged for sending, kept and indexed.
//!
//! What comes in is a brand's own history; what goes out are rows and an index, never HTTP.

pub mod acts;
mod demo;
mod given;
pub mod import;
mod index_acts;
pub mod indexer;
mod json;
pub mod phrasings;
pub mod quote;
pub mod read;
pub mod sendable;

pub use demo::{import_demo, lay_out_products};
pub use given::{AnswerEdit, GivenAnswer, Word};
pub use index_acts::{IndexWork, ask_index, set_golden_questions};
pub use indexer::{ExamReport, Indexer};
pub use json::AnswerJson;
