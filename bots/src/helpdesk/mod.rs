//! The help desk a brand already has: escalations go there as events, people's replies come back.
//!
//! In: [`DeskEvent`]s, and the desk's own webhooks. Out: tickets and messages there, [`FromDesk`]
//! here. Three kinds: any system that takes a signed webhook ([`Hook`]), [`Chatwoot`], [`Zammad`].
//! One attempt a call: repeats are the application's, with the same id. Must not know: our tables,
//! who may answer, channels.

mod call;
mod chatwoot;
mod hook;
mod zammad;

#[cfg(feature = "fakes")]
pub mod fake_chatwoot;
#[cfg(feature = "fakes")]
pub mod fake_zammad;

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use chatwoot::{Chatwoot, ChatwootConfig};
pub use hook::Hook;
pub use zammad::{Zammad, ZammadConfig};

use crate::{ReceiveError, SendError, WebhookRequest};

/// The brand's own desk, whatever it is.
#[async_trait]
pub trait HelpDesk: Send + Sync + fmt::Debug {
    /// How people call it.
    fn name(&self) -> &'static str;

    /// Hands one event over; the desk's own reference of the escalation if it was made just now.
    ///
    /// A repeat must not show twice: either the id goes along, or the desk is asked first.
    async fn deliver(
        &self,
        event: &DeskEvent,
        attempt: Attempt<'_>,
    ) -> Result<Option<String>, SendError>;

    /// Verifies and decodes a webhook of the desk; an empty list is nothing that concerns us.
    fn receive(
        &self,
        request: &WebhookRequest,
        now: Timestamp,
    ) -> Result<Vec<FromDesk>, ReceiveError>;
}

/// One attempt to hand an event over.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The event's id (`evt_…`), the same on every repeat.
    pub id: &'a str,
    /// Now.
    pub now: Timestamp,
    /// The desk's reference of the escalation, once it has one.
    pub ticket: Option<&'a str>,
    /// Whether an earlier attempt may have arrived.
    pub repeated: bool,
}

/// Something that happened to an escalation; the body of the signed webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeskEvent {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: DeskEventKind,
    /// When.
    pub at: Timestamp,
    /// To which escalation.
    pub escalation: DeskEscalation,
    /// What was said, for [`DeskEventKind::Message`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<DeskMessage>,
    /// How it ended, for [`DeskEventKind::Closed`]: `solved`, `no_answer`, `spam`, `duplicate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// What can happen to an escalation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeskEventKind {
    /// A question waits for a person.
    #[serde(rename = "escalation.created")]
    Created,
    /// The customer said more, or one of ours replied elsewhere.
    #[serde(rename = "escalation.message")]
    Message,
    /// It is over.
    #[serde(rename = "escalation.closed")]
    Closed,
}

/// An escalation as a desk is told of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeskEscalation {
    /// `esc_…`
    pub id: String,
    /// What the customer reads after `#`.
    pub number: i64,
    /// `conv_…`
    pub conversation_id: String,
    /// Channel account.
    pub channel: String,
    /// Whose question.
    pub customer: DeskCustomer,
    /// The question, in the original.
    pub question: String,
    /// Its language, BCP 47.
    pub lang: String,
    /// Why the bot did not answer.
    pub reason: String,
    /// 0 is the most urgent, 3 the usual.
    pub priority: i64,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Where people see it here.
    pub url: String,
}

/// A customer as a desk is told of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeskCustomer {
    /// `cus_…`
    pub id: String,
    /// Their id on the channel.
    pub external_id: String,
    /// Their name there, if it shows one.
    pub name: Option<String>,
    /// Their language, BCP 47.
    pub lang: Option<String>,
    /// What the brand told us about them; an object.
    pub attributes: serde_json::Value,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeskMessage {
    /// By the customer, or to them.
    pub direction: Direction,
    /// Whose words, as people read them.
    pub author: String,
    /// The words.
    pub text: String,
}

/// Which way something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// By the customer.
    In,
    /// To the customer.
    Out,
}

/// What people did in the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromDesk {
    /// Somebody replied to the customer.
    Reply {
        /// The desk's reference of the escalation.
        ticket: String,
        /// Names this reply among all of the desk, the same on every repeat.
        key: String,
        /// How customers read them.
        author: String,
        /// Their words.
        text: String,
    },
    /// The ticket was closed.
    Closed {
        /// The desk's reference of the escalation.
        ticket: String,
    },
}
