//! What Telegram's answer to a call means for the one who asked. Pure.
//!
//! The strings are Telegram's own (<https://github.com/tdlib/telegram-bot-api>); everything that is
//! not clearly a promise of "not done" and not clearly a success is unknown.

use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::refused;
use crate::telegram::receive::address;
use crate::telegram::wire::Envelope;
use crate::{HoldScope, RefusalScope, SendError};

/// An answer with a status; the body may be missing or something else than Telegram's JSON.
pub(in crate::telegram) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    pub(super) served_at: Option<Timestamp>,
    pub(super) envelope: Option<Envelope>,
}

/// Why the listener did not get what it asked for.
#[derive(Debug)]
pub(in crate::telegram) struct Refusal {
    /// `None` if there was no answer.
    pub(in crate::telegram) status: Option<u16>,
    /// If a time was named.
    pub(in crate::telegram) wait: Option<Duration>,
    /// In words.
    pub(in crate::telegram) reason: String,
}

impl From<SendError> for Refusal {
    fn from(error: SendError) -> Self {
        Self { status: None, wait: None, reason: error.to_string() }
    }
}

impl Answer {
    /// The result and the time it was served, or what the listener must know about the refusal.
    pub(super) fn result<T>(self) -> Result<(T, Option<Timestamp>), Refusal>
    where
        T: DeserializeOwned,
    {
        let (status, served_at, wait) = (self.code(), self.served_at, self.wait());
        let refusal = |reason| Refusal { status: Some(status), wait, reason };
        match self.envelope {
            Some(Envelope { ok: true, result: Some(result), .. }) => serde_json::from_value(result)
                .map(|result| (result, served_at))
                .map_err(|error| refusal(format!("unreadable answer: {error}"))),
            Some(envelope) if !envelope.description.is_empty() => {
                Err(refusal(envelope.description))
            }
            _ => Err(refusal(format!("status {status} without a readable body"))),
        }
    }

    /// The error code in the body, or else the HTTP status: in truth they are the same.
    fn code(&self) -> u16 {
        let in_body = self.envelope.as_ref().filter(|envelope| !envelope.ok);
        in_body.and_then(|envelope| envelope.error_code).unwrap_or(self.status)
    }

    fn wait(&self) -> Option<Duration> {
        let in_body = self.envelope.as_ref().and_then(|envelope| envelope.parameters.retry_after);
        in_body.map(Duration::from_secs).or(self.retry_after)
    }
}

/// The result of a call, or what the outbox must know.
pub(super) fn outcome(answer: Answer) -> Result<Value, SendError> {
    let (code, wait) = (answer.code(), answer.wait());
    let Some(envelope) = answer.envelope else {
        return Err(without_body(code, wait));
    };
    if envelope.ok && (200..300).contains(&code) {
        return Ok(envelope.result.unwrap_or(Value::Null));
    }
    let reason = envelope.description;
    Err(match code {
        429 => SendError::Held { wait, scope: HoldScope::Channel, reason },
        400 => match envelope.parameters.migrate_to_chat_id {
            Some(chat) => {
                let conversation = chat.to_string();
                SendError::Moved { address: address(&conversation), conversation }
            }
            None => refused(scope_of(&reason), reason),
        },
        403 => refused(RefusalScope::Conversation, reason),
        // 404 is a token that is not even well-formed.
        401 | 404 => refused(RefusalScope::Channel, reason),
        _ if (400..500).contains(&code) => refused(RefusalScope::Part, reason),
        503 if wait.is_some() => SendError::Held { wait, scope: HoldScope::Channel, reason },
        _ => SendError::Unknown { reason: format!("status {code}: {reason}") },
    })
}

/// A status alone, from something between us and Telegram or from a cut answer.
fn without_body(code: u16, wait: Option<Duration>) -> SendError {
    let reason = format!("status {code} without a readable body");
    match code {
        429 => SendError::Held { wait, scope: HoldScope::Channel, reason },
        503 if wait.is_some() => SendError::Held { wait, scope: HoldScope::Channel, reason },
        401 => refused(RefusalScope::Channel, reason),
        413 => refused(RefusalScope::Part, reason),
        // Refused, so not acted on; but whether for good nobody said.
        400..500 => SendError::NotSent { reason },
        _ => SendError::Unknown { reason },
    }
}

/// Descriptions of a 400 that mean the whole chat, in lower case.
const CONVERSATION: [&str; 11] = [
    "chat not found",
    "deactivated",
    "kicked",
    "not a member",
    "was deleted",
    "upgraded to a supergroup",
    "not enough rights to send",
    "have no rights to send",
    "chat_write_forbidden",
    "message thread not found",
    "topic_closed",
];

fn scope_of(reason: &str) -> RefusalScope {
    let reason = reason.to_lowercase();
    if CONVERSATION.iter().any(|words| reason.contains(words)) {
        RefusalScope::Conversation
    } else {
        RefusalScope::Part
    }
}
