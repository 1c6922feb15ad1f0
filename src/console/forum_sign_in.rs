//! Signing in with the forum's account: `DiscourseConnect`, for members of the experts' group.

use axum::extract::State;
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;
use superfan_bots::discourse::connect::{connect_url, connected};

use super::Console;
use super::error::ConsoleError;
use super::query::Query;
use super::session::session_cookie;
use crate::people::{digest, random_token, sign_in_member};

/// Holds what the forum has to send back.
const COOKIE_NAME: &str = "superfan_forum";
/// How long somebody may take to sign in at the forum.
const SECONDS: u32 = 600;

#[derive(Debug, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    sso: String,
    #[serde(default)]
    sig: String,
}

/// Sends the browser to the forum.
pub(super) async fn go(State(console): State<Console>) -> Result<Response, ConsoleError> {
    let config = &console.desk.config;
    let connect = config.connect.as_ref().ok_or_else(not_set_up)?;
    let back = format!("{}/sign-in/forum/back", config.base_url());
    let back = back.parse().map_err(|_| not_set_up())?;
    let nonce = random_token();
    let url = connect_url(&connect.url, &connect.secret, &digest(&nonce), &back);
    let cookie = [(SET_COOKIE, cookie(&nonce, SECONDS, back.scheme() == "https"))];
    Ok((AppendHeaders(cookie), Redirect::to(url.as_str())).into_response())
}

/// Takes what the forum said of whoever comes back with the cookie that went with them.
pub(super) async fn back(
    State(console): State<Console>,
    headers: HeaderMap,
    Query(query): Query<Back>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let connect = desk.config.connect.as_ref().ok_or_else(not_set_up)?;
    let member = connected(&connect.secret, &query.sso, &query.sig)
        .map_err(|error| ConsoleError::Unreadable(error.to_string()))?;
    let nonce = sent_nonce(&headers).unwrap_or_default();
    if member.nonce != digest(&nonce) {
        return Err(ConsoleError::Forged);
    }
    let mut tx = desk.store.begin().await?;
    let token = sign_in_member(&mut tx, &desk.stage(), &member, &connect.group).await?;
    tx.commit().await?;
    let cookies = [
        (SET_COOKIE, session_cookie(&desk.config, Some(&token))),
        (SET_COOKIE, cookie("", 0, false)),
    ];
    Ok((AppendHeaders(cookies), Redirect::to("/")).into_response())
}

fn not_set_up() -> ConsoleError {
    ConsoleError::NotFound("sign-in with the forum's account here".to_owned())
}

fn cookie(nonce: &str, seconds: u32, is_https: bool) -> HeaderValue {
    let secure = if is_https { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE_NAME}={nonce}; Path=/sign-in/forum; Max-Age={seconds}; HttpOnly; \
         SameSite=Lax{secure}"
    );
    HeaderValue::try_from(cookie).expect("tokens are URL-safe base 64")
}

fn sent_nonce(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, value)| value.to_owned())
}
