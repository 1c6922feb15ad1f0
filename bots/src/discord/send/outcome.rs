//! What Discord's answer to a call means for the one who asked. Pure.
//!
//! Codes: <https://discord.com/developers/docs/topics/opcodes-and-status-codes#json>. What is not
//! clearly a promise of "not done" and not clearly a success is unknown.

use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;
use serde_json::Value;

use super::limits::seconds;
use crate::discord::wire::Problem;
use crate::{HoldScope, RefusalScope, SendError};

/// How long to keep still after a refusal that is not Discord's own notation: a shut-out address.
const SHUT_OUT: Duration = Duration::from_mins(1);

/// The message, webhook or token that a call was about is gone; the channel may well be there.
pub(in crate::discord) const UNKNOWN_MESSAGE: u64 = 10008;
/// The thread was opened before.
pub(in crate::discord) const THREAD_EXISTS: u64 = 160_004;
/// The interaction was answered before.
pub(in crate::discord) const ACKNOWLEDGED: u64 = 40060;
/// Codes of a 400 that concern the whole channel: archived thread, not a place for messages.
const CHANNEL_CODES: [u64; 3] = [50008, 50024, 50083];

/// Who a call speaks as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::discord) enum Speaker {
    /// The bot, by its token.
    Bot,
    /// Whoever holds an interaction's token.
    Interaction,
}

/// An answer with a status; the body may be missing or something else than Discord's JSON.
pub(in crate::discord) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// `None` if the body was cut or is no JSON; `Null` for an empty one.
    pub(super) body: Option<Value>,
}

/// A call that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::discord) struct Failure {
    /// What the outbox must know.
    pub(in crate::discord) error: SendError,
    /// The status; 0 if there was no answer.
    pub(in crate::discord) status: u16,
    /// Discord's own code; 0 if it named none.
    pub(in crate::discord) code: u64,
}

/// The result of a call, or what became of it.
pub(super) fn outcome(answer: Answer, speaker: Speaker) -> Result<Value, Failure> {
    let Answer { status, headers, body } = answer;
    if (200..300).contains(&status) {
        let reason = format!("status {status} with an unreadable body");
        let unknown = Failure { error: SendError::Unknown { reason }, status, code: 0 };
        return body.ok_or(unknown);
    }
    let problem: Option<Problem> =
        body.filter(Value::is_object).and_then(|body| serde_json::from_value(body).ok());
    let code = problem.as_ref().map_or(0, |problem| problem.code);
    let error = match (status, problem) {
        (429, problem) => too_many(&headers, problem),
        (503, problem) if retry_after(&headers).is_some() => SendError::Held {
            wait: retry_after(&headers),
            scope: HoldScope::Channel,
            reason: problem.map_or_else(|| "status 503".to_owned(), |problem| words(&problem)),
        },
        (500.. | 408, problem) => {
            let said = problem.map_or_else(String::new, |problem| format!(": {}", words(&problem)));
            SendError::Unknown { reason: format!("status {status}{said}") }
        }
        (401, problem) if speaker == Speaker::Bot => {
            let reason = problem.map_or_else(|| "status 401".to_owned(), |p| words(&p));
            SendError::Refused { scope: RefusalScope::Channel, reason }
        }
        (_, Some(problem)) => {
            SendError::Refused { scope: scope(status, problem.code), reason: words(&problem) }
        }
        (413, None) => {
            SendError::Refused { scope: RefusalScope::Part, reason: "status 413".to_owned() }
        }
        // From something between us and Discord: not acted on, but whether for good nobody said.
        (_, None) => SendError::NotSent { reason: format!("status {status} without a reason") },
    };
    Err(Failure { error, status, code })
}

fn too_many(headers: &HeaderMap, problem: Option<Problem>) -> SendError {
    let scope = headers.get("x-ratelimit-scope").and_then(|scope| scope.to_str().ok());
    let Some(problem) = problem else {
        let wait = retry_after(headers).unwrap_or(SHUT_OUT);
        let reason = "shut out for too many requests".to_owned();
        return SendError::Held { wait: Some(wait), scope: HoldScope::Channel, reason };
    };
    let everywhere =
        problem.global || scope == Some("global") || headers.contains_key("x-ratelimit-global");
    SendError::Held {
        wait: problem.retry_after.and_then(seconds).or_else(|| retry_after(headers)),
        scope: if everywhere { HoldScope::Channel } else { HoldScope::Conversation },
        reason: words(&problem),
    }
}

fn scope(status: u16, code: u64) -> RefusalScope {
    match status {
        404 if code == UNKNOWN_MESSAGE => RefusalScope::Part,
        401 | 403 | 404 => RefusalScope::Conversation,
        _ if CHANNEL_CODES.contains(&code) => RefusalScope::Conversation,
        _ => RefusalScope::Part,
    }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    seconds(text.trim().parse().ok()?)
}

/// Discord's words, its code, and the first detail of a form error.
fn words(problem: &Problem) -> String {
    let detail = first_detail(&problem.errors);
    let detail = detail.map_or_else(String::new, |detail| format!(": {detail}"));
    match problem.code {
        0 => format!("{}{detail}", problem.message),
        code => format!("{} ({code}){detail}", problem.message),
    }
}

fn first_detail(errors: &Value) -> Option<&str> {
    match errors {
        Value::Object(fields) => match fields.get("_errors").and_then(Value::as_array) {
            Some(found) => found.first()?.get("message")?.as_str(),
            None => fields.values().find_map(first_detail),
        },
        Value::Array(list) => list.iter().find_map(first_detail),
        _ => None,
    }
}
