//! Codes that link an expert's channel, and what moderators decide about experts' words.

use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::Console;
use super::account;
use super::error::ConsoleError;
use super::form::{NoFields, Posted};
use crate::experts;
use crate::wakes::News;

/// Makes a code for `/expert`; shown once, on the page that answers.
pub(super) async fn code(
    State(console): State<Console>,
    Posted { me, .. }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    let code = experts::make_code(&mut tx, &desk.stage(), &me.actor()).await?;
    tx.commit().await?;
    let page = account::with(&console, &me, |page| page.code = Some(code)).await?;
    Ok(Html(page).into_response())
}

/// Sends words of an expert that waited.
pub(super) async fn release(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, .. }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let id = id.parse().map_err(|_| ConsoleError::NotFound(format!("words {id}")))?;
    let mut tx = desk.store.begin().await?;
    let draft = experts::release(&mut tx, &desk.stage(), &me.actor(), id).await?;
    tx.commit().await?;
    desk.wakes.outbox();
    desk.wakes.tell(News::Queue);
    Ok(Redirect::to(&format!("/escalations/{}?done=replied", draft.escalation_id)).into_response())
}

/// Does not send them.
pub(super) async fn refuse(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, .. }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let id = id.parse().map_err(|_| ConsoleError::NotFound(format!("words {id}")))?;
    let mut tx = desk.store.begin().await?;
    let draft = experts::refuse(&mut tx, &desk.stage(), &me.actor(), id).await?;
    tx.commit().await?;
    desk.wakes.outbox();
    Ok(Redirect::to(&format!("/escalations/{}?done=refused", draft.escalation_id)).into_response())
}
