//! The inner loops, written once and compiled for each instruction set a processor may have.
//!
//! `fearless_simd` picks the widest at run time. Everything called inside a `dispatch!` is
//! `inline(always)`, so that its body is compiled for that instruction set.
#![expect(
    clippy::inline_always,
    reason = "a body left out of line would be compiled for the oldest processor"
)]

use fearless_simd::{Level, Simd, dispatch, f32x16, i8x32, i16x16, i32x8, prelude::*, u8x32};

use super::attention::Head;

/// Rows that one pass over a panel serves: six times two registers fit AVX2's sixteen.
pub(super) const ROWS: usize = 6;
/// Columns of a panel.
pub(super) const LANES: usize = 16;

/// One panel of a matrix: [`LANES`] columns, `depth` rows deep.
pub(super) type Panel = [[f32; LANES]];
/// [`ROWS`] rows of the other factor, stored column by column.
pub(super) type Block = [[f32; ROWS]];

/// The product of one block and one panel.
pub(super) type Product = [[f32; LANES]; ROWS];

/// `block × panel` for every pair, `depth` deep; `store(panel, block, product)` takes the results.
pub(super) fn multiply(
    panels: &Panel,
    blocks: &Block,
    depth: usize,
    mut store: impl FnMut(usize, usize, &Product),
) {
    dispatch!(Level::new(), simd => {
        for (p, panel) in panels.chunks_exact(depth).enumerate() {
            for (b, block) in blocks.chunks_exact(depth).enumerate() {
                store(p, b, &product(simd, panel, block));
            }
        }
    });
}

#[inline(always)]
fn product<S: Simd>(simd: S, panel: &Panel, block: &Block) -> Product {
    let mut sums = [f32x16::splat(simd, 0.0); ROWS];
    for (weights, values) in panel.iter().zip(block) {
        let weights = f32x16::from_slice(simd, weights);
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum = weights.mul_add(f32x16::splat(simd, *value), *sum);
        }
    }
    let mut out = [[0.0; LANES]; ROWS];
    for (row, sum) in out.iter_mut().zip(sums) {
        sum.store_slice(row);
    }
    out
}

/// The exact GELU of every value, to about 2e-7.
pub(super) fn gelu(values: &mut [f32]) {
    dispatch!(Level::new(), _simd => {
        for value in values.iter_mut() {
            let x = *value;
            *value = 0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2));
        }
    });
}

/// GELU by its tanh approximation, which some models were trained with.
pub(super) fn gelu_tanh(values: &mut [f32]) {
    dispatch!(Level::new(), _simd => {
        for value in values.iter_mut() {
            let x = *value;
            let inner = 0.797_884_6 * (x + 0.044_715 * x * x * x);
            // tanh(a) = 1 - 2 / (1 + e^2a)
            *value = x * (1.0 - 1.0 / (1.0 + exp(2.0 * inner)));
        }
    });
}

/// Attention of one head over one text: fills `head.out` from its queries, keys and values.
pub(super) fn attend(head: &mut Head) {
    let Head { width, queries, keys, values, weights, out } = head;
    dispatch!(Level::new(), _simd => {
        for (query, out) in queries.chunks_exact(*width).zip(out.chunks_exact_mut(*width)) {
            weights.fill(0.0);
            for (q, key) in query.iter().zip(keys.chunks_exact(weights.len())) {
                add_scaled(weights, *q, key);
            }
            softmax(weights);
            out.fill(0.0);
            for (weight, value) in weights.iter().zip(values.chunks_exact(*width)) {
                add_scaled(out, *weight, value);
            }
        }
    });
}

/// The products of `query` with the bytes (as signed numbers) of the chosen records.
///
/// Record `n` starts at `n × stride` and its bytes `skip` later; `found` gets the product and the
/// record, or `None` for a record that is not there.
pub(super) fn dot(
    query: &[i16],
    records: Records<'_>,
    chosen: &[u32],
    mut found: impl FnMut(f32, Option<&[u8]>),
) {
    dispatch!(Level::new(), simd => {
        for number in chosen {
            let record = records.get(*number);
            let sum = record.map_or(0, |record| dot_one(simd, query, &record[records.skip..]));
            #[expect(clippy::cast_precision_loss, reason = "seven digits are plenty")]
            found(sum as f32, record);
        }
    });
}

#[inline(always)]
fn dot_one<S: Simd>(simd: S, query: &[i16], bytes: &[u8]) -> i32 {
    let mut sums = [i32x8::splat(simd, 0); 2];
    let (queries, bytes) = (query.chunks_exact(32), bytes.chunks_exact(32));
    let rest = queries.remainder().iter().zip(bytes.remainder());
    let rest: i32 = rest.map(|(q, byte)| i32::from(*q) * i32::from(byte.cast_signed())).sum();
    for (q, bytes) in queries.zip(bytes) {
        let (low, high) = u8x32::from_slice(simd, bytes).bitcast::<i8x32<S>>().widen();
        let (q_low, q_high) = q.split_at(16);
        sums[0] += low.pairwise_dot_product(i16x16::from_slice(simd, q_low));
        sums[1] += high.pairwise_dot_product(i16x16::from_slice(simd, q_high));
    }
    rest + (sums[0] + sums[1]).reduce_sum()
}

/// In how many bits `query` differs from each of the `others` that follow one another.
pub(super) fn differing_bits(query: &[u64], others: &[u64], mut found: impl FnMut(u16)) {
    dispatch!(Level::new(), _simd => {
        for other in others.chunks_exact(query.len()) {
            let bits = query.iter().zip(other).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
            found(u16::try_from(bits).unwrap_or(u16::MAX));
        }
    });
}

/// Records of equal length, one after the other.
#[derive(Clone, Copy)]
pub(super) struct Records<'a> {
    /// All of them.
    pub(super) bytes: &'a [u8],
    /// Length of each.
    pub(super) stride: usize,
    /// Where the numbers start in each.
    pub(super) skip: usize,
}

impl<'a> Records<'a> {
    #[inline(always)]
    fn get(self, number: u32) -> Option<&'a [u8]> {
        let start = usize::try_from(number).ok()? * self.stride;
        self.bytes.get(start..start + self.stride)
    }
}

#[inline(always)]
fn add_scaled(sum: &mut [f32], factor: f32, values: &[f32]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

#[inline(always)]
fn softmax(values: &mut [f32]) {
    let top = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut total = 0.0;
    for value in values.iter_mut() {
        *value = exp(*value - top);
    }
    for value in values.iter() {
        total += value;
    }
    for value in values.iter_mut() {
        *value /= total;
    }
}

/// e^x to about 1e-7 of its value, without a call, so that a loop over it can be vectorised.
#[inline(always)]
fn exp(x: f32) -> f32 {
    // Adding 1.5 × 2^23 rounds to a whole number and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let power = shifted - ROUND;
    let rest = x - power * LN2_HIGH - power * LN2_LOW;
    // Taylor's series; |rest| is at most ln 2 / 2.
    let mut sum = 1.0 / 5040.0;
    for factor in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = sum * rest + factor;
    }
    let exponent = shifted.to_bits().wrapping_add(127) << 23;
    sum * f32::from_bits(exponent)
}

/// The error function to 1.5e-7: formula 7.1.26 of Abramowitz and Stegun.
#[inline(always)]
fn erf(x: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
    let mut sum = 1.061_405_4;
    for factor in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6] {
        sum = sum * t + factor;
    }
    (1.0 - sum * t * exp(-x * x)).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_agrees_with_the_library() {
        for i in -8000..8000_i16 {
            let x = f32::from(i) / 100.0;
            assert!((exp(x) - x.exp()).abs() <= 4e-7 * x.exp(), "{x}");
        }
        assert!(exp(-1000.0) < 1e-37);
    }

    #[test]
    fn gelu_has_its_known_values() {
        let mut values = [-3.0, -1.0, 0.0, 0.5, 2.0];
        gelu(&mut values);
        let known = [-0.004_049_7, -0.158_655_3, 0.0, 0.345_731_2, 1.954_499_7];
        for (value, known) in values.iter().zip(known) {
            assert!((value - known).abs() < 1e-6, "{value} {known}");
        }
    }
}
