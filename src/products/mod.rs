//! Which products and versions a text is about, so that nobody gets an answer for another one.
//!
//! In: texts, and the brand's list (`products.toml`). Out: a [`Subject`], which says whether an
//! answer's subject [fits](Subject::fits) a question's. Must not know: how answers are found.

mod list;
mod marks;
mod numbers;
mod subject;
mod tokens;

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use list::Names;
use marks::Reading;

pub use subject::Subject;

/// The list's name in the data dir.
pub const FILE: &str = "products.toml";
/// Goes up with every change of what is recognised, so that the answers are read anew.
const RECOGNITION: u32 = 1;

/// The products a brand makes; without any, only generic patterns (WH-1000XM4, v115.6) are known.
#[derive(Clone, Debug, Default)]
pub struct Products {
    names: Names,
    digest: String,
}

/// The parts of an accepted answer that say what it is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Thread<'a> {
    /// The title.
    pub title: &'a str,
    /// The question.
    pub question: &'a str,
    /// The answer.
    pub answer: &'a str,
    /// The forum's tags.
    pub tags: &'a [String],
    /// The product, where the source names it.
    pub product: Option<&'a str>,
}

/// A list that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot use the products in {}: {reason}", path.display())]
pub struct ProductsError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, with the line where there is one.
    pub reason: String,
}

impl Products {
    /// Reads a list.
    pub fn read(path: &Path) -> Result<Self, ProductsError> {
        let failed = |reason: String| ProductsError { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        Self::parse(&text).map_err(failed)
    }

    /// Reads a list from its text; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let names = Names::parse(text)?;
        let digest = Sha256::digest(text.as_bytes());
        let digest =
            digest.iter().take(8).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        Ok(Self { names, digest })
    }

    /// How many products are on the list.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tells one state of the list, and of what is recognised, from another.
    pub fn digest(&self) -> String {
        format!("{RECOGNITION}:{}", self.digest)
    }

    /// What a question is about.
    pub fn question(&self, text: &str) -> Subject {
        Subject::asked(self.marks(text))
    }

    /// What an accepted answer is about.
    pub fn answer(&self, thread: &Thread<'_>) -> Subject {
        let mut asked = self.marks(&format!("{}\n{}", thread.title, thread.question));
        for label in thread.tags.iter().map(String::as_str).chain(thread.product) {
            asked.extend(self.names.labelled(label));
            asked.extend(self.marks(label));
        }
        Subject::answered(asked, &self.marks(thread.answer))
    }

    fn marks(&self, text: &str) -> std::collections::BTreeSet<subject::Mark> {
        // Versions and codes have a digit, so without a list there is nothing to read for.
        if self.names.len() == 0 && !text.contains(char::is_numeric) {
            return std::collections::BTreeSet::new();
        }
        Reading::of(text, &self.names).marks()
    }
}

#[cfg(test)]
mod tests;
