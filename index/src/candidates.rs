//! The answers worth a closer look: Tantivy's best by BM25 over the question's words.

use tantivy::collector::{Collector, SegmentCollector, TopDocs};
use tantivy::query::{BooleanQuery, BoostQuery, EnableScoring, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::schema::document::Value;
use tantivy::{DocAddress, Executor, Searcher, SegmentReader, TantivyDocument, TantivyError};

use crate::asked::Asked;
use crate::payload::Payload;
use crate::schema::Fields;
use crate::statistics::{Counts, OneAnalysis};

/// Answers looked at closely in each analysis.
const CANDIDATES: usize = 64;

/// From so many terms on, reading every posting takes less than skipping does: block-max WAND sorts
/// its terms at each step, and among so many hardly any can be skipped.
const MANY_TERMS: usize = 20;

/// The best answers for `asked` with their BM25 score, best first.
///
/// A flat OR of terms in one field, never Tantivy's query parser: that turns Thai or Chinese
/// into one phrase, and leaves block-max WAND unused.
pub(crate) fn candidates(
    searcher: &Searcher,
    counts: Counts,
    asked: &Asked,
) -> tantivy::Result<Vec<(f32, DocAddress)>> {
    let readings = asked.words.iter().flat_map(|word| word.readings.iter().map(move |r| (word, r)));
    let clauses: Vec<(Occur, Box<dyn Query>)> = readings
        .map(|(word, reading)| {
            let query = TermQuery::new(reading.term.clone(), IndexRecordOption::WithFreqs);
            let query = BoostQuery::new(Box::new(query), reading.strength * word.framing);
            (Occur::Should, Box::new(query) as Box<dyn Query>)
        })
        .collect();
    if clauses.is_empty() {
        return Ok(Vec::new());
    }
    let readings = asked.words.iter().flat_map(|word| &word.readings);
    let frequencies = readings.map(|reading| (&reading.term, reading.frequency)).collect();
    let provider = OneAnalysis { counts, frequencies };
    let scoring = EnableScoring::Enabled { searcher, statistics_provider: &provider };
    let collector = TopDocs::with_limit(CANDIDATES).order_by_score();
    let is_long = clauses.len() >= MANY_TERMS;
    let query = BooleanQuery::new(clauses);
    let threads = Executor::single_thread();
    if is_long {
        searcher.search_with_executor(&query, &Thorough(collector), &threads, scoring)
    } else {
        searcher.search_with_executor(&query, &collector, &threads, scoring)
    }
}

/// A collector that is shown every match: Tantivy then skips none.
struct Thorough<C>(C);

impl<C: Collector> Collector for Thorough<C> {
    type Fruit = C::Fruit;
    type Child = C::Child;

    fn for_segment(&self, segment: u32, reader: &SegmentReader) -> tantivy::Result<C::Child> {
        self.0.for_segment(segment, reader)
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(
        &self,
        fruits: Vec<<C::Child as SegmentCollector>::Fruit>,
    ) -> tantivy::Result<C::Fruit> {
        self.0.merge_fruits(fruits)
    }
}

/// What is stored beside the answer at `at`.
pub(crate) fn payload(
    searcher: &Searcher,
    fields: &Fields,
    at: DocAddress,
) -> tantivy::Result<Payload> {
    let document: TantivyDocument = searcher.doc(at)?;
    let raw = document.get_first(fields.payload).and_then(|value| value.as_bytes());
    let malformed = || TantivyError::InternalError("a payload is malformed".to_owned());
    raw.and_then(Payload::decode).ok_or_else(malformed)
}
