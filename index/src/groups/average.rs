//! Average linkage: the two groups whose questions are most alike on average become one, until no
//! two are alike enough.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

/// How alike two groups are, and which they were when it was measured.
#[derive(PartialEq)]
struct Pair {
    average: f32,
    one: usize,
    other: usize,
    /// Members of both then; a group that has grown since makes the measure void.
    sizes: (usize, usize),
}

impl Eq for Pair {}

impl Ord for Pair {
    /// The most alike first, then the earliest.
    fn cmp(&self, other: &Self) -> Ordering {
        let places = (other.one, other.other).cmp(&(self.one, self.other));
        self.average.total_cmp(&other.average).then(places)
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Groups `n` things whose likenesses are given for pairs `(smaller, larger)`; pairs that are not
/// given are not alike at all. Returns each thing's group, named by its first member.
///
/// Takes memory and time in the number of pairs.
pub(super) fn average_linkage(
    n: usize,
    likenesses: &[(usize, usize, f32)],
    least: f32,
) -> Vec<usize> {
    let mut sums: Vec<BTreeMap<usize, f32>> = vec![BTreeMap::new(); n];
    for (one, other, likeness) in likenesses {
        sums[*one].insert(*other, *likeness);
        sums[*other].insert(*one, *likeness);
    }
    let mut sizes = vec![1_usize; n];
    let mut group_of: Vec<usize> = (0..n).collect();
    let mut pairs: BinaryHeap<Pair> = likenesses
        .iter()
        .filter(|(_, _, likeness)| *likeness >= least)
        .map(|(one, other, likeness)| Pair {
            average: *likeness,
            one: *one,
            other: *other,
            sizes: (1, 1),
        })
        .collect();
    while let Some(pair) = pairs.pop() {
        if (sizes[pair.one], sizes[pair.other]) != pair.sizes {
            continue;
        }
        let (kept, gone) = (pair.one, pair.other);
        for (third, sum) in std::mem::take(&mut sums[gone]) {
            sums[third].remove(&gone);
            if third != kept {
                *sums[kept].entry(third).or_default() += sum;
                *sums[third].entry(kept).or_default() += sum;
            }
        }
        sizes[kept] += sizes[gone];
        sizes[gone] = 0;
        for group in group_of.iter_mut().filter(|group| **group == gone) {
            *group = kept;
        }
        for (third, sum) in &sums[kept] {
            let average = sum / count(sizes[kept] * sizes[*third]);
            if average >= least {
                let (one, other) = (kept.min(*third), kept.max(*third));
                pairs.push(Pair { average, one, other, sizes: (sizes[one], sizes[other]) });
            }
        }
    }
    group_of
}

#[expect(clippy::cast_precision_loss, reason = "pairs of a few thousand questions")]
fn count(n: usize) -> f32 {
    n as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_likenesses_is_no_group() {
        // Each is like the next, the ends are not alike.
        let chain = [(0, 1, 0.9), (1, 2, 0.5), (2, 3, 0.9), (3, 4, 0.2)];
        assert_eq!(average_linkage(5, &chain, 0.3), [0, 0, 2, 2, 4]);
        assert_eq!(average_linkage(5, &chain, 0.1), [0, 0, 0, 0, 4]);
        assert_eq!(average_linkage(2, &[], 0.1), [0, 1]);
    }
}
