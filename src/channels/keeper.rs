//! Secrets that an adapter is given while it runs, sealed in the store.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use superfan_bots::{IntakeError, Keeper};

use super::Vault;
use crate::store::Store;

/// Keeps the secrets of one channel account.
#[derive(Clone, Debug)]
pub struct ChannelKeeper {
    /// Where.
    pub store: Store,
    /// What seals them.
    pub vault: Vault,
    /// The account's name.
    pub channel: String,
}

impl ChannelKeeper {
    fn setting(&self, name: &str) -> String {
        format!("{name} of {}", self.channel)
    }
}

#[async_trait]
impl Keeper for ChannelKeeper {
    async fn kept(&self, name: &str) -> Result<Option<SecretString>, IntakeError> {
        let name = self.setting(name);
        let read = async { self.store.read().await?.setting(&name).await };
        let kept = read.await.map_err(|error| refused(error.reason()))?;
        kept.map(|kept| self.vault.open(&name, &kept).map_err(|error| refused(error.to_string())))
            .transpose()
    }

    async fn keep(&self, name: &str, secret: &SecretString) -> Result<(), IntakeError> {
        let name = self.setting(name);
        let sealed = self.vault.seal(&name, secret).map_err(|error| refused(error.to_string()))?;
        let write = async {
            let mut tx = self.store.begin().await?;
            tx.set_setting(&name, &sealed).await?;
            tx.commit().await
        };
        write.await.map_err(|error| refused(error.reason()))
    }
}

fn refused(reason: String) -> IntakeError {
    IntakeError { reason, retry_after: Duration::from_secs(2) }
}
