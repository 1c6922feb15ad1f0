//! Whose request it is: the session cookie, read and written.

use axum::extract::FromRequestParts;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};

use super::Console;
use super::error::ConsoleError;
use crate::config::Config;
use crate::people::{Actor, SESSION_HOURS, session_actor};
use crate::store::people::PersonRow;
use crate::vocabulary::Role;

const COOKIE_NAME: &str = "superfan_session";

/// The signed-in person.
#[derive(Clone, Debug)]
pub(super) struct Me {
    /// Their row.
    pub person: PersonRow,
    /// What every form must send back.
    pub csrf: String,
}

impl Me {
    /// As acts know them.
    pub(super) fn actor(&self) -> Actor {
        self.person.clone().into()
    }

    /// Refuses an expert a page about everybody's questions; whoever reads everything may.
    pub(super) fn oversees(&self) -> Result<(), ConsoleError> {
        Ok(self.actor().oversees()?)
    }

    /// Refuses a page that needs a higher role.
    pub(super) fn require(&self, role: Role) -> Result<(), ConsoleError> {
        Ok(self.actor().require(role)?)
    }
}

impl FromRequestParts<Console> for Me {
    type Rejection = ConsoleError;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Console,
    ) -> Result<Self, ConsoleError> {
        let Some(token) = session_token(&parts.headers) else {
            return Err(signed_out(parts));
        };
        let now = console.desk.clock.now();
        let mut tx = console.desk.store.read().await?;
        match session_actor(&mut tx, now, &token).await? {
            Some(session) => Ok(Self { person: session.person, csrf: session.csrf }),
            None => Err(signed_out(parts)),
        }
    }
}

/// Only a page can be gone back to; a form that was sent is lost and starts at the queue.
fn signed_out(parts: &Parts) -> ConsoleError {
    let page = parts.uri.path_and_query().filter(|_| parts.method == Method::GET);
    ConsoleError::SignedOut { next: page.map_or("/", |page| page.as_str()).to_owned() }
}

/// The session token that a browser sent.
pub(super) fn session_token(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, value)| value.to_owned())
}

/// The cookie that carries a session, or (`None`) removes it.
pub(super) fn session_cookie(config: &Config, token: Option<&str>) -> HeaderValue {
    let is_https = config.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
    let secure = if is_https { "; Secure" } else { "" };
    let seconds = if token.is_some() { SESSION_HOURS * 3600 } else { 0 };
    let token = token.unwrap_or_default();
    let cookie =
        format!("{COOKIE_NAME}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(cookie).expect("tokens are URL-safe base 64")
}
