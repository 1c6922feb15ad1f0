//! One signed post to the reply address, and what its answer means.

use std::time::Duration;

use jiff::Timestamp;

use super::render::Payload;
use super::verify::Signers;
use super::wire;
use crate::{HoldScope, Outgoing, RefusalScope, SendError, Sent};

/// Completes and sends a reply to the receiver.
pub(super) async fn post(
    request: reqwest::RequestBuilder,
    signers: &Signers,
    outgoing: Outgoing<'_>,
) -> Result<Sent, SendError> {
    let body = body(outgoing)?;
    post_signed(request, signers, (outgoing.key, outgoing.now), body).await
}

/// Signs and sends a JSON body. The id is the same on every repeat, so the receiver can tell.
pub(crate) async fn post_signed(
    request: reqwest::RequestBuilder,
    signers: &Signers,
    (id, now): (&str, Timestamp),
    body: String,
) -> Result<Sent, SendError> {
    let mut request = request.header(http::header::CONTENT_TYPE, "application/json");
    for (name, value) in signers.headers(id, now, &body) {
        request = request.header(name, value);
    }
    let response = request.body(body).send().await.map_err(|error| {
        // The address may hold a secret of the receiver's.
        let error = error.without_url();
        let reason = error.to_string();
        if error.is_connect() || error.is_builder() {
            SendError::NotSent { reason }
        } else {
            SendError::Unknown { reason }
        }
    })?;
    let wait = response
        .headers()
        .get(http::header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| retry_after(value, now));
    outcome(response.status().as_u16(), wait)
}

fn body(outgoing: Outgoing<'_>) -> Result<String, SendError> {
    let not_ours = |error: serde_json::Error| SendError::Refused {
        scope: RefusalScope::Part,
        reason: format!("not our payload: {error}"),
    };
    let reply: Payload = serde_json::from_value(outgoing.part.payload.clone()).map_err(not_ours)?;
    serde_json::to_string(&wire::Outgoing {
        message_id: outgoing.key,
        conversation_id: &outgoing.address.value,
        reply,
        at: outgoing.now,
    })
    .map_err(not_ours)
}

/// `Retry-After` is a number of seconds or a date.
/// <https://www.rfc-editor.org/rfc/rfc9110#name-retry-after>
fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

/// Repeats are safe here, so everything that may pass is repeated.
fn outcome(status: u16, wait: Option<Duration>) -> Result<Sent, SendError> {
    let reason = format!("the receiver answered {status}");
    match status {
        200..300 => Ok(Sent { message_id: None }),
        429 => Err(SendError::Held { wait, scope: HoldScope::Channel, reason }),
        408 | 500..600 if wait.is_some() => {
            Err(SendError::Held { wait, scope: HoldScope::Channel, reason })
        }
        408 | 500..600 => Err(SendError::Unknown { reason }),
        400..500 => Err(SendError::Refused { scope: RefusalScope::Part, reason }),
        _ => Err(SendError::NotSent { reason }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "2026-01-05T09:00:00Z".parse().unwrap();
        let check = |value: &str, seconds: Option<u64>| {
            assert_eq!(retry_after(value, now), seconds.map(Duration::from_secs));
        };
        check("34", Some(34));
        check("Mon, 05 Jan 2026 09:01:00 GMT", Some(60));
        check("Mon, 05 Jan 2026 08:00:00 GMT", Some(0));
        check("soon", None);
    }
}
