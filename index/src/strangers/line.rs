//! A straight line through what strangers score, by the weight of their words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What one stranger's best hit scored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Point {
    pub(crate) key: &'static str,
    pub(crate) mass: f32,
    pub(crate) score: f32,
}

/// Fewer points than this say nothing.
const FEWEST: usize = 24;
/// Rounds in which points far off the line are left out: the base's own near-duplicates.
const ROUNDS: usize = 4;
/// Standard deviation that even the smallest base has.
const LEAST_SPREAD: f32 = 1.0;
/// How many spreads off the line is far.
const FAR: f32 = 2.5;
/// A language's own level counts as much as the others' once it has this many points.
const SHRINK: f32 = 20.0;
/// Median distance to standard deviation, for a normal distribution.
const NORMAL: f32 = 1.48;
/// Spreads above strangers that make a standing of 1 - 1/e.
const REACH: f32 = 4.0;

/// What strangers score, and how much that varies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// Score of a stranger whose words weigh 1.
    level: f32,
    /// What it gains with the logarithm of their weight.
    slope: f32,
    /// What an analysis adds.
    own: BTreeMap<String, f32>,
    /// Standard deviation around the line.
    spread: f32,
}

/// For bases too small to have strangers: what few of larger ones reach, to be on the safe side.
impl Default for Line {
    fn default() -> Self {
        Self { level: 10.5, slope: 1.5, own: BTreeMap::new(), spread: 3.0 }
    }
}

impl Line {
    /// The line through `points`, near-duplicates left aside; the default for too few.
    pub(crate) fn through(points: &[Point]) -> Self {
        if points.len() < FEWEST {
            return Self::default();
        }
        let mut line = Self { level: 0.0, slope: 0.0, own: BTreeMap::new(), spread: f32::MAX };
        for _ in 0..ROUNDS {
            let close = |point: &&Point| line.off(point).abs() < FAR * line.spread;
            let near: Vec<&Point> = points.iter().filter(close).collect();
            (line.level, line.slope) = least_squares(&near);
            line.spread = spread(points.iter().map(|point| line.off(point)).collect());
        }
        let mut by_key: BTreeMap<&str, Vec<f32>> = BTreeMap::new();
        for point in points {
            by_key.entry(point.key).or_default().push(line.off(point));
        }
        line.own = by_key.into_iter().map(|(key, off)| (key.to_owned(), shrunk(off))).collect();
        line.spread = spread(points.iter().map(|point| line.off(point)).collect());
        line
    }

    /// How far above the line, from -1 far below it over 0 to 1.
    pub(crate) fn standing(&self, key: &str, mass: f32, score: f32) -> f32 {
        let above = (score - self.expected(key, mass)) / self.spread;
        above.signum() * (1.0 - (-above.abs() / REACH).exp())
    }

    fn off(&self, point: &Point) -> f32 {
        point.score - self.expected(point.key, point.mass)
    }

    fn expected(&self, key: &str, mass: f32) -> f32 {
        let own = self.own.get(key).copied().unwrap_or(0.0);
        self.level + self.slope * mass.max(1.0).ln() + own
    }
}

/// Level and slope over the logarithm of the mass.
#[expect(clippy::cast_precision_loss, reason = "some hundred points")]
fn least_squares(points: &[&Point]) -> (f32, f32) {
    let n = points.len().max(1) as f32;
    let x = |point: &&&Point| point.mass.max(1.0).ln();
    let mean_x = points.iter().map(|point| x(&point)).sum::<f32>() / n;
    let mean_y = points.iter().map(|point| point.score).sum::<f32>() / n;
    let (mut both, mut square) = (0.0, 0.0);
    for point in points {
        let x = x(&point) - mean_x;
        both += x * (point.score - mean_y);
        square += x * x;
    }
    let slope = if square > f32::EPSILON { both / square } else { 0.0 };
    (mean_y - slope * mean_x, slope)
}

/// Standard deviation by the median distance from 0, which outliers do not move.
fn spread(off: Vec<f32>) -> f32 {
    (NORMAL * median(off.into_iter().map(f32::abs).collect())).max(LEAST_SPREAD)
}

/// The median, nearer to 0 the fewer there are.
#[expect(clippy::cast_precision_loss, reason = "some hundred points")]
fn shrunk(off: Vec<f32>) -> f32 {
    let n = off.len() as f32;
    median(off) * n / (n + SHRINK)
}

fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => f32::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(level: f32, key: &'static str) -> impl Iterator<Item = Point> {
        (10..60_u8).map(move |n| {
            let mass = f32::from(n);
            let wobble = if n % 2 == 0 { 0.5 } else { -0.5 };
            Point { key, mass, score: level + 2.0 * mass.ln() + wobble }
        })
    }

    #[test]
    fn follows_what_strangers_score_by_weight_and_language() {
        let line = Line::through(&points(1.0, "en").chain(points(3.0, "th")).collect::<Vec<_>>());
        assert!((line.slope - 2.0).abs() < 0.05, "{line:?}");
        let stranger = |key, level: f32| line.standing(key, 30.0, level + 2.0 * 30.0_f32.ln());
        assert!(stranger("en", 1.0) < 0.2 && stranger("th", 3.0) < 0.2);
        assert!(stranger("en", 6.0) > stranger("th", 6.0));
    }

    #[test]
    fn near_duplicates_do_not_move_it() {
        let clean = Line::through(&points(1.0, "en").collect::<Vec<_>>());
        let twins = (0..3).map(|_| Point { key: "en", mass: 30.0, score: 30.0 });
        let mixed = Line::through(&points(1.0, "en").chain(twins).collect::<Vec<_>>());
        let score = 1.0 + 2.0 * 30.0_f32.ln() + 3.0;
        let moved = clean.standing("en", 30.0, score) - mixed.standing("en", 30.0, score);
        assert!(moved.abs() < 0.15, "{moved}");
    }

    #[test]
    fn more_is_never_less() {
        let line = Line::through(&points(1.0, "en").collect::<Vec<_>>());
        let standings: Vec<f32> =
            (0..40_u8).map(|n| line.standing("en", 20.0, f32::from(n))).collect();
        assert!(standings.is_sorted());
    }
}
