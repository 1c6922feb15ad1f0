//! Connecting an account while the program runs: its keys are tried at the platform, sealed, kept,
//! and taken up by every node.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use superfan_bots::{AccountName, Adapter, ChannelKind, Consent, Health, SendError};
use url::Url;

use super::{Vault, connect_account};
use crate::addresses::ensure_public;
use crate::config::{ChannelConfig, ConfigError};
use crate::desk::Desk;
use crate::open::{OpenError, open_adapter};
use crate::people::{ActError, Actor};
use crate::store::channel_accounts::ChannelAccount;
use crate::store::{StoreError, Tx};
use crate::vocabulary::Role;

/// How long a platform may take to say who we are.
const PATIENCE: Duration = Duration::from_secs(15);

/// What stands after `/channels/` in the console's own addresses.
const RESERVED: [&str; 5] = ["connect", "live", "pause", "resume", "shadow"];

/// What a person entered, by the names of the settings (`TELEGRAM_TOKEN`).
pub type Entered = BTreeMap<String, String>;

/// A connected account.
#[derive(Clone, Debug)]
pub struct Connected {
    /// Its name among the channels.
    pub name: String,
    /// As the platform names it, with what the operator should know.
    pub account: AccountName,
    /// What was set at the platform, one line each.
    pub done: Vec<String>,
}

/// Why an account was not connected.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Not allowed, or the store failed.
    #[error(transparent)]
    Act(#[from] ActError),
    /// What was entered does not fit.
    #[error(transparent)]
    Entered(#[from] ConfigError),
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The platform does not know these keys, or does not answer.
    #[error("{kind} does not take this: {reason}")]
    Platform {
        /// Which.
        kind: ChannelKind,
        /// In its words.
        reason: String,
    },
    /// It cannot be kept safely.
    #[error(transparent)]
    Vault(#[from] super::VaultError),
}

impl From<StoreError> for ConnectError {
    fn from(error: StoreError) -> Self {
        Self::Act(error.into())
    }
}

/// Connects an account: asks the platform whose keys these are, keeps them sealed, starts it, and
/// sets its webhook where there is a public address.
pub async fn connect(
    desk: &Desk,
    actor: &Actor,
    (kind, name): (ChannelKind, &str),
    entered: &Entered,
) -> Result<Connected, ConnectError> {
    actor.require(Role::Admin)?;
    ensure_free(desk, name)?;
    ensure_reachable(desk, entered).await?;
    let config = ChannelConfig::connected((kind, name), &desk.config.given, entered)?;
    let adapter = open_adapter(desk, &config).await?;
    let account = who(&*adapter, kind).await?;
    let row = ChannelAccount {
        name: name.to_owned(),
        kind: kind.to_string(),
        settings: sealed(&desk.vault, name, entered)?,
        account: account.name.clone(),
        person: actor.name.clone(),
        connected_at: desk.clock.now(),
    };
    let mut tx = desk.store.begin().await?;
    connect_account(&mut tx, &desk.stage(), actor, &row).await?;
    tx.commit().await?;
    take_up(desk, &row, adapter.clone());
    let done = match adapter.register(webhook_address(desk, name).as_ref()).await {
        Ok(done) => done,
        Err(error) => vec![format!("the webhook was not set: {error}")],
    };
    Ok(Connected { name: name.to_owned(), account, done })
}

/// Takes up accounts that were connected elsewhere, or before this start.
pub async fn adopt(desk: &Desk) -> Result<(), StoreError> {
    let rows = desk.store.read().await?.channel_accounts().await?;
    for row in rows {
        let is_known = desk.channels.version(&row.name) == Some(row.connected_at);
        if is_known || desk.config.channels.iter().any(|channel| channel.name == row.name) {
            continue;
        }
        match reopened(desk, &row).await {
            Ok(adapter) => take_up(desk, &row, adapter),
            Err(error) => {
                tracing::error!(channel = %row.name, "could not open a connected channel: {error}");
            }
        }
    }
    Ok(())
}

/// Where a platform delivers to a channel, if the outside reaches us.
pub fn webhook_address(desk: &Desk, name: &str) -> Option<Url> {
    desk.config.public_url.as_ref()?.join(&format!("/webhooks/{name}")).ok()
}

/// What to say of a channel whose platform cannot be told where to deliver.
pub fn unreached(desk: &Desk, name: &str) -> Option<&'static str> {
    let waits = desk.channels.adapter(name).is_some_and(|adapter| adapter.is_delivered_to());
    (waits && desk.config.public_url.is_none())
        .then_some("the platform delivers here, but cannot be told where: set SUPERFAN_PUBLIC_URL")
}

fn ensure_free(desk: &Desk, name: &str) -> Result<(), ActError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > 40 || !name.chars().all(fits) {
        let reason = format!("{name:?} is no name for a channel; use a-z, 0-9 and hyphens");
        return Err(ActError::Invalid { reason });
    }
    if RESERVED.contains(&name) {
        let reason = format!("{name} is a word of the console; use another name");
        return Err(ActError::Invalid { reason });
    }
    if desk.config.channels.iter().any(|channel| channel.name == name) {
        let reason = format!(
            "{name} is configured by the environment or the settings file; change it there, or \
             connect another account under another name"
        );
        return Err(ActError::Conflict { reason, owner: None });
    }
    Ok(())
}

/// Addresses that people enter must be those of the outside, unless the settings allow others.
async fn ensure_reachable(desk: &Desk, entered: &Entered) -> Result<(), ActError> {
    if desk.config.allow_private_addresses {
        return Ok(());
    }
    for (_, address) in entered.iter().filter(|(name, _)| name.ends_with("_URL")) {
        ensure_public(address).await.map_err(|reason| ActError::Invalid { reason })?;
    }
    Ok(())
}

/// Asks the platform whose keys these are. An account that somebody has yet to sign in to is
/// connected all the same: its page has the link.
async fn who(adapter: &dyn Adapter, kind: ChannelKind) -> Result<AccountName, ConnectError> {
    let refused = |reason: String| ConnectError::Platform { kind, reason };
    let asked = tokio::time::timeout(PATIENCE, adapter.check()).await;
    match asked.map_err(|_| refused("it does not answer".to_owned()))? {
        Ok(account) => Ok(account),
        Err(SendError::Refused { reason, .. }) if takes_consent(adapter) => {
            Ok(AccountName { name: "not signed in yet".to_owned(), notes: vec![reason] })
        }
        Err(error) => Err(refused(error.to_string())),
    }
}

/// Whether somebody signs in to a channel in the browser.
pub fn may_sign_in(desk: &Desk, name: &str) -> bool {
    desk.channels.adapter(name).is_some_and(|adapter| takes_consent(&**adapter))
}

fn takes_consent(adapter: &dyn Adapter) -> bool {
    let back = Url::parse("https://example.org/").expect("a fixed address is one");
    let consent = Consent { back, state: String::new(), verifier: "".into() };
    adapter.consent_link(&consent).is_some()
}

fn take_up(desk: &Desk, row: &ChannelAccount, adapter: Arc<dyn Adapter>) {
    desk.channels.add(row.name.clone(), adapter, row.connected_at);
    desk.channels.health().set(&row.name, Health::Ok);
    tracing::info!(channel = %row.name, "connected {} as {}", row.account, row.name);
}

async fn reopened(desk: &Desk, row: &ChannelAccount) -> Result<Arc<dyn Adapter>, ConnectError> {
    let kind = ChannelKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind);
    let kind = kind.ok_or_else(|| ActError::Unknown { what: format!("kind {}", row.kind) })?;
    let opened = desk.vault.open(&sealed_name(&row.name), &row.settings)?;
    let entered: Entered = serde_json::from_str(opened.expose_secret()).map_err(|error| {
        ActError::Invalid { reason: format!("the settings of {} are broken: {error}", row.name) }
    })?;
    let config = ChannelConfig::connected((kind, &row.name), &desk.config.given, &entered)?;
    Ok(open_adapter(desk, &config).await?)
}

fn sealed(vault: &Vault, name: &str, entered: &Entered) -> Result<String, ConnectError> {
    let text = serde_json::to_string(entered).expect("strings are JSON");
    Ok(vault.seal(&sealed_name(name), &SecretString::from(text))?)
}

fn sealed_name(channel: &str) -> String {
    format!("settings of {channel}")
}

/// As people call the account of a connected channel; `None` where the settings name it.
pub async fn account_of(tx: &mut Tx, name: &str) -> Result<Option<ChannelAccount>, StoreError> {
    Ok(tx.channel_accounts().await?.into_iter().find(|row| row.name == name))
}
