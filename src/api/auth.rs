//! Who calls: the bearer token as an [`Actor`].

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use crate::desk::Desk;
use crate::http::{Problem, bearer};
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

/// Compares digests, so that neither length nor content of the token shows in the time it takes.
fn is_own_token(desk: &Desk, token: &str) -> bool {
    desk.config.api_token.as_ref().is_some_and(|own| {
        digest(own.expose_secret()).as_bytes().ct_eq(digest(token).as_bytes()).into()
    })
}
