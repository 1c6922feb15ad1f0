//! `/programme`: what super fans are invited to, by which rule, and what they said.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::auth::Caller;
use super::escalations::EmptyBody;
use super::extract::{Asked, Body, Named, storable};
use super::page::{Page, PageQuery, cut};
use crate::desk::Desk;
use crate::fans::{self, Fan, Invited, Plan};
use crate::http::Problem;
use crate::ids::ProgrammeId;
use crate::store::Tx;
use crate::store::programme::{EventRow, RuleRow};
use crate::vocabulary::{EventKind, EventState, InvitationAnswer, Perk};

/// What super fans are invited to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ProgrammeEvent)]
pub(super) struct EventView {
    /// `prg_…`
    #[schema(value_type = String)]
    id: ProgrammeId,
    /// `event`, `launch` or `trial`.
    #[schema(value_type = String)]
    kind: EventKind,
    /// Its name.
    name: String,
    /// The day, `2026-12-01`.
    happens_on: String,
    /// The invitation; `{name}` stands for who gets it.
    about: String,
    /// `recognition`, `early_access`, `product`, `ticket` or `training`; never money.
    #[schema(value_type = String)]
    perk: Perk,
    /// Its share of the programme's budget, 0 to 100.
    budget_percent: i64,
    /// Who is invited.
    rule: Rule,
    /// `planned` or `over`.
    #[schema(value_type = String)]
    state: EventState,
    /// Who is invited; only where one event is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    invited: Option<Vec<InvitedView>>,
    /// Whom the rule names now beside them; only where one event is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    named_beside: Option<Vec<NamedView>>,
}

/// The first so many of the leaderboard.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = ProgrammeRule)]
pub(super) struct Rule {
    /// So many of the first, 1 to 100.
    top: i64,
    /// By solves of so many days; 0 for all time.
    #[serde(default)]
    days: i64,
    /// Only in this language; empty for all.
    #[serde(default)]
    lang: String,
    /// Only about this product; empty for all.
    #[serde(default)]
    product: String,
    /// Only with this tag; empty for all.
    #[serde(default)]
    tag: String,
}

/// Somebody who is invited.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Invited)]
pub(super) struct InvitedView {
    /// As the base names them.
    author: String,
    /// As they want to be named.
    name: String,
    /// What they had solved, by the rule, when they were invited.
    solves: i64,
    /// `none`, `yes` or `no`.
    #[schema(value_type = String)]
    answer: InvitationAnswer,
    /// The invitation, to be posted to them.
    words: String,
    /// When they were invited.
    #[schema(value_type = String, format = DateTime)]
    invited_at: Timestamp,
    /// When they answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    answered_at: Option<Timestamp>,
}

/// Somebody whom the rule names.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NamedByRule)]
pub(super) struct NamedView {
    /// As the base names them.
    author: String,
    /// As they want to be named.
    name: String,
    /// What they have solved, by the rule.
    solves: i64,
}

/// What somebody plans.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(super) struct PlanBody {
    /// `event`, `launch` or `trial`.
    #[schema(value_type = String)]
    kind: EventKind,
    /// Its name, 1 to 120 characters.
    name: String,
    /// The day, `2026-12-01`; not one that is over.
    happens_on: String,
    /// The invitation; `{name}` stands for who gets it.
    #[serde(default)]
    about: String,
    /// `recognition`, `early_access`, `product`, `ticket` or `training`; never money.
    #[schema(value_type = String)]
    perk: Perk,
    /// Its share of the programme's budget, 0 to 100.
    #[serde(default)]
    budget_percent: i64,
    /// Who is invited.
    rule: Rule,
}

/// What somebody said to an invitation.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(super) struct SaidBody {
    /// The author, as the base names them.
    author: String,
    /// `yes`, `no`, or `none` to take it back.
    #[schema(value_type = String)]
    answer: InvitationAnswer,
}

/// Events, and what those to come take of the budget.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Programme)]
pub(super) struct ProgrammeView {
    #[serde(flatten)]
    page: Page<EventView>,
    /// What the events to come take of the budget, in percent.
    planned_percent: i64,
}

impl From<RuleRow> for Rule {
    fn from(RuleRow { top, days, lang, product, tag }: RuleRow) -> Self {
        Self { top, days, lang, product, tag }
    }
}

impl From<EventRow> for EventView {
    fn from(row: EventRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            name: row.name,
            happens_on: row.happens_on,
            about: row.about,
            perk: row.perk,
            budget_percent: row.budget_percent,
            rule: row.rule.into(),
            state: row.state,
            invited: None,
            named_beside: None,
        }
    }
}

impl From<Invited> for InvitedView {
    fn from(one: Invited) -> Self {
        Self {
            author: one.row.author,
            name: one.name,
            solves: one.row.solves,
            answer: one.row.answer,
            words: one.words,
            invited_at: one.row.invited_at,
            answered_at: one.row.answered_at,
        }
    }
}

impl From<Fan> for NamedView {
    fn from(fan: Fan) -> Self {
        Self { author: fan.author, name: fan.name, solves: fan.solves }
    }
}

impl PlanBody {
    fn plan(self) -> Plan {
        let Rule { top, days, lang, product, tag } = self.rule;
        let (lang, product) = (storable(&lang), storable(&product));
        Plan {
            kind: self.kind,
            name: storable(&self.name),
            happens_on: self.happens_on,
            about: storable(&self.about),
            perk: self.perk,
            budget_percent: self.budget_percent,
            rule: RuleRow { top, days, lang, product, tag: storable(&tag) },
        }
    }
}

/// Lists what super fans are invited to, the newest first.
#[utoipa::path(
    get, path = "/api/v1/programme", tag = "programme",
    params(PageQuery),
    responses((status = 200, description = "A page of events", body = ProgrammeView)),
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    _: Caller,
    Asked(page): Asked<PageQuery>,
) -> Result<Json<ProgrammeView>, Problem> {
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    let mut tx = desk.store.read().await?;
    let rows = tx.events_after(cursor, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |row| row.id.to_string());
    let page = Page::new(rows.into_iter().map(EventView::from).collect(), next);
    Ok(Json(ProgrammeView { page, planned_percent: tx.planned_budget().await? }))
}

/// Plans an event; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/programme", tag = "programme",
    request_body = PlanBody,
    responses((status = 201, description = "Planned; nobody is invited yet", body = EventView),
              (status = 422, description = "A day that is none, a rule or a budget out of bounds")),
)]
pub(super) async fn plan(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Body(body): Body<PlanBody>,
) -> Result<(StatusCode, Json<EventView>), Problem> {
    let mut tx = desk.store.begin().await?;
    let id = fans::plan(&mut tx, &desk.stage(), &actor, body.plan()).await?;
    let view = view(&mut tx, &desk, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// Shows an event: who is invited, what they said, and whom the rule names now.
#[utoipa::path(
    get, path = "/api/v1/programme/{id}", tag = "programme",
    params(("id" = String, Path, description = "`prg_…`")),
    responses((status = 200, description = "The event", body = EventView)),
)]
pub(super) async fn show(
    State(desk): State<Desk>,
    _: Caller,
    named: Named,
) -> Result<Json<EventView>, Problem> {
    let id = named.id("event")?;
    Ok(Json(view(&mut desk.store.read().await?, &desk, id).await?))
}

/// Invites whom the rule names now, each once; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/programme/{id}/invite", tag = "programme",
    params(("id" = String, Path, description = "`prg_…`")),
    request_body = EmptyBody,
    responses((status = 200, description = "The event with all who are invited", body = EventView),
              (status = 409, description = "It is over")),
)]
pub(super) async fn invite(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(EmptyBody {}): Body<EmptyBody>,
) -> Result<Json<EventView>, Problem> {
    let id = named.id("event")?;
    let mut tx = desk.store.begin().await?;
    fans::invite(&mut tx, &desk.stage(), &actor, id).await?;
    done(tx, &desk, id).await
}

/// Notes what somebody said to an invitation; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/programme/{id}/answer", tag = "programme",
    params(("id" = String, Path, description = "`prg_…`")),
    request_body = SaidBody,
    responses((status = 200, description = "The event", body = EventView),
              (status = 404, description = "They were not invited"),
              (status = 409, description = "It is over")),
)]
pub(super) async fn answer(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(said): Body<SaidBody>,
) -> Result<Json<EventView>, Problem> {
    let (id, author) = (named.id("event")?, storable(&said.author));
    let mut tx = desk.store.begin().await?;
    fans::answered(&mut tx, &desk.stage(), &actor, (id, &author), said.answer).await?;
    done(tx, &desk, id).await
}

/// Ends an event; its share of the budget is free again. Needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/programme/{id}/end", tag = "programme",
    params(("id" = String, Path, description = "`prg_…`")),
    request_body = EmptyBody,
    responses((status = 200, description = "The event", body = EventView),
              (status = 409, description = "It was over before")),
)]
pub(super) async fn end(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(EmptyBody {}): Body<EmptyBody>,
) -> Result<Json<EventView>, Problem> {
    let id = named.id("event")?;
    let mut tx = desk.store.begin().await?;
    fans::end_event(&mut tx, &desk.stage(), &actor, id).await?;
    done(tx, &desk, id).await
}

/// Keeps what was done, and shows the event.
async fn done(mut tx: Tx, desk: &Desk, id: ProgrammeId) -> Result<Json<EventView>, Problem> {
    let view = view(&mut tx, desk, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

async fn view(tx: &mut Tx, desk: &Desk, id: ProgrammeId) -> Result<EventView, Problem> {
    let event = tx.event(id).await?.ok_or_else(|| Problem::unknown(&format!("event {id}")))?;
    let invited = fans::invited(tx, &event).await?;
    let beside = fans::named_beside(tx, &desk.stage(), (&event, &invited)).await?;
    Ok(EventView {
        invited: Some(invited.into_iter().map(InvitedView::from).collect()),
        named_beside: Some(beside.into_iter().map(NamedView::from).collect()),
        ..event.into()
    })
}
