//! A recall that nobody has decided on: offered when an answer leaves or changes, gone when it
//! comes back.

use crate::desk::Stage;
use crate::people::{Act, Actor, record};
use crate::store::recalls::RecallRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{RecallKind, RecallState};

/// Why an answer may have to be taken back.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// The answer.
    pub answer: &'a str,
    /// In one word.
    pub kind: RecallKind,
    /// In words.
    pub reason: &'a str,
}

/// Offers to take an answer back; where nobody got it there is nothing to offer. What is on its way with
/// words that were changed meanwhile gets there: what was withdrawn is stopped, and nobody gets it.
///
/// By setting, an answer that its forum no longer accepts is taken back without asking.
pub async fn offer(tx: &mut Tx, stage: &Stage<'_>, offer: &Offer<'_>) -> Result<(), StoreError> {
    let may_arrive = offer.kind == RecallKind::Corrected && tx.is_on_its_way(offer.answer).await?;
    if !may_arrive && tx.reach_of(offer.answer).await?.is_empty() {
        return Ok(());
    }
    let recall = make(tx, stage, offer).await?;
    if offer.kind == RecallKind::Withdrawn && stage.rules.recalls_by_itself {
        let setting = Actor { name: "by setting".to_owned(), ..Actor::operator() };
        start(tx, stage, &setting, recall).await?;
    }
    Ok(())
}

/// The offer for an answer: the one there is, with the newest reason, or a new one.
pub(super) async fn make(
    tx: &mut Tx,
    stage: &Stage<'_>,
    offer: &Offer<'_>,
) -> Result<RecallRow, StoreError> {
    let known = tx.recall_of(offer.answer, RecallState::Offered).await?;
    let known = known.unwrap_or_else(|| RecallRow {
        id: stage.ids.next(),
        answer_id: offer.answer.to_owned(),
        kind: offer.kind,
        reason: String::new(),
        state: RecallState::Offered,
        actor: None,
        offered_at: stage.now,
        started_at: None,
        ended_at: None,
        cursor: 0.into(),
        n_left_alone: 0,
    });
    let recall = RecallRow { kind: offer.kind, reason: offer.reason.to_owned(), ..known };
    tx.put_recall(&recall).await?;
    Ok(recall)
}

/// Withdraws the offer for an answer that was accepted again.
pub async fn take_offer_back(
    tx: &mut Tx,
    stage: &Stage<'_>,
    answer: &str,
) -> Result<(), StoreError> {
    if let Some(recall) = tx.recall_of(answer, RecallState::Offered).await? {
        let (state, ended_at) = (RecallState::Dismissed, Some(stage.now));
        let reason = format!("{}; accepted again", recall.reason);
        tx.put_recall(&RecallRow { reason, state, ended_at, ..recall }).await?;
    }
    Ok(())
}

/// From here on the worker takes the answer back, whatever happens to this process.
pub(super) async fn start(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    recall: RecallRow,
) -> Result<RecallRow, StoreError> {
    let recall = RecallRow {
        state: RecallState::Running,
        actor: Some(actor.name.clone()),
        started_at: Some(stage.now),
        ..recall
    };
    tx.put_recall(&recall).await?;
    let detail = format!("{}: {}", recall.id, recall.kind);
    let act = Act { act: "recall", object: &recall.answer_id, detail: &detail };
    record(tx, stage, actor, &act).await?;
    Ok(recall)
}
