//! Where a generation's answers lie: for every answer the rows of its texts in each space.
//!
//! The keys are a column of the index, so deletions, merges and generations need no care here;
//! what a segment's column says is looked up once and kept as long as the segment lives.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::{DocAddress, Searcher, SegmentReader};

use super::meaning::{Meaning, NOTHING, Placed};
use super::sketch::{self, Sketch, Sketches};
use super::vectors::{self, Vectors};
use crate::schema::TEXTS;

/// No such row; beyond the end of every file of vectors.
const NONE: u32 = u32::MAX;
/// Texts that are compared by their vectors, of all that were compared by their sketches.
const COMPARED: usize = 4096;
/// Distance of a text whose answer is no longer there.
const GONE: u16 = u16::MAX;

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
    /// Answer and row of every text that can bring an answer up, ascending by answer.
    texts: Vec<(u32, u32)>,
    /// The sketches of `texts`, in their order.
    sketches: Sketches,
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
    /// Every text is compared by its sketch and the closest [`COMPARED`] by their vectors, so up
    /// to that many texts the result is exact.
    pub(crate) fn nearest(
        &self,
        searcher: &Searcher,
        meaning: &Meaning,
        placed: &Placed,
        n: usize,
    ) -> Vec<DocAddress> {
        let vectors = meaning.spaces[placed.space].vectors.rows();
        let sketch = placed.query.sketch();
        let segments = (0..).zip(searcher.segment_readers());
        let own = segments.filter_map(|(ordinal, segment)| {
            let rows = self.rows(segment, placed)?;
            let distances = rows.distances(segment, &sketch);
            Some((ordinal, rows, distances))
        });
        let own: Vec<(u32, &Rows, Vec<u16>)> = own.collect();
        let living = own.iter().flat_map(|(.., distances)| distances).copied();
        let line = sketch::line(living.filter(|distance| *distance != GONE), COMPARED);
        let mut best: Vec<(f32, DocAddress)> = Vec::new();
        let mut cosines = Vec::new();
        for (ordinal, rows, distances) in own {
            let texts = rows.texts.iter().zip(&distances);
            let texts = texts.filter(|(_, distance)| **distance <= line && **distance != GONE);
            let (docs, numbers): (Vec<u32>, Vec<u32>) = texts.map(|(text, _)| *text).unzip();
            vectors.cosines(&placed.query, &numbers, &mut cosines);
            for (doc, cosine) in docs.into_iter().zip(&cosines) {
                let address = DocAddress::new(ordinal, doc);
                match best.last_mut() {
                    Some((score, last)) if *last == address => *score = score.max(*cosine),
                    _ => best.push((*cosine, address)),
                }
            }
        }
        best.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        best.truncate(n);
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

impl Rows {
    /// How far each text of a living answer is from the question's `sketch`, [`GONE`] for others.
    fn distances(&self, segment: &SegmentReader, sketch: &Sketch) -> Vec<u16> {
        let mut distances = self.sketches.distances(sketch);
        if let Some(alive) = segment.alive_bitset() {
            let gone = self.texts.iter().map(|(doc, _)| !alive.is_alive(*doc));
            for (distance, is_gone) in distances.iter_mut().zip(gone) {
                if is_gone {
                    *distance = GONE;
                }
            }
        }
        distances
    }

    /// Appends the answer `doc` with the rows of its texts.
    fn push(&mut self, doc: u32, mut rows: impl Iterator<Item = u32>, vectors: &vectors::Rows) {
        let mut next = || rows.next().unwrap_or(NONE);
        let (asked, answered, title) = (next(), next(), next());
        self.asked.push(asked);
        self.answered.push(answered);
        self.title.push(title);
        let phrasings = self.phrasings.len();
        self.phrasings.extend(rows.filter(|row| *row != NONE).map(|row| (doc, row)));
        let phrasings = self.phrasings[phrasings..].iter().map(|(_, row)| *row);
        for row in [asked, answered].into_iter().chain(phrasings) {
            if let Some(sketch) = vectors.sketch(row) {
                self.texts.push((doc, row));
                self.sketches.push(&sketch);
            }
        }
    }
}

fn look_up(segment: &SegmentReader, meaning: &Meaning) -> tantivy::Result<Vec<Rows>> {
    let column = segment.fast_fields().u64(TEXTS)?;
    let keys_of = |doc| column.values_for_doc(doc);
    let all = meaning.spaces.iter().map(|space| {
        let vectors = space.vectors.rows();
        let mut rows = Rows::default();
        for doc in 0..segment.max_doc() {
            rows.push(doc, keys_of(doc).map(|key| row(&space.vectors, key)), &vectors);
        }
        rows
    });
    Ok(all.collect())
}

fn row(vectors: &Vectors, key: u64) -> u32 {
    if key == NOTHING { NONE } else { vectors.row_of(key).unwrap_or(NONE) }
}
