//! What an admin does with one customer's data: hands it out, erases it.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Console;
use super::error::ConsoleError;
use super::form::{NoFields, Posted};
use crate::customers;
use crate::ids::CustomerId;
use crate::people::ActError;

#[derive(Debug, Deserialize)]
pub(super) struct EraseForm {
    /// The customer's id, typed: nobody erases by a slip of the hand.
    #[serde(default)]
    sure: String,
}

pub(super) async fn export(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, .. }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let mut tx = desk.store.begin().await?;
    let export = customers::export(&mut tx, &desk.stage(), &me.actor(), id).await?;
    tx.commit().await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.json\"")),
    ];
    Ok((headers, serde_json::json!(export).to_string()).into_response())
}

pub(super) async fn erase(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<EraseForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    if form.sure.trim() != id.to_string() {
        let reason = format!("type {id} to erase everything about this customer");
        return Err(ActError::Invalid { reason }.into());
    }
    let mut tx = desk.store.begin().await?;
    customers::erase(&mut tx, &desk.stage(), &me.actor(), id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/?done=erased").into_response())
}

fn known(id: &str) -> Result<CustomerId, ConsoleError> {
    id.parse().map_err(|_| ConsoleError::NotFound(format!("customer {id}")))
}
