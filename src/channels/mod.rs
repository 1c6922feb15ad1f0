//! The configured channel accounts and their adapters, by name.
//!
//! In: configuration. Out: the adapter of a channel, its durable state, pause and resume.
//! Must not know: platform JSON, what a good answer is.

mod acts;
mod health;
mod keeper;
mod spend;
mod stop;

use std::collections::BTreeMap;
use std::sync::Arc;

use superfan_bots::{Adapter, ChannelKind};

pub use acts::{pause, resume};
pub use health::HealthBoard;
pub use keeper::ChannelKeeper;
pub use spend::spend_in_words;
pub use stop::stop;

/// The configured channel accounts.
#[derive(Clone, Default)]
pub struct Channels {
    accounts: Arc<BTreeMap<String, Arc<dyn Adapter>>>,
    health: HealthBoard,
}

impl std::fmt::Debug for Channels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.accounts.keys()).finish()
    }
}

impl Channels {
    /// Accounts by name, `[a-z0-9-]+`.
    pub fn new(accounts: impl IntoIterator<Item = (String, Arc<dyn Adapter>)>) -> Self {
        Self { accounts: Arc::new(accounts.into_iter().collect()), health: HealthBoard::default() }
    }

    /// The adapter of an account; `None` once it is no longer configured.
    pub fn adapter(&self, name: &str) -> Option<&Arc<dyn Adapter>> {
        self.accounts.get(name)
    }

    /// Which kind an account is.
    pub fn kind(&self, name: &str) -> Option<ChannelKind> {
        self.adapter(name).map(|adapter| adapter.kind())
    }

    /// Every account, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Arc<dyn Adapter>)> {
        self.accounts.iter()
    }

    /// Names of all accounts.
    pub fn names(&self) -> Vec<String> {
        self.accounts.keys().cloned().collect()
    }

    /// How each account is doing.
    pub fn health(&self) -> &HealthBoard {
        &self.health
    }
}
