//! Questions that mean the same, as groups: by their telling words and, where there is a model,
//! by meaning.
//!
//! In: questions one after another, as words and vectors. Out: which group each belongs to, and
//! words that name it. Pure and deterministic: the same questions in the same order give the same
//! groups. Knows neither answers nor who asked.

mod words;

pub use words::telling_words;
