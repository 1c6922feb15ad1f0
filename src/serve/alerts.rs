//! Telling staff by a signed webhook: a customer has waited too long, answers help less than the
//! target promises, a channel has stopped.

use secrecy::ExposeSecret;
use standardwebhooks::Webhook;

use crate::calibrate::drift;
use crate::channels::reason_stopped;
use crate::desk::Desk;
use crate::gaps::{month_before, pack};
use crate::open::http_client;
use crate::store::StoreError;
use crate::store::escalations::EscalationRow;
use crate::store::incidents::IncidentRow;

/// Settings that begin so remember which channels staff were told of.
const STOP_TOLD: &str = "stop.told";
/// The setting that remembers that staff were told.
const DRIFT_TOLD: &str = "drift.told";
/// The setting that remembers of which month staff got the page.
const MONTH_TOLD: &str = "gaps.month.told";

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
    if let Err(reason) = post(desk, &waiting(desk, &overdue)).await {
        tracing::error!("could not tell staff: {reason}");
        return Ok(());
    }
    let mut tx = desk.store.begin().await?;
    for escalation in &overdue {
        tx.mark_alerted(escalation.id, desk.clock.now()).await?;
    }
    tx.commit().await
}

/// What is said of escalations that wait.
fn waiting(desk: &Desk, overdue: &[EscalationRow]) -> Alert {
    let number = overdue.first().map_or(0, |escalation| escalation.number);
    let body = serde_json::json!({
        "type": "escalations.waiting",
        "at": desk.clock.now(),
        "escalations": overdue.iter().map(|e| serde_json::json!({
            "id": e.id, "number": e.number, "channel": e.channel, "reason": e.reason,
            "opened_at": e.opened_at, "url": format!("{}/escalations/{}", desk.config.base_url(), e.id),
        })).collect::<Vec<_>>(),
    });
    Alert { id: format!("alert_{number}"), body }
}

/// Tells staff once when fewer automatic answers help than the target promises, and again only
/// after it was well meanwhile.
pub(super) async fn tell_of_drift(desk: &Desk) -> Result<(), StoreError> {
    let (now, target) = (desk.clock.now(), desk.config.rules.target_precision);
    let mut tx = desk.store.read().await?;
    let Some(drift) = drift(&mut tx, target, now).await? else { return Ok(()) };
    let was_told = tx.setting(DRIFT_TOLD).await?.is_some();
    drop(tx);
    let (low, high) = drift.interval;
    for (bound, value) in [("low", low), ("mean", drift.precision), ("high", high)] {
        metrics::gauge!("superfan_realised_precision", "bound" => bound).set(value);
    }
    if drift.is_below == was_told {
        return Ok(());
    }
    if drift.is_below {
        tracing::warn!(
            judged = drift.n,
            precision = drift.precision,
            "fewer automatic answers help than the target of {target} promises"
        );
        let body = serde_json::json!({
            "type": "precision.below_target", "at": now, "target": target, "judged": drift.n,
            "precision": drift.precision, "low": low, "high": high,
        });
        let alert = Alert { id: format!("alert_drift_{}", now.as_second()), body };
        if let Err(reason) = post(desk, &alert).await {
            tracing::error!("could not tell staff: {reason}");
            return Ok(());
        }
    }
    let mut tx = desk.store.begin().await?;
    if drift.is_below {
        tx.set_setting(DRIFT_TOLD, &now.to_string()).await?;
    } else {
        tx.drop_setting(DRIFT_TOLD).await?;
    }
    tx.commit().await
}

/// Tells staff once that a channel has stopped, and again only after it worked meanwhile.
pub(super) async fn tell_of_stops(desk: &Desk) -> Result<(), StoreError> {
    for (name, _) in desk.channels.iter() {
        let setting = format!("{STOP_TOLD} {name}");
        let mut tx = desk.store.read().await?;
        let stopped = reason_stopped(&mut tx, desk, name).await?;
        let was_told = tx.setting(&setting).await?.is_some();
        drop(tx);
        if stopped.is_some() == was_told {
            continue;
        }
        if let Some(reason) = &stopped {
            let now = desk.clock.now();
            let body = serde_json::json!({
                "type": "channel.stopped", "at": now, "channel": name, "reason": reason,
                "url": format!("{}/channels", desk.config.base_url()),
            });
            let alert = Alert { id: format!("alert_{name}_{}", now.as_second()), body };
            if let Err(reason) = post(desk, &alert).await {
                tracing::error!("could not tell staff: {reason}");
                continue;
            }
        }
        let mut tx = desk.store.begin().await?;
        match stopped {
            Some(reason) => tx.set_setting(&setting, &reason).await?,
            None => tx.drop_setting(&setting).await?,
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Tells staff once of what many asked at once.
pub(super) async fn tell_of_incidents(desk: &Desk) -> Result<(), StoreError> {
    let noticed = desk.store.read().await?.incidents().await?;
    for row in noticed.into_iter().filter(|row| row.alerted_at.is_none()) {
        let gap = desk.store.read().await?.gap(row.gap_id).await?;
        let body = serde_json::json!({
            "type": "incident.noticed", "at": row.noticed_at, "id": row.id, "gap": row.gap_id,
            "about": gap.map(|gap| gap.name), "customers": row.n,
            "url": format!("{}/gaps", desk.config.base_url()),
        });
        let alert = Alert { id: format!("alert_{}", row.id), body };
        if let Err(reason) = post(desk, &alert).await {
            tracing::error!("could not tell staff: {reason}");
            return Ok(());
        }
        let mut tx = desk.store.begin().await?;
        if let Some(row) = tx.incident(row.id).await? {
            let alerted_at = Some(desk.clock.now());
            tx.put_incident(&IncidentRow { alerted_at, ..row }).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Sends staff the last month on one page, once, if there is anything on it.
pub(super) async fn tell_of_month(desk: &Desk) -> Result<(), StoreError> {
    let month = month_before(desk.clock.now());
    let mut tx = desk.store.read().await?;
    if tx.setting(MONTH_TOLD).await?.is_some_and(|told| told >= month) {
        return Ok(());
    }
    let page = pack(&mut tx, &month, &desk.config.rules.brand).await?;
    drop(tx);
    if let Some(page) = page.filter(|page| !page.gaps.is_empty()) {
        let body = serde_json::json!({
            "type": "gaps.month", "at": desk.clock.now(), "month": month,
            "markdown": page.markdown(), "html": page.html(), "gaps": page.gaps,
            "url": format!("{}/gaps", desk.config.base_url()),
        });
        if let Err(reason) = post(desk, &Alert { id: format!("gaps_{month}"), body }).await {
            tracing::error!("could not tell staff: {reason}");
            return Ok(());
        }
    }
    let mut tx = desk.store.begin().await?;
    tx.set_setting(MONTH_TOLD, &month).await?;
    tx.commit().await
}

/// What staff are told.
struct Alert {
    /// The same on every repeat.
    id: String,
    body: serde_json::Value,
}

/// Posts to where staff want to be told; nowhere to post to is as good as done.
async fn post(desk: &Desk, alert: &Alert) -> Result<(), String> {
    let Some(url) = &desk.config.staff_webhook_url else {
        return Ok(());
    };
    let now = desk.clock.now();
    let (id, body) = (&alert.id, alert.body.to_string());
    let client = http_client().map_err(|error| error.to_string())?;
    let mut request = client
        .post(url.clone())
        .timeout(std::time::Duration::from_secs(10))
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
    let answer = request.body(body).send().await.map_err(|error| error.to_string())?;
    if answer.status().is_success() {
        return Ok(());
    }
    Err(format!("{url} answered {}", answer.status()))
}
