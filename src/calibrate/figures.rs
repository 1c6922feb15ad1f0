//! What a calibration is worth on judged decisions: is it right as often as it says, and how much
//! would be answered at which precision?

use serde::Serialize;
use superfan_index::{Calibration, Judged};

use crate::chart::{Chart, Curve};
use crate::interval::{interval, share};

/// Bins of confidence.
const BINS: i64 = 10;

/// What a calibration is worth on judged decisions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// What the target precision asks of the confidence; above 1 nothing is answered.
    pub line: f32,
    /// How many of the judged decisions reach it.
    pub n_answered: i64,
    /// Of those, how many are right.
    pub n_right: i64,
    /// Is it right as often as it says?
    pub reliability: Vec<Bin>,
    /// How much would be answered from which confidence on, and how much of it right.
    pub steps: Vec<Step>,
}

/// Decisions of about the same confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// From this confidence on.
    pub from: f64,
    /// How many.
    pub n: i64,
    /// The confidence they have on average.
    pub said: f64,
    /// The share that is right.
    pub right: f64,
    /// Its 95 % interval.
    pub interval: (f64, f64),
}

/// Decisions from a confidence on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Step {
    /// From this confidence on.
    pub from: f64,
    /// The share of all judged decisions.
    pub coverage: f64,
    /// The share of those that is right.
    pub precision: f64,
}

/// Judges a calibration by judged decisions.
pub fn figures(calibration: &Calibration, judged: &[Judged], target: f64) -> Figures {
    let sure = |hit: &Judged| (f64::from(calibration.confidence(&hit.evidence)), hit.right);
    let judged: Vec<(f64, bool)> = judged.iter().map(sure).collect();
    let line = calibration.line(target).answer;
    let (n_right, n_answered) = counted(judged.iter(), |sure| sure >= f64::from(line));
    let edge = |n: i64| share(n, BINS);
    let bin = |n: i64| {
        let inside = |sure: f64| sure >= edge(n) && (sure < edge(n + 1) || n + 1 == BINS);
        let (right, count) = counted(judged.iter(), inside);
        let said: f64 = judged.iter().map(|j| j.0).filter(|sure| inside(*sure)).sum();
        Some(Bin {
            from: edge(n),
            n: count,
            said: said * share(1, count),
            right: share(right, count),
            interval: interval(right, count)?,
        })
    };
    let step = |n: i64| {
        let (right, count) = counted(judged.iter(), |sure| sure >= edge(n));
        let all = i64::try_from(judged.len()).unwrap_or(i64::MAX);
        let step =
            Step { from: edge(n), coverage: share(count, all), precision: share(right, count) };
        (count > 0).then_some(step)
    };
    Figures {
        line,
        n_answered,
        n_right,
        reliability: (0..BINS).filter_map(bin).collect(),
        steps: (0..BINS).filter_map(step).collect(),
    }
}

/// How many are right, and how many there are, of those whose confidence is meant.
fn counted<'a>(
    judged: impl Iterator<Item = &'a (f64, bool)>,
    is_meant: impl Fn(f64) -> bool,
) -> (i64, i64) {
    judged
        .filter(|(sure, _)| is_meant(*sure))
        .fold((0, 0), |(right, n), (_, is_right)| (right + i64::from(*is_right), n + 1))
}

/// Reliability and precision–coverage of two calibrations, as SVG.
pub fn reliability_svg(before: &Figures, after: &Figures) -> [String; 2] {
    let axis = || (0..=4).map(|n| (share(n, 4), format!("{} %", n * 25))).collect::<Vec<_>>();
    let chart =
        |title: &str, curves| Chart { title: title.to_owned(), across: axis(), up: axis(), curves };
    let curve = |name: &str, points, is_guide| Curve { name: name.to_owned(), points, is_guide };
    let said = |figures: &Figures| figures.reliability.iter().map(|b| (b.said, b.right)).collect();
    let kept = |figures: &Figures| {
        figures.steps.iter().rev().map(|s| (s.coverage, s.precision)).collect::<Vec<_>>()
    };
    let reliability = vec![
        curve("before", said(before), false),
        curve("after", said(after), false),
        curve("as often right as it says", vec![(0.0, 0.0), (1.0, 1.0)], true),
    ];
    let coverage = vec![curve("before", kept(before), false), curve("after", kept(after), false)];
    [
        chart("Share that is right, by the confidence that was said", reliability).svg(),
        chart("Share that is right, by the share that would be answered", coverage).svg(),
    ]
}
