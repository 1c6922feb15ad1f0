//! Matrices laid out once for the kernel, and the few operations a small transformer needs.

use super::simd::{LANES, ROWS, multiply};

/// A learned linear layer: rows × `n_in` becomes rows × `n_out`.
#[derive(Debug)]
pub(super) struct Dense {
    /// Panels of [`LANES`] outputs, each `n_in` deep, so that weights stream through memory once.
    panels: Vec<[f32; LANES]>,
    bias: Vec<f32>,
    n_in: usize,
    n_out: usize,
}

impl Dense {
    /// From weights with one row per input, the way USE stores them.
    pub(super) fn from_inputs(weights: &[f32], bias: Vec<f32>, n_out: usize) -> Self {
        let n_in = weights.len() / n_out;
        Self::pack(n_in, bias, n_out, |input, output| weights[input * n_out + output])
    }

    /// From weights with one row per output, the way BERT stores them.
    pub(super) fn from_outputs(weights: &[f32], bias: Vec<f32>, n_in: usize) -> Self {
        let n_out = weights.len() / n_in;
        Self::pack(n_in, bias, n_out, |input, output| weights[output * n_in + input])
    }

    fn pack(
        n_in: usize,
        bias: Vec<f32>,
        n_out: usize,
        weight: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let mut panels = vec![[0.0; LANES]; n_out.div_ceil(LANES) * n_in];
        for (p, panel) in panels.chunks_exact_mut(n_in).enumerate() {
            for (input, lanes) in panel.iter_mut().enumerate() {
                for (lane, output) in lanes.iter_mut().zip(p * LANES..n_out) {
                    *lane = weight(input, output);
                }
            }
        }
        Self { panels, bias, n_in, n_out }
    }

    /// The layer's outputs for every row of `input`.
    pub(super) fn apply(&self, input: &[f32]) -> Vec<f32> {
        let n_rows = input.len() / self.n_in;
        let mut out: Vec<f32> = Vec::with_capacity(n_rows * self.n_out);
        for _ in 0..n_rows {
            out.extend_from_slice(&self.bias);
        }
        let blocks = blocks(input, self.n_in);
        let n_out = self.n_out;
        multiply(&self.panels, &blocks, self.n_in, |panel, block, product| {
            let columns = panel * LANES..n_out.min((panel + 1) * LANES);
            for (row, sums) in (block * ROWS..n_rows).zip(product) {
                let out = &mut out[row * n_out..][columns.clone()];
                for (out, sum) in out.iter_mut().zip(sums) {
                    *out += sum;
                }
            }
        });
        out
    }
}

/// `input` in groups of [`ROWS`] rows, each stored column by column; missing rows are zero.
fn blocks(input: &[f32], n_in: usize) -> Vec<[f32; ROWS]> {
    let n_rows = input.len() / n_in;
    let mut blocks = vec![[0.0; ROWS]; n_rows.div_ceil(ROWS) * n_in];
    for (row, values) in input.chunks_exact(n_in).enumerate() {
        let block = &mut blocks[row / ROWS * n_in..][..n_in];
        for (cell, value) in block.iter_mut().zip(values) {
            cell[row % ROWS] = *value;
        }
    }
    blocks
}

/// A learned normalisation of every row to mean 0 and variance 1, then scaled and shifted.
#[derive(Debug)]
pub(super) struct LayerNorm {
    /// Factor per column.
    pub(super) scale: Vec<f32>,
    /// Summand per column.
    pub(super) shift: Vec<f32>,
    /// Added to the variance.
    pub(super) epsilon: f32,
}

impl LayerNorm {
    /// Normalises every row of `values` in place.
    pub(super) fn apply(&self, values: &mut [f32]) {
        #[expect(clippy::cast_precision_loss, reason = "a row has a few thousand columns")]
        let n = self.scale.len() as f32;
        for row in values.chunks_exact_mut(self.scale.len()) {
            let mean = sum(row, |value| value) / n;
            let variance = sum(row, |value| (value - mean) * (value - mean)) / n;
            let factor = 1.0 / (variance + self.epsilon).sqrt();
            for ((value, scale), shift) in row.iter_mut().zip(&self.scale).zip(&self.shift) {
                *value = (*value - mean) * factor * scale + shift;
            }
        }
    }
}

/// Sum of `term` over `values`, in lanes so that the loop is vectorised.
fn sum(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest: f32 = chunks.remainder().iter().map(|value| term(*value)).sum();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += term(*value);
        }
    }
    rest + lanes.iter().sum::<f32>()
}

/// Adds `other` to `values`, element by element.
pub(super) fn add(values: &mut [f32], other: &[f32]) {
    for (value, other) in values.iter_mut().zip(other) {
        *value += other;
    }
}

/// Sets every negative value to zero.
pub(super) fn relu(values: &mut [f32]) {
    for value in values {
        *value = value.max(0.0);
    }
}

/// `vector` scaled to length one; a vector of zeros stays as it is.
pub(super) fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = sum(&vector, |value| value * value).sqrt();
    if length > 0.0 {
        for value in &mut vector {
            *value /= length;
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small whole numbers, so that the order of the additions cannot matter.
    fn numbers(n: usize) -> Vec<f32> {
        (0..n).map(|i| f32::from(u8::try_from((i * 7 + i / 5) % 11).unwrap()) - 5.0).collect()
    }

    #[test]
    fn a_dense_layer_agrees_with_the_slow_product() {
        for (n_rows, n_in, n_out) in [(1, 3, 2), (5, 40, 17), (6, 16, 16), (13, 31, 50)] {
            let (input, weights, bias) =
                (numbers(n_rows * n_in), numbers(n_in * n_out), numbers(n_out));
            let mut slow = Vec::new();
            for row in input.chunks(n_in) {
                for output in 0..n_out {
                    let products =
                        row.iter().enumerate().map(|(i, x)| x * weights[i * n_out + output]);
                    slow.push(bias[output] + products.sum::<f32>());
                }
            }
            let dense = Dense::from_inputs(&weights, bias.clone(), n_out);
            assert_eq!(dense.apply(&input), slow);

            let turned: Vec<f32> = (0..n_out)
                .flat_map(|output| (0..n_in).map(move |input| (input, output)))
                .map(|(input, output)| weights[input * n_out + output])
                .collect();
            assert_eq!(Dense::from_outputs(&turned, bias, n_in).apply(&input), slow);
        }
    }

    #[test]
    fn layer_norm_gives_mean_zero_and_variance_one() {
        let norm = LayerNorm { scale: vec![1.0; 20], shift: vec![0.0; 20], epsilon: 0.0 };
        let mut values = numbers(40);
        norm.apply(&mut values);
        for row in values.chunks(20) {
            assert!(row.iter().sum::<f32>().abs() < 1e-5);
            assert!((row.iter().map(|v| v * v).sum::<f32>() - 20.0).abs() < 1e-4);
        }
    }
}
