//! *Try it*: a question, what a customer would get on each channel, and why.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::card::CardView;
use super::delivery::label;
use super::error::{ConsoleError, page};
use super::form::Posted;
use super::frame::Frame;
use super::session::Me;
use super::words;
use super::{Console, TRIED};
use crate::answerer::ask::{AskError, AskRequest, Asked, ask as ask_desk};
use crate::desk::Desk;
use crate::store::StoreError;
use crate::words::{LANGUAGES, Language};

/// The page.
#[derive(Debug, Template)]
#[template(path = "console/try.html")]
pub(super) struct TryPage {
    pub frame: Frame,
    pub form: TryForm,
    pub channels: Vec<(String, String)>,
    pub languages: &'static [Language],
    pub error: Option<String>,
    pub tried: Option<Tried>,
}

/// What a customer would get.
#[derive(Clone, Debug)]
pub(super) struct Tried {
    pub did: &'static str,
    pub why: &'static str,
    pub lang: String,
    pub card: CardView,
    /// How many answers would be offered to choose from.
    pub offered: Option<usize>,
    pub rendered: Vec<RenderedView>,
}

/// The reply on one channel.
#[derive(Clone, Debug)]
pub(super) struct RenderedView {
    pub channel: String,
    pub parts: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct TryForm {
    pub text: String,
    #[serde(default)]
    pub lang: String,
    #[serde(default)]
    pub channel: String,
}

pub(super) async fn ask(State(console): State<Console>, me: Me) -> Result<Response, ConsoleError> {
    page(&build(&console.desk, &me, TryForm::default()).await?)
}

pub(super) async fn answer(
    State(console): State<Console>,
    Posted { me, form }: Posted<TryForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let request = AskRequest {
        text: form.text.clone(),
        lang: given(&form.lang),
        channel: given(&form.channel),
        top: Some(3),
    };
    let rules = &desk.config.rules;
    let asked = ask_desk(&desk.store, &desk.search, &desk.channels, rules, &request).await;
    let view = build(desk, &me, form).await?;
    match asked {
        Ok(asked) => {
            remember(desk).await?;
            page(&TryPage { tried: Some(tried(desk, &asked)), ..view })
        }
        Err(AskError::Store(error)) => Err(error.into()),
        Err(AskError::Find(error)) => Err(error.into()),
        Err(error) => {
            let html = TryPage { error: Some(error.to_string()), ..view }.render()?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(html)).into_response())
        }
    }
}

async fn build(desk: &Desk, me: &Me, form: TryForm) -> Result<TryPage, ConsoleError> {
    let mut tx = desk.store.read().await?;
    let names = desk.channels.names();
    Ok(TryPage {
        frame: Frame::new(&mut tx, desk, me, "try").await?,
        form,
        channels: names.into_iter().map(|name| (label(&desk.channels, &name), name)).collect(),
        languages: &LANGUAGES,
        error: None,
        tried: None,
    })
}

/// Ticks the last of the first steps off.
async fn remember(desk: &Desk) -> Result<(), StoreError> {
    if desk.store.read().await?.setting(TRIED).await?.is_some() {
        return Ok(());
    }
    let mut tx = desk.store.begin().await?;
    tx.set_setting(TRIED, "1").await?;
    tx.commit().await
}

fn tried(desk: &Desk, asked: &Asked) -> Tried {
    let card = serde_json::to_value(asked).unwrap_or_default();
    Tried {
        did: words::would(asked.action),
        why: asked.reason.in_words(),
        lang: asked.lang.clone(),
        card: CardView::new(&card),
        offered: asked.offered,
        rendered: asked
            .rendered
            .iter()
            .map(|reply| RenderedView {
                channel: label(&desk.channels, &reply.channel),
                parts: reply.parts.clone(),
            })
            .collect(),
    }
}
