//! The answers worth a closer look: Tantivy's best by BM25 over the question's words.

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, EnableScoring, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::schema::document::Value;
use tantivy::{DocAddress, Executor, Searcher, TantivyDocument, TantivyError};

use crate::asked::Asked;
use crate::payload::Payload;
use crate::schema::Fields;
use crate::statistics::{Counts, OneAnalysis};

/// Answers looked at closely in each analysis.
const CANDIDATES: usize = 64;

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
    let query = BooleanQuery::new(clauses);
    let threads = Executor::single_thread();
    searcher.search_with_executor(&query, &collector, &threads, scoring)
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
