//! Errors as RFC 9457 `application/problem+json`: what the API and the web chat answer.

use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::chain::chain;
use crate::people::ActError;
use crate::search::FindError;
use crate::store::StoreError;

/// How long a caller is asked to wait when the store is busy or full, in seconds.
const RETRY_SECONDS: u64 = 5;

/// A refused or failed request.
///
/// The detail is for people and never holds what the store or a customer said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// What went wrong and what to do, in words.
    pub detail: String,
    /// Who has it instead, for conflicts.
    pub owner: Option<String>,
    /// After how many seconds to try again.
    pub retry_after: Option<u64>,
}

/// A problem as it is written.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// Always `about:blank`: the status says it all.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What went wrong and what to do.
    detail: &'a str,
    /// Who has it instead, for conflicts.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
}

impl Problem {
    /// A problem with this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), owner: None, retry_after: None }
    }

    /// 400: the request cannot be read.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 401: no token, or one that is not known.
    pub fn unauthorised(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, detail)
    }

    /// 404: what it is about does not exist.
    pub fn unknown(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what}"))
    }

    /// 422: it can be read, but not used.
    pub fn unusable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// 500: our fault; says nothing more.
    pub fn internal() -> Self {
        let detail = "something went wrong here; the log of the server says what";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// The same problem with a time to wait.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            owner: self.owner.as_deref(),
        };
        let body = serde_json::to_string(&body).expect("strings and numbers are JSON");
        let mut response = (self.status, body).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = chain(&error), "a request failed in the store");
        match error {
            StoreError::Locked { .. } | StoreError::Full { .. } => {
                let detail = "the store cannot take this now; try again";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(RETRY_SECONDS)
            }
            _ => Self::internal(),
        }
    }
}

impl From<FindError> for Problem {
    fn from(error: FindError) -> Self {
        tracing::error!(error = chain(&error), "a search failed");
        Self::internal()
    }
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        let detail = error.to_string();
        match error {
            ActError::Forbidden { .. } => Self::new(StatusCode::FORBIDDEN, detail),
            ActError::Unknown { .. } => Self::new(StatusCode::NOT_FOUND, detail),
            ActError::Conflict { owner, .. } => {
                Self { owner, ..Self::new(StatusCode::CONFLICT, detail) }
            }
            ActError::Invalid { .. } => Self::unusable(detail),
            ActError::Store(error) => error.into(),
        }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 1 MiB")
            }
            status => Self::new(status, "the body could not be read to its end"),
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::unreadable(rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::unknown("such address")
    }
}
