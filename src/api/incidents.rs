//! `/incidents`: what many asked at once, decided over the API.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::escalations::EmptyBody;
use super::extract::{Asked, Body, Named, storable};
use super::page::{Page, PageQuery, cut};
use crate::desk::Desk;
use crate::gaps;
use crate::http::Problem;
use crate::ids::{GapId, IncidentId};
use crate::store::Tx;
use crate::store::incidents::IncidentRow;
use crate::vocabulary::IncidentState;

/// A gap that many asked about at once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Incident)]
pub(super) struct IncidentView {
    /// `inc_…`
    #[schema(value_type = String)]
    id: IncidentId,
    /// What is asked.
    #[schema(value_type = String)]
    gap_id: GapId,
    /// The words that name it.
    name: String,
    /// `noticed`, `open`, `dismissed` or `closed`.
    #[schema(value_type = String)]
    state: IncidentState,
    /// How many customers asked within the hour when it was noticed.
    customers: i64,
    /// How many were told.
    told: i64,
    /// What everybody who waits reads; empty for the bot's own words in each customer's language.
    text: String,
    /// When it was noticed.
    #[schema(value_type = String, format = DateTime)]
    noticed_at: Timestamp,
    /// When its state changed last.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

/// What everybody who waits reads.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct TextBody {
    /// At most 1,000 characters; without, the bot says it in each customer's language.
    text: Option<String>,
}

/// Lists incidents, the newest first.
#[utoipa::path(
    get, path = "/api/v1/incidents", tag = "gaps",
    params(PageQuery),
    responses((status = 200, description = "A page of incidents", body = Page<IncidentView>)),
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    _: Caller,
    Asked(page): Asked<PageQuery>,
) -> Result<Json<Page<IncidentView>>, Problem> {
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    let mut tx = desk.store.read().await?;
    let rows = tx.incidents_after(cursor, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |row| row.id.to_string());
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(view(&mut tx, row).await?);
    }
    Ok(Json(Page::new(items, next)))
}

/// Tells everybody who waits, once, and whoever comes with it from now on; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/open", tag = "gaps",
    params(("id" = String, Path, description = "`inc_…`")),
    request_body = TextBody,
    responses((status = 200, description = "They are told", body = IncidentView),
              (status = 409, description = "Somebody decided before")),
)]
pub(super) async fn open(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<TextBody>,
) -> Result<Json<IncidentView>, Problem> {
    let (id, text) = (named.id("incident")?, storable(&body.text.unwrap_or_default()));
    let mut tx = desk.store.begin().await?;
    gaps::open_incident(&mut tx, &desk.stage(), &actor, id, &text).await?;
    done(tx, id).await
}

/// It is no incident; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/dismiss", tag = "gaps",
    params(("id" = String, Path, description = "`inc_…`")),
    request_body = EmptyBody,
    responses((status = 200, description = "Nobody is told", body = IncidentView),
              (status = 409, description = "Somebody decided before")),
)]
pub(super) async fn dismiss(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(EmptyBody {}): Body<EmptyBody>,
) -> Result<Json<IncidentView>, Problem> {
    let id = named.id("incident")?;
    let mut tx = desk.store.begin().await?;
    gaps::dismiss_incident(&mut tx, &desk.stage(), &actor, id).await?;
    done(tx, id).await
}

/// It is over: nobody else is told; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/incidents/{id}/close", tag = "gaps",
    params(("id" = String, Path, description = "`inc_…`")),
    request_body = EmptyBody,
    responses((status = 200, description = "It is over", body = IncidentView),
              (status = 409, description = "It is not open")),
)]
pub(super) async fn close(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(EmptyBody {}): Body<EmptyBody>,
) -> Result<Json<IncidentView>, Problem> {
    let id = named.id("incident")?;
    let mut tx = desk.store.begin().await?;
    gaps::close_incident(&mut tx, &desk.stage(), &actor, id).await?;
    done(tx, id).await
}

/// Keeps what was done, and shows the incident.
async fn done(mut tx: Tx, id: IncidentId) -> Result<Json<IncidentView>, Problem> {
    let row = tx.incident(id).await?.ok_or_else(Problem::internal)?;
    let view = view(&mut tx, row).await?;
    tx.commit().await?;
    Ok(Json(view))
}

async fn view(tx: &mut Tx, row: IncidentRow) -> Result<IncidentView, Problem> {
    Ok(IncidentView {
        name: tx.gap(row.gap_id).await?.map(|gap| gap.name).unwrap_or_default(),
        told: tx.count_told(row.id).await?,
        id: row.id,
        gap_id: row.gap_id,
        state: row.state,
        customers: row.n,
        text: row.text,
        noticed_at: row.noticed_at,
        changed_at: row.changed_at,
    })
}
