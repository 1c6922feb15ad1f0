//! What a replay came to, in figures: for the command line, the page and the report file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::interval::interval;
use crate::store::replay_cases::{CaseCount, PairRow};
use crate::store::replays::ReplayRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{Action, Reason};

/// Authors named.
const AUTHORS: usize = 25;
/// Pairs read at once.
const PAGE: i64 = 500;

/// What a replay came to.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Only questions asked from then on; `None` for all.
    pub from: Option<Timestamp>,
    /// How answers were found, in words.
    pub mode: String,
    /// The target precision of automatic answers.
    pub target_precision: f64,
    /// When it was through.
    pub ended_at: Option<Timestamp>,
    /// Questions asked.
    pub questions: i64,
    /// Answers left out because they say not when they were accepted.
    pub undated: i64,
    /// Questions answered at once.
    pub answered: i64,
    /// Questions for which two or three answers were offered.
    pub choices: i64,
    /// Questions left for people, by reason, and those of no reply at all.
    pub left: BTreeMap<Reason, i64>,
    /// Whether what was sent at once agrees with what the forum accepted later.
    pub agreement: Agreement,
    /// The same of short lists: whether one of those offered does.
    pub choices_agreement: Agreement,
    /// From which likeness on two texts count as saying the same, where nobody judged.
    pub alike_at: f64,
    /// Who wrote what was sent at once, most first.
    pub authors: Vec<Author>,
    /// How many they are.
    pub n_authors: usize,
    /// What a case costs a person.
    pub minutes_per_case: i64,
    /// An estimate: those minutes for every question answered at once that agrees.
    pub estimated_hours_saved: f64,
    /// The history month by month.
    pub months: Vec<Month>,
}

/// How much of what was sent agrees with what was accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Agreement {
    /// Pairs.
    pub pairs: i64,
    /// Of them, those that agree: by a person's word, by the forum's own link, or, where there is
    /// neither, by the estimate.
    pub agree: i64,
    /// How many the forum itself marked as the same question.
    pub linked: i64,
    /// How many people judged.
    pub judged: i64,
    /// Of the judged, those that agree.
    pub judged_agree: i64,
    /// The 95 % interval of the share among the judged; `None` while there are none.
    pub judged_interval: Option<(f64, f64)>,
    /// Whether any of it is an estimate.
    pub is_estimate: bool,
}

/// Whose answers were sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Author {
    /// Their name; `None` if the forum names nobody.
    pub author: Option<String>,
    /// How many questions they answered.
    pub n: i64,
}

/// One month of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Month {
    /// `2026-11`.
    pub month: String,
    /// Questions asked.
    pub asked: i64,
    /// Answered at once.
    pub answered: i64,
    /// Of those, how many agree.
    pub agree: i64,
    /// Offered a short list.
    pub choices: i64,
}

/// What would have been sent, beside what was accepted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// The accepted answer whose question it was.
    pub question_id: String,
    /// The answer that would have been sent.
    pub sent_id: String,
    /// Whether it was sent at once, or stood in a short list.
    pub action: Action,
    /// How sure the search was.
    pub confidence: f64,
    /// How like the two texts are.
    pub likeness: f64,
    /// Whether they agree, as far as known.
    pub agrees: bool,
    /// By what: `person`, `link` or `estimate`.
    pub by: &'static str,
}

impl Pair {
    /// A pair of a replay.
    pub fn of(row: PairRow, replay: &ReplayRow) -> Self {
        let (agrees, by) = match row.judged {
            Some(agrees) => (agrees, "person"),
            None if row.case.linked => (true, "link"),
            None => (row.case.likeness >= replay.alike_at, "estimate"),
        };
        Self {
            question_id: row.case.question_id,
            sent_id: row.case.sent_id.unwrap_or_default(),
            action: row.case.action,
            confidence: row.case.confidence,
            likeness: row.case.likeness,
            agrees,
            by,
        }
    }
}

/// Adds a replay's cases up.
pub async fn report(
    tx: &mut Tx,
    replay: &ReplayRow,
    minutes_per_case: i64,
) -> Result<Report, StoreError> {
    let counts = tx.replay_counts(replay).await?;
    let authors = tx.replay_authors(replay.id).await?;
    let sum = |action| counts.iter().filter(|c| c.action == action).map(|c| c.n).sum();
    let agreement = Agreement::of(&counts, Action::Answer);
    let mut left = BTreeMap::new();
    for count in counts.iter().filter(|count| !is_sent(count.action)) {
        *left.entry(count.reason).or_default() += count.n;
    }
    Ok(Report {
        from: replay.from,
        mode: replay.mode.clone(),
        target_precision: replay.target,
        ended_at: replay.ended_at,
        questions: counts.iter().map(|count| count.n).sum(),
        undated: replay.n_undated,
        answered: sum(Action::Answer),
        choices: sum(Action::Choices),
        left,
        agreement,
        choices_agreement: Agreement::of(&counts, Action::Choices),
        alike_at: replay.alike_at,
        n_authors: authors.len(),
        authors: authors
            .into_iter()
            .take(AUTHORS)
            .map(|(author, n)| Author { author, n })
            .collect(),
        minutes_per_case,
        estimated_hours_saved: hours(agreement.agree * minutes_per_case),
        months: months(&counts),
    })
}

/// Every pair of a replay, in the order of the questions.
pub async fn pairs(tx: &mut Tx, replay: &ReplayRow) -> Result<Vec<Pair>, StoreError> {
    let mut pairs = Vec::new();
    let mut from = 0;
    loop {
        let page = tx.replay_pairs(replay.id, from, PAGE).await?;
        let Some(last) = page.last() else { return Ok(pairs) };
        from = last.case.position + 1;
        pairs.extend(page.into_iter().map(|row| Pair::of(row, replay)));
    }
}

impl Agreement {
    fn of(counts: &[CaseCount], action: Action) -> Self {
        let mut sum = Self::default();
        for count in counts.iter().filter(|count| count.action == action) {
            sum.pairs += count.n;
            sum.agree += count.n_agree;
            sum.linked += count.n_linked;
            sum.judged += count.n_judged;
            sum.judged_agree += count.n_judged_agree;
        }
        sum.judged_interval = interval(sum.judged_agree, sum.judged);
        sum.is_estimate = sum.judged < sum.pairs;
        sum
    }

    /// The share that agrees, 0..=1; 0 without pairs.
    pub fn share(&self) -> f64 {
        crate::interval::share(self.agree, self.pairs)
    }
}

impl Report {
    /// Questions left for people, or of no reply.
    pub fn n_left(&self) -> i64 {
        self.left.values().sum()
    }
}

fn is_sent(action: Action) -> bool {
    matches!(action, Action::Answer | Action::Choices)
}

fn months(counts: &[CaseCount]) -> Vec<Month> {
    let mut months: Vec<Month> = Vec::new();
    for count in counts {
        if months.last().is_none_or(|last| last.month != count.month) {
            months.push(Month { month: count.month.clone(), ..Month::default() });
        }
        let Some(month) = months.last_mut() else { continue };
        month.asked += count.n;
        match count.action {
            Action::Answer => {
                month.answered += count.n;
                month.agree += count.n_agree;
            }
            Action::Choices => month.choices += count.n,
            _ => {}
        }
    }
    months
}

/// Minutes as hours, to a tenth.
#[expect(clippy::cast_precision_loss, reason = "minutes of people are far below 2^52")]
fn hours(minutes: i64) -> f64 {
    (minutes as f64 / 6.0).round() / 10.0
}
