//! The accounts that are known right now: those of the settings, and those that were connected
//! while the program runs. A reader keeps what it was given; nothing is ever taken away.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use superfan_bots::Adapter;

/// Accounts by name.
#[derive(Default)]
pub(super) struct Accounts {
    first: BTreeMap<String, Arc<dyn Adapter>>,
    added: OnceLock<Box<Added>>,
}

/// An account that was added later, and those after it.
struct Added {
    name: String,
    adapter: Arc<dyn Adapter>,
    version: Timestamp,
    next: OnceLock<Box<Added>>,
}

impl Accounts {
    pub(super) fn new(first: BTreeMap<String, Arc<dyn Adapter>>) -> Self {
        Self { first, added: OnceLock::new() }
    }

    /// Adds an account, in place of an earlier one of its name.
    pub(super) fn add(&self, name: String, adapter: Arc<dyn Adapter>, version: Timestamp) {
        let mut new = Box::new(Added { name, adapter, version, next: OnceLock::new() });
        let mut end = &self.added;
        while let Err(refused) = end.set(new) {
            new = refused;
            end = &end.get().expect("it refused because something is there").next;
        }
    }

    pub(super) fn adapter(&self, name: &str) -> Option<&Arc<dyn Adapter>> {
        let added = self.added().filter(|added| added.name == name).last();
        added.map(|added| &added.adapter).or_else(|| self.first.get(name))
    }

    /// When an account that was added later was connected.
    pub(super) fn version(&self, name: &str) -> Option<Timestamp> {
        self.added().filter(|added| added.name == name).last().map(|added| added.version)
    }

    /// Every account once, by name.
    pub(super) fn all(&self) -> BTreeMap<&String, &Arc<dyn Adapter>> {
        let first = self.first.iter();
        first.chain(self.added().map(|added| (&added.name, &added.adapter))).collect()
    }

    fn added(&self) -> impl Iterator<Item = &Added> {
        std::iter::successors(self.added.get(), |added| added.next.get()).map(Box::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use superfan_bots::webchat::Webchat;

    use super::*;

    #[test]
    fn what_was_added_last_counts_and_stays_in_order() {
        let adapter = || -> Arc<dyn Adapter> { Arc::new(Webchat::new()) };
        let first = adapter();
        let accounts = Accounts::new(BTreeMap::from([("b".to_owned(), first.clone())]));
        let kept = accounts.adapter("b").unwrap();
        let (second, third) = (adapter(), adapter());
        accounts.add("a".to_owned(), second.clone(), Timestamp::UNIX_EPOCH);
        accounts.add("b".to_owned(), third.clone(), Timestamp::MAX);
        assert!(Arc::ptr_eq(kept, &first));
        assert!(Arc::ptr_eq(accounts.adapter("a").unwrap(), &second));
        assert!(Arc::ptr_eq(accounts.adapter("b").unwrap(), &third));
        assert_eq!(accounts.all().into_keys().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((accounts.version("b"), accounts.version("c")), (Some(Timestamp::MAX), None));
    }
}
