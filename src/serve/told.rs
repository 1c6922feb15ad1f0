//! How staff are told: by a signed webhook, and by mail. A broken one does not hold the other up, and
//! where several nodes share the store, one of them tells.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use serde_json::Value;
use standardwebhooks::Webhook;

use crate::chain::chain;
use crate::config::MailConfig;
use crate::desk::Desk;
use crate::mail::{self, Letter, Note};
use crate::open::http_client;
use crate::store::StoreError;
use crate::store::alerts::Medium;

/// The setting that remembers until when a mail server that took nothing is left alone.
const HELD: &str = "mail.held";
/// How long that is.
const PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// How long a webhook may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What staff are told.
pub(super) struct Alert {
    /// Ours, the same on every repeat.
    pub(super) id: String,
    /// For programs.
    pub(super) body: Value,
    /// For people.
    pub(super) note: Note,
}

/// The ways that are set up. Without an address a webhook is one all the same: what nobody wants to
/// hear is as good as told.
pub(super) fn media(desk: &Desk) -> impl Iterator<Item = Medium> {
    let mail = desk.config.mail.is_some().then_some(Medium::Mail);
    [Medium::Webhook].into_iter().chain(mail)
}

/// The setting that remembers of something that this medium told it.
pub(super) fn mark(medium: Medium, what: &str) -> String {
    match medium {
        Medium::Webhook => format!("{what}.told"),
        Medium::Mail => format!("{what}.mailed"),
    }
}

/// Tells staff, if it is this node's turn; false leaves it to another round.
pub(super) async fn tell(desk: &Desk, medium: Medium, alert: &Alert) -> Result<bool, StoreError> {
    let told = match (medium, &desk.config.mail) {
        (Medium::Mail, Some(config)) => {
            if is_held(desk).await? || !is_our_turn(desk, medium).await? {
                return Ok(false);
            }
            let sent = send(desk, config, alert).await;
            hold(desk, sent.is_err()).await?;
            sent
        }
        (Medium::Webhook, _) if desk.config.staff_webhook_url.is_some() => {
            if !is_our_turn(desk, medium).await? {
                return Ok(false);
            }
            post(desk, alert).await
        }
        _ => Ok(()),
    };
    if let Err(reason) = &told {
        tracing::error!(alert = alert.id, ?medium, "could not tell staff: {reason}");
    }
    Ok(told.is_ok())
}

/// Whether this node may tell; renewed before every attempt, for longer than that takes.
async fn is_our_turn(desk: &Desk, medium: Medium) -> Result<bool, StoreError> {
    if !desk.store.is_shared() {
        return Ok(true);
    }
    let (name, lease) = match medium {
        Medium::Webhook => ("staff webhook", SignedDuration::from_secs(30)),
        Medium::Mail => ("mail", SignedDuration::from_mins(5)),
    };
    let now = desk.clock.now();
    let mut tx = desk.store.begin().await?;
    let is_ours = tx.take_lease(name, &desk.node, now, now + lease).await?;
    tx.commit().await?;
    Ok(is_ours)
}

/// Whether the mail server is left alone.
async fn is_held(desk: &Desk) -> Result<bool, StoreError> {
    let held = desk.store.read().await?.setting(HELD).await?;
    let until = held.and_then(|text| text.parse::<Timestamp>().ok());
    Ok(until.is_some_and(|until| until > desk.clock.now()))
}

async fn hold(desk: &Desk, failed: bool) -> Result<(), StoreError> {
    let mut tx = desk.store.begin().await?;
    if failed {
        tx.set_setting(HELD, &(desk.clock.now() + PAUSE).to_string()).await?;
    } else {
        tx.drop_setting(HELD).await?;
    }
    tx.commit().await
}

async fn send(desk: &Desk, config: &MailConfig, alert: &Alert) -> Result<(), String> {
    let Note { subject, text, html } = &alert.note;
    let letter = Letter { id: &alert.id, subject, text, html, at: desk.clock.now() };
    mail::send(config, &letter).await.map_err(|error| chain(&error))
}

/// Posts to where staff want to be told.
async fn post(desk: &Desk, alert: &Alert) -> Result<(), String> {
    let Some(url) = &desk.config.staff_webhook_url else { return Ok(()) };
    let now = desk.clock.now();
    let (id, body) = (&alert.id, alert.body.to_string());
    let client = http_client().map_err(|error| error.to_string())?;
    let mut request = client
        .post(url.clone())
        .timeout(PATIENCE)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", now.as_second().to_string());
    if let Some(secret) = &desk.config.staff_webhook_secret {
        let webhook = Webhook::new(secret.expose_secret());
        let signature = webhook
            .and_then(|webhook| webhook.sign(id, now.as_second(), body.as_bytes()))
            .map_err(|error| format!("SUPERFAN_STAFF_WEBHOOK_SECRET cannot sign: {error}"))?;
        request = request.header("webhook-signature", signature);
    }
    // The address may hold a secret.
    let failed = |error: reqwest::Error| error.without_url().to_string();
    let answer = request.body(body).send().await.map_err(failed)?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(format!("the staff webhook answered {}", answer.status()))
}
