//! `/fans`: whose answers solved questions, and letters of thanks.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::auth::Caller;
use super::extract::Asked;
use crate::desk::Desk;
use crate::fans::{self, Board, Period, Thanks, Wanted};
use crate::http::Problem;

/// Which solves count.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct FansQuery {
    /// So many days up to now; everything without.
    days: Option<i64>,
    /// Only in this language.
    lang: String,
    /// Only about this product.
    product: String,
    /// Only with this tag.
    tag: String,
}

/// Whose letter.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct ThanksQuery {
    /// The author, as the base names them.
    author: String,
    /// The month, such as `2026-11`.
    month: String,
}

/// Shows the leaderboard: `fans`, `fading` and `minutes_per_case`.
#[utoipa::path(
    get, path = "/api/v1/fans", tag = "fans",
    params(FansQuery),
    responses((status = 200, description = "Most solves first", body = serde_json::Value)),
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    _: Caller,
    Asked(query): Asked<FansQuery>,
) -> Result<Json<Board>, Problem> {
    let period = match query.days {
        None => Period::All,
        Some(days @ 1..=3660) => Period::Days(days),
        Some(_) => return Err(Problem::unreadable("days is 1 to 3660")),
    };
    let FansQuery { lang, product, tag, .. } = query;
    let wanted = Wanted { period, lang, product, tag };
    let (now, minutes) = (desk.clock.now(), desk.config.rules.minutes_per_case);
    Ok(Json(fans::board(&mut desk.store.read().await?, &wanted, minutes, now).await?))
}

/// Drafts the letter of thanks to an author for a month, in their language.
#[utoipa::path(
    get, path = "/api/v1/fans/thanks", tag = "fans",
    params(ThanksQuery),
    responses((status = 200, description = "`author`, `month`, `lang`, `solves`, `text`",
               body = serde_json::Value),
              (status = 404, description = "Nothing of theirs counted in that month")),
)]
pub(super) async fn thanks(
    State(desk): State<Desk>,
    _: Caller,
    Asked(query): Asked<ThanksQuery>,
) -> Result<Json<Thanks>, Problem> {
    let minutes = desk.config.rules.minutes_per_case;
    let mut tx = desk.store.read().await?;
    let found = fans::thanks(&mut tx, &query.author, &query.month, minutes).await?;
    found.map(Json).ok_or_else(|| Problem::unknown("solve of this author in that month"))
}
