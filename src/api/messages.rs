//! One conversation's messages: what came in with what was decided, what goes out with where it
//! stands.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use superfan_bots::{AuthorKind, Content};
use utoipa::ToSchema;

use crate::http::Problem;
use crate::ids::{ConversationId, CustomerId, DecisionId};
use crate::store::Tx;
use crate::store::customers::Customer;
use crate::store::decisions::DecisionRow;
use crate::store::inbox::StoredMessage;
use crate::store::outbox::DeliveryRow;
use crate::vocabulary::{Action, DeliveryState, InboxState, Reason};

/// The most messages of each direction that are shown; the latest ones.
const MOST_MESSAGES: i64 = 1000;

/// One message.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub(super) struct MessageView {
    /// `msg_…` for what came in, `out_…` for what goes out.
    id: String,
    /// `in` or `out`.
    #[schema(value_type = String)]
    direction: Direction,
    /// Who wrote it.
    author: AuthorView,
    /// What a person would read.
    text: String,
    /// When it reached us, or when it was enqueued.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What the answerer did with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<DecisionView>,
    /// Why handling it failed for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// Where a reply stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<DeliveryView>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Direction {
    In,
    Out,
}

/// Who wrote a message.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Author)]
struct AuthorView {
    /// `customer`, `bot` or `human`.
    kind: &'static str,
    /// Their name, where there is one.
    name: Option<String>,
}

/// What the answerer did.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Decision)]
struct DecisionView {
    /// `answer`, `choices`, `ask_back`, `escalate` or `silent`.
    #[schema(value_type = String)]
    action: Action,
    /// Why.
    #[schema(value_type = String)]
    reason: Reason,
}

/// Where a reply stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
struct DeliveryView {
    /// `due`, `sending`, `sent`, `uncertain` or `dead`.
    #[schema(value_type = String)]
    state: DeliveryState,
    /// Why it waits, is uncertain or dead, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// When it may leave, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// The channel's id of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_message_id: Option<String>,
}

/// Every message of a conversation, oldest first.
pub(super) async fn messages(
    tx: &mut Tx,
    conversation: ConversationId,
) -> Result<Vec<MessageView>, Problem> {
    let inbound = tx.messages(conversation, MOST_MESSAGES).await?;
    let outbound = tx.deliveries_of(conversation, None, MOST_MESSAGES).await?;
    let decisions = tx.decisions_of(conversation).await?;
    let decisions: HashMap<DecisionId, DecisionView> =
        decisions.iter().map(|row| (row.id, DecisionView::from(row))).collect();
    let mut writers: Vec<CustomerId> = inbound.iter().map(|row| row.customer_id).collect();
    writers.sort_unstable();
    writers.dedup();
    let customers: HashMap<CustomerId, Customer> =
        tx.customers_by_id(&writers).await?.into_iter().map(|c| (c.id, c)).collect();
    let mut views: Vec<((Timestamp, i64), MessageView)> = Vec::new();
    for row in inbound.iter().filter(|row| is_shown(row)) {
        let decision = row.decision_id.and_then(|id| decisions.get(&id).copied());
        let name = customers.get(&row.customer_id).and_then(|customer| customer.name.clone());
        views.push(((row.received_at, row.id.0), came_in(row, decision, name)));
    }
    views.extend(outbound.into_iter().map(|row| ((row.created_at, row.id.0), goes_out(row))));
    views.sort_by_key(|(order, _)| *order);
    Ok(views.into_iter().map(|(_, view)| view).collect())
}

/// Whether a person would call it a message: presses and platform notes are none, but what could
/// not be handled is shown whatever it is.
fn is_shown(row: &StoredMessage) -> bool {
    let is_said = matches!(
        row.message.content,
        Content::Text { .. }
            | Content::Edited { .. }
            | Content::Command { .. }
            | Content::Unreadable { .. }
    );
    is_said || row.state == InboxState::Dead
}

fn came_in(
    row: &StoredMessage,
    decision: Option<DecisionView>,
    name: Option<String>,
) -> MessageView {
    let kind = match row.message.author.kind {
        AuthorKind::Person => "customer",
        AuthorKind::Bot | AuthorKind::Own => "bot",
    };
    let text = row.text.clone().unwrap_or_else(|| match &row.message.content {
        Content::Unreadable { what } => format!("[{what}]"),
        _ => String::new(),
    });
    MessageView {
        id: row.id.to_string(),
        direction: Direction::In,
        author: AuthorView { kind, name },
        text,
        at: row.received_at,
        decision,
        error: row.error.clone(),
        delivery: None,
    }
}

fn goes_out(row: DeliveryRow) -> MessageView {
    let kind = if row.author.is_some() { "human" } else { "bot" };
    MessageView {
        id: row.id.to_string(),
        direction: Direction::Out,
        author: AuthorView { kind, name: row.author },
        text: row.payload.text,
        at: row.created_at,
        decision: None,
        error: None,
        delivery: Some(DeliveryView {
            state: row.state,
            reason: row.reason,
            due_at: (row.state == DeliveryState::Due).then_some(row.due_at),
            channel_message_id: row.channel_message_id,
        }),
    }
}

impl From<&DecisionRow> for DecisionView {
    fn from(row: &DecisionRow) -> Self {
        Self { action: row.action, reason: row.reason }
    }
}
