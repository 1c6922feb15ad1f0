//! A file of questions, each asked alone, as run lines in the same order.

use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use superfan_index::{Index, Question, SearchError};

use super::ask::{HITS, decide_text, policy};
use super::decide::Policy;
use crate::config::Rules;
use crate::search::Search;
use crate::vocabulary::Action;

/// Questions asked before their lines are written.
const BATCH: usize = 512;
/// Threads that ask.
const THREADS: usize = 2;

/// A question of the file; other keys are ignored.
#[derive(Debug, Deserialize)]
struct Query {
    id: Value,
    lang: Option<String>,
    text: String,
}

/// One line of the run.
#[derive(Debug, Serialize)]
struct RunLine {
    query_id: Value,
    action: Action,
    confidence: f64,
    hits: Vec<RunHit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offered: Option<usize>,
    took_us: u64,
}

#[derive(Debug, Serialize)]
struct RunHit {
    id: String,
    score: f32,
}

/// The questions could not be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// A line is no question.
    #[error("line {line} is no question: {reason}")]
    BadLine {
        /// From 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// The questions or the run could not be read or written.
    #[error("could not read or write near line {line}")]
    Io {
        /// From 1.
        line: u64,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A search failed.
    #[error("could not search")]
    Search(#[from] SearchError),
}

/// Asks every question and writes what a customer would get; returns how many there were.
///
/// Errors: [`EvaluateError::BadLine`] at the first line that is no question; blank lines are none.
pub fn evaluate(
    search: &Search,
    rules: &Rules,
    queries: impl BufRead,
    out: &mut impl Write,
) -> Result<u64, EvaluateError> {
    let policy = policy(search, rules);
    let asking = Asking { index: search.index(), policy, rules };
    let (mut line, mut n_queries) = (0, 0);
    let mut batch = Vec::with_capacity(BATCH);
    for text in queries.lines() {
        line += 1;
        let text = text.map_err(|source| EvaluateError::Io { line, source })?;
        if !text.trim().is_empty() {
            batch.push(parse(line, &text)?);
        }
        if batch.len() == BATCH {
            n_queries += asking.write_batch(&batch, line, out)?;
            batch.clear();
        }
    }
    n_queries += asking.write_batch(&batch, line, out)?;
    Ok(n_queries)
}

fn parse(line: u64, text: &str) -> Result<Query, EvaluateError> {
    let bad = |reason: String| EvaluateError::BadLine { line, reason };
    let query: Query = serde_json::from_str(text).map_err(|error| {
        // Its own place would read as if it were the file's.
        let said = error.to_string();
        bad(said.split(" at line 1 column").next().unwrap_or(&said).to_owned())
    })?;
    if !(query.id.is_string() || query.id.is_number()) {
        return Err(bad("its id is neither text nor a number".to_owned()));
    }
    Ok(query)
}

struct Asking<'a> {
    index: &'a Index,
    policy: Policy,
    rules: &'a Rules,
}

impl Asking<'_> {
    fn write_batch(
        &self,
        batch: &[Query],
        line: u64,
        out: &mut impl Write,
    ) -> Result<u64, EvaluateError> {
        let lines: Vec<Mutex<Option<Result<RunLine, SearchError>>>> =
            batch.iter().map(|_| Mutex::new(None)).collect();
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    while let Some((query, slot)) = {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        batch.get(at).zip(lines.get(at))
                    } {
                        let asked = self.ask(query);
                        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked);
                    }
                });
            }
        });
        let failed = |source: std::io::Error| EvaluateError::Io { line, source };
        for slot in lines {
            let Some(asked) = slot.into_inner().unwrap_or_else(PoisonError::into_inner) else {
                continue;
            };
            serde_json::to_writer(&mut *out, &asked?).map_err(|error| failed(error.into()))?;
            out.write_all(b"\n").map_err(failed)?;
        }
        Ok(batch.len() as u64)
    }

    fn ask(&self, query: &Query) -> Result<RunLine, SearchError> {
        let question = Question {
            text: query.text.clone(),
            lang: query.lang.clone().filter(|lang| !lang.is_empty()),
        };
        let started = Instant::now();
        let found = self.index.search(&question, HITS)?;
        let decision = decide_text(&query.text, &found, &self.policy, self.rules);
        let took = started.elapsed();
        let confidence = found.hits.first().map_or(0.0, |hit| f64::from(hit.confidence.get()));
        let mut order = decision.picks.clone();
        order.extend((0..found.hits.len()).filter(|at| !decision.picks.contains(at)));
        let hits = order
            .iter()
            .filter_map(|&at| found.hits.get(at))
            .map(|hit| RunHit { id: hit.id.clone(), score: hit.score })
            .collect();
        Ok(RunLine {
            query_id: query.id.clone(),
            action: decision.action,
            confidence,
            hits,
            offered: (decision.action == Action::Choices).then_some(decision.picks.len()),
            took_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        })
    }
}
