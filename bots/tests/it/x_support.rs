//! X accounts wired to the fake.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use secrecy::SecretString;
use sha2::Sha256;
use superfan_bots::fakes::http_client;
use superfan_bots::x::fake::FakeX;
use superfan_bots::x::{
    AccountKeys, Keys, Mode, Patience, Prices, Style280, Surroundings, X, XConfig,
};
use superfan_bots::{IntakeError, Keeper};
use url::Url;

use crate::support::now;

/// A nonce that was used before is refused, also from another process.
static SEED: AtomicU64 = AtomicU64::new(7);

/// Keeps secrets in memory, and can refuse.
#[derive(Default)]
pub(crate) struct Pocket {
    pub(crate) kept: Mutex<BTreeMap<String, SecretString>>,
    pub(crate) is_torn: Mutex<bool>,
}

#[async_trait]
impl Keeper for Pocket {
    async fn kept(&self, name: &str) -> Result<Option<SecretString>, IntakeError> {
        Ok(self.kept.lock().unwrap().get(name).cloned())
    }

    async fn keep(&self, name: &str, secret: &SecretString) -> Result<(), IntakeError> {
        if *self.is_torn.lock().unwrap() {
            let retry_after = Duration::from_millis(1);
            return Err(IntakeError { reason: "disk full".to_owned(), retry_after });
        }
        self.kept.lock().unwrap().insert(name.to_owned(), secret.clone());
        Ok(())
    }
}

pub(crate) fn x(fake: &FakeX) -> X {
    x_with(fake, Keys::Account(fake.keys()), Arc::new(Pocket::default()))
}

pub(crate) fn x_with_secret(fake: &FakeX, consumer_secret: &str) -> X {
    let keys = AccountKeys { consumer_secret: consumer_secret.into(), ..fake.keys() };
    x_with(fake, Keys::Account(keys), Arc::new(Pocket::default()))
}

pub(crate) fn x_with(fake: &FakeX, keys: Keys, keeper: Arc<Pocket>) -> X {
    x_at(fake.base_url(), keys, keeper)
}

/// The same where X is reached another way.
pub(crate) fn x_at(api_url: Url, keys: Keys, keeper: Arc<Pocket>) -> X {
    let config = XConfig {
        keys,
        user_id: None,
        mode: Mode::Poll,
        poll_every: Duration::from_millis(1),
        daily_spend_cap: 1.0,
        prices: Prices::default(),
        style: Style280::default(),
        api_url,
    };
    let started = Instant::now();
    let clock = move || now() + SignedDuration::try_from(started.elapsed()).unwrap();
    let seed = SEED.fetch_add(1, Ordering::Relaxed);
    let around = Surroundings { now: Arc::new(clock), seed, keeper };
    let short = Duration::from_millis(1);
    let answer = Duration::from_secs(5);
    X::new(config, http_client(), around).with_patience(Patience {
        answer,
        after_trouble: short,
        longest: short,
    })
}

pub(crate) fn signed_by(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("sha256={}", STANDARD.encode(mac.finalize().into_bytes()))
}
