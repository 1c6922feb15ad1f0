//! The exam of a new generation: the same questions put to it and to the one in service.
//!
//! In: two generations and questions. Out: an [`ExamReport`] for people, and whether the new one
//! may serve. Searches only; changes nothing.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use superfan_index::{GenerationInfo, Index, Question, SearchError};

use crate::store::golden::GoldenRow;
use crate::store::{Store, StoreError};

/// Questions sampled from the base where the admin gave none.
const SAMPLED: i64 = 200;
/// Changed answers that are listed; all are counted.
const LISTED: usize = 100;
/// One in so many right answers may get lost, one always.
const LOST_SHARE: u64 = 20;

/// The questions of an exam.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Paper {
    /// Whether an admin gave the questions.
    is_golden: bool,
    questions: Vec<GoldenRow>,
    /// Live answers in the store.
    n_answers: u64,
}

impl Paper {
    /// The golden questions, or a sample of the base's own.
    pub(super) async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut tx = store.read().await?;
        let golden = tx.golden_questions().await?;
        let is_golden = !golden.is_empty();
        let questions = if is_golden { golden } else { tx.sample_questions(SAMPLED).await? };
        let n_answers = u64::try_from(tx.count_answers().await?).unwrap_or_default();
        Ok(Self { is_golden, questions, n_answers })
    }

    /// How many questions there are.
    pub(super) fn len(&self) -> u64 {
        self.questions.len() as u64
    }
}

/// What an exam found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExamReport {
    /// Whether an admin gave the questions; otherwise they are a sample of the base's own.
    pub golden: bool,
    /// Questions asked.
    pub questions: u64,
    /// Of these, with a known right answer.
    pub with_answer: u64,
    /// The generation in service.
    pub before: Sitting,
    /// The new one.
    pub after: Sitting,
    /// Questions whose first answer changes.
    pub changed: u64,
    /// The first hundred of them.
    pub changes: Vec<ExamChange>,
    /// Why the new generation may not serve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

/// How one generation did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sitting {
    /// Which.
    pub generation: u64,
    /// Answers in it.
    pub answers: u64,
    /// Its size on disk; what is searched is mapped into memory from there.
    pub bytes: u64,
    /// Questions whose right answer came first.
    pub right: u64,
    /// Time of a search, the middle one, in microseconds.
    pub median_us: u64,
    /// Time that 19 of 20 searches stay under, in microseconds.
    pub p95_us: u64,
}

/// A question whose first answer changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExamChange {
    /// The question.
    pub question: String,
    /// The answer that is right, where that is known.
    pub expected: Option<String>,
    /// What comes first now.
    pub before: Option<Top>,
    /// What would come first.
    pub after: Option<Top>,
}

/// The first answer to a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Top {
    /// Its id.
    pub id: String,
    /// How sure the index is of it, 0.0..=1.0.
    pub confidence: f32,
}

impl ExamReport {
    /// How both did: the one in service, then the new one.
    pub fn sittings(&self) -> [&Sitting; 2] {
        [&self.before, &self.after]
    }

    /// The result in a few words.
    pub fn words(&self) -> String {
        let kind = if self.golden { "golden" } else { "sampled" };
        format!(
            "{} of {} {kind} questions find their answer first ({} before), {} get another first \
             answer",
            self.after.right, self.with_answer, self.before.right, self.changed
        )
    }
}

impl ExamChange {
    /// What comes first: now, and with the new generation.
    pub fn tops(&self) -> [Option<&Top>; 2] {
        [self.before.as_ref(), self.after.as_ref()]
    }

    /// Whether this is the answer that is right.
    pub fn is_right(&self, top: &Top) -> bool {
        self.expected.as_ref() == Some(&top.id)
    }
}

/// Puts every question to both generations; `progress` is told how many were asked.
pub(super) fn examine(
    index: &Index,
    generation: u64,
    paper: &Paper,
    progress: &dyn Fn(u64),
) -> Result<ExamReport, SearchError> {
    let serving = index.generation();
    let mut report =
        ExamReport { golden: paper.is_golden, questions: paper.len(), ..ExamReport::default() };
    let (mut took_before, mut took_after) = (Vec::new(), Vec::new());
    // A generation's first search reads from disk what the others find in memory.
    for number in [serving, generation] {
        if let Some(first) = paper.questions.first() {
            top(index, number, &first.asked(), &mut Vec::new())?;
        }
    }
    for (n_asked, row) in (1..).zip(&paper.questions) {
        let question = row.asked();
        let before = top(index, serving, &question, &mut took_before)?;
        let after = top(index, generation, &question, &mut took_after)?;
        report.count(row, before, after);
        progress(n_asked);
    }
    let infos: HashMap<u64, GenerationInfo> =
        index.generations().into_iter().map(|info| (info.number, info)).collect();
    for (sitting, number, took) in
        [(&mut report.before, serving, took_before), (&mut report.after, generation, took_after)]
    {
        sitting.generation = number;
        if let Some(info) = infos.get(&number) {
            (sitting.answers, sitting.bytes) = (info.answers, info.bytes);
        }
        (sitting.median_us, sitting.p95_us) = times(took);
    }
    report.refusal = refusal(&report, paper.n_answers);
    Ok(report)
}

impl GoldenRow {
    fn asked(&self) -> Question {
        Question { text: self.question.clone(), lang: self.lang.clone() }
    }
}

fn top(
    index: &Index,
    generation: u64,
    question: &Question,
    took: &mut Vec<Duration>,
) -> Result<Option<Top>, SearchError> {
    let started = Instant::now();
    let found = index.search_in(generation, question, 3)?;
    took.push(started.elapsed());
    let best = found.hits.into_iter().next();
    Ok(best.map(|hit| Top { id: hit.id, confidence: hit.confidence.get() }))
}

impl ExamReport {
    fn count(&mut self, row: &GoldenRow, before: Option<Top>, after: Option<Top>) {
        let id = |top: &Option<Top>| top.as_ref().map(|top| top.id.clone());
        let is_right = |top: &Option<Top>| row.answer_id.is_some() && id(top) == row.answer_id;
        self.with_answer += u64::from(row.answer_id.is_some());
        self.before.right += u64::from(is_right(&before));
        self.after.right += u64::from(is_right(&after));
        if id(&before) == id(&after) {
            return;
        }
        self.changed += 1;
        if self.changes.len() < LISTED {
            let (question, expected) = (row.question.clone(), row.answer_id.clone());
            self.changes.push(ExamChange { question, expected, before, after });
        }
    }
}

/// The median and the 95th percentile, in microseconds.
fn times(mut took: Vec<Duration>) -> (u64, u64) {
    took.sort_unstable();
    let at = |share: usize| took.get((took.len() * share / 100).min(took.len().saturating_sub(1)));
    let us = |time: Option<&Duration>| {
        time.map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
    };
    (us(at(50)), us(at(95)))
}

/// Why a generation may not serve: answers are missing, or right answers got lost.
///
/// The store and the generation in service move on while one is built, so a few may differ.
fn refusal(report: &ExamReport, n_answers: u64) -> Option<String> {
    let (before, after) = (&report.before, &report.after);
    if after.answers + (n_answers / 10).max(10) < n_answers {
        return Some(format!("it holds {} answers, the store {n_answers}", after.answers));
    }
    let may_lose = (report.with_answer / LOST_SHARE).max(1);
    (after.right + may_lose < before.right).then(|| {
        let asked = report.with_answer;
        format!(
            "{} of {asked} questions find their answer first, with the generation in service {}",
            after.right, before.right
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(right: (u64, u64), answers: u64, is_refused: bool) {
        let sitting = |right| Sitting { answers, right, ..Sitting::default() };
        let (before, after) = (sitting(right.0), sitting(right.1));
        let report = ExamReport { with_answer: 100, before, after, ..ExamReport::default() };
        assert_eq!(refusal(&report, 1_000).is_some(), is_refused, "{right:?} {answers}");
    }

    #[test]
    fn a_generation_serves_unless_answers_are_missing_or_no_longer_found() {
        check((80, 80), 1_000, false);
        check((80, 75), 1_000, false);
        check((80, 74), 1_000, true);
        check((0, 90), 1_000, false);
        check((80, 80), 901, false);
        check((80, 80), 800, true);
    }
}
