//! What an address asks for after its `?`; what cannot be read is told on a page of ours.

use axum::extract::{self, FromRequestParts};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::error::ConsoleError;

/// The query of an address.
///
/// Errors: [`ConsoleError::Address`] if a value has another shape, such as a number out of range.
#[derive(Clone, Copy, Debug)]
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ConsoleError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ConsoleError> {
        let read = extract::Query::from_request_parts(parts, state).await;
        let extract::Query(query) =
            read.map_err(|error| ConsoleError::Address(error.body_text()))?;
        Ok(Self(query))
    }
}
