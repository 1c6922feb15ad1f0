//! What an admin does for a customer who asks about their data: export it, erase it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::desk::Stage;
use crate::escalation::settle_state;
use crate::ids::{ConversationId, CustomerId};
use crate::people::{Act, ActError, Actor, record};
use crate::staff;
use crate::store::Tx;
use crate::store::customers::Customer;
use crate::store::personal::{KeptText, TextKind};
use crate::vocabulary::Role;

/// Everything that is kept about a customer.
#[derive(Clone, Debug, Serialize)]
pub struct Export {
    /// `cus_…`
    pub id: CustomerId,
    /// Channel account.
    pub channel: String,
    /// The channel's id of them.
    pub external_id: String,
    /// Their name there.
    pub name: Option<String>,
    /// Their language.
    pub lang: Option<String>,
    /// Since when they want no automatic replies.
    pub stopped_at: Option<Timestamp>,
    /// What the brand told us about them.
    pub attributes: Map<String, Value>,
    /// What they wrote, were told and asked, oldest first.
    pub texts: Vec<ExportedText>,
}

/// One text.
#[derive(Clone, Debug, Serialize)]
pub struct ExportedText {
    /// `written`, `told`, `question` (as it was read) or `escalated`.
    pub kind: &'static str,
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// When.
    pub at: Timestamp,
    /// The words.
    pub text: String,
}

/// Reads everything that is kept about a customer, and writes down that it was handed out.
pub async fn export(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: CustomerId,
) -> Result<Export, ActError> {
    actor.require(Role::Admin)?;
    let Customer { channel, external_id, name, lang, stopped_at, .. } = known(tx, id).await?;
    let texts = tx.texts_of(id).await?.into_iter().map(ExportedText::from).collect();
    let attributes = tx.attributes(id).await?;
    record(tx, stage, actor, &Act { act: "export data", object: &id.to_string(), detail: "" })
        .await?;
    Ok(Export { id, channel, external_id, name, lang, stopped_at, attributes, texts })
}

/// Erases everything that a customer said, was told and is called; their conversations go back to
/// the bot.
pub async fn erase(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: CustomerId,
) -> Result<(), ActError> {
    actor.require(Role::Admin)?;
    known(tx, id).await?;
    tx.erase_customer(id, stage.now).await?;
    staff::forget(tx, stage, id).await?;
    for conversation in tx.conversations_of(id).await? {
        settle_state(tx, conversation, id).await?;
    }
    record(tx, stage, actor, &Act { act: "erase data", object: &id.to_string(), detail: "" })
        .await?;
    Ok(())
}

async fn known(tx: &mut Tx, id: CustomerId) -> Result<Customer, ActError> {
    tx.customer(id).await?.ok_or_else(|| ActError::Unknown { what: format!("customer {id}") })
}

impl From<KeptText> for ExportedText {
    fn from(kept: KeptText) -> Self {
        let kind = match kept.kind {
            TextKind::Written => "written",
            TextKind::Told => "told",
            TextKind::Question => "question",
            TextKind::Escalated => "escalated",
        };
        Self { kind, conversation_id: kept.conversation_id, at: kept.at, text: kept.text }
    }
}
