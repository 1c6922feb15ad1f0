//! Many ask the same at once: noticed, told to staff, and, once a person says so, one text to
//! everybody who waits and who comes with it, until it is over.

use jiff::SignedDuration;
use superfan_bots::{Reply, ReplyKind};

use crate::desk::{Desk, Stage};
use crate::ids::{GapId, IncidentId};
use crate::outbox::{Draft, enqueue};
use crate::people::{Act, ActError, Actor, record};
use crate::store::escalations::EscalationRow;
use crate::store::incidents::IncidentRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{IncidentState, Role};
use crate::words::{Key, say};

/// Within which time many are many.
const SOON: SignedDuration = SignedDuration::from_hours(1);
/// What is usual is learned from the week before.
const USUAL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// So many times the usual is a spike.
const TIMES: i64 = 3;
/// What was an incident is none again within this time.
const QUIET: SignedDuration = SignedDuration::from_hours(24);
/// How many are told in one transaction.
const AT_ONCE: i64 = 25;
/// The longest holding text, in characters.
const LONGEST: usize = 1000;

/// Notices a gap about which at least `least` customers asked within the hour, and three times as
/// many as usual.
pub(super) async fn notice(
    tx: &mut Tx,
    stage: &Stage<'_>,
    gap: GapId,
    least: i64,
) -> Result<(), StoreError> {
    let (now, soon) = (stage.now, stage.now - SOON);
    let n = tx.askers_of_gap(gap, (soon, now)).await?;
    if n < least || tx.had_incident(gap, now - QUIET).await? {
        return Ok(());
    }
    let usual = tx.askers_of_gap(gap, (soon - USUAL, soon)).await?;
    if !is_spike(n, usual, least) {
        return Ok(());
    }
    let row = IncidentRow {
        id: stage.ids.next(),
        gap_id: gap,
        state: IncidentState::Noticed,
        n,
        text: String::new(),
        noticed_at: now,
        alerted_at: None,
        changed_at: now,
    };
    tx.put_incident(&row).await?;
    metrics::counter!("superfan_incidents_total").increment(1);
    tracing::warn!(gap.id = %gap, "{n} customers asked the same within an hour");
    Ok(())
}

/// Whether `n` within the hour are at least `least` and many more than the `usual` of a week.
fn is_spike(n: i64, usual: i64, least: i64) -> bool {
    n >= least && n * USUAL.as_hours() > usual * TIMES
}

/// Tells everybody who waits, once, and whoever comes with it from now on: in these words, or,
/// without any, in the bot's own and each customer's language; needs [`Role::Moderator`].
pub async fn open_incident(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: IncidentId,
    text: &str,
) -> Result<(), ActError> {
    let text = text.trim();
    if text.chars().count() > LONGEST {
        let reason = format!("the text is longer than {LONGEST} characters");
        return Err(ActError::Invalid { reason });
    }
    let row = in_state(tx, actor, id, IncidentState::Noticed).await?;
    let row = IncidentRow { text: text.to_owned(), ..row };
    set(tx, stage, actor, (row, IncidentState::Open, "open incident")).await
}

/// It is no incident; needs [`Role::Moderator`].
pub async fn dismiss_incident(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: IncidentId,
) -> Result<(), ActError> {
    let row = in_state(tx, actor, id, IncidentState::Noticed).await?;
    set(tx, stage, actor, (row, IncidentState::Dismissed, "dismiss incident")).await
}

/// It is over: nobody else is told; needs [`Role::Moderator`].
pub async fn close_incident(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: IncidentId,
) -> Result<(), ActError> {
    let row = in_state(tx, actor, id, IncidentState::Open).await?;
    set(tx, stage, actor, (row, IncidentState::Closed, "close incident")).await
}

async fn in_state(
    tx: &mut Tx,
    actor: &Actor,
    id: IncidentId,
    state: IncidentState,
) -> Result<IncidentRow, ActError> {
    actor.require(Role::Moderator)?;
    let row = tx.incident(id).await?;
    let row = row.ok_or_else(|| ActError::Unknown { what: format!("incident {id}") })?;
    if row.state == state {
        return Ok(row);
    }
    let reason = format!("this incident is {}; somebody was quicker", row.state);
    Err(ActError::Conflict { reason, owner: None })
}

async fn set(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    (row, state, act): (IncidentRow, IncidentState, &'static str),
) -> Result<(), ActError> {
    tx.put_incident(&IncidentRow { state, changed_at: stage.now, ..row.clone() }).await?;
    let (object, detail) = (row.id.to_string(), row.gap_id.to_string());
    record(tx, stage, actor, &Act { act, object: &object, detail: &detail }).await?;
    Ok(())
}

/// Tells a few of those who wait with an open incident; whether there is more to do at once.
pub async fn tell_incidents(desk: &Desk) -> Result<bool, StoreError> {
    let open = desk.store.read().await?.incidents().await?;
    for incident in open.into_iter().filter(|one| one.state == IncidentState::Open) {
        if desk.store.read().await?.untold_of_incident(&incident, 1).await?.is_empty() {
            continue;
        }
        let stage = desk.stage();
        let mut tx = desk.store.begin().await?;
        for row in tx.untold_of_incident(&incident, AT_ONCE).await? {
            tx.lock_conversation(row.conversation_id).await?;
            if tx.add_told(incident.id, row.customer_id).await? {
                tell(&mut tx, &stage, &incident, &row).await?;
            }
        }
        tx.commit().await?;
        desk.wakes.outbox();
        return Ok(true);
    }
    Ok(false)
}

/// Who said stop, or cannot be reached any more, is left alone.
async fn tell(
    tx: &mut Tx,
    stage: &Stage<'_>,
    incident: &IncidentRow,
    row: &EscalationRow,
) -> Result<(), StoreError> {
    let stopped = tx.customer(row.customer_id).await?.and_then(|one| one.stopped_at);
    let Some(conversation) = tx.conversation(row.conversation_id).await? else { return Ok(()) };
    let expired = conversation.address.expires_at.is_some_and(|at| at <= stage.now);
    if stopped.is_some() || expired || conversation.closed_reason.is_some() {
        return Ok(());
    }
    let number = row.number.to_string();
    let text = match incident.text.as_str() {
        "" => say(&row.lang, Key::Incident, &[("number", &number)]),
        text => text.to_owned(),
    };
    let reply = Reply {
        kind: ReplyKind::Notice,
        text,
        credit: None,
        buttons: Vec::new(),
        lang: row.lang.clone(),
        answer_id: None,
        confidence: None,
        human: None,
        in_reply_to: None,
    };
    let cause = format!("incident:{}:{}", incident.id, row.customer_id);
    enqueue(tx, stage, &Draft { conversation: &conversation, cause, reply, decision_id: None })
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_spike;

    #[test]
    fn many_are_a_spike_where_few_are_usual() {
        assert!(is_spike(5, 0, 5) && !is_spike(4, 0, 5));
        // 280 in a week are five in three hours.
        assert!(is_spike(6, 280, 5) && !is_spike(5, 280, 5));
    }
}
