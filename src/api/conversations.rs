//! `GET /conversations`: what was said on every channel, and why the bot did what it did.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::extract::{Asked, Named, storable};
use super::messages::{MessageView, messages};
use super::page::{Page, PageQuery, cut};
use crate::desk::Desk;
use crate::http::Problem;
use crate::ids::ConversationId;
use crate::store::Tx;
use crate::store::{conversations::Conversation, customers::Customer};
use crate::vocabulary::ConversationState;

/// Which conversations are asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ConversationQuery {
    /// Only those of this channel account.
    channel: Option<String>,
    /// Only those with this id on their channel: a chat, a thread, a session.
    external_id: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// A conversation.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Conversation)]
pub(super) struct ConversationView {
    /// `conv_…`
    #[schema(value_type = String)]
    id: ConversationId,
    /// Channel account.
    channel: String,
    /// The channel's id of it.
    external_id: String,
    /// Who started it.
    customer: Option<CustomerView>,
    /// `bot`, `waiting`, `human` or `stopped`.
    #[schema(value_type = String)]
    state: ConversationState,
    /// When the customer last wrote.
    #[schema(value_type = String, format = DateTime)]
    last_inbound_at: Timestamp,
    /// Oldest first; only where one conversation is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<MessageView>>,
}

/// One person on one channel.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Customer)]
pub(super) struct CustomerView {
    /// The channel's id of them.
    id: String,
    /// Their name there.
    name: Option<String>,
    /// Their language, BCP 47.
    lang: Option<String>,
}

impl From<&Customer> for CustomerView {
    fn from(customer: &Customer) -> Self {
        Self {
            id: customer.external_id.clone(),
            name: customer.name.clone(),
            lang: customer.lang.clone(),
        }
    }
}

/// Lists conversations, newest first.
#[utoipa::path(
    get, path = "/api/v1/conversations", tag = "conversations",
    params(ConversationQuery, PageQuery),
    responses((status = 200, description = "A page of conversations, without messages",
               body = Page<ConversationView>)),
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<ConversationQuery>,
) -> Result<Json<Page<ConversationView>>, Problem> {
    actor.oversees()?;
    let (limit, cursor) = (query.page.limit()?, query.page.cursor()?);
    let channel = query.channel.as_deref().map(storable);
    let external_id = query.external_id.as_deref().map(storable);
    let mut tx = desk.store.read().await?;
    let rows =
        tx.conversations(channel.as_deref(), external_id.as_deref(), cursor, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |row| row.id.to_string());
    let ids: Vec<_> = rows.iter().map(|row| row.customer_id).collect();
    let customers = tx.customers_by_id(&ids).await?;
    let items = rows.into_iter().map(|row| {
        let customer = customers.iter().find(|customer| customer.id == row.customer_id);
        view(row, customer, None)
    });
    Ok(Json(Page::new(items.collect(), next)))
}

/// Shows one conversation with its messages.
#[utoipa::path(
    get, path = "/api/v1/conversations/{id}", tag = "conversations",
    params(("id" = String, Path, description = "`conv_…`")),
    responses((status = 200, description = "The conversation with its messages",
               body = ConversationView)),
)]
pub(super) async fn show(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
) -> Result<Json<ConversationView>, Problem> {
    actor.oversees()?;
    let id: ConversationId = named.id("conversation")?;
    let mut tx = desk.store.read().await?;
    let conversation = tx
        .conversation(id)
        .await?
        .ok_or_else(|| Problem::unknown(&format!("conversation {id}")))?;
    Ok(Json(whole(&mut tx, conversation).await?))
}

async fn whole(tx: &mut Tx, conversation: Conversation) -> Result<ConversationView, Problem> {
    let customer = tx.customer(conversation.customer_id).await?;
    let messages = messages(tx, conversation.id).await?;
    Ok(view(conversation, customer.as_ref(), Some(messages)))
}

fn view(
    conversation: Conversation,
    customer: Option<&Customer>,
    messages: Option<Vec<MessageView>>,
) -> ConversationView {
    ConversationView {
        id: conversation.id,
        channel: conversation.channel,
        external_id: conversation.external_id,
        customer: customer.map(CustomerView::from),
        state: conversation.state,
        last_inbound_at: conversation.last_inbound_at,
        messages,
    }
}
