//! Telling staff that a customer has waited too long, by a signed webhook.

use secrecy::ExposeSecret;
use standardwebhooks::Webhook;

use crate::desk::Desk;
use crate::open::http_client;
use crate::store::StoreError;
use crate::store::escalations::EscalationRow;

/// Tells staff about escalations that wait longer than the rules allow, each once.
///
/// The rows are marked only after the webhook was taken; until then the next round tries again.
pub(super) async fn tell_staff(desk: &Desk) -> Result<(), StoreError> {
    let before = desk.clock.now() - desk.config.rules.alert_after;
    let overdue = desk.store.read().await?.overdue_escalations(before).await?;
    if overdue.is_empty() {
        return Ok(());
    }
    for escalation in &overdue {
        tracing::warn!(
            escalation.id = %escalation.id, channel = %escalation.channel,
            "escalation #{} has waited too long", escalation.number
        );
    }
    if let Err(reason) = post(desk, &overdue).await {
        tracing::error!("could not tell staff: {reason}");
        return Ok(());
    }
    let mut tx = desk.store.begin().await?;
    for escalation in &overdue {
        tx.mark_alerted(escalation.id, desk.clock.now()).await?;
    }
    tx.commit().await
}

/// Posts to where staff want to be told; nowhere to post to is as good as done.
async fn post(desk: &Desk, overdue: &[EscalationRow]) -> Result<(), String> {
    let Some(url) = &desk.config.staff_webhook_url else {
        return Ok(());
    };
    let now = desk.clock.now();
    let id = format!("alert_{}", overdue.first().map_or(0, |escalation| escalation.number));
    let body = serde_json::json!({
        "type": "escalations.waiting",
        "at": now,
        "escalations": overdue.iter().map(|e| serde_json::json!({
            "id": e.id, "number": e.number, "channel": e.channel, "reason": e.reason,
            "opened_at": e.opened_at, "url": format!("{}/escalations/{}", desk.config.base_url(), e.id),
        })).collect::<Vec<_>>(),
    })
    .to_string();
    let client = http_client().map_err(|error| error.to_string())?;
    let mut request = client
        .post(url.clone())
        .timeout(std::time::Duration::from_secs(10))
        .header("content-type", "application/json")
        .header("webhook-id", &id)
        .header("webhook-timestamp", now.as_second().to_string());
    if let Some(secret) = &desk.config.staff_webhook_secret {
        let webhook = Webhook::new(secret.expose_secret());
        let signature = webhook
            .and_then(|webhook| webhook.sign(&id, now.as_second(), body.as_bytes()))
            .map_err(|error| format!("SUPERFAN_STAFF_WEBHOOK_SECRET cannot sign: {error}"))?;
        request = request.header("webhook-signature", signature);
    }
    let answer = request.body(body).send().await.map_err(|error| error.to_string())?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(format!("{url} answered {}", answer.status()))
}
