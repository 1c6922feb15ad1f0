//! Remembers which ids a file has had, eight bytes each.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Ids met so far, by a 64-bit hash: among ten million ids the chance that one is taken for
/// another is about one in 400,000, and the price would be one row reported as a duplicate.
#[derive(Debug, Default)]
pub(super) struct Seen(HashSet<u64>);

impl Seen {
    /// Whether `id` is met for the first time.
    pub(super) fn is_new(&mut self, id: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        self.0.insert(hasher.finish())
    }
}
