//! A search from question to judged hits.

use std::collections::HashMap;

use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, EnableScoring, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::schema::document::Value;
use tantivy::{DocAddress, Searcher, TantivyDocument, Term};

use crate::analysis::{TokenKind, analyse, analysis_key};
use crate::calibration::Calibration;
use crate::error::SearchError;
use crate::found::{Found, Hit, MatchedTerm, Question};
use crate::generation::Generation;
use crate::language::detect_language;
use crate::payload::{Part, Payload, hash, term};
use crate::schema::Fields;
use crate::statistics::{OneAnalysis, Statistics};

/// Words of the question that are searched, the most telling ones.
const QUERY_TERMS: usize = 40;

/// Answers looked at closely.
const CANDIDATES: usize = 64;

struct QueryTerm {
    term: Term,
    hash: u32,
    surface: String,
    idf: f32,
}

struct Candidate {
    payload: Payload,
    coverage: f32,
    best_sentence: f32,
    score: f32,
}

/// Finds the `n` answers of `generation` closest to `question`.
pub(crate) fn search(
    generation: &Generation,
    calibration: &Calibration,
    question: &Question,
    n: usize,
) -> Result<Found, SearchError> {
    let (searcher, statistics) = generation.view();
    let detected = detect_language(&question.text, question.lang.as_deref());
    let own = analysis_key(&detected.lang);
    let keys = statistics.keys();
    let analyses = if keys.contains(&own) && detected.reliable { vec![own] } else { keys };
    let mut candidates = Vec::new();
    let mut terms = Vec::new();
    for key in &analyses {
        let found = question_terms(&searcher, &statistics, &generation.fields, question, key)?;
        candidates.extend(look_up(&searcher, &statistics, &generation.fields, &found, key)?);
        terms.extend(found);
    }
    candidates
        .sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.payload.id.cmp(&b.payload.id)));
    Ok(Found {
        terms: candidates.first().map(|best| matched(&terms, best)).unwrap_or_default(),
        hits: judge(calibration, candidates, n),
        language_path: format!("{}; analysed as {}", detected.path, analyses.join(", ")),
        lang: detected.lang,
        generation: generation.number,
    })
}

fn question_terms(
    searcher: &Searcher,
    statistics: &Statistics,
    fields: &Fields,
    question: &Question,
    key: &str,
) -> tantivy::Result<Vec<QueryTerm>> {
    let counts = statistics.of(key);
    let mut found: HashMap<u32, QueryTerm> = HashMap::new();
    for token in analyse(&question.text, key) {
        if token.kind == TokenKind::Part {
            continue;
        }
        let text = term(key, &token.stem);
        let term = Term::from_field_text(fields.body, &text);
        let hash = hash(text.as_bytes());
        if found.contains_key(&hash) {
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of answers are far below 2^24")]
        let (answers, frequency) = (counts.answers as f32, searcher.doc_freq(&term)? as f32);
        let idf = (1.0 + (answers - frequency + 0.5).max(0.5) / (frequency + 0.5)).ln();
        found.insert(hash, QueryTerm { term, hash, surface: token.surface, idf });
    }
    let mut terms: Vec<QueryTerm> = found.into_values().collect();
    terms.sort_by(|a, b| b.idf.total_cmp(&a.idf).then_with(|| a.surface.cmp(&b.surface)));
    terms.truncate(QUERY_TERMS);
    Ok(terms)
}

fn look_up(
    searcher: &Searcher,
    statistics: &Statistics,
    fields: &Fields,
    terms: &[QueryTerm],
    key: &str,
) -> tantivy::Result<Vec<Candidate>> {
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let clauses = terms.iter().map(|t| {
        let query = TermQuery::new(t.term.clone(), IndexRecordOption::WithFreqs);
        (Occur::Should, Box::new(query) as Box<dyn Query>)
    });
    let query = BooleanQuery::new(clauses.collect());
    let provider = OneAnalysis { searcher, counts: statistics.of(key) };
    let scoring = EnableScoring::Enabled { searcher, statistics_provider: &provider };
    let collector = TopDocs::with_limit(CANDIDATES).order_by_score();
    let top = searcher.search_with_executor(
        &query,
        &collector,
        &tantivy::Executor::single_thread(),
        scoring,
    )?;
    let payloads = top.into_iter().map(|(_, at)| payload(searcher, fields, at));
    payloads.map(|payload| Ok(weigh(terms, payload?))).collect()
}

fn payload(searcher: &Searcher, fields: &Fields, at: DocAddress) -> tantivy::Result<Payload> {
    let document: TantivyDocument = searcher.doc(at)?;
    let raw = document.get_first(fields.payload).and_then(|value| value.as_bytes());
    raw.and_then(Payload::decode)
        .ok_or_else(|| tantivy::TantivyError::InternalError("a payload is malformed".to_owned()))
}

fn weigh(terms: &[QueryTerm], payload: Payload) -> Candidate {
    let mass: f32 = terms.iter().map(|t| t.idf).sum::<f32>().max(f32::EPSILON);
    let held = |words: &[u32]| {
        terms.iter().filter(|t| words.contains(&t.hash)).map(|t| t.idf).sum::<f32>() / mass
    };
    let all: Vec<u32> = payload.words.concat();
    let coverage = held(&all);
    let sentences = payload.words.iter().flat_map(|part| part.split(|word| *word == 0));
    let best_sentence = sentences.map(held).fold(0.0, f32::max);
    let score = coverage + 0.7 * best_sentence;
    Candidate { payload, coverage, best_sentence, score }
}

fn judge(calibration: &Calibration, candidates: Vec<Candidate>, n: usize) -> Vec<Hit> {
    let scores: Vec<f32> = candidates.iter().map(|c| c.score).collect();
    let best = scores.first().copied().unwrap_or(0.0).max(f32::EPSILON);
    let hits = candidates.into_iter().take(n).enumerate().map(|(place, candidate)| {
        let rival = scores.get(usize::from(place == 0)).copied().unwrap_or(0.0);
        let margin = (candidate.score - rival) / best;
        let (confidence, evidence) = calibration.judge(vec![
            ("coverage", candidate.coverage, "share of the question's words it holds".to_owned()),
            ("best_sentence", candidate.best_sentence, "… in one sentence".to_owned()),
            ("margin", margin, "distance to the next best answer".to_owned()),
        ]);
        Hit {
            id: candidate.payload.id,
            lang: candidate.payload.lang,
            score: candidate.score,
            confidence,
            sendable: candidate.payload.sendable,
            product: candidate.payload.product,
            evidence,
        }
    });
    hits.collect()
}

fn matched(terms: &[QueryTerm], best: &Candidate) -> Vec<MatchedTerm> {
    let places = |hash: u32| -> Vec<&'static str> {
        let holding = Part::ALL.into_iter();
        holding
            .filter(|p| best.payload.words[*p as usize].contains(&hash))
            .map(Part::name)
            .collect()
    };
    let all = terms.iter().map(|t| MatchedTerm {
        term: t.surface.clone(),
        fields: places(t.hash),
        weight: t.idf,
    });
    all.filter(|t| !t.fields.is_empty()).collect()
}
