//! A person's own page: what they answer, and their password.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Console;
use super::delivery::label;
use super::error::{ConsoleError, page};
use super::fans::NameForm;
use super::form::Posted;
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use crate::desk::Desk;
use crate::fans::name_oneself;
use crate::people::{self, ActError, Profile, set_password as act};
use crate::store::Tx;
use crate::store::wishes::Wish;

/// A person's own page.
#[derive(Debug, Template)]
#[template(path = "console/account.html")]
pub(super) struct AccountPage {
    pub frame: Frame,
    pub email: String,
    pub has_password: bool,
    /// They signed in with a link for the first time.
    pub is_welcome: bool,
    pub error: Option<String>,
    pub profile: ProfileForm,
    /// Why the profile was not saved.
    pub profile_error: Option<String>,
    /// Channels on which they are reached.
    pub channels: Vec<String>,
    /// What they are called on the forum, and how its answers name them.
    pub forum_name: Option<(String, Wish)>,
    /// A one-time code for `/expert`, shown once.
    pub code: Option<String>,
}

impl AccountPage {
    /// The name they chose, if they chose one.
    fn chosen(wish: &Wish) -> &str {
        match wish {
            Wish::As(name) => name,
            Wish::AsWritten | Wish::Unnamed => "",
        }
    }
}

/// The page with something changed on it.
pub(super) async fn with(
    console: &Console,
    me: &Me,
    change: impl FnOnce(&mut AccountPage),
) -> Result<String, ConsoleError> {
    let mut tx = console.desk.store.read().await?;
    let mut view = build(&mut tx, &console.desk, me).await?;
    change(&mut view);
    Ok(view.render()?)
}

/// What somebody says of themselves.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProfileForm {
    pub name: String,
    pub langs: String,
    pub skills: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    welcome: Option<String>,
    done: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct NewPassword {
    password: String,
    again: String,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    let mut tx = console.desk.store.read().await?;
    let mut view = build(&mut tx, &console.desk, &me).await?;
    view.is_welcome = query.welcome.is_some() && !view.has_password;
    view.frame = view.frame.after(query.done.as_deref());
    page(&view)
}

pub(super) async fn set_password(
    State(console): State<Console>,
    Posted { me, form }: Posted<NewPassword>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let error = if form.password == form.again {
        let mut tx = desk.store.begin().await?;
        match act(&mut tx, &me.person, &form.password).await {
            Ok(()) => {
                tx.commit().await?;
                return Ok(Redirect::to("/account?done=password").into_response());
            }
            Err(ActError::Store(error)) => return Err(error.into()),
            Err(error) => error.to_string(),
        }
    } else {
        "the two passwords differ".to_owned()
    };
    let mut tx = desk.store.read().await?;
    let view = build(&mut tx, desk, &me).await?;
    let html = AccountPage { error: Some(error), ..view }.render()?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response())
}

pub(super) async fn set_profile(
    State(console): State<Console>,
    Posted { me, form }: Posted<ProfileForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    let profile = Profile { name: &form.name, langs: &form.langs, skills: &form.skills };
    let (stage, actor) = (desk.stage(), me.actor());
    match people::set_profile(&mut tx, &stage, &actor, &me.person.email, profile).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(Redirect::to("/account?done=profile").into_response())
        }
        Err(error @ ActError::Invalid { .. }) => {
            drop(tx);
            let view = build(&mut desk.store.read().await?, desk, &me).await?;
            let profile_error = Some(error.to_string());
            let html = AccountPage { profile: form, profile_error, ..view }.render()?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// How one's own answers name one.
pub(super) async fn set_forum_name(
    State(console): State<Console>,
    Posted { me, form }: Posted<NameForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    name_oneself(&mut tx, &desk.stage(), &me.actor(), &form.wish()?).await?;
    tx.commit().await?;
    Ok(Redirect::to("/account?done=named").into_response())
}

async fn build(tx: &mut Tx, desk: &Desk, me: &Me) -> Result<AccountPage, ConsoleError> {
    let links = tx.expert_links_of(me.person.id).await?;
    let forum_name = match tx.forum_name(me.person.id).await? {
        Some(name) => Some((name.clone(), tx.wish_of(&name).await?)),
        None => None,
    };
    Ok(AccountPage {
        channels: links.iter().map(|link| label(&desk.channels, &link.channel)).collect(),
        forum_name,
        code: None,
        frame: Frame::new(tx, desk, me, "account").await?,
        email: me.person.email.clone(),
        has_password: me.person.password.is_some(),
        is_welcome: false,
        error: None,
        profile: ProfileForm {
            name: me.person.name.clone(),
            langs: me.person.langs.clone(),
            skills: me.person.skills.clone(),
        },
        profile_error: None,
    })
}
