//! Who calls: the bearer token as an [`Actor`].

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use crate::desk::Desk;
use crate::http::Problem;
use crate::people::{Actor, api_actor, digest};

/// The actor behind the request's bearer token.
///
/// `SUPERFAN_API_TOKEN` acts as the admin "API", any other token for the person it was made for,
/// within its scope. Refused with 401.
#[derive(Clone, Debug)]
pub(super) struct Caller(pub(super) Actor);

impl FromRequestParts<Desk> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Problem> {
        let token = bearer(parts).ok_or_else(|| {
            Problem::unauthorised("send a token as `Authorization: Bearer <token>`")
        })?;
        if is_own_token(desk, token) {
            return Ok(Self(Actor::api()));
        }
        let actor = api_actor(&mut desk.store.read().await?, token).await?;
        actor.map(Self).ok_or_else(|| Problem::unauthorised("this token is not known"))
    }
}

/// The token after `Bearer`, in any letter case.
fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Compares digests, so that neither length nor content of the token shows in the time it takes.
fn is_own_token(desk: &Desk, token: &str) -> bool {
    desk.config.api_token.as_ref().is_some_and(|own| {
        digest(own.expose_secret()).as_bytes().ct_eq(digest(token).as_bytes()).into()
    })
}
