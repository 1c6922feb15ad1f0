//! `/gaps`: what the base could not answer, grouped by meaning.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::extract::Asked;
use super::page::at_most;
use crate::desk::Desk;
use crate::gaps::{Pack, month_before, pack};
use crate::http::Problem;
use crate::store::gaps::GapRow;

/// How many gaps.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct GapsQuery {
    /// At most so many, 50 without, 200 at most.
    limit: Option<i64>,
}

/// A gap.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Gap {
    /// Stays when questions come and go.
    #[schema(value_type = String, example = "gap_0c8r2v9x4k1me")]
    id: crate::ids::GapId,
    /// The words that name it.
    name: String,
    /// The language most of its questions are in.
    lang: String,
    /// The product or tag most of them seem to be about.
    about: String,
    /// Questions in the last 90 days.
    n: i64,
    /// Those who wait.
    n_waiting: i64,
    /// Questions of the last seven days.
    n_week: i64,
    /// Questions of the seven days before.
    n_week_before: i64,
    /// Questions on each of the last 28 days, the latest last.
    days: Vec<i64>,
    /// When the first was asked.
    #[schema(value_type = String)]
    first_at: Timestamp,
    /// When the last was asked.
    #[schema(value_type = String)]
    last_at: Timestamp,
    /// Which department has it.
    owner: String,
    /// `open`, `planned`, `answered` or `dismissed`.
    state: &'static str,
    /// The answer that was written for it.
    answer_id: Option<String>,
}

/// Gaps, those with most waiting first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Gaps {
    /// The gaps.
    items: Vec<Gap>,
}

impl From<GapRow> for Gap {
    fn from(row: GapRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            lang: row.lang,
            about: row.about,
            n: row.n,
            n_waiting: row.n_waiting,
            n_week: row.n_week,
            n_week_before: row.n_week_before,
            days: row.days,
            first_at: row.first_at,
            last_at: row.last_at,
            owner: row.owner,
            state: row.state.as_str(),
            answer_id: row.answer_id,
        }
    }
}

/// Lists what the base could not answer, grouped by meaning, those with most waiting first.
#[utoipa::path(
    get, path = "/api/v1/gaps", tag = "gaps",
    params(GapsQuery),
    responses((status = 200, description = "The gaps", body = Gaps)),
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    _: Caller,
    Asked(query): Asked<GapsQuery>,
) -> Result<Json<Gaps>, Problem> {
    let limit = at_most(query.limit);
    let rows = desk.store.read().await?.gaps(limit).await?;
    Ok(Json(Gaps { items: rows.into_iter().map(Gap::from).collect() }))
}

/// Which month.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct MonthQuery {
    /// Such as `2026-11`; the last one without.
    month: Option<String>,
}

/// A month on one page.
#[derive(Debug, Serialize)]
pub(super) struct Month {
    /// `month`, `brand`, `n`, `n_before` and the ten largest `gaps` with masked `quotes`.
    #[serde(flatten)]
    pack: Pack,
    /// The page as Markdown.
    markdown: String,
    /// The page as HTML, complete without anything else.
    html: String,
}

/// Shows a month of gaps on one page: the ten largest, with masked quotes, owner and state.
#[utoipa::path(
    get, path = "/api/v1/gaps/month", tag = "gaps",
    params(MonthQuery),
    responses((status = 200, description = "The page as figures, `markdown` and `html`",
               body = serde_json::Value)),
)]
pub(super) async fn month(
    State(desk): State<Desk>,
    _: Caller,
    Asked(query): Asked<MonthQuery>,
) -> Result<Json<Month>, Problem> {
    let month = query.month.unwrap_or_else(|| month_before(desk.clock.now()));
    let mut tx = desk.store.read().await?;
    let pack = pack(&mut tx, &month, &desk.config.rules.brand).await?;
    let pack = pack.ok_or_else(|| Problem::unreadable("month is one such as 2026-11"))?;
    Ok(Json(Month { markdown: pack.markdown(), html: pack.html(), pack }))
}
