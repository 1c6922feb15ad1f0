//! Fits the ranking: the right answer of each question should get the largest share of a
//! softmax over its candidates. Weights stay at 0 or above, so more evidence never lowers a hit.

use serde_json::Value;
use superfan_index::SearchError;

use crate::sets::Set;

/// Candidates looked at for each question.
const DEPTH: usize = 20;

const STEPS: usize = 200;

/// Evidence that only confidence uses.
const NOT_RANKED: [&str; 3] = ["standing", "margin", "start"];

/// The candidates of one question, the right ones marked.
pub(crate) struct List {
    names: Vec<&'static str>,
    rows: Vec<Vec<f32>>,
    right: Vec<bool>,
}

/// The candidate lists of all questions whose answer is among them.
pub(crate) fn lists(set: &Set) -> Result<Vec<List>, SearchError> {
    let mut lists = Vec::new();
    if set.weight == 0.0 {
        return Ok(lists);
    }
    for query in set.queries.iter().filter(|query| !query.relevant.is_empty()) {
        let hits = set.index.search(&query.question, DEPTH)?.hits;
        let right: Vec<bool> = hits.iter().map(|hit| query.relevant.contains(&hit.id)).collect();
        let placed =
            |hit: &superfan_index::Hit| hit.evidence.iter().any(|e| e.name == "meaning_asked");
        if !right.contains(&true) || (set.placed && !placed(&hits[0])) {
            continue;
        }
        let ranked = |name: &&str| !NOT_RANKED.contains(name);
        let names = hits[0].evidence.iter().map(|e| e.name).filter(ranked).collect();
        let row = |hit: &superfan_index::Hit| -> Vec<f32> {
            hit.evidence.iter().filter(|e| ranked(&e.name)).map(|e| e.value).collect()
        };
        let rows = hits.iter().map(row).collect();
        lists.push(List { names, rows, right });
    }
    Ok(lists)
}

/// Fits one weight for each evidence over sets that count as told.
pub(crate) fn fit(sets: &[(f32, &Vec<List>)]) -> Value {
    let names = sets.iter().find_map(|(_, lists)| lists.first()).map(|list| list.names.clone());
    let names = names.unwrap_or_default();
    let mut weights: Vec<f32> =
        names.iter().map(|name| if *name == "frequency" { 20.0 } else { 0.5 }).collect();
    let mut adam = Adam::new(weights.len());
    for step in 0..STEPS {
        let mut slope = vec![0.0; weights.len()];
        for (share, lists) in sets {
            let share = share / lists.len() as f32;
            for list in *lists {
                add_slope(list, &weights, share, &mut slope);
            }
        }
        let rate = if step < STEPS / 2 { 0.3 } else { 0.1 };
        adam.step(&mut weights, &slope, rate, |_| true);
    }
    let fitted = names.iter().zip(weights).filter(|(_, weight)| *weight > 0.01);
    fitted
        .map(|(name, weight)| serde_json::json!({"name": name, "weight": round(weight)}))
        .collect()
}

fn add_slope(list: &List, weights: &[f32], share: f32, slope: &mut [f32]) {
    let scores: Vec<f32> =
        list.rows.iter().map(|row| row.iter().zip(weights).map(|(v, w)| v * w).sum()).collect();
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let odds: Vec<f32> = scores.iter().map(|score| (score - most).exp()).collect();
    let all: f32 = odds.iter().sum();
    let target = 1.0 / list.right.iter().filter(|right| **right).count() as f32;
    for ((row, odds), right) in list.rows.iter().zip(odds).zip(&list.right) {
        let error = odds / all - if *right { target } else { 0.0 };
        for (slope, value) in slope.iter_mut().zip(row) {
            *slope += share * error * value;
        }
    }
}

/// Three decimals are enough, and keep the file readable.
pub(crate) fn round(value: f32) -> f64 {
    (f64::from(value) * 1000.0).round() / 1000.0
}

/// Gradient descent with steps adapted to each weight.
pub(crate) struct Adam {
    mean: Vec<f32>,
    square: Vec<f32>,
    steps: i32,
}

impl Adam {
    pub(crate) fn new(n: usize) -> Self {
        Self { mean: vec![0.0; n], square: vec![0.0; n], steps: 0 }
    }

    /// One step against `slope`; weights for which `bounded` holds stay at 0 or above.
    pub(crate) fn step(
        &mut self,
        weights: &mut [f32],
        slope: &[f32],
        rate: f32,
        bounded: impl Fn(usize) -> bool,
    ) {
        self.steps += 1;
        let warm = |decay: f32| 1.0 - decay.powi(self.steps);
        let (warm_mean, warm_square) = (warm(0.9), warm(0.999));
        for n in 0..weights.len() {
            self.mean[n] = 0.9 * self.mean[n] + 0.1 * slope[n];
            self.square[n] = 0.999 * self.square[n] + 0.001 * slope[n] * slope[n];
            let step = self.mean[n] / warm_mean / ((self.square[n] / warm_square).sqrt() + 1e-8);
            weights[n] -= rate * step;
            if bounded(n) {
                weights[n] = weights[n].max(0.0);
            }
        }
    }
}
