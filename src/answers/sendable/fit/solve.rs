//! Logistic regression with a penalty on the squares of the weights, by accelerated descent.

/// One labelled thing: places and values that are not zero, and what an error on it costs.
pub(super) struct Row {
    pub(super) values: Vec<(usize, f64)>,
    pub(super) is_good: bool,
    pub(super) cost: f64,
}

/// What is to be fitted.
pub(super) struct Problem {
    pub(super) n_weights: usize,
    pub(super) rows: Vec<Row>,
}

/// Where the descent ended.
pub(super) struct Solved {
    pub(super) weights: Vec<f64>,
    pub(super) bias: f64,
}

/// Steps at most; the slope is flat long before.
const MOST_STEPS: usize = 4_000;

impl Problem {
    /// The weights at which the penalised cost is least.
    pub(super) fn solve(&self) -> Solved {
        let n = self.n_weights;
        let step = 1.0 / self.steepness();
        let (mut at, mut before) = (vec![0.0; n + 1], vec![0.0; n + 1]);
        let mut speed = 1.0_f64;
        for _ in 0..MOST_STEPS {
            let faster = f64::midpoint(1.0, (1.0 + 4.0 * speed * speed).sqrt());
            let push = (speed - 1.0) / faster;
            let ahead: Vec<f64> =
                at.iter().zip(&before).map(|(at, before)| at + push * (at - before)).collect();
            let slope = self.slope(&ahead[..n], ahead[n]);
            let next: Vec<f64> =
                ahead.iter().zip(&slope).map(|(ahead, slope)| ahead - step * slope).collect();
            let moved =
                next.iter().zip(&at).zip(&slope).map(|((next, at), slope)| slope * (next - at));
            // Uphill: the push is taken back, which keeps the descent fast where it is round.
            speed = if moved.sum::<f64>() > 0.0 { 1.0 } else { faster };
            before = std::mem::replace(&mut at, next);
            if slope.iter().all(|slope| slope.abs() < 1e-4) {
                break;
            }
        }
        let bias = at.pop().expect("the bias is the last");
        Solved { weights: at, bias }
    }

    /// How the penalised cost changes with each weight, and last with the bias.
    pub(super) fn slope(&self, weights: &[f64], bias: f64) -> Vec<f64> {
        let mut slope = weights.to_vec();
        slope.push(0.0);
        for row in &self.rows {
            let sum = bias + row.values.iter().map(|(at, value)| weights[*at] * value).sum::<f64>();
            let excess = 1.0 / (1.0 + (-sum).exp()) - if row.is_good { 1.0 } else { 0.0 };
            let pull = row.cost * excess;
            for (at, value) in &row.values {
                slope[*at] += pull * value;
            }
            slope[self.n_weights] += pull;
        }
        slope
    }

    /// No direction is steeper than this: the largest of the curvatures, found by repetition.
    fn steepness(&self) -> f64 {
        let mut direction = vec![1.0; self.n_weights + 1];
        let mut largest = 1.0;
        for _ in 0..50 {
            let mut image = vec![0.0; self.n_weights + 1];
            for row in &self.rows {
                let along = row.values.iter().map(|(at, value)| direction[*at] * value);
                let pull = 0.25 * row.cost * (along.sum::<f64>() + direction[self.n_weights]);
                for (at, value) in &row.values {
                    image[*at] += pull * value;
                }
                image[self.n_weights] += pull;
            }
            largest = image.iter().map(|value| value * value).sum::<f64>().sqrt();
            direction = image.iter().map(|value| value / largest).collect();
        }
        1.0 + 1.05 * largest
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, Row};

    #[test]
    fn the_slope_is_flat_where_the_descent_ends() {
        let row = |at: usize, is_good| Row { values: vec![(at, 1.0)], is_good, cost: 1.0 };
        let rows = vec![row(0, true), row(0, true), row(1, false), row(1, true), row(2, false)];
        let problem = Problem { n_weights: 3, rows };
        let solved = problem.solve();
        let slope = problem.slope(&solved.weights, solved.bias);
        assert!(slope.iter().all(|slope| slope.abs() < 1e-3), "{slope:?}");
        assert!(solved.weights[0] > solved.weights[1] && solved.weights[1] > solved.weights[2]);
    }
}
