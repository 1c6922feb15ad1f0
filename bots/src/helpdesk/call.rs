//! One JSON call to a desk, and what its answer means.

use std::time::Duration;

use serde_json::Value;

use crate::{HoldScope, RefusalScope, SendError};

/// How long a desk may take to answer.
const TIME_OUT: Duration = Duration::from_secs(10);

/// Sends a request; the JSON of a 2xx, [`Value::Null`] where it has no body.
pub(super) async fn call(request: reqwest::RequestBuilder) -> Result<Value, SendError> {
    let response = request.timeout(TIME_OUT).send().await.map_err(|error| {
        // The address may hold a secret.
        let error = error.without_url();
        let reason = error.to_string();
        if error.is_connect() || error.is_builder() {
            SendError::NotSent { reason }
        } else {
            SendError::Unknown { reason }
        }
    })?;
    let status = response.status().as_u16();
    let wait = response.headers().get(http::header::RETRY_AFTER);
    let wait = wait.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let wait = wait.map(Duration::from_secs);
    let reason = format!("the help desk answered {status}");
    match status {
        200..300 => {
            let cut = |error: reqwest::Error| SendError::Unknown { reason: error.to_string() };
            let body = response.bytes().await.map_err(cut)?;
            if body.trim_ascii().is_empty() {
                return Ok(Value::Null);
            }
            let unreadable = |error| SendError::Unknown { reason: format!("no JSON: {error}") };
            serde_json::from_slice(&body).map_err(unreadable)
        }
        429 => Err(SendError::Held { wait, scope: HoldScope::Channel, reason }),
        // Somebody has to renew the token; what waits goes out then.
        401 | 403 => Err(SendError::NotSent { reason: format!("{reason}: is the token right?") }),
        408 | 500..600 if wait.is_some() => {
            Err(SendError::Held { wait, scope: HoldScope::Channel, reason })
        }
        408 | 500..600 => Err(SendError::Unknown { reason }),
        400..500 => {
            let said = response.text().await.unwrap_or_default();
            let said: String = said.chars().take(200).collect();
            let reason = format!("{reason}: {said}");
            Err(SendError::Refused { scope: RefusalScope::Part, reason })
        }
        _ => Err(SendError::NotSent { reason }),
    }
}

/// A number or text of an answer as text. Errors: outcome unknown, since something was done.
pub(super) fn id_of(answer: &Value, field: &str) -> Result<String, SendError> {
    match &answer[field] {
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) => Ok(text.clone()),
        _ => Err(SendError::Unknown { reason: format!("the help desk gave no {field}") }),
    }
}

/// Does to a fake's answer what its fault says.
#[cfg(feature = "fakes")]
pub(super) async fn misbehave(
    fault: Option<crate::fakes::Fault>,
    cut: &crate::fakes::Cut,
    answer: impl Future<Output = axum::response::Response>,
) -> axum::response::Response {
    use axum::response::IntoResponse;

    use crate::fakes::Fault;
    let refused = |status: u16| {
        http::StatusCode::from_u16(status).expect("statuses of fakes are valid").into_response()
    };
    match fault {
        None => answer.await,
        Some(Fault::TooMany(wait)) => {
            let wait = wait.unwrap_or_default().to_string();
            (http::StatusCode::TOO_MANY_REQUESTS, [(http::header::RETRY_AFTER, wait)])
                .into_response()
        }
        Some(Fault::Refuse(status, _) | Fault::Answer(status, _)) => refused(status),
        Some(Fault::CutAfter) => {
            let done = answer.await;
            cut.now();
            done
        }
        Some(Fault::CutBefore) => {
            cut.now();
            refused(500)
        }
        Some(_) => refused(500),
    }
}
