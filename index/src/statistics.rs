//! How many answers and words each analysis has, and how common each word is in it.
//!
//! Tantivy counts over the whole index; a word of a language with few answers would look rare
//! however common it is there. So BM25 gets the counts of the language searched.

use std::collections::HashMap;

use tantivy::index::SegmentId;
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::Field;
use tantivy::{Searcher, SegmentReader, Term};

use crate::analysis::KEYS;

/// Counts of one analysis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) answers: u64,
    pub(crate) words: u64,
}

/// Counts of every analysis, deleted answers included as Tantivy's frequencies include them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statistics {
    segments: HashMap<SegmentId, [Counts; KEYS.len()]>,
    total: [Counts; KEYS.len()],
}

/// Packs analysis and length into one column.
pub(crate) fn shape(key: &str, n_terms: u64) -> u64 {
    (n_terms << 8) | key_number(key) as u64
}

fn key_number(key: &str) -> usize {
    KEYS.iter().position(|known| *known == key).unwrap_or(KEYS.len() - 1)
}

impl Statistics {
    /// The counts of what `searcher` sees; segments counted in `self` are not read again.
    pub(crate) fn updated(&self, searcher: &Searcher) -> tantivy::Result<Self> {
        let mut updated = Self::default();
        for segment in searcher.segment_readers() {
            let counts = match self.segments.get(&segment.segment_id()) {
                Some(counts) => *counts,
                None => count(segment)?,
            };
            for (total, own) in updated.total.iter_mut().zip(counts) {
                total.answers += own.answers;
                total.words += own.words;
            }
            updated.segments.insert(segment.segment_id(), counts);
        }
        Ok(updated)
    }

    /// Counts of the analysis `key`.
    pub(crate) fn of(&self, key: &str) -> Counts {
        self.total[key_number(key)]
    }

    /// The analyses that have answers, the most used first.
    pub(crate) fn keys(&self) -> Vec<&'static str> {
        let mut used: Vec<_> =
            KEYS.iter().zip(self.total).filter(|(_, counts)| counts.answers > 0).collect();
        used.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.answers));
        used.into_iter().map(|(key, _)| *key).collect()
    }
}

fn count(segment: &SegmentReader) -> tantivy::Result<[Counts; KEYS.len()]> {
    let mut counts = [Counts::default(); KEYS.len()];
    let column = segment.fast_fields().u64("shape")?;
    for doc in 0..segment.max_doc() {
        let shape = column.first(doc).unwrap_or(0);
        let own = &mut counts[usize::try_from(shape & 0xff).unwrap_or(0).min(KEYS.len() - 1)];
        own.answers += 1;
        own.words += shape >> 8;
    }
    Ok(counts)
}

/// BM25's view of one analysis.
pub(crate) struct OneAnalysis<'a> {
    pub(crate) counts: Counts,
    /// The terms that are looked for, and how many answers hold each; they were looked up once.
    pub(crate) frequencies: HashMap<&'a Term, u64>,
}

impl Bm25StatisticsProvider for OneAnalysis<'_> {
    fn total_num_tokens(&self, _field: Field) -> tantivy::Result<u64> {
        Ok(self.counts.words.max(1))
    }

    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.counts.answers.max(1))
    }

    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        Ok(self.frequencies.get(term).copied().unwrap_or(0).min(self.counts.answers))
    }
}
