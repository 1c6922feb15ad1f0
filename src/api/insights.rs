//! `/insights`: how questions ended, for dashboards of one's own.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::auth::Caller;
use super::extract::Asked;
use crate::desk::Desk;
use crate::http::Problem;
use crate::insights::{Report, span};

/// Which days are asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct InsightsQuery {
    /// The first day, such as `2026-11-01`; thirty days up to `to` without.
    from: Option<String>,
    /// The last day, included; today without.
    to: Option<String>,
}

/// Shows how questions ended: `all`, `simple`, `complex`, and by handler, time, channel, language,
/// product, tag and author, each with `confirmed`, `silent`, `refused`, `escalated`, `asked_again`.
#[utoipa::path(
    get, path = "/api/v1/insights", tag = "insights",
    params(InsightsQuery),
    responses((status = 200, description = "The figures of these days",
               body = serde_json::Value)),
)]
pub(super) async fn show(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<InsightsQuery>,
) -> Result<Json<Report>, Problem> {
    actor.oversees()?;
    let span = span(query.from.as_deref(), query.to.as_deref(), desk.clock.now());
    let span = span.map_err(Problem::unreadable)?;
    Ok(Json(desk.reports.read(&mut desk.store.read().await?, span).await?))
}
