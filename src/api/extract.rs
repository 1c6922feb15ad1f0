//! Reading requests so that whatever cannot be read is answered with a [`Problem`].

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::http::Problem;

/// The query string as `T`; 400 if it does not fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(query) = Query::from_request_parts(parts, state).await?;
        Ok(Self(query))
    }
}

/// The one parameter of the path; 404 if it does not fit.
#[derive(Clone, Debug)]
pub(super) struct Named(String);

impl Named {
    /// Parses an id; 404 if it has another shape, since then nothing can have it.
    pub(super) fn id<T: std::str::FromStr>(&self, what: &str) -> Result<T, Problem> {
        self.0.parse().map_err(|_| Problem::unknown(&format!("{what} {:?}", self.0)))
    }

    /// The text as it is.
    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(name) = Path::from_request_parts(parts, state).await?;
        Ok(Self(name))
    }
}

/// A JSON body as `T`; an empty body counts as `{}`.
///
/// 400 if it is no JSON, 422 if it is JSON of another shape, 413 if it is too large.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await?;
        let json: &[u8] = if bytes.trim_ascii().is_empty() { b"{}" } else { &bytes };
        serde_json::from_slice(json).map(Self).map_err(|error| match error.classify() {
            Category::Data => Problem::unusable(format!("the body does not fit: {error}")),
            _ => Problem::unreadable(format!("the body is not JSON: {error}")),
        })
    }
}

/// Text from outside as it is stored: without U+0000, which no database keeps.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}
