//! Getting in and out: one-time links, then e-mail and password, with a limit on guesses.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use governor::Quota as Rate;
use governor::RateLimiter;
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use serde::Deserialize;

use super::Console;
use super::error::{ConsoleError, page};
use super::form::{NoFields, Posted, same_site};
use super::query::Query;
use super::session::{session_cookie, session_token};
use crate::clock::{SharedClock, Ticks};
use crate::http::caller;
use crate::people::{
    SignInError, check_password, digest, sign_in_with_link, sign_out, start_session,
};

/// How many guesses may come at once from one place, or for one person.
const GUESSES: u32 = 8;
/// How long until one more is allowed.
const PER_GUESS: Duration = Duration::from_secs(15);

/// Counts guesses at passwords and links.
pub(super) struct Attempts {
    clock: SharedClock,
    limiter: RateLimiter<String, HashMapStateStore<String>, Ticks, NoOpMiddleware<Nanos>>,
}

impl std::fmt::Debug for Attempts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempts").finish_non_exhaustive()
    }
}

impl Attempts {
    pub(super) fn new(clock: &SharedClock) -> Self {
        let rate = Rate::with_period(PER_GUESS).expect("a period that is not zero");
        let rate = rate.allow_burst(NonZeroU32::new(GUESSES).expect("not zero"));
        let ticks = Ticks::new(clock.clone());
        let limiter = RateLimiter::new(rate, HashMapStateStore::default(), ticks);
        Self { clock: clock.clone(), limiter }
    }

    /// Uses up one guess of each key; the wait if one has none left.
    fn count(&self, keys: &[String; 2]) -> Result<(), Duration> {
        // Keys come from outside: those that are as good as new are forgotten.
        if self.limiter.len() > 10_000 {
            self.limiter.retain_recent();
        }
        for key in keys {
            if let Err(not_until) = self.limiter.check_key(key) {
                return Err(not_until.wait_time_from(Ticks::new(self.clock.clone()).now()));
            }
        }
        Ok(())
    }
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller(IpAddr);

impl FromRequestParts<Console> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Console,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self(caller(parts, &console.desk)))
    }
}

/// Asks for e-mail and password.
#[derive(Debug, Template)]
#[template(path = "console/sign_in.html")]
pub(super) struct SignInPage {
    /// The address given before.
    pub email: String,
    /// Where to go afterwards.
    pub next: String,
    /// What was wrong.
    pub error: Option<String>,
    /// Whether the forum's account does as well.
    pub by_forum: bool,
}

/// Asks somebody who came by a link to confirm.
#[derive(Debug, Template)]
#[template(path = "console/sign_in_link.html")]
pub(super) struct SignInLinkPage {
    /// The link's token.
    pub token: String,
    /// Whose link it is; `None` if it does not work.
    pub email: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Credentials {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn ask(
    State(console): State<Console>,
    Query(query): Query<Next>,
) -> Result<Response, ConsoleError> {
    let by_forum = console.desk.config.connect.is_some();
    page(&SignInPage { email: String::new(), next: local(&query.next), error: None, by_forum })
}

pub(super) async fn with_password(
    State(console): State<Console>,
    Caller(address): Caller,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    same_site(&headers, &desk.config)?;
    let email = form.email.trim().to_lowercase();
    let next = local(&form.next);
    if let Err(wait) = console.attempts.count(&[address.to_string(), format!("for {email}")]) {
        return too_many(wait, email, next);
    }
    let mut tx = desk.store.read().await?;
    let checked = check_password(&mut tx, &email, &form.password).await;
    drop(tx);
    let person = match checked {
        Ok(person) => person,
        Err(SignInError::Store(error)) => return Err(error.into()),
        Err(error) => {
            let error = Some(error.to_string());
            let by_forum = desk.config.connect.is_some();
            let html = SignInPage { email, next, error, by_forum }.render()?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response());
        }
    };
    let mut tx = desk.store.begin().await?;
    let session = start_session(&mut tx, desk.clock.now(), person).await?;
    tx.commit().await?;
    Ok(with_session(&console, &session, &next))
}

/// Only asks: a preview that fetches the link must not use it up.
pub(super) async fn confirm(
    State(console): State<Console>,
    Path(token): Path<String>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let person = tx.peek_sign_in_link(&digest(&token), desk.clock.now()).await?;
    let email = match person {
        Some(id) => tx.person(id).await?.map(|person| person.email),
        None => None,
    };
    page(&SignInLinkPage { token, email })
}

pub(super) async fn with_link(
    State(console): State<Console>,
    headers: HeaderMap,
    Path(token): Path<String>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    same_site(&headers, &desk.config)?;
    let mut tx = desk.store.begin().await?;
    let (session, id) = match sign_in_with_link(&mut tx, desk.clock.now(), &token).await {
        Ok(signed_in) => signed_in,
        Err(SignInError::BadLink) => return page(&SignInLinkPage { token, email: None }),
        Err(error) => return Err(error.into()),
    };
    let has_password = tx.person(id).await?.is_some_and(|person| person.password.is_some());
    tx.commit().await?;
    Ok(with_session(&console, &session, if has_password { "/" } else { "/account?welcome=1" }))
}

pub(super) async fn out(
    State(console): State<Console>,
    headers: HeaderMap,
    Posted { .. }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    if let Some(token) = session_token(&headers) {
        let mut tx = console.desk.store.begin().await?;
        sign_out(&mut tx, &token).await?;
        tx.commit().await?;
    }
    let cookie = session_cookie(&console.desk.config, None);
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/sign-in")).into_response())
}

fn with_session(console: &Console, session: &str, next: &str) -> Response {
    let cookie = session_cookie(&console.desk.config, Some(session));
    ([(SET_COOKIE, cookie)], Redirect::to(next)).into_response()
}

fn too_many(wait: Duration, email: String, next: String) -> Result<Response, ConsoleError> {
    let seconds = wait.as_secs() + 1;
    let error = Some(format!("too many attempts; wait {seconds} s"));
    // The forum is a way in of its own and has nothing to do with too many passwords.
    let html = SignInPage { email, next, error, by_forum: false }.render()?;
    let headers = [(RETRY_AFTER, seconds.to_string())];
    Ok((StatusCode::TOO_MANY_REQUESTS, headers, Html(html)).into_response())
}

/// A path of ours, or `/`: nobody is sent elsewhere after signing in.
fn local(next: &str) -> String {
    let mut chars = next.chars();
    let is_path = chars.next() == Some('/') && !matches!(chars.next(), Some('/' | '\\'));
    let is_plain = !next.chars().any(|c| c.is_control() || c == '\\');
    if is_path && is_plain && !next.starts_with("/sign-") {
        next.to_owned()
    } else {
        "/".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        assert_eq!(local("/escalations/esc_1?use=2"), "/escalations/esc_1?use=2");
        for elsewhere in ["https://evil.example/", "//evil.example", "/\\evil.example", "", "/\n/x"]
        {
            assert_eq!(local(elsewhere), "/", "{elsewhere:?}");
        }
    }
}
