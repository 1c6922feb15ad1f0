//! The honest figures of some days, read from the daily sums.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::acts::{Targets, targets};
use super::days::day_name;
use super::tally::WAITS;
use crate::interval::{interval, share};
use crate::store::cases::TallySum;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{Ending, Handler};

/// What good peer support solves: the line that the solve rate is drawn against.
pub const SOLVED_LINE: f64 = 0.85;
/// How many parts of a dimension are named, the largest first.
const NAMED: usize = 50;
const DAY: i64 = 86_400;

/// Some days, both ends included; days since 1970 (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub from: i64,
    /// The last.
    pub to: i64,
}

/// How cases ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The customer said that it helped.
    pub confirmed: i64,
    /// Answered, and nothing was said.
    pub silent: i64,
    /// It did not help.
    pub refused: i64,
    /// Passed on and not answered.
    pub escalated: i64,
    /// The same was asked again within 72 hours.
    pub asked_again: i64,
    /// Presses on *Helped*.
    pub helped_presses: i64,
    /// Presses on *Didn't help*.
    pub refused_presses: i64,
}

/// The cases of one part of a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// A channel, a language, a day …
    pub name: String,
    /// How they ended.
    #[serde(flatten)]
    pub line: Line,
}

/// How long customers waited for the first answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waits {
    /// Upper bound in seconds (`null` for longer than all) and how many waited at most so long,
    /// but longer than the bound before.
    pub classes: Vec<(Option<i64>, i64)>,
    /// Half waited at most so many seconds: the bound of the class the median is in.
    pub median_at_most: Option<i64>,
    /// Nine of ten waited at most so many seconds.
    pub p90_at_most: Option<i64>,
    /// The share answered within the promise; `None` where none is made.
    pub within_promise: Option<f64>,
}

/// The honest figures of some days.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The first day, `2026-11-01`.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Every case.
    pub all: Line,
    /// The share of all cases that customers confirmed as solved, 0..=1.
    pub solved: f64,
    /// Its 95 % interval; `None` without cases.
    pub solved_interval: Option<(f64, f64)>,
    /// What it is held against.
    pub solved_line: f64,
    /// At most two turns, and never passed on.
    pub simple: Line,
    /// More turns, or passed on.
    pub complex: Line,
    /// By who handled them; a case that two handled counts with both.
    pub handlers: Vec<Named>,
    /// The simple ones, by who handled them.
    pub simple_by_handler: Vec<Named>,
    /// The complex ones, by who handled them.
    pub complex_by_handler: Vec<Named>,
    /// Day by day, or week by week where there are many.
    pub over_time: Vec<Named>,
    /// By channel account.
    pub channels: Vec<Named>,
    /// By language of the question.
    pub langs: Vec<Named>,
    /// By what the answer is about.
    pub products: Vec<Named>,
    /// By the answer's tags.
    pub tags: Vec<Named>,
    /// By who wrote the answer.
    pub authors: Vec<Named>,
    /// Time to the first answer.
    pub waits: Waits,
    /// Presses on *Helped* among all presses, 0..=1; `None` without presses.
    pub csat: Option<f64>,
    /// What the admin promised and compares with.
    pub targets: Targets,
}

impl Line {
    /// How many cases.
    pub fn n(&self) -> i64 {
        self.confirmed + self.silent + self.refused + self.escalated + self.asked_again
    }

    /// The share confirmed, 0..=1.
    pub fn solved(&self) -> f64 {
        share(self.confirmed, self.n())
    }

    fn add(&mut self, sum: &TallySum) {
        let n = match sum.ending {
            Ending::Confirmed => &mut self.confirmed,
            Ending::Silent => &mut self.silent,
            Ending::Refused => &mut self.refused,
            Ending::Escalated => &mut self.escalated,
            Ending::AskedAgain => &mut self.asked_again,
        };
        *n += sum.tally.n;
        self.helped_presses += sum.tally.n_helped;
        self.refused_presses += sum.tally.n_refused;
    }

    fn of<'a>(sums: impl Iterator<Item = &'a TallySum>) -> Self {
        let mut line = Self::default();
        sums.for_each(|sum| line.add(sum));
        line
    }
}

impl Span {
    /// The `n` days up to `now`.
    pub fn latest(n: i64, now: Timestamp) -> Self {
        let to = now.as_second().div_euclid(DAY);
        Self { from: to - n + 1, to }
    }

    fn days(self) -> i64 {
        self.to - self.from + 1
    }
}

/// Reads the figures of some days.
pub async fn report(tx: &mut Tx, span: Span) -> Result<Report, StoreError> {
    let days = (span.from, span.to);
    let totals = tx.tally_sums("all", days).await?;
    let whole = || totals.iter().filter(|sum| sum.handler == Handler::All);
    let all = Line::of(whole());
    let waits = tx.tally_sums("wait", days).await?;
    let targets = targets(tx).await?;
    let n_presses = all.helped_presses + all.refused_presses;
    Ok(Report {
        from: day_name(span.from),
        to: day_name(span.to),
        solved: all.solved(),
        solved_interval: interval(all.confirmed, all.n()),
        solved_line: SOLVED_LINE,
        simple: Line::of(whole().filter(|sum| !sum.is_complex)),
        complex: Line::of(whole().filter(|sum| sum.is_complex)),
        handlers: by_handler(&totals, |_| true),
        simple_by_handler: by_handler(&totals, |sum| !sum.is_complex),
        complex_by_handler: by_handler(&totals, |sum| sum.is_complex),
        over_time: over_time(&tx.tallies_by_day(days).await?, span),
        channels: named(&tx.tally_sums("channel", days).await?),
        langs: named(&tx.tally_sums("lang", days).await?),
        products: named(&tx.tally_sums("product", days).await?),
        tags: named(&tx.tally_sums("tag", days).await?),
        authors: named(&tx.tally_sums("author", days).await?),
        waits: waits_of(&waits, &targets),
        csat: (n_presses > 0).then(|| share(all.helped_presses, n_presses)),
        targets,
        all,
    })
}

/// The cases that count, by who handled them; all who handle any are named.
fn by_handler(sums: &[TallySum], counts: fn(&TallySum) -> bool) -> Vec<Named> {
    let handlers = Handler::ALL.iter().filter(|handler| **handler != Handler::All);
    let of = |handler: Handler| sums.iter().filter(move |sum| sum.handler == handler);
    let line = |handler: Handler| Line::of(of(handler).filter(|sum| counts(sum)));
    handlers.map(|handler| Named { name: handler.to_string(), line: line(*handler) }).collect()
}

/// The parts of a dimension, the largest first.
fn named(sums: &[TallySum]) -> Vec<Named> {
    let mut lines: BTreeMap<&str, Line> = BTreeMap::new();
    for sum in sums.iter().filter(|sum| sum.handler == Handler::All) {
        lines.entry(&sum.value).or_default().add(sum);
    }
    let lines = lines.into_iter().filter(|(_, line)| line.n() > 0);
    let mut named: Vec<Named> =
        lines.map(|(name, line)| Named { name: name.to_owned(), line }).collect();
    named.sort_by_key(|part| std::cmp::Reverse(part.line.n()));
    named.truncate(NAMED);
    named
}

/// Days, or weeks where there are more than two months of them.
fn over_time(sums: &[TallySum], span: Span) -> Vec<Named> {
    let step = if span.days() > 62 { 7 } else { 1 };
    let mut lines: BTreeMap<i64, Line> = BTreeMap::new();
    for sum in sums {
        let day: i64 = sum.value.parse().unwrap_or(span.from);
        lines.entry(span.from + (day - span.from).div_euclid(step) * step).or_default().add(sum);
    }
    let lines = lines.into_iter().filter(|(_, line)| line.n() > 0);
    lines.map(|(day, line)| Named { name: day_name(day), line }).collect()
}

fn waits_of(sums: &[TallySum], targets: &Targets) -> Waits {
    let count = |bound: &i64| {
        let of_class = sums.iter().filter(|sum| sum.handler == Handler::All);
        of_class.filter(|sum| sum.value == bound.to_string()).map(|sum| sum.tally.n).sum::<i64>()
    };
    let counts: Vec<(i64, i64)> = WAITS.iter().map(|bound| (*bound, count(bound))).collect();
    let n: i64 = counts.iter().map(|(_, n)| n).sum();
    let within = |bound: i64| counts.iter().filter(|(b, _)| *b <= bound).map(|(_, n)| n).sum();
    let at_most = |part: i64, of: i64| {
        let reaches = |bound: &&i64| within(**bound) * of >= n * part;
        let bound = WAITS.iter().find(reaches).filter(|_| n > 0);
        bound.filter(|bound| **bound < i64::MAX).map(|bound| bound / 1000)
    };
    Waits {
        median_at_most: at_most(1, 2),
        p90_at_most: at_most(9, 10),
        within_promise: targets
            .answer_within_minutes
            .filter(|_| n > 0)
            .map(|minutes| share(within(minutes * 60_000), n)),
        classes: counts
            .iter()
            .map(|(bound, n)| ((*bound < i64::MAX).then_some(bound / 1000), *n))
            .collect(),
    }
}
