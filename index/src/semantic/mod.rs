//! Sentence models: optional, local, turning a text into one unit vector.
//!
//! In goes a folder that an operator named; out comes a [`SentenceModel`] whose vectors can be
//! compared by their dot product. Two kinds are recognised by their files: BERT and XLM-R style
//! folders (`bert`) and the packaged multilingual USE tables (`tables`). Everything is plain
//! Rust over `matrix`: no model runtime, no native library, nothing leaves the machine. This
//! module knows neither answers nor channels; without a folder nothing here is used.

mod attach;
mod attention;
mod bert;
mod charsmap;
mod files;
mod matrix;
pub(crate) mod meaning;
pub(crate) mod near;
mod npz;
pub(crate) mod places;
mod pooling;
mod safetensors;
mod sentencepiece;
mod simd;
mod sketch;
mod tables;
mod tokenizer;
mod unigram;
pub mod vectors;
mod wordpiece;

use std::path::{Path, PathBuf};

/// A model that places sentences so that those with the same meaning lie close together.
pub trait SentenceModel: Send + Sync {
    /// Stable identity with a digest of the model's files, such as `bert-384-9f2c41d07a3e55b1`.
    ///
    /// Vectors of different names must never be compared or reused for one another.
    fn name(&self) -> &str;

    /// Length of every vector.
    fn dims(&self) -> usize;

    /// Whether the model was made for this language (a code such as `en` or `zh-Hant`).
    fn covers(&self, lang: &str) -> bool;

    /// Whether `word` is a piece of the vocabulary as a whole; others are cut up, and one with a
    /// slip into pieces that mean something else.
    fn knows(&self, word: &str) -> bool;

    /// One vector of unit length per text, in order; text beyond the model's window is not read.
    ///
    /// Errors: [`ModelError::Unreadable`] if the model's file can no longer be read.
    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, ModelError>;
}

/// Why a sentence model cannot be used; the message names the file.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The folder holds neither kind of model.
    #[error(
        "{} is no sentence model: expected config.json, tokenizer.json and model.safetensors, \
         or sp.model and weights.npz", folder.display()
    )]
    Unrecognised {
        /// The folder that was named.
        folder: PathBuf,
    },
    /// A file the model needs is not there.
    #[error("the sentence model lacks {}", file.display())]
    Missing {
        /// The file that was looked for.
        file: PathBuf,
    },
    /// A file is there and cannot be read.
    #[error("cannot read {}", file.display())]
    Unreadable {
        /// The file that was read.
        file: PathBuf,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// A file's content is not what its name promises.
    #[error("{} is damaged: {reason}", file.display())]
    Damaged {
        /// The file that was read.
        file: PathBuf,
        /// What is wrong with it, in words.
        reason: String,
    },
    /// A sound file that asks for something this crate does not do.
    #[error("{} cannot be used: {reason}", file.display())]
    Unsupported {
        /// The file that was read.
        file: PathBuf,
        /// What it asks for, in words.
        reason: String,
    },
}

/// Opens the sentence model in `folder`; its kind is recognised by its files.
///
/// Reads and digests every file once, which takes about half a second for 90 MB.
/// Errors: a [`ModelError`] naming the file that is missing, damaged or not supported.
pub fn load(folder: &Path) -> Result<Box<dyn SentenceModel>, ModelError> {
    let has = |name: &str| folder.join(name).is_file();
    if has(tables::WEIGHTS) || has(tables::PIECES) {
        return Ok(Box::new(tables::SentenceTables::open(folder)?));
    }
    if has(bert::CONFIG) || has(bert::WEIGHTS) {
        return Ok(Box::new(bert::Bert::open(folder)?));
    }
    Err(ModelError::Unrecognised { folder: folder.to_owned() })
}

#[cfg(test)]
mod tests;
