//! What staff are told without looking: a customer has waited too long, answers help less than the
//! target promises, a channel has stopped, many ask the same; and once a month what was missing.

use serde_json::json;

use super::told::{Alert, mark, media, tell};
use crate::calibrate::drift;
use crate::channels::reason_stopped;
use crate::desk::Desk;
use crate::gaps::pack;
use crate::mail::Note;
use crate::months::month_before;
use crate::store::StoreError;
use crate::store::alerts::Medium;
use crate::store::escalations::EscalationRow;

/// What the settings that remember it are called.
const STOP: &str = "stop";
const DRIFT: &str = "drift";
const MONTH: &str = "gaps.month";

/// Tells staff whatever they were not told yet, each thing once by each medium. What a medium does not
/// take is tried again in the next round.
pub(super) async fn tell_staff(desk: &Desk) -> Result<(), StoreError> {
    for medium in media(desk) {
        tell_of_waiting(desk, medium).await?;
        tell_of_drift(desk, medium).await?;
        tell_of_stops(desk, medium).await?;
        tell_of_incidents(desk, medium).await?;
        tell_of_month(desk, medium).await?;
    }
    Ok(())
}

/// Escalations that wait longer than the rules allow.
async fn tell_of_waiting(desk: &Desk, medium: Medium) -> Result<(), StoreError> {
    let before = desk.clock.now() - desk.config.rules.alert_after;
    let overdue = desk.store.read().await?.overdue_escalations(medium, before).await?;
    let Some(first) = overdue.first() else { return Ok(()) };
    if !tell(desk, medium, &waiting(desk, first, &overdue)).await? {
        return Ok(());
    }
    let mut tx = desk.store.begin().await?;
    for escalation in &overdue {
        tx.mark_alerted(medium, escalation.id, desk.clock.now()).await?;
        tracing::warn!(
            escalation.id = %escalation.id, channel = %escalation.channel,
            "escalation #{} has waited too long", escalation.number
        );
    }
    tx.commit().await
}

/// What is said of escalations that wait.
fn waiting(desk: &Desk, first: &EscalationRow, overdue: &[EscalationRow]) -> Alert {
    let url = |e: &EscalationRow| format!("{}/escalations/{}", desk.config.base_url(), e.id);
    let body = json!({
        "type": "escalations.waiting",
        "at": desk.clock.now(),
        "escalations": overdue.iter().map(|e| json!({
            "id": e.id, "number": e.number, "channel": e.channel, "reason": e.reason,
            "opened_at": e.opened_at, "url": url(e),
        })).collect::<Vec<_>>(),
    });
    let subject = match overdue.len() {
        1 => format!("A customer waits: #{} on {}", first.number, first.channel),
        n => format!("{n} customers wait: the first is #{} on {}", first.number, first.channel),
    };
    let line = |e: &EscalationRow| {
        let since = e.opened_at.strftime("%Y-%m-%d %H:%M UTC");
        (format!("#{} on {} since {since}: {}", e.number, e.channel, e.reason.in_words()), url(e))
    };
    let note = Note::of_lines(subject, &overdue.iter().map(line).collect::<Vec<_>>());
    Alert { id: format!("alert_{}", first.number), body, note }
}

/// Fewer automatic answers help than the target promises; said again only after it was well
/// meanwhile.
async fn tell_of_drift(desk: &Desk, medium: Medium) -> Result<(), StoreError> {
    let (now, target) = (desk.clock.now(), desk.config.rules.target_precision);
    let setting = mark(medium, DRIFT);
    let mut tx = desk.store.read().await?;
    let Some(drift) = drift(&mut tx, target, now).await? else { return Ok(()) };
    let was_told = tx.setting(&setting).await?.is_some();
    drop(tx);
    let (low, high) = drift.interval;
    for (bound, value) in [("low", low), ("mean", drift.precision), ("high", high)] {
        metrics::gauge!("superfan_realised_precision", "bound" => bound).set(value);
    }
    if drift.is_below == was_told {
        return Ok(());
    }
    if drift.is_below {
        let (n, mean) = (drift.n, drift.precision);
        let body = json!({
            "type": "precision.below_target", "at": now, "target": target, "judged": n,
            "precision": mean, "low": low, "high": high,
        });
        let line = format!(
            "Of {n} automatic answers that were judged, {:.1} % helped; the target promises {:.1} %.",
            mean * 100.0,
            target * 100.0
        );
        let url = format!("{}/insights", desk.config.base_url());
        let subject = "Automatic answers help less than the target promises".to_owned();
        let note = Note::of_lines(subject, &[(line, url)]);
        let id = format!("alert_drift_{}", now.as_second());
        if !tell(desk, medium, &Alert { id, body, note }).await? {
            return Ok(());
        }
        tracing::warn!(
            judged = n,
            precision = mean,
            "fewer automatic answers help than the target of {target} promises"
        );
    }
    let mut tx = desk.store.begin().await?;
    if drift.is_below {
        tx.set_setting(&setting, &now.to_string()).await?;
    } else {
        tx.drop_setting(&setting).await?;
    }
    tx.commit().await
}

/// A channel has stopped; said again only after it worked meanwhile.
async fn tell_of_stops(desk: &Desk, medium: Medium) -> Result<(), StoreError> {
    for (name, _) in desk.channels.iter() {
        let (setting, now) = (format!("{} {name}", mark(medium, STOP)), desk.clock.now());
        let mut tx = desk.store.read().await?;
        // Only the node that listens there knows how it is.
        if tx.is_anothers_lease(&format!("channel {name}"), &desk.node, now).await? {
            continue;
        }
        let stopped = reason_stopped(&mut tx, desk, name).await?;
        let was_told = tx.setting(&setting).await?.is_some();
        drop(tx);
        if stopped.is_some() == was_told {
            continue;
        }
        if let Some(reason) = &stopped {
            let url = format!("{}/channels", desk.config.base_url());
            let body = json!({
                "type": "channel.stopped", "at": now, "channel": name, "reason": reason,
                "url": &url,
            });
            let note =
                Note::of_lines(format!("Channel {name} has stopped"), &[(reason.clone(), url)]);
            let id = format!("alert_{name}_{}", now.as_second());
            if !tell(desk, medium, &Alert { id, body, note }).await? {
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

/// Many asked the same at once.
async fn tell_of_incidents(desk: &Desk, medium: Medium) -> Result<(), StoreError> {
    let noticed = desk.store.read().await?.untold_incidents(medium).await?;
    for row in noticed {
        let gap = desk.store.read().await?.gap(row.gap_id).await?;
        let (about, n) = (gap.map(|gap| gap.name), row.n);
        let url = format!("{}/gaps", desk.config.base_url());
        let body = json!({
            "type": "incident.noticed", "at": row.noticed_at, "id": row.id, "gap": row.gap_id,
            "about": about, "customers": n, "url": &url,
        });
        let about = about.unwrap_or_default();
        let line = "They wait for a word from you; nobody was told anything yet.".to_owned();
        let note = Note::of_lines(format!("{n} customers ask the same: {about}"), &[(line, url)]);
        let alert = Alert { id: format!("alert_{}", row.id), body, note };
        if !tell(desk, medium, &alert).await? {
            return Ok(());
        }
        let mut tx = desk.store.begin().await?;
        tx.mark_incident_told(medium, row.id, desk.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The last month on one page, if there is anything on it.
async fn tell_of_month(desk: &Desk, medium: Medium) -> Result<(), StoreError> {
    let (month, setting) = (month_before(desk.clock.now()), mark(medium, MONTH));
    let mut tx = desk.store.read().await?;
    if tx.setting(&setting).await?.is_some_and(|told| told >= month) {
        return Ok(());
    }
    let page = pack(&mut tx, &month, &desk.config.rules.brand).await?;
    drop(tx);
    if let Some(page) = page.filter(|page| !page.gaps.is_empty()) {
        let url = format!("{}/gaps", desk.config.base_url());
        let (markdown, html) = (page.markdown(), page.html());
        let body = json!({
            "type": "gaps.month", "at": desk.clock.now(), "month": month,
            "markdown": &markdown, "html": &html, "gaps": page.gaps, "url": &url,
        });
        let note = Note { subject: page.title(), text: format!("{markdown}\n{url}\n"), html };
        let alert = Alert { id: format!("gaps_{month}"), body, note };
        if !tell(desk, medium, &alert).await? {
            return Ok(());
        }
    }
    let mut tx = desk.store.begin().await?;
    tx.set_setting(&setting, &month).await?;
    tx.commit().await
}
