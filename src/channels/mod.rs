//! The configured channel accounts and their adapters, by name.
//!
//! In: configuration, and accounts that people connect. Out: the adapter of a channel, its durable
//! state, pause and resume, shadow and live.
//! Must not know: platform JSON, what a good answer is.

mod accounts;
mod acts;
mod connect;
mod consent;
mod health;
mod keeper;
mod spend;
mod stop;
mod vault;

use std::sync::Arc;

use accounts::Accounts;
use jiff::Timestamp;
use superfan_bots::{Adapter, ChannelKind};
use tokio::sync::Notify;

pub use acts::{connect_account, pause, record_consent, resume, set_shadow};
pub use connect::{
    ConnectError, Connected, Entered, account_of, adopt, connect, may_sign_in, unreached,
    webhook_address,
};
pub use consent::{consent_address, consent_link, take_consent};
pub use health::HealthBoard;
pub use keeper::ChannelKeeper;
pub use spend::spend_in_words;
pub use stop::{reason_stopped, stop};
pub use vault::{Vault, VaultError};

/// The configured channel accounts.
#[derive(Clone, Default)]
pub struct Channels {
    accounts: Arc<Accounts>,
    health: HealthBoard,
    changed: Arc<Notify>,
}

impl std::fmt::Debug for Channels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl Channels {
    /// Accounts by name, `[a-z0-9-]+`.
    pub fn new(accounts: impl IntoIterator<Item = (String, Arc<dyn Adapter>)>) -> Self {
        let accounts = Arc::new(Accounts::new(accounts.into_iter().collect()));
        Self { accounts, ..Self::default() }
    }

    /// Adds an account while the program runs, in place of an earlier one of its name; `version` is
    /// when it was connected.
    pub fn add(&self, name: String, adapter: Arc<dyn Adapter>, version: Timestamp) {
        self.accounts.add(name, adapter, version);
        self.changed.notify_one();
    }

    /// When an account was connected that is not one of the settings.
    pub fn version(&self, name: &str) -> Option<Timestamp> {
        self.accounts.version(name)
    }

    /// Waits until an account was added.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The adapter of an account; `None` once it is no longer configured.
    pub fn adapter(&self, name: &str) -> Option<&Arc<dyn Adapter>> {
        self.accounts.adapter(name)
    }

    /// Which kind an account is.
    pub fn kind(&self, name: &str) -> Option<ChannelKind> {
        self.adapter(name).map(|adapter| adapter.kind())
    }

    /// Every account, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Arc<dyn Adapter>)> {
        self.accounts.all().into_iter()
    }

    /// Names of all accounts.
    pub fn names(&self) -> Vec<String> {
        self.accounts.all().into_keys().cloned().collect()
    }

    /// How each account is doing.
    pub fn health(&self) -> &HealthBoard {
        &self.health
    }
}
