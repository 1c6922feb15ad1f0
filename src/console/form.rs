//! Forms: what was posted, by whom, proven to come from one of our own pages.

use axum::Form;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use super::Console;
use super::error::ConsoleError;
use super::session::Me;
use super::storable;
use crate::config::Config;

/// A form that a signed-in person sent. Only its extractor makes one, and only after the form
/// showed the secret of the person's session.
#[derive(Debug)]
pub(super) struct Posted<T> {
    /// Who sent it.
    pub me: Me,
    /// The fields.
    pub form: T,
}

/// A form that consists of a button.
#[derive(Debug, Deserialize)]
pub(super) struct NoFields {}

#[derive(Deserialize)]
struct Guarded<T> {
    #[serde(default)]
    csrf: String,
    #[serde(flatten)]
    form: T,
}

impl<T: DeserializeOwned> FromRequest<Console> for Posted<T> {
    type Rejection = ConsoleError;

    async fn from_request(request: Request, console: &Console) -> Result<Self, ConsoleError> {
        let (mut parts, body) = request.into_parts();
        let me = Me::from_request_parts(&mut parts, console).await?;
        same_site(&parts.headers, &console.desk.config)?;
        let unreadable = |error: String| ConsoleError::Unreadable(error);
        let (like, kept) = (parts.clone(), Request::from_parts(parts, body));
        let bytes = Bytes::from_request(kept, console).await;
        let bytes = bytes.map_err(|error| unreadable(error.to_string()))?;
        let body = storable::body(&bytes).map_or(Body::from(bytes), Body::from);
        let request = Request::from_parts(like, body);
        let Form(guarded) = Form::<Guarded<T>>::from_request(request, console)
            .await
            .map_err(|error| unreadable(error.to_string()))?;
        if !bool::from(guarded.csrf.as_bytes().ct_eq(me.csrf.as_bytes())) {
            return Err(ConsoleError::Forged);
        }
        Ok(Self { me, form: guarded.form })
    }
}

/// Refuses a form that a browser says another site sent: all there is before a session exists.
pub(super) fn same_site(headers: &HeaderMap, config: &Config) -> Result<(), ConsoleError> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return Err(ConsoleError::Forged);
    }
    let Some(origin) = text(ORIGIN.as_str()) else {
        return Ok(());
    };
    let is_host = || {
        let host = text(HOST.as_str());
        origin.split_once("://").is_some_and(|(_, at)| Some(at) == host)
    };
    // A proxy in front of us may write another Host than the browser's.
    let is_public = || {
        let public = config.public_url.as_ref().map(|url| url.origin().ascii_serialization());
        public.is_some_and(|public| public == origin)
    };
    if is_host() || is_public() { Ok(()) } else { Err(ConsoleError::Forged) }
}
