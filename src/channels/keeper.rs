//! Secrets that an adapter is given while it runs, kept in the store.

use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use superfan_bots::{IntakeError, Keeper};

use crate::store::{Store, StoreError};

/// Keeps the secrets of one channel account.
#[derive(Clone, Debug)]
pub struct ChannelKeeper {
    /// Where.
    pub store: Store,
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
        let read = async { self.store.read().await?.setting(&self.setting(name)).await };
        Ok(read.await.map_err(|error| refused(&error))?.map(SecretString::from))
    }

    async fn keep(&self, name: &str, secret: &SecretString) -> Result<(), IntakeError> {
        let write = async {
            let mut tx = self.store.begin().await?;
            tx.set_setting(&self.setting(name), secret.expose_secret()).await?;
            tx.commit().await
        };
        write.await.map_err(|error| refused(&error))
    }
}

fn refused(error: &StoreError) -> IntakeError {
    IntakeError { reason: error.reason(), retry_after: Duration::from_secs(2) }
}
