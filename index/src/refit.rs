//! A calibration fitted anew to what a brand's own customers said, with the one in force as prior.
//!
//! In go judged hits: their evidence as it was shown, and whether they were right. Out comes a
//! calibration of the same shape. Each weight keeps its sign, so that more evidence never speaks
//! for less confidence, and is pulled towards where it was: a handful of judgements changes
//! little, a thousand count. Which evidence there is does not matter here.

use crate::calibration::{Basis, Calibration, Judgement, Line};

/// How many judgements the intercept of the calibration before is worth.
const PRIOR: f64 = 60.0;
/// How many the size of a weight is worth, where its evidence is full.
const WEIGHT_PRIOR: f64 = 150.0;
/// How many the precision above a line is worth.
const LINE_PRIOR: f64 = 100.0;
/// The most that one judgement can tell about a logit.
const MOST_TOLD: f64 = 0.25;
const SWEEPS: usize = 60;

/// A hit that somebody judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Its evidence, by name, as [`crate::Hit::evidence`] gave it.
    pub evidence: Vec<(String, f32)>,
    /// Whether it was right.
    pub right: bool,
    /// How much the judgement counts, 0..=1.
    pub weight: f32,
}

impl Calibration {
    /// The confidence that a hit with this evidence has, 0.0..=1.0.
    pub fn confidence(&self, evidence: &[(String, f32)]) -> f32 {
        let own = self.of(evidence);
        let terms = Terms::of(own, evidence).values;
        let logit = terms.iter().zip(&own.weights).map(|(x, w)| x * f64::from(w.adds));
        #[expect(clippy::cast_possible_truncation, reason = "a probability")]
        let confidence = sigmoid(f64::from(own.intercept) + logit.sum::<f64>()) as f32;
        confidence
    }

    /// The same calibration, fitted to `judged`; ranking stays as it is.
    ///
    /// Its lines count what was judged above them together with what they promised before.
    #[must_use]
    pub fn refitted(&self, judged: &[Judged]) -> Self {
        let mut new = self.clone();
        for basis in Basis::ALL {
            let is_own = |hit: &&Judged| self.serving(basis_of(&hit.evidence)) == basis;
            let own: Vec<&Judged> = judged.iter().filter(is_own).collect();
            refit(new.on_mut(basis), &own);
        }
        new.curve = new.told_lines(judged);
        new
    }

    /// Lines with the precision that `judged` shows above them, blended with what they promised.
    fn told_lines(&self, judged: &[Judged]) -> Vec<Line> {
        let sure: Vec<(f32, &Judged)> =
            judged.iter().map(|hit| (self.confidence(&hit.evidence), hit)).collect();
        let mut least = 0.0_f32;
        let told = self.curve.iter().map(|line| {
            let above = sure.iter().filter(|(confidence, _)| *confidence >= line.answer);
            let (right, n) = above.fold((0.0, 0.0), |(right, n), (_, hit)| {
                let weight = f64::from(hit.weight);
                (right + if hit.right { weight } else { 0.0 }, n + weight)
            });
            let blended = (LINE_PRIOR * f64::from(line.precision) + right) / (LINE_PRIOR + n);
            #[expect(clippy::cast_possible_truncation, reason = "a share")]
            let blended = blended as f32;
            least = least.max(blended);
            Line { precision: least, ..*line }
        });
        told.collect()
    }

    fn of(&self, evidence: &[(String, f32)]) -> &Judgement {
        self.on(basis_of(evidence))
    }
}

fn basis_of(evidence: &[(String, f32)]) -> Basis {
    Basis::of(evidence.iter().map(|(name, _)| name.as_str()))
}

/// What each weight of a judgement is multiplied with.
struct Terms {
    values: Vec<f64>,
}

impl Terms {
    fn of(own: &Judgement, evidence: &[(String, f32)]) -> Self {
        let value = |name: &str| evidence.iter().find(|(known, _)| known == name).map(|e| e.1);
        let term = |name: &str, above: f32| match (value(name), above) {
            (None, _) => 0.0,
            (Some(value), 0.0) => f64::from(value),
            (Some(value), above) => f64::from((value - above).max(0.0)),
        };
        Self { values: own.weights.iter().map(|w| term(&w.name, w.above)).collect() }
    }
}

/// Penalised logistic regression, one weight after the other. Each step bounds the curvature from
/// above, so that it can only improve and nothing has to be tuned.
fn refit(own: &mut Judgement, judged: &[&Judged]) {
    if judged.is_empty() {
        return;
    }
    let terms: Vec<Vec<f64>> =
        judged.iter().map(|hit| Terms::of(own, &hit.evidence).values).collect();
    let before: Vec<f64> = own.weights.iter().map(|weight| f64::from(weight.adds)).collect();
    let mut weights = before.clone();
    let start = f64::from(own.intercept);
    let mut intercept = start;
    let dot = |x: &[f64]| x.iter().zip(&before).map(|(x, w)| x * w).sum::<f64>();
    let mut logits: Vec<f64> = terms.iter().map(|x| start + dot(x)).collect();
    for _ in 0..SWEEPS {
        let by = step(judged, &logits, |_| 1.0, PRIOR * MOST_TOLD, intercept - start);
        intercept += by;
        for logit in &mut logits {
            *logit += by;
        }
        for (at, weight) in weights.iter_mut().enumerate() {
            let usual = before[at].abs().max(0.05);
            let prior = WEIGHT_PRIOR * MOST_TOLD / (usual * usual);
            let moved = *weight - before[at];
            let by = step(judged, &logits, |row: usize| terms[row][at], prior, moved);
            let is_against = before[at] < 0.0;
            let next = *weight + by;
            let next = if is_against { next.min(0.0) } else { next.max(0.0) };
            let by = next - *weight;
            *weight = next;
            for (logit, x) in logits.iter_mut().zip(&terms) {
                *logit += by * x[at];
            }
        }
    }
    #[expect(clippy::cast_possible_truncation, reason = "weights are small numbers")]
    let narrow = |value: f64| value as f32;
    own.intercept = narrow(intercept);
    own.weights.iter_mut().zip(&weights).for_each(|(own, new)| own.adds = narrow(*new));
}

/// How far one weight moves: `x` is what it is multiplied with, `moved` how far it already is from
/// its prior.
fn step(
    judged: &[&Judged],
    logits: &[f64],
    x: impl Fn(usize) -> f64,
    prior: f64,
    moved: f64,
) -> f64 {
    let (mut slope, mut bend) = (prior * moved, prior);
    for (row, hit) in judged.iter().enumerate() {
        let (weight, x) = (f64::from(hit.weight), x(row));
        slope += weight * (sigmoid(logits[row]) - f64::from(u8::from(hit.right))) * x;
        bend += weight * MOST_TOLD * x * x;
    }
    -slope / bend
}

fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calibration() -> Calibration {
        Calibration::from_json(
            r#"{"ranking":[],"intercept":-2.0,
                "weights":[{"name":"fit","above":0.0,"weight":3.0},
                           {"name":"fit","above":0.5,"weight":2.0}],
                "list":{"intercept":-1.0,"weights":[]},
                "with_model":null,
                "curve":[{"answer":0.5,"precision":0.8,"coverage":0.5},
                         {"answer":0.7,"precision":0.9,"coverage":0.3},
                         {"answer":0.8,"precision":0.96,"coverage":0.1}]}"#,
        )
        .unwrap()
    }

    fn hit(fit: f32) -> Vec<(String, f32)> {
        vec![("fit".to_owned(), fit), ("unknown".to_owned(), 1.0)]
    }

    fn hundredth(n: u16) -> f32 {
        f32::from(n % 100) / 100.0
    }

    /// `n` hits with all degrees of fit, of which every tenth up to `wrong` is wrong.
    fn judged(n: u16, wrong: u16) -> Vec<Judged> {
        let judged = |at: u16| Judged {
            evidence: hit(hundredth(at.wrapping_mul(37))),
            right: at % 10 >= wrong,
            weight: 1.0,
        };
        (0..n).map(judged).collect()
    }

    #[test]
    fn nothing_judged_changes_nothing() {
        assert_eq!(calibration().refitted(&[]), calibration());
    }

    #[test]
    fn a_handful_changes_little_and_a_thousand_count() {
        let before = calibration();
        let moved = |n| {
            let after = before.refitted(&judged(n, 6));
            let sure = |calibration: &Calibration| calibration.confidence(&hit(0.95));
            f64::from(sure(&before) - sure(&after))
        };
        assert!((0.0..0.06).contains(&moved(10)), "{}", moved(10));
        assert!(moved(2000) > 0.3, "{}", moved(2000));
    }

    #[test]
    fn confidence_comes_to_say_what_was_judged() {
        let judged = judged(3000, 4);
        let after = calibration().refitted(&judged);
        let said: f32 = judged.iter().map(|hit| after.confidence(&hit.evidence)).sum();
        assert!((said / 3000.0 - 0.6).abs() < 0.02, "{}", said / 3000.0);
    }

    #[test]
    fn more_evidence_never_means_less_confidence() {
        let perverse =
            |at: u16| Judged { evidence: hit(hundredth(at)), right: at % 100 < 30, weight: 1.0 };
        let judged: Vec<Judged> = (0..2000).map(perverse).collect();
        let after = calibration().refitted(&judged);
        let sure: Vec<f32> =
            (0..=20_u16).map(|n| after.confidence(&hit(f32::from(n) / 20.0))).collect();
        assert!(sure.is_sorted(), "{sure:?}");
    }

    #[test]
    fn a_line_promises_less_once_less_was_kept() {
        let before = calibration();
        let after = before.refitted(&judged(2000, 3));
        let is_answered = |calibration: &Calibration| {
            calibration.confidence(&hit(0.95)) >= calibration.line(0.95).answer
        };
        assert!(is_answered(&before) && !is_answered(&after));
        assert!(after.line(0.6).precision < before.line(0.6).precision);
    }
}
