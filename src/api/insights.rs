//! `/insights`: how questions ended, for dashboards of one's own.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::extract::{Asked, Body};
use crate::desk::Desk;
use crate::http::Problem;
use crate::insights::{Report, Targets, set_targets, span};

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

/// What the figures are compared with.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = Targets)]
pub(super) struct TargetsBody {
    /// How long it takes on the phone, 1 to 1440 minutes; `null` compares with nothing.
    phone_minutes: Option<i64>,
    /// Within how many minutes a first answer is promised: 1, 5, 15, 30, 60, 240, 480, 1440 or
    /// 4320; `null` promises nothing.
    answer_within_minutes: Option<i64>,
}

/// Sets what the figures are compared with; needs an admin.
#[utoipa::path(
    put, path = "/api/v1/insights/targets", tag = "insights",
    request_body = TargetsBody,
    responses((status = 200, description = "What they are compared with", body = TargetsBody),
              (status = 422, description = "Minutes that cannot be used")),
)]
pub(super) async fn targets(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Body(body): Body<TargetsBody>,
) -> Result<Json<TargetsBody>, Problem> {
    let TargetsBody { phone_minutes, answer_within_minutes } = body;
    let targets = Targets { phone_minutes, answer_within_minutes };
    let mut tx = desk.store.begin().await?;
    set_targets(&mut tx, &desk.stage(), &actor, targets).await?;
    tx.commit().await?;
    Ok(Json(body))
}
