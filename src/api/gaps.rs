//! `/gaps`: what the base could not answer, grouped by meaning.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::extract::{Asked, Body, Named, storable};
use super::page::{Page, PageQuery, cut};
use crate::answers::GivenAnswer;
use crate::desk::Desk;
use crate::gaps::{self, Pack, pack};
use crate::http::Problem;
use crate::ids::{EscalationId, GapId};
use crate::months::month_before;
use crate::store::Tx;
use crate::store::gap_list::GapPlace;
use crate::store::gaps::GapRow;
use crate::vocabulary::{EscalationState, GapState};
use crate::wakes::News;

/// How many questions of a gap are shown.
const SHOWN: i64 = 50;

/// A gap.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Gap {
    /// Stays when questions come and go.
    #[schema(value_type = String, example = "gap_0c8r2v9x4k1me")]
    id: GapId,
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

/// A gap, and what was asked about it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GapWithQuestions {
    #[serde(flatten)]
    gap: Gap,
    /// The newest questions, at most 50, without personal data.
    questions: Vec<Question>,
    /// Whether its answer is still going out to those who wait.
    is_going_out: bool,
    /// Who could not be told its answer.
    untold: Vec<Untold>,
}

/// A question of a gap.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GapQuestion)]
pub(super) struct Question {
    /// `esc_…`
    #[schema(value_type = String)]
    escalation_id: EscalationId,
    /// What the customer reads after `#`.
    number: i64,
    /// What was asked, without personal data.
    text: String,
    /// Its language.
    lang: String,
    /// Channel account.
    channel: String,
    /// `open`, `claimed` or `closed`.
    #[schema(value_type = String)]
    state: EscalationState,
    /// When it was asked.
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
}

/// Somebody who could not be told a gap's answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GapUntold)]
pub(super) struct Untold {
    /// What they read after `#`.
    number: i64,
    /// Why, in words.
    reason: String,
}

/// Whose a gap is and where it stands; what is not named stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(super) struct StandingBody {
    /// A department, at most 80 characters; empty for nobody's.
    owner: Option<String>,
    /// `open`, `planned`, `answered` or `dismissed`.
    #[schema(value_type = Option<String>)]
    state: Option<GapState>,
}

/// To whom those who wait are passed on.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(super) struct ExpertsBody {
    /// Whoever has this skill.
    skill: String,
}

/// How many were passed on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PassedOn {
    /// Questions, twenty at most at a time.
    passed_on: usize,
}

impl From<gaps::Asked> for Question {
    fn from(gaps::Asked { text, row }: gaps::Asked) -> Self {
        Self {
            escalation_id: row.id,
            number: row.number,
            text,
            lang: row.lang,
            channel: row.channel,
            state: row.state,
            asked_at: row.opened_at,
        }
    }
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
    params(PageQuery),
    responses((status = 200, description = "A page of gaps", body = Page<Gap>)),
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    _: Caller,
    Asked(page): Asked<PageQuery>,
) -> Result<Json<Page<Gap>>, Problem> {
    let (limit, place) = (page.limit()?, page.cursor()?.unwrap_or(GapPlace::FIRST));
    let rows = desk.store.read().await?.gaps_after(place, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |row| GapPlace::from(row).to_string());
    Ok(Json(Page::new(rows.into_iter().map(Gap::from).collect(), next)))
}

/// Shows a gap and what was asked about it.
#[utoipa::path(
    get, path = "/api/v1/gaps/{id}", tag = "gaps",
    params(("id" = String, Path, description = "`gap_…`")),
    responses((status = 200, description = "The gap", body = GapWithQuestions)),
)]
pub(super) async fn show(
    State(desk): State<Desk>,
    _: Caller,
    named: Named,
) -> Result<Json<GapWithQuestions>, Problem> {
    let id = named.id("gap")?;
    let mut tx = desk.store.read().await?;
    Ok(Json(view(&mut tx, id).await?))
}

/// Says which department has a gap and where it stands; needs a moderator.
#[utoipa::path(
    patch, path = "/api/v1/gaps/{id}", tag = "gaps",
    params(("id" = String, Path, description = "`gap_…`")),
    request_body = StandingBody,
    responses((status = 200, description = "The gap", body = GapWithQuestions),
              (status = 422, description = "A state or a name that cannot be used")),
)]
pub(super) async fn change(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<StandingBody>,
) -> Result<Json<GapWithQuestions>, Problem> {
    let id = named.id("gap")?;
    let mut tx = desk.store.begin().await?;
    let row = tx.gap(id).await?.ok_or_else(|| unknown(id))?;
    let owner = body.owner.map_or(row.owner, |owner| storable(&owner));
    let said = (owner.as_str(), body.state.unwrap_or(row.state));
    gaps::set_standing(&mut tx, &desk.stage(), &actor, id, said).await?;
    let view = view(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Writes the answer of a gap: it is in the base from then on, and goes to everybody who waits.
///
/// The object of the JSON lines files, as for `POST /api/v1/answers`.
#[utoipa::path(
    post, path = "/api/v1/gaps/{id}/answer", tag = "gaps",
    params(("id" = String, Path, description = "`gap_…`")),
    request_body = Object,
    responses((status = 202, description = "It goes out; `is_going_out` tells until when",
               body = GapWithQuestions),
              (status = 409, description = "An earlier answer is still going out"),
              (status = 422, description = "A field cannot be used; the detail names it")),
)]
pub(super) async fn answer(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(object): Body<Map<String, Value>>,
) -> Result<(StatusCode, Json<GapWithQuestions>), Problem> {
    let (id, given) = (named.id("gap")?, GivenAnswer::read(object)?);
    let mut tx = desk.store.begin().await?;
    gaps::answer(&mut tx, &desk.stage(), &actor, id, given).await?;
    let view = view(&mut tx, id).await?;
    tx.commit().await?;
    desk.wakes.answers();
    desk.wakes.outbox();
    desk.wakes.tell(News::Queue);
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// Passes those who wait in a gap on to whoever has a skill, the oldest first; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/gaps/{id}/experts", tag = "gaps",
    params(("id" = String, Path, description = "`gap_…`")),
    request_body = ExpertsBody,
    responses((status = 200, description = "How many were passed on", body = PassedOn),
              (status = 422, description = "Nobody has that skill")),
)]
pub(super) async fn experts(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<ExpertsBody>,
) -> Result<Json<PassedOn>, Problem> {
    let (id, skill) = (named.id("gap")?, storable(&body.skill));
    let mut tx = desk.store.begin().await?;
    let passed_on = gaps::to_experts(&mut tx, &desk.stage(), &actor, id, &skill).await?;
    tx.commit().await?;
    desk.wakes.outbox();
    desk.wakes.tell(News::Queue);
    Ok(Json(PassedOn { passed_on }))
}

async fn view(tx: &mut Tx, id: GapId) -> Result<GapWithQuestions, Problem> {
    let row = tx.gap(id).await?.ok_or_else(|| unknown(id))?;
    let questions = gaps::asked(tx, id, SHOWN).await?;
    let untold = tx.untold_in_gap(id).await?;
    Ok(GapWithQuestions {
        is_going_out: row.answering_by.is_some(),
        gap: row.into(),
        questions: questions.into_iter().map(Question::from).collect(),
        untold: untold.into_iter().map(|(number, reason)| Untold { number, reason }).collect(),
    })
}

fn unknown(id: GapId) -> Problem {
    Problem::unknown(&format!("gap {id}"))
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
