//! Figures of questions and what came of them, as means over seeded resamples.

use std::fmt::Write;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const RESAMPLES: usize = 1_000;

/// Hits looked at for nDCG.
pub(super) const HITS: usize = 10;

/// A question with what came of it.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) lang: String,
    pub(super) source: String,
    pub(super) answerable: bool,
    pub(super) confidence: f32,
    pub(super) first_right: bool,
    /// nDCG@10.
    pub(super) gain: f64,
    /// The same with a slip of the finger in the question; `None` where none was made.
    pub(super) slipped: Option<f64>,
    pub(super) outcome: Outcome,
}

/// What a customer got.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Outcome {
    /// A right automatic answer.
    Right,
    /// A list that holds the right answer.
    Listed,
    /// A wrong automatic answer.
    Wrong,
    /// A person, or a list without the right answer.
    Left,
}

/// A figure that is held: its name, what it shall come to, and what it may not fall below, which is
/// less only where the aim is missed.
pub(super) struct Held {
    pub(super) name: &'static str,
    pub(super) aim: f64,
    pub(super) floor: f64,
}

/// A figure whose aim is reached.
pub(super) const fn reached(name: &'static str, aim: f64) -> Held {
    Held { name, aim, floor: aim }
}

/// A figure whose aim is missed; it holds just below what it comes to.
pub(super) const fn missed(name: &'static str, aim: f64, floor: f64) -> Held {
    Held { name, aim, floor }
}

/// nDCG@10 of one question.
pub(super) fn gain(right: &[bool], n_relevant: usize) -> f64 {
    let worth = |at: usize| 1.0 / (at as f64 + 2.0).log2();
    let best: f64 = (0..n_relevant.min(HITS)).map(worth).sum();
    let got: f64 =
        right.iter().enumerate().filter(|(_, right)| **right).map(|(at, _)| worth(at)).sum();
    if best > 0.0 { got / best } else { 0.0 }
}

const NAMES: [&str; 6] = ["ndcg", "auroc", "cov_p95", "solved", "right", "slip_keeps"];

/// Prints every figure, each beside its aim, and adds those below their floor to `failures`.
pub(super) fn check(name: &str, cases: &[Case], held: &[Held], failures: &mut Vec<String>) {
    let figures = resampled(cases);
    let mut told = String::new();
    for (figure, [mean, low, high]) in NAMES.iter().zip(figures) {
        let held = held.iter().find(|held| held.name == *figure);
        let _ = write!(told, ", {figure} {mean:.3} ({low:.3}–{high:.3})");
        let Some(held) = held else { continue };
        let missed = if held.floor < held.aim { " MISSED" } else { "" };
        let _ = write!(told, " [aim {:.3}{missed}]", held.aim);
        if mean < held.floor {
            failures.push(format!("{name}: {figure} is {mean:.4}, below {}", held.floor));
        }
    }
    eprintln!("{name}: {} questions{told}", cases.len());
}

/// Mean, 5 % and 95 % of each figure of [`NAMES`].
fn resampled(cases: &[Case]) -> [[f64; 3]; 6] {
    let mut dice = StdRng::seed_from_u64(85);
    let mut draws: [Vec<f64>; 6] = Default::default();
    for _ in 0..RESAMPLES {
        let mut drawn: Vec<&Case> =
            (0..cases.len()).map(|_| &cases[dice.random_range(0..cases.len())]).collect();
        drawn.sort_unstable_by(|a, b| b.confidence.total_cmp(&a.confidence));
        for (draws, figure) in draws.iter_mut().zip(measure(&drawn)) {
            draws.push(figure);
        }
    }
    draws.map(summary)
}

/// What a model is worth beside the words: the mean nDCG@10 over the languages of `cases`.
pub(super) fn mean_of_languages(cases: &[Case]) -> f64 {
    let mut langs: Vec<&str> = cases.iter().map(|case| case.lang.as_str()).collect();
    langs.sort_unstable();
    langs.dedup();
    let of = |lang: &str| {
        let own = cases.iter().filter(|case| case.answerable && case.lang == lang);
        let gains: Vec<f64> = own.map(|case| case.gain).collect();
        gains.iter().sum::<f64>() / gains.len().max(1) as f64
    };
    langs.iter().map(|lang| of(lang)).sum::<f64>() / langs.len().max(1) as f64
}

/// [`NAMES`] of questions sorted by confidence.
fn measure(sorted: &[&Case]) -> [f64; 6] {
    let n = sorted.len() as f64;
    let answerable = sorted.iter().filter(|case| case.answerable).count().max(1) as f64;
    let share = |all: f64, is: &dyn Fn(Outcome) -> bool| {
        sorted.iter().filter(|case| is(case.outcome)).count() as f64 / all
    };
    let gains: f64 = sorted.iter().filter(|case| case.answerable).map(|case| case.gain).sum();
    let slipped = sorted.iter().filter(|case| case.answerable);
    let lost: Vec<f64> = slipped.filter_map(|case| Some(case.gain - case.slipped?)).collect();
    [
        gains / answerable,
        auroc(sorted),
        coverage(sorted),
        share(answerable, &|outcome| matches!(outcome, Outcome::Right | Outcome::Listed)),
        1.0 - share(n, &|outcome| outcome == Outcome::Wrong),
        1.0 - lost.iter().sum::<f64>() / lost.len().max(1) as f64,
    ]
}

/// The chance that a right first hit has more confidence than a wrong one, ties half.
fn auroc(sorted: &[&Case]) -> f64 {
    let (mut wrong_above, mut wins, mut right_total) = (0.0, 0.0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.confidence.total_cmp(&b.confidence).is_eq()) {
        let right = tied.iter().filter(|case| case.first_right).count() as f64;
        let wrong = tied.len() as f64 - right;
        wins += right * (wrong_above + wrong / 2.0);
        wrong_above += wrong;
        right_total += right;
    }
    1.0 - wins / (right_total * wrong_above).max(1.0)
}

/// The largest share that can be answered with 95 % right; questions without hits cannot.
fn coverage(sorted: &[&Case]) -> f64 {
    let (mut right, mut answered, mut best) = (0.0, 0.0, 0.0);
    let asked = sorted.len() as f64;
    let hits: Vec<&&Case> = sorted.iter().filter(|case| case.confidence >= 0.0).collect();
    for tied in hits.chunk_by(|a, b| a.confidence.total_cmp(&b.confidence).is_eq()) {
        right += tied.iter().filter(|case| case.first_right).count() as f64;
        answered += tied.len() as f64;
        if right >= 0.95 * answered {
            best = answered / asked;
        }
    }
    best
}

/// Mean, 5 % and 95 %.
fn summary(mut draws: Vec<f64>) -> [f64; 3] {
    draws.sort_by(f64::total_cmp);
    let n = draws.len();
    [draws.iter().sum::<f64>() / n as f64, draws[n / 20], draws[n - 1 - n / 20]]
}

/// How many automatic answers there were, and how many of them right.
pub(super) fn realised(cases: &[Case]) -> (f64, f64) {
    let count = |outcome| cases.iter().filter(|case| case.outcome == outcome).count() as f64;
    let right = count(Outcome::Right);
    (right, right + count(Outcome::Wrong))
}

/// The coverage that the best line in hindsight has.
pub(super) fn oracle(cases: &[Case]) -> f64 {
    let mut sorted: Vec<&Case> = cases.iter().collect();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    coverage(&sorted)
}

/// Wilson's 95 % interval of `right` out of `n`.
pub(super) fn interval(right: f64, n: f64) -> (f64, f64) {
    let (p, z) = (right / n, 1.96_f64);
    let middle = p + z * z / 2.0 / n;
    let half = z * (p * (1.0 - p) / n + z * z / 4.0 / n / n).sqrt();
    ((middle - half) / (1.0 + z * z / n), (middle + half) / (1.0 + z * z / n))
}
