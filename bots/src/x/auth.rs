//! How requests of ours are authorised: OAuth 1.0a signatures, or OAuth 2.0 access tokens renewed
//! with a refresh token that works once.
//! <https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/authorization-code>

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;

use super::sign::{AccountKeys, Freshness, authorization};
use super::{Keys, UserKeys};
use crate::{Keeper, RefusalScope, SendError};

/// The name under which the refresh token is kept.
const KEPT: &str = "refresh token";
/// An access token is renewed so long before it ends.
const EARLY: SignedDuration = SignedDuration::from_secs(60);

/// Authorises requests.
pub(super) struct Auth {
    keys: Keys,
    keeper: Arc<dyn Keeper>,
    seed: u64,
    n_nonces: AtomicU64,
    access: tokio::sync::Mutex<Option<Access>>,
}

/// A renewed access token, and the refresh token that came with it if it could not be kept yet.
struct Access {
    token: SecretString,
    until: Timestamp,
    unkept: Option<SecretString>,
}

#[derive(Deserialize)]
struct Renewed {
    access_token: String,
    #[serde(default)]
    expires_in: Option<i64>,
    #[serde(default)]
    refresh_token: Option<String>,
}

/// Where and with what to renew.
pub(super) struct Door<'a> {
    pub(super) http: &'a reqwest::Client,
    pub(super) base: &'a str,
    pub(super) time_out: Duration,
}

impl Auth {
    pub(super) fn new(keys: Keys, keeper: Arc<dyn Keeper>, seed: u64) -> Self {
        let access = tokio::sync::Mutex::default();
        Self { keys, keeper, seed, n_nonces: AtomicU64::new(0), access }
    }

    /// The `Authorization` header for a request with this query and a JSON body or none.
    pub(super) async fn header(
        &self,
        door: &Door<'_>,
        method: &str,
        url: &Url,
        now: Timestamp,
    ) -> Result<String, SendError> {
        match &self.keys {
            Keys::Account(keys) => {
                let nonce = self.nonce(keys, now);
                let fresh = Freshness { nonce: &nonce, seconds: now.as_second() };
                Ok(authorization(keys, method, url, &[], fresh))
            }
            Keys::User(keys) => {
                let token = self.access_token(door, keys, now).await?;
                Ok(format!("Bearer {}", token.expose_secret()))
            }
        }
    }

    /// Basic credentials of the application, for app-only tokens.
    pub(super) fn application(&self) -> Option<String> {
        match &self.keys {
            Keys::Account(keys) => {
                let secret = keys.consumer_secret.expose_secret();
                Some(basic(&keys.consumer_key, secret))
            }
            Keys::User(keys) => {
                let consumer = keys.consumer.as_ref()?;
                Some(basic(&consumer.key, consumer.secret.expose_secret()))
            }
        }
    }

    /// Whether an access token was refused that a new one may replace; forgets it.
    pub(super) async fn forget_access(&self) -> bool {
        let mut access = self.access.lock().await;
        match access.as_mut() {
            Some(access) if access.until > Timestamp::UNIX_EPOCH => {
                access.until = Timestamp::UNIX_EPOCH;
                true
            }
            _ => false,
        }
    }

    /// Never used before, and not to be guessed.
    fn nonce(&self, keys: &AccountKeys, now: Timestamp) -> String {
        let key = keys.consumer_secret.expose_secret().as_bytes();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        let n = self.n_nonces.fetch_add(1, Ordering::Relaxed);
        mac.update(&self.seed.to_be_bytes());
        mac.update(&n.to_be_bytes());
        mac.update(&now.as_nanosecond().to_be_bytes());
        hex(&mac.finalize().into_bytes()[..16])
    }

    async fn access_token(
        &self,
        door: &Door<'_>,
        keys: &UserKeys,
        now: Timestamp,
    ) -> Result<SecretString, SendError> {
        let mut access = self.access.lock().await;
        let unkept = access.as_mut().and_then(|access| access.unkept.take());
        if let Some(refresh) = unkept {
            self.keep(keys, &refresh).await.inspect_err(|_| {
                if let Some(access) = access.as_mut() {
                    access.unkept = Some(refresh.clone());
                }
            })?;
        }
        if let Some(access) = access.as_ref().filter(|access| now + EARLY < access.until) {
            return Ok(access.token.clone());
        }
        let renewed = renew(door, keys, &self.refresh_token(keys).await?).await?;
        let lasts = SignedDuration::from_secs(renewed.expires_in.unwrap_or(7200));
        let token = SecretString::from(renewed.access_token);
        let refresh = renewed.refresh_token.map(SecretString::from);
        *access = Some(Access { token: token.clone(), until: now + lasts, unkept: None });
        if let Some(refresh) = refresh
            && let Err(error) = self.keep(keys, &refresh).await
        {
            // Used before it is kept, it would be lost with this process.
            if let Some(access) = access.as_mut() {
                access.unkept = Some(refresh);
            }
            return Err(error);
        }
        Ok(token)
    }

    /// The newest refresh token: the kept one, if it descends from the one in the settings.
    async fn refresh_token(&self, keys: &UserKeys) -> Result<SecretString, SendError> {
        let kept = self.keeper.kept(KEPT).await.map_err(not_sent)?;
        let kept = kept.as_ref().and_then(|kept| {
            let (origin, token) = kept.expose_secret().split_once(':')?;
            (origin == fingerprint(&keys.refresh_token)).then(|| SecretString::from(token))
        });
        Ok(kept.unwrap_or_else(|| keys.refresh_token.clone()))
    }

    async fn keep(&self, keys: &UserKeys, refresh: &SecretString) -> Result<(), SendError> {
        let origin = fingerprint(&keys.refresh_token);
        let kept = SecretString::from(format!("{origin}:{}", refresh.expose_secret()));
        self.keeper.keep(KEPT, &kept).await.map_err(not_sent)
    }
}

async fn renew(
    door: &Door<'_>,
    keys: &UserKeys,
    refresh: &SecretString,
) -> Result<Renewed, SendError> {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", refresh.expose_secret())
        .append_pair("client_id", &keys.client_id)
        .finish();
    let mut request = door
        .http
        .post(format!("{}/2/oauth2/token", door.base))
        .timeout(door.time_out)
        .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(secret) = &keys.client_secret {
        let credentials = basic(&keys.client_id, secret.expose_secret());
        request = request.header(http::header::AUTHORIZATION, credentials);
    }
    let response = request.body(form).send().await.map_err(|error| {
        let error = error.without_url();
        SendError::NotSent { reason: format!("could not renew the access token: {error}") }
    })?;
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap_or_default();
    match status {
        200..300 => serde_json::from_slice(&body).map_err(|error| SendError::NotSent {
            reason: format!("could not read the renewed access token: {error}"),
        }),
        400 | 401 => Err(SendError::Refused {
            scope: RefusalScope::Channel,
            reason: format!("X does not renew our access ({status}); authorise the account again"),
        }),
        _ => Err(SendError::NotSent {
            reason: format!("could not renew the access token: status {status}"),
        }),
    }
}

/// Tells tokens apart without showing them.
fn fingerprint(secret: &SecretString) -> String {
    hex(&Sha256::digest(secret.expose_secret().as_bytes())[..8])
}

fn basic(name: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

fn not_sent(error: crate::IntakeError) -> SendError {
    SendError::NotSent { reason: error.reason }
}
