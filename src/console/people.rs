//! Who works here: add somebody or send them a new link, change a role, make an API token.
//!
//! Links and tokens are shown once, on the page that answers the form, and never again.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::Console;
use super::error::{ConsoleError, page, status_of};
use super::form::Posted;
use super::frame::Frame;
use super::session::Me;
use crate::desk::Desk;
use crate::people::{ActError, add_person, make_token};
use crate::store::Tx;
use crate::vocabulary::Role;

/// Who works here.
#[derive(Debug, Template)]
#[template(path = "console/people.html")]
pub(super) struct PeoplePage {
    pub frame: Frame,
    pub people: Vec<Item>,
    pub roles: &'static [Role],
    /// What was just made, shown once.
    pub secret: Option<Secret>,
    pub error: Option<String>,
    pub email: String,
}

/// One person.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub has_password: bool,
    pub langs: String,
    pub skills: String,
}

/// A link or a token.
#[derive(Clone, Debug)]
pub(super) struct Secret {
    pub title: &'static str,
    pub email: String,
    pub value: String,
    pub advice: &'static str,
}

#[derive(Debug, Deserialize)]
pub(super) struct NewPerson {
    email: String,
    role: Role,
}

#[derive(Debug, Deserialize)]
pub(super) struct NewToken {
    email: String,
    #[serde(default)]
    scope: String,
}

pub(super) async fn show(State(console): State<Console>, me: Me) -> Result<Response, ConsoleError> {
    me.require(Role::Admin)?;
    let mut tx = console.desk.store.read().await?;
    page(&build(&mut tx, &console.desk, &me).await?)
}

pub(super) async fn add(
    State(console): State<Console>,
    Posted { me, form }: Posted<NewPerson>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    let added = add_person(&mut tx, &desk.stage(), &me.actor(), &form.email, form.role).await;
    let made = added.map(|token| Secret {
        title: "One-time sign-in link",
        email: form.email.trim().to_lowercase(),
        value: format!("{}/sign-in/{token}", desk.config.base_url()),
        advice: "It works once, for 24 hours. It is not shown again.",
    });
    answer(desk, &me, tx, made, form.email).await
}

pub(super) async fn token(
    State(console): State<Console>,
    Posted { me, form }: Posted<NewToken>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    let scope = form.scope.parse().ok();
    let made = make_token(&mut tx, &desk.stage(), &me.actor(), &form.email, scope).await;
    let made = made.map(|value| Secret {
        title: "API token",
        email: form.email.trim().to_lowercase(),
        value,
        advice: "Send it as “Authorization: Bearer …”. It is not shown again.",
    });
    answer(desk, &me, tx, made, form.email).await
}

/// Shows what was made, or why it was not; the page is not redirected to, so that no address
/// and no history ever holds a secret.
async fn answer(
    desk: &Desk,
    me: &Me,
    tx: Tx,
    made: Result<Secret, ActError>,
    email: String,
) -> Result<Response, ConsoleError> {
    let (status, secret, error) = match made {
        Ok(secret) => {
            tx.commit().await?;
            (StatusCode::OK, Some(secret), None)
        }
        Err(error @ (ActError::Invalid { .. } | ActError::Unknown { .. })) => {
            drop(tx);
            (status_of(&error), None, Some(error.to_string()))
        }
        Err(error) => return Err(error.into()),
    };
    let mut tx = desk.store.read().await?;
    let view = build(&mut tx, desk, me).await?;
    let email = if error.is_some() { email } else { String::new() };
    let html = PeoplePage { secret, error, email, ..view }.render()?;
    Ok((status, Html(html)).into_response())
}

async fn build(tx: &mut Tx, desk: &Desk, me: &Me) -> Result<PeoplePage, ConsoleError> {
    let people = tx.people().await?;
    Ok(PeoplePage {
        frame: Frame::new(tx, desk, me, "people").await?,
        people: people
            .into_iter()
            .map(|person| Item {
                has_password: person.password.is_some(),
                email: person.email,
                name: person.name,
                role: person.role,
                langs: person.langs,
                skills: person.skills,
            })
            .collect(),
        roles: Role::ALL,
        secret: None,
        error: None,
        email: String::new(),
    })
}
