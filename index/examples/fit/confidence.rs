//! Fits the confidence: a logistic function with bends, monotone in every evidence, over the
//! first hits of each question.

use std::sync::Arc;

use serde_json::{Value, json};
use superfan_index::{Calibration, LISTED, SearchError};

use crate::ranking::{Adam, round};
use crate::sets::Set;

/// Hits looked at for nDCG.
const FOUND: usize = 10;

/// How much a hit behind the first counts in the fit.
const BEHIND: f32 = 0.05;

/// Where the curve of an evidence may bend.
const BENDS: [f32; 4] = [0.0, 0.3, 0.5, 0.7];

/// Evidence that confidence rests on. Everything else is in the ranking's score, which `standing`
/// compares with what strangers get: no other adds anything on sets left out.
const JUDGED: [&str; 5] =
    ["standing", "margin", "meaning_title", "meaning_asked", "unasked_coverage"];

const STEPS: usize = 400;

/// Pulls weights to 0, so that what one set shows by chance does not carry over.
const RIDGE: f32 = 0.000_3;

/// A question and its first hits.
pub(crate) struct Case {
    pub(crate) answerable: bool,
    pub(crate) lang: String,
    /// nDCG@10.
    pub(crate) gain: f64,
    /// How surely one of the hits is right.
    pub(crate) together: f32,
    /// The first [`LISTED`].
    pub(crate) hits: Vec<CaseHit>,
}

/// A hit, its evidence, and whether it is right.
pub(crate) struct CaseHit {
    pub(crate) right: bool,
    pub(crate) confidence: f32,
    values: Vec<(&'static str, f32)>,
}

/// Searches all questions of `set` as `model` ranks and judges.
pub(crate) fn cases(set: &Set, model: &Value) -> Result<Vec<Case>, SearchError> {
    let calibration = Calibration::from_json(&model.to_string());
    set.index.set_calibration(Arc::new(calibration.expect("it was written by the fit")));
    judged(set)
}

/// Searches all questions of `set` with the calibration in force.
pub(crate) fn judged(set: &Set) -> Result<Vec<Case>, SearchError> {
    let mut cases = Vec::with_capacity(set.queries.len());
    for query in &set.queries {
        let found = set.index.search(&query.question, FOUND)?;
        let placed =
            |hit: &superfan_index::Hit| hit.evidence.iter().any(|e| e.name == "meaning_asked");
        if set.placed && !found.hits.first().is_some_and(placed) {
            continue;
        }
        let right: Vec<bool> =
            found.hits.iter().map(|hit| query.relevant.contains(&hit.id)).collect();
        let hits = found.hits.into_iter().zip(&right).take(LISTED).map(|(hit, right)| CaseHit {
            right: *right,
            confidence: hit.confidence.get(),
            values: hit.evidence.iter().map(|e| (e.name, e.value)).collect(),
        });
        cases.push(Case {
            answerable: !query.relevant.is_empty(),
            lang: query.lang.clone(),
            gain: gain(&right, query.relevant.len()),
            together: found.together.get(),
            hits: hits.collect(),
        });
    }
    Ok(cases)
}

/// nDCG@10 of one question.
pub(crate) fn gain(right: &[bool], n_relevant: usize) -> f64 {
    let worth = |at: usize| 1.0 / (at as f64 + 2.0).log2();
    let best: f64 = (0..n_relevant.min(FOUND)).map(worth).sum();
    let got: f64 = (0..right.len()).filter(|at| right[*at]).map(worth).sum();
    if best > 0.0 { got / best } else { 0.0 }
}

/// One judged hit, or list of hits, with the values of all bends.
struct Row {
    values: Vec<f32>,
    right: bool,
    share: f32,
}

/// Adds to `model` how single hits and lists are judged, fitted on sets that count as told.
pub(crate) fn fit(mut model: Value, sets: &[(f32, Vec<Case>)]) -> Value {
    let total: f32 = sets.iter().map(|(trust, _)| trust).sum();
    let (mut hits, mut lists) = (Vec::new(), Vec::new());
    for (trust, cases) in sets {
        let share = trust / total / cases.len() as f32;
        for case in cases {
            for (place, hit) in case.hits.iter().enumerate() {
                let share = if place == 0 { share } else { share * BEHIND };
                hits.push(Row { values: bent(&hit.values), right: hit.right, share });
            }
            if !case.hits.is_empty() {
                let right = case.hits.iter().any(|hit| hit.right);
                lists.push(Row { values: bent(&most(&case.hits)), right, share });
            }
        }
    }
    let hit = descend(&hits);
    model["intercept"] = hit["intercept"].clone();
    model["weights"] = hit["weights"].clone();
    model["list"] = descend(&lists);
    model
}

/// The most of each evidence that any of the hits has.
fn most(hits: &[CaseHit]) -> Vec<(&'static str, f32)> {
    let of = |name| hits.iter().map(|hit| value(&hit.values, name)).fold(f32::MIN, f32::max);
    JUDGED.iter().map(|name| (*name, of(name))).collect()
}

/// Intercept and weights of the likeliest logistic function that rises with every value.
fn descend(rows: &[Row]) -> Value {
    let bends: Vec<(&str, f32)> =
        JUDGED.iter().flat_map(|name| BENDS.map(|bend| (*name, bend))).collect();
    let start = bends.len();
    let mut weights = vec![0.0_f32; start + 1];
    let mut adam = Adam::new(weights.len());
    for step in 0..STEPS {
        let mut slope: Vec<f32> = weights.iter().map(|w| RIDGE * w).collect();
        slope[start] = 0.0;
        for row in rows {
            let logit = weights[start] + dot(&row.values, &weights);
            let error = 1.0 / (1.0 + (-logit).exp()) - if row.right { 1.0 } else { 0.0 };
            let error = error * row.share;
            slope.iter_mut().zip(&row.values).for_each(|(slope, value)| *slope += error * value);
            slope[start] += error;
        }
        let rate = if step < STEPS / 2 { 0.1 } else { 0.03 };
        adam.step(&mut weights, &slope, rate, |n| n != start);
    }
    let fitted = bends.iter().zip(&weights).filter(|(_, weight)| **weight > 0.02);
    let fitted: Vec<Value> = fitted
        .map(|((name, bend), w)| json!({"name": name, "above": round(*bend), "weight": round(*w)}))
        .collect();
    json!({"intercept": round(weights[start]), "weights": fitted})
}

fn value(values: &[(&str, f32)], name: &str) -> f32 {
    values.iter().find(|(known, _)| *known == name).map_or(0.0, |v| v.1)
}

/// The same bends as [`Calibration`] has: straight from 0, then from each bend on.
fn bent(values: &[(&str, f32)]) -> Vec<f32> {
    let bend = |name: &str, above: f32| match above {
        0.0 => value(values, name),
        above => (value(values, name) - above).max(0.0),
    };
    JUDGED.iter().flat_map(|name| BENDS.map(|above| bend(name, above))).collect()
}

fn dot(values: &[f32], weights: &[f32]) -> f32 {
    values.iter().zip(weights).map(|(v, w)| v * w).sum()
}

/// Precision and coverage above each line, over sets that were left out.
///
/// The precision is the least of three, and never falls: what all of them together show, the
/// lower end of its 95 % interval with two points' grace, and the upper end of the worst set's.
pub(crate) fn curve(sets: &[Vec<Case>]) -> Value {
    let mut lines = Vec::new();
    let mut least = 0.0_f64;
    for step in 20..=198 {
        let line = f64::from(step) / 200.0;
        let counts: Vec<(f64, f64)> = sets.iter().map(|cases| answered(cases, line)).collect();
        let right: f64 = counts.iter().map(|c| c.0).sum();
        let n: f64 = counts.iter().map(|c| c.1).sum();
        if n < 50.0 {
            break;
        }
        let worst = counts.iter().map(|(right, n)| interval(*right, *n).1).fold(1.0, f64::min);
        let proven = (right / n - 0.005).min(interval(right, n).0 + 0.02).min(worst);
        least = least.max(proven);
        let coverage: f64 =
            counts.iter().zip(sets).map(|((_, n), cases)| n / cases.len() as f64).sum();
        let round = |value: f64| (value * 10_000.0).round() / 10_000.0;
        lines.push(json!({
            "answer": line, "precision": round(least),
            "coverage": round(coverage / sets.len() as f64)
        }));
    }
    Value::Array(lines)
}

/// How many first hits are right, and how many there are, from `line` on.
pub(crate) fn answered(cases: &[Case], line: f64) -> (f64, f64) {
    let firsts = cases.iter().filter_map(|case| case.hits.first());
    let over = firsts.filter(|hit| f64::from(hit.confidence) >= line);
    over.fold((0.0, 0.0), |(right, n), hit| (right + f64::from(u8::from(hit.right)), n + 1.0))
}

/// Wilson's 95 % interval of `right` out of `n`; everything when there is nothing.
pub(crate) fn interval(right: f64, n: f64) -> (f64, f64) {
    if n == 0.0 {
        return (0.0, 1.0);
    }
    let (p, z) = (right / n, 1.96_f64);
    let middle = p + z * z / 2.0 / n;
    let half = z * (p * (1.0 - p) / n + z * z / 4.0 / n / n).sqrt();
    ((middle - half) / (1.0 + z * z / n), (middle + half) / (1.0 + z * z / n))
}
