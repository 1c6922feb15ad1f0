//! How many answers hold each word, by hash: what makes a word telling.

use std::collections::HashMap;

use tantivy::Searcher;
use tantivy::schema::Field;

use crate::frame::{FRAME, frames};
use crate::payload::hash;

/// Marks the frequency of a word that only frames questions, so that one look tells both.
const FRAMES: u32 = 1 << 31;

/// Frequencies of all words of a generation.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    frequencies: HashMap<u32, u32, Identity>,
    /// Answers there were when the words were counted.
    pub(crate) answers: u64,
}

impl Vocabulary {
    /// Counts the words of `searcher`'s segments.
    pub(crate) fn count(searcher: &Searcher, body: Field) -> tantivy::Result<Self> {
        let mut frequencies: HashMap<u32, u32, Identity> = HashMap::default();
        for segment in searcher.segment_readers() {
            let inverted = segment.inverted_index(body)?;
            let mut terms = inverted.terms().stream()?;
            while let Some((term, info)) = terms.next() {
                *frequencies.entry(hash(term)).or_default() += info.doc_freq;
            }
        }
        // Most words of a large base occur once, and an absent word counts as one that does.
        frequencies.retain(|_, frequency| *frequency > 1);
        for frame in frames() {
            *frequencies.entry(*frame).or_insert(1) |= FRAMES;
        }
        frequencies.shrink_to_fit();
        Ok(Self { frequencies, answers: searcher.num_docs() })
    }

    /// Answers that hold the word, at least 1, and how much it counts: less than 1 if it only
    /// frames questions.
    pub(crate) fn word(&self, hash: u32) -> (u32, f32) {
        let word = self.frequencies.get(&hash).copied().unwrap_or(1);
        (word & !FRAMES, if word & FRAMES == 0 { 1.0 } else { FRAME })
    }
}

/// Inverse document frequency as BM25 has it; 0 and up.
#[expect(clippy::cast_precision_loss, reason = "counts of answers are far below 2^53")]
pub(crate) fn idf(frequency: u64, answers: u64) -> f32 {
    let (frequency, answers) = (frequency as f64, answers.max(frequency) as f64);
    #[expect(clippy::cast_possible_truncation, reason = "a logarithm is small")]
    let idf = (1.0 + (answers - frequency + 0.5) / (frequency + 0.5)).ln() as f32;
    idf
}

/// For maps and sets whose keys are hashes already.
pub(crate) type Identity = std::hash::BuildHasherDefault<IdentityHasher>;

/// Passes a `u32` through, spread over the upper bits that the map looks at.
#[derive(Debug, Default)]
pub(crate) struct IdentityHasher(u64);

impl std::hash::Hasher for IdentityHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u32(&mut self, hash: u32) {
        self.0 = u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
