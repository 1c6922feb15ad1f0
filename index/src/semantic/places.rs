//! Where a generation's answers lie: for every answer the rows of its texts in each space.
//!
//! The keys are a column of the index, so deletions, merges and generations need no care here;
//! what a segment's column says is looked up once and kept as long as the segment lives.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::{DocAddress, Searcher, SegmentReader};

use super::meaning::{Meaning, NOTHING, Placed};
use super::vectors::Vectors;
use crate::schema::TEXTS;

/// No such row; beyond the end of every file of vectors.
const NONE: u32 = u32::MAX;

/// How close the texts of one answer are to a question: cosines, -1 where there is no vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Likeness {
    /// What was asked: title and question.
    pub(crate) asked: f32,
    /// What was answered.
    pub(crate) answered: f32,
    /// The title alone, or another phrasing that is closer.
    pub(crate) title: f32,
}

/// The places of all answers that can be searched.
#[derive(Default)]
pub(crate) struct Places {
    segments: HashMap<SegmentId, Arc<Vec<Rows>>>,
}

/// Rows of one segment's answers in one space, a number per answer.
#[derive(Default)]
struct Rows {
    asked: Vec<u32>,
    answered: Vec<u32>,
    title: Vec<u32>,
    /// Answer and row of every further phrasing, ascending by answer.
    phrasings: Vec<(u32, u32)>,
}

impl Places {
    /// The places of what `searcher` sees; segments known in `self` are not looked up again.
    pub(crate) fn updated(&self, searcher: &Searcher, meaning: &Meaning) -> tantivy::Result<Self> {
        let mut segments = HashMap::new();
        for segment in searcher.segment_readers() {
            let id = segment.segment_id();
            let rows = match self.segments.get(&id) {
                Some(rows) => rows.clone(),
                None => Arc::new(look_up(segment, meaning)?),
            };
            segments.insert(id, rows);
        }
        Ok(Self { segments })
    }

    /// The `n` answers whose texts are closest to the question, closest first.
    ///
    /// Every vector is compared: exact, and fast enough for some hundred thousand answers.
    pub(crate) fn nearest(
        &self,
        searcher: &Searcher,
        meaning: &Meaning,
        placed: &Placed,
        n: usize,
    ) -> Vec<DocAddress> {
        let rows = meaning.spaces[placed.space].vectors.rows();
        let mut best: Vec<(f32, DocAddress)> = Vec::new();
        let mut cosines = Vec::new();
        for (ordinal, segment) in (0..).zip(searcher.segment_readers()) {
            let Some(own) = self.rows(segment, placed) else { continue };
            let mut scores = vec![-1.0_f32; own.asked.len()];
            for numbers in [&own.asked, &own.answered] {
                rows.cosines(&placed.query, numbers, &mut cosines);
                for (score, cosine) in scores.iter_mut().zip(&cosines) {
                    *score = score.max(*cosine);
                }
            }
            let phrasings: Vec<u32> = own.phrasings.iter().map(|(_, row)| *row).collect();
            rows.cosines(&placed.query, &phrasings, &mut cosines);
            for ((doc, _), cosine) in own.phrasings.iter().zip(&cosines) {
                let score = &mut scores[*doc as usize];
                *score = score.max(*cosine);
            }
            let alive = |doc: u32| segment.alive_bitset().is_none_or(|bits| bits.is_alive(doc));
            let found = (0..).zip(scores).filter(|(doc, score)| *score > -1.0 && alive(*doc));
            best.extend(found.map(|(doc, score)| (score, DocAddress::new(ordinal, doc))));
            keep_best(&mut best, n);
        }
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        best.into_iter().map(|(_, address)| address).collect()
    }

    /// How close one answer is to the question.
    pub(crate) fn likeness(
        &self,
        searcher: &Searcher,
        meaning: &Meaning,
        placed: &Placed,
        address: DocAddress,
    ) -> Option<Likeness> {
        let segment = searcher.segment_reader(address.segment_ord);
        let own = self.rows(segment, placed)?;
        let doc = address.doc_id as usize;
        let mut numbers = vec![*own.asked.get(doc)?, own.answered[doc], own.title[doc]];
        let start = own.phrasings.partition_point(|(other, _)| *other < address.doc_id);
        let phrasings = own.phrasings[start..].iter();
        numbers
            .extend(phrasings.take_while(|(doc, _)| *doc == address.doc_id).map(|(_, row)| *row));
        let mut cosines = Vec::new();
        let rows = meaning.spaces[placed.space].vectors.rows();
        rows.cosines(&placed.query, &numbers, &mut cosines);
        Some(Likeness {
            asked: cosines[0],
            answered: cosines[1],
            title: cosines[2..].iter().copied().fold(-1.0, f32::max),
        })
    }

    /// What was asked at `address` as a question, by its title alone if told so, in the first
    /// space that has a vector of it.
    pub(crate) fn question(
        &self,
        searcher: &Searcher,
        meaning: &Meaning,
        address: DocAddress,
        by_title: bool,
    ) -> Option<Placed> {
        let segment = searcher.segment_reader(address.segment_ord);
        let doc = address.doc_id as usize;
        let spaces = self.segments.get(&segment.segment_id())?.iter().enumerate();
        spaces.into_iter().find_map(|(space, rows)| {
            let (title, asked) = (*rows.title.get(doc)?, *rows.asked.get(doc)?);
            let ordered = if by_title { [title, asked] } else { [asked, title] };
            let mut texts = ordered.into_iter().chain([*rows.answered.get(doc)?]);
            let row = texts.find(|row| *row != NONE)?;
            Some(Placed { space, query: meaning.spaces[space].vectors.rows().query(row)? })
        })
    }

    fn rows(&self, segment: &SegmentReader, placed: &Placed) -> Option<&Rows> {
        self.segments.get(&segment.segment_id())?.get(placed.space)
    }
}

/// Drops all but the `n` best, in no order.
fn keep_best(scored: &mut Vec<(f32, DocAddress)>, n: usize) {
    if scored.len() > n {
        scored.select_nth_unstable_by(n, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scored.truncate(n);
    }
}

fn look_up(segment: &SegmentReader, meaning: &Meaning) -> tantivy::Result<Vec<Rows>> {
    let column = segment.fast_fields().u64(TEXTS)?;
    let keys_of = |doc| column.values_for_doc(doc);
    let all = meaning.spaces.iter().map(|space| {
        let mut rows = Rows::default();
        for doc in 0..segment.max_doc() {
            let mut keys = keys_of(doc).map(|key| row(&space.vectors, key));
            rows.asked.push(keys.next().unwrap_or(NONE));
            rows.answered.push(keys.next().unwrap_or(NONE));
            rows.title.push(keys.next().unwrap_or(NONE));
            rows.phrasings.extend(keys.filter(|row| *row != NONE).map(|row| (doc, row)));
        }
        rows
    });
    Ok(all.collect())
}

fn row(vectors: &Vectors, key: u64) -> u32 {
    if key == NOTHING { NONE } else { vectors.row_of(key).unwrap_or(NONE) }
}
