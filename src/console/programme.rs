//! The programme: what super fans are invited to, who is invited, and what they said.

use std::fmt::Write;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Console;
use super::error::{ConsoleError, page};
use super::form::{NoFields, Posted};
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use crate::fans::{Invited, Plan, answered, end_event, invite, invited, named_beside, plan};
use crate::ids::ProgrammeId;
use crate::people::ActError;
use crate::spreadsheet::cell;
use crate::store::programme::{EventRow, RuleRow};
use crate::vocabulary::{EventKind, EventState, InvitationAnswer, Perk};

/// Events that are listed.
const SHOWN: i64 = 100;

/// Every event, and the form for one more.
#[derive(Debug, Template)]
#[template(path = "console/programme.html")]
pub(super) struct ProgrammePage {
    pub frame: Frame,
    pub events: Vec<EventRow>,
    /// What the events to come take of the budget, in percent.
    pub planned: i64,
    pub langs: Vec<String>,
    pub products: Vec<String>,
}

/// One event.
#[derive(Debug, Template)]
#[template(path = "console/event.html")]
pub(super) struct EventPage {
    pub frame: Frame,
    pub event: EventRow,
    /// The rule in words.
    pub rule: String,
    pub invited: Vec<Invited>,
    /// Whom the rule names now beside them: name and solves.
    pub next: Vec<(String, i64)>,
}

impl ProgrammePage {
    fn kinds() -> &'static [EventKind] {
        EventKind::ALL
    }

    fn perks() -> &'static [Perk] {
        Perk::ALL
    }

    fn word(word: &str) -> String {
        word.replace('_', " ")
    }
}

impl EventPage {
    fn answers() -> &'static [InvitationAnswer] {
        InvitationAnswer::ALL
    }

    fn is_over(&self) -> bool {
        self.event.state == EventState::Over
    }

    fn word(word: &str) -> String {
        word.replace('_', " ")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    done: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct PlanForm {
    kind: String,
    name: String,
    happens_on: String,
    #[serde(default)]
    about: String,
    perk: String,
    budget_percent: String,
    top: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    lang: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    tag: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct AnswerForm {
    author: String,
    answer: String,
}

impl PlanForm {
    fn read(self) -> Result<Plan, ActError> {
        Ok(Plan {
            kind: word("kind", &self.kind)?,
            perk: word("perk", &self.perk)?,
            budget_percent: number("the share of the budget", &self.budget_percent)?,
            rule: RuleRow {
                top: number("how many are invited", &self.top)?,
                days: if self.days.is_empty() { 0 } else { number("the days", &self.days)? },
                lang: self.lang,
                product: self.product,
                tag: self.tag.trim().to_owned(),
            },
            name: self.name,
            happens_on: self.happens_on.trim().to_owned(),
            about: self.about,
        })
    }
}

fn word<T: std::str::FromStr>(what: &str, text: &str) -> Result<T, ActError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error| ActError::Invalid { reason: format!("{what}: {error}") })
}

fn number(what: &str, text: &str) -> Result<i64, ActError> {
    let reason = || ActError::Invalid { reason: format!("{what} is {text:?}, not a number") };
    text.trim().parse().map_err(|_| reason())
}

pub(super) async fn list(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Done>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let (langs, products) = tx.solve_choices().await?;
    page(&ProgrammePage {
        events: tx.events(SHOWN).await?,
        planned: tx.planned_budget().await?,
        frame: Frame::new(&mut tx, desk, &me, "programme").await?.after(query.done.as_deref()),
        langs,
        products,
    })
}

pub(super) async fn add(
    State(console): State<Console>,
    Posted { me, form }: Posted<PlanForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    let id = plan(&mut tx, &desk.stage(), &me.actor(), form.read()?).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/programme/{id}")).into_response())
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Path(id): Path<String>,
    Query(query): Query<Done>,
) -> Result<Response, ConsoleError> {
    let id = parse(&id)?;
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let event = event_of(tx.event(id).await?, id)?;
    let invited = invited(&mut tx, &event).await?;
    let next = named_beside(&mut tx, &desk.stage(), (&event, &invited)).await?;
    page(&EventPage {
        frame: Frame::new(&mut tx, desk, &me, "programme").await?.after(query.done.as_deref()),
        rule: in_words(&event.rule),
        event,
        invited,
        next: next.into_iter().map(|fan| (fan.name, fan.solves)).collect(),
    })
}

pub(super) async fn invite_now(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, .. }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    let id = parse(&id)?;
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    invite(&mut tx, &desk.stage(), &me.actor(), id).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/programme/{id}?done=invited")).into_response())
}

pub(super) async fn answer(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<AnswerForm>,
) -> Result<Response, ConsoleError> {
    let id = parse(&id)?;
    let desk = &console.desk;
    let said = word("the answer", &form.answer)?;
    let mut tx = desk.store.begin().await?;
    answered(&mut tx, &desk.stage(), &me.actor(), (id, &form.author), said).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("/programme/{id}?done=noted")).into_response())
}

pub(super) async fn end(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, .. }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    let id = parse(&id)?;
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    end_event(&mut tx, &desk.stage(), &me.actor(), id).await?;
    tx.commit().await?;
    Ok(Redirect::to("/programme?done=noted").into_response())
}

/// The list of who is invited, for a spreadsheet.
pub(super) async fn csv(
    State(console): State<Console>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response, ConsoleError> {
    let id = parse(&id)?;
    me.oversees()?;
    let mut tx = console.desk.store.read().await?;
    let event = event_of(tx.event(id).await?, id)?;
    let mut body = String::from("author,solves,answer\n");
    for one in invited(&mut tx, &event).await? {
        let _ = writeln!(body, "{},{},{}", cell(&one.name), one.row.solves, one.row.answer);
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.csv\"", event.id)),
    ];
    Ok((headers, body).into_response())
}

fn parse(id: &str) -> Result<ProgrammeId, ConsoleError> {
    id.parse().map_err(|_| ConsoleError::NotFound(format!("event {id}")))
}

fn event_of(event: Option<EventRow>, id: ProgrammeId) -> Result<EventRow, ConsoleError> {
    event.ok_or_else(|| ConsoleError::NotFound(format!("event {id}")))
}

/// `the first 50 of the last 90 days, in el, about Bar 700, tagged sound`.
fn in_words(rule: &RuleRow) -> String {
    let days =
        if rule.days > 0 { format!(" of the last {} days", rule.days) } else { String::new() };
    let mut words = format!("the first {}{days}", rule.top);
    let parts = [(", in ", &rule.lang), (", about ", &rule.product), (", tagged ", &rule.tag)];
    for (before, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
        words.push_str(before);
        words.push_str(value);
    }
    words
}
