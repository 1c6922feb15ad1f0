//! Signing in as a channel's account in the browser: what is remembered until the person is back.

use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use superfan_bots::{Consent, Health};
use url::Url;

use super::record_consent;
use crate::desk::Desk;
use crate::people::{ActError, Actor, digest, random_token};
use crate::vocabulary::Role;

/// How long somebody may take.
const LASTS: SignedDuration = SignedDuration::from_mins(10);

/// What is remembered, sealed.
#[derive(Debug, Serialize, Deserialize)]
struct UnderWay {
    channel: String,
    verifier: String,
    until: jiff::Timestamp,
}

/// The link that leads to the platform; `None` where keys are all a channel needs.
pub async fn consent_link(
    desk: &Desk,
    actor: &Actor,
    channel: &str,
) -> Result<Option<Url>, ActError> {
    actor.require(Role::Admin)?;
    let state = random_token();
    let consent = Consent { back: back(desk, channel)?, state, verifier: random_token().into() };
    let adapter = desk.channels.adapter(channel);
    let adapter =
        adapter.ok_or_else(|| ActError::Unknown { what: format!("channel {channel}") })?;
    let Some(link) = adapter.consent_link(&consent) else {
        return Ok(None);
    };
    let under_way = UnderWay {
        channel: channel.to_owned(),
        verifier: consent.verifier.expose_secret().to_owned(),
        until: desk.clock.now() + LASTS,
    };
    let name = remembered(&consent.state);
    let text = serde_json::to_string(&under_way).expect("strings and times are JSON");
    let sealed =
        desk.vault.seal(&name, &SecretString::from(text)).map_err(|error| unusable(&error))?;
    let mut tx = desk.store.begin().await?;
    tx.set_setting(&name, &sealed).await?;
    tx.commit().await?;
    Ok(Some(link))
}

/// Takes up what the platform sent a person back with; says whose account it is.
pub async fn take_consent(
    desk: &Desk,
    actor: &Actor,
    channel: &str,
    (state, code): (&str, &str),
) -> Result<String, ActError> {
    actor.require(Role::Admin)?;
    let name = remembered(state);
    let mut tx = desk.store.begin().await?;
    let kept = tx.setting(&name).await?;
    // It works once, whatever comes of it.
    tx.drop_setting(&name).await?;
    tx.commit().await?;
    let stale = || ActError::Invalid {
        reason: "this sign-in is not one of ours, or took too long; start again".to_owned(),
    };
    let opened =
        desk.vault.open(&name, &kept.ok_or_else(stale)?).map_err(|error| unusable(&error))?;
    let under_way: UnderWay = serde_json::from_str(opened.expose_secret()).map_err(|_| stale())?;
    if under_way.channel != channel || under_way.until < desk.clock.now() {
        return Err(stale());
    }
    let adapter = desk.channels.adapter(channel).ok_or_else(stale)?;
    let consent = Consent {
        back: back(desk, channel)?,
        state: state.to_owned(),
        verifier: under_way.verifier.into(),
    };
    let account = adapter
        .take_consent(&consent, code)
        .await
        .map_err(|error| ActError::Invalid { reason: error.to_string() })?;
    let mut tx = desk.store.begin().await?;
    record_consent(&mut tx, &desk.stage(), actor, (channel, &account.name)).await?;
    tx.commit().await?;
    desk.channels.health().set(channel, Health::Ok);
    desk.wakes.outbox();
    Ok(account.name)
}

/// Where the platform sends people back to; it wants to know this address beforehand.
pub fn consent_address(desk: &Desk, channel: &str) -> String {
    format!("{}/channels/{channel}/signed-in", desk.config.base_url())
}

fn back(desk: &Desk, channel: &str) -> Result<Url, ActError> {
    let address = consent_address(desk, channel);
    address.parse().map_err(|_| ActError::Invalid { reason: format!("{address} is no address") })
}

fn remembered(state: &str) -> String {
    format!("consent {}", digest(state))
}

fn unusable(error: &super::VaultError) -> ActError {
    ActError::Invalid { reason: error.to_string() }
}
