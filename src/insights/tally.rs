//! From cases to daily sums: which tallies a case counts in.

use std::collections::BTreeMap;

use crate::store::cases::{CaseRow, Tally, TallyKey};
use crate::vocabulary::Handler;

/// The dimension that is not divided.
const WHOLE: &str = "all";

/// Upper bounds of the classes that waiting times are counted in, in milliseconds; `i64::MAX` for
/// what is longer than all.
pub(super) const WAITS: [i64; 12] = [
    5_000,
    15_000,
    60_000,
    300_000,
    900_000,
    1_800_000,
    3_600_000,
    14_400_000,
    28_800_000,
    86_400_000,
    259_200_000,
    i64::MAX,
];

/// Sums to be added to the store's.
#[derive(Debug, Default)]
pub(super) struct Tallies(BTreeMap<TallyKey, Tally>);

impl Tallies {
    /// Counts a case in (`sign` 1), or out (−1).
    pub(super) fn count(&mut self, case: &CaseRow, sign: i64) {
        self.add(WHOLE, "", case, sign);
        // Parts are shown of whole cases only, simple and complex ones together.
        if case.handler != Handler::All {
            return;
        }
        if let Some(waited) = case.waited_ms {
            let class = WAITS.iter().find(|bound| waited <= **bound).unwrap_or(&i64::MAX);
            self.add("wait", &class.to_string(), case, sign);
        }
        let parts = [
            ("channel", &case.channel),
            ("lang", &case.lang),
            ("product", &case.product),
            ("author", &case.author),
        ];
        for (dimension, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
            self.add(dimension, value, case, sign);
        }
        for tag in &case.tags {
            self.add("tag", tag, case, sign);
        }
    }

    /// What is to be added, without what cancelled out.
    pub(super) fn changes(self) -> Vec<(TallyKey, Tally)> {
        self.0.into_iter().filter(|(_, tally)| *tally != Tally::default()).collect()
    }

    fn add(&mut self, dimension: &'static str, value: &str, case: &CaseRow, sign: i64) {
        let key = TallyKey {
            dimension,
            day: case.day,
            value: value.to_owned(),
            handler: case.handler,
            is_complex: case.is_complex && dimension == WHOLE,
            ending: case.ending,
        };
        let tally = self.0.entry(key).or_default();
        tally.n += sign;
        tally.n_helped += sign * case.n_helped;
        tally.n_refused += sign * case.n_refused;
    }
}
