//! What a customer says when they are asked.

use superfan_bots::{Reply, ReplyKind};

use super::count;
use crate::desk::Stage;
use crate::ids::EscalationId;
use crate::store::bridges::BridgeRow;
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{BridgeState, EscalationState};
use crate::words::{Key, say};

/// Keeps a customer's yes or no, and what to say to it; `None` where nothing was asked, or it is
/// over. They may change their mind until it is posted; after that a moderator reads it.
pub async fn settle_consent(
    tx: &mut Tx,
    stage: &Stage<'_>,
    (escalation, yes): (EscalationId, bool),
) -> Result<Option<Reply>, StoreError> {
    let Some(escalation) = tx.escalation(escalation).await? else { return Ok(None) };
    tx.lock_conversation(escalation.conversation_id).await?;
    let Some(row) = tx.bridge(escalation.id).await? else { return Ok(None) };
    if row.asked_at.is_none() || escalation.state == EscalationState::Closed {
        return Ok(None);
    }
    let (row, key) = match (row.state, yes) {
        (BridgeState::Asked | BridgeState::Declined, true) => {
            (agreed(row, stage), Key::ForumAgreed)
        }
        (BridgeState::Asked | BridgeState::Agreed | BridgeState::Failed, false) => {
            let row = BridgeRow { state: BridgeState::Declined, agreed_at: None, ..row };
            (row, Key::ForumDeclined)
        }
        (BridgeState::Posting | BridgeState::Open, false) => {
            let trouble = "the customer changed their mind after it was posted; take it down there";
            tx.put_bridge(&BridgeRow { trouble: Some(trouble.to_owned()), ..row }, stage.now)
                .await?;
            return Ok(None);
        }
        _ => return Ok(None),
    };
    count(row.state.as_str());
    tx.put_bridge(&row, stage.now).await?;
    Ok(Some(notice(&escalation, key)))
}

/// The time that a moderator has by rule runs from the yes on.
fn agreed(row: BridgeRow, stage: &Stage<'_>) -> BridgeRow {
    let asked_at = row.asked_at.unwrap_or(stage.now);
    let patience = row.due_at.duration_since(asked_at);
    BridgeRow {
        state: BridgeState::Agreed,
        agreed_at: Some(stage.now),
        due_at: if row.automatic { stage.now + patience } else { stage.now },
        ..row
    }
}

fn notice(escalation: &EscalationRow, key: Key) -> Reply {
    let number = escalation.number.to_string();
    Reply {
        kind: ReplyKind::Notice,
        text: say(&escalation.lang, key, &[("number", &number)]),
        credit: None,
        buttons: Vec::new(),
        lang: escalation.lang.clone(),
        answer_id: None,
        confidence: None,
        human: None,
        in_reply_to: None,
    }
}
