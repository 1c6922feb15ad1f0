//! What an answer of X means for the one who asked. Pure.
//! <https://docs.x.com/x-api/fundamentals/response-codes-and-errors>

use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::limits::Limits;
use super::{Endpoint, refused, scope_of};
use crate::x::wire::Problem;
use crate::{RefusalScope, SendError, Sent};

/// How long nothing is tried once the month's usage is used up.
const USAGE_CAPPED: Duration = Duration::from_hours(1);

/// An answer with a status; the body may be missing or something else than JSON.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) limits: Limits,
    pub(super) body: Option<Value>,
}

/// What was tried.
pub(super) struct Attempt<'a> {
    pub(super) endpoint: Endpoint,
    pub(super) now: Timestamp,
    pub(super) key: &'a str,
    /// An earlier attempt may have arrived.
    pub(super) in_doubt: bool,
    /// The access token can be renewed and the call tried again.
    pub(super) renewable: bool,
}

impl Answer {
    /// The body of a success.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, SendError> {
        let body = self.body.clone().unwrap_or(Value::Null);
        serde_json::from_value(body)
            .map_err(|error| SendError::Unknown { reason: format!("unreadable answer: {error}") })
    }

    fn problem(&self) -> Problem {
        let body = self.body.clone().unwrap_or(Value::Null);
        serde_json::from_value(body).unwrap_or_default()
    }
}

/// Words of a 403 that concern the whole conversation, in lower case.
const CONVERSATION: [&str; 8] = [
    "permission to dm",
    "cannot send messages to this user",
    "blocked",
    "protected",
    "not following you",
    "user has been suspended",
    "cannot find specified user",
    "not allowed to message",
];

/// Words that concern the whole account.
const CHANNEL: [&str; 6] = [
    "unsupported authentication",
    "client-forbidden",
    "oauth1-permissions",
    "your account is suspended",
    "temporarily locked",
    "application-only",
];

/// Whether X refuses a text because it has it already.
pub(super) fn is_duplicate(answer: &Answer) -> bool {
    let words = answer.problem().words().to_lowercase();
    answer.status == 403 && (words.contains("duplicate") || words.contains("already said that"))
}

/// `Ok(None)`: done, the body says more. `Ok(Some)`: done by an earlier attempt.
pub(super) fn outcome(answer: &Answer, attempt: &Attempt<'_>) -> Result<Option<Sent>, SendError> {
    let problem = answer.problem();
    let reason = match problem.words() {
        words if words.is_empty() => format!("status {}", answer.status),
        words => words,
    };
    match answer.status {
        200..300 if answer.body.as_ref().is_some_and(has_only_errors) => {
            Err(refused(RefusalScope::Part, reason))
        }
        200..300 => Ok(None),
        429 => Err(held(answer, attempt, &problem, reason)),
        401 if attempt.renewable => {
            Err(SendError::NotSent { reason: "the access token has ended".to_owned() })
        }
        401 => Err(refused(RefusalScope::Channel, format!("X refuses our keys: {reason}"))),
        403 => forbidden(answer, attempt, &problem, reason),
        503 if answer.limits.retry_after.is_some() => Err(held(answer, attempt, &problem, reason)),
        408 | 500..600 => {
            Err(SendError::Unknown { reason: format!("status {}: {reason}", answer.status) })
        }
        // Something between us and X refused, so nothing was done; for how long nobody said.
        400..500 if answer.body.is_none() => Err(SendError::NotSent { reason }),
        400..500 => Err(refused(RefusalScope::Part, reason)),
        status => Err(SendError::Unknown { reason: format!("status {status}") }),
    }
}

fn forbidden(
    answer: &Answer,
    attempt: &Attempt<'_>,
    problem: &Problem,
    reason: String,
) -> Result<Option<Sent>, SendError> {
    if answer.body.is_none() {
        return Err(SendError::NotSent { reason });
    }
    if is_duplicate(answer) {
        if attempt.in_doubt {
            return Ok(Some(Sent { message_id: None }));
        }
        let reason = "X has these very words already; they are sent slightly changed".to_owned();
        return Err(SendError::NotSent { reason });
    }
    if problem.kind.contains("usage-capped") {
        return Err(held(answer, attempt, problem, reason));
    }
    let words = format!("{} {}", reason.to_lowercase(), problem.kind.to_lowercase());
    let has = |list: &[&str]| list.iter().any(|phrase| words.contains(phrase));
    let scope = if has(&CHANNEL) {
        RefusalScope::Channel
    } else if has(&CONVERSATION) {
        RefusalScope::Conversation
    } else {
        RefusalScope::Part
    };
    Err(refused(scope, reason))
}

fn held(answer: &Answer, attempt: &Attempt<'_>, problem: &Problem, reason: String) -> SendError {
    let capped = problem.kind.contains("usage-capped").then_some(USAGE_CAPPED);
    let wait = capped.or_else(|| answer.limits.wait(attempt.now, attempt.key));
    SendError::Held { wait, scope: scope_of(attempt.endpoint), reason }
}

/// A 200 that found nothing.
fn has_only_errors(body: &Value) -> bool {
    body.get("errors").is_some_and(|errors| errors.as_array().is_some_and(|e| !e.is_empty()))
        && body.get("data").is_none()
}
