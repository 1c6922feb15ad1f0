//! Sketches: of every vector one bit a dimension, on which side of zero it lies.
//!
//! How many bits two sketches differ in follows the angle between their vectors closely enough to
//! pick, from hundreds of thousands, the few thousand that are worth an exact comparison, for an
//! eighth of the memory to read. Contiguous and in memory; made again from the vectors wherever
//! they are needed, and never kept.

use super::simd;

const BITS: usize = 64;

/// The sketch of one vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sketch(Vec<u64>);

impl Sketch {
    /// From whether each value of a vector is below zero.
    pub(super) fn of(is_below: impl ExactSizeIterator<Item = bool>) -> Self {
        let mut words = vec![0; is_below.len().div_ceil(BITS)];
        for (n, is_below) in is_below.enumerate() {
            words[n / BITS] |= u64::from(is_below) << (n % BITS);
        }
        Self(words)
    }
}

/// Sketches of equal length, one after the other.
#[derive(Debug, Default)]
pub(super) struct Sketches {
    /// Words of each.
    stride: usize,
    words: Vec<u64>,
}

impl Sketches {
    /// Appends one; the first says how long all are.
    pub(super) fn push(&mut self, sketch: &Sketch) {
        self.stride = sketch.0.len();
        self.words.extend_from_slice(&sketch.0);
    }

    /// In how many bits each differs from `query`, in the order they came.
    pub(super) fn distances(&self, query: &Sketch) -> Vec<u16> {
        let mut distances = Vec::with_capacity(self.words.len() / self.stride.max(1));
        if query.0.len() == self.stride {
            simd::differing_bits(&query.0, &self.words, |bits| distances.push(bits));
        }
        distances
    }
}

/// The greatest distance that keeps at least `n` of `distances`, and as few more as possible.
pub(super) fn line(distances: impl Iterator<Item = u16>, n: usize) -> u16 {
    let mut counts = Vec::new();
    for distance in distances {
        let distance = usize::from(distance);
        if distance >= counts.len() {
            counts.resize(distance + 1, 0);
        }
        counts[distance] += 1;
    }
    let mut kept = 0;
    let reaches = |count: &usize| {
        kept += count;
        kept >= n
    };
    let line = counts.iter().position(reaches);
    line.and_then(|line| u16::try_from(line).ok()).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differing_bits_are_counted_over_all_words() {
        let mut sketches = Sketches::default();
        let signs = |n: usize| Sketch::of((0..130).map(move |i| i % n == 0));
        for n in [2, 3, 130] {
            sketches.push(&signs(n));
        }
        let found = sketches.distances(&signs(2)).into_iter().map(usize::from);
        let slow = |n| (0..130).filter(|i| (i % 2 == 0) != (i % n == 0)).count();
        assert!(found.eq([2, 3, 130].map(slow)));
    }

    #[test]
    fn the_line_keeps_what_was_asked_for_with_its_ties() {
        assert_eq!(line([5, 1, 3, 3, 9].into_iter(), 2), 3);
        assert_eq!(line([5, 1].into_iter(), 3), u16::MAX);
        assert_eq!(line([].into_iter(), 1), u16::MAX);
    }
}
