//! *Next for me*: what waits for a person, most urgent first, then what they know best.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Console;
use super::delivery::label;
use super::error::{ConsoleError, page};
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::words::{self, Moment};
use crate::desk::Desk;
use crate::escalation::for_person;
use crate::experts::concerns;
use crate::ids::EscalationId;
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::EscalationState;

const SHOWN: i64 = 100;

/// The queue.
#[derive(Debug, Template)]
#[template(path = "console/queue.html")]
pub(super) struct QueuePage {
    pub frame: Frame,
    pub tab: Tab,
    pub items: Vec<Item>,
    /// How many are put aside, or wait in languages or for skills that are not mine.
    pub n_elsewhere: usize,
    /// What is still to be set up; for admins, until everything is.
    pub checklist: Vec<Step>,
}

/// Which part of the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tab {
    /// Open and in my languages, and mine.
    #[default]
    Mine,
    /// Everything that is not closed.
    All,
    /// What was closed last.
    Closed,
}

/// One escalation in the list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub id: String,
    pub number: i64,
    pub start: String,
    pub lang: String,
    pub channel: String,
    pub customer: String,
    pub why: &'static str,
    pub urgency: i64,
    pub priority: &'static str,
    pub waiting: Moment,
    /// Who has it.
    pub owner: Option<String>,
    pub is_mine: bool,
    /// How it ended, if it did.
    pub outcome: Option<&'static str>,
    /// Whether somebody replied.
    pub is_replied: bool,
    /// Until when its owner has put it aside.
    pub snoozed: Option<Moment>,
    /// The skill it was passed on to.
    pub skill: Option<String>,
}

/// One thing to set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub title: &'static str,
    pub detail: String,
    pub href: &'static str,
    pub is_done: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    #[serde(default, rename = "show")]
    tab: Tab,
    done: Option<String>,
    offer: Option<String>,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let frame = Frame::new(&mut tx, desk, &me, "queue").await?.following(&"queue");
    let rows = rows(&mut tx, &me, query.tab).await?;
    let n_all = rows.len();
    let rows = match query.tab {
        Tab::Mine => for_person(&me.person, rows, desk.clock.now()),
        Tab::All | Tab::Closed => rows,
    };
    let n_elsewhere = n_all - rows.len();
    let rows = concerning(&mut tx, &me, rows).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        items.push(item(&mut tx, desk, &me, row).await?);
    }
    let checklist = if frame.is_admin() { checklist(&mut tx, desk).await? } else { Vec::new() };
    page(&QueuePage {
        frame: frame.after(query.done.as_deref()).offering(query.offer.as_deref()),
        tab: query.tab,
        n_elsewhere,
        items,
        checklist,
    })
}

/// Goes to the first escalation for me that nobody has, or else that I have not answered.
pub(super) async fn next(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    let mut tx = console.desk.store.read().await?;
    let rows = rows(&mut tx, &me, Tab::Mine).await?;
    let rows = for_person(&me.person, rows, console.desk.clock.now());
    let rows = concerning(&mut tx, &me, rows).await?;
    let waits =
        |row: &&EscalationRow| row.state == EscalationState::Open || row.replied_at.is_none();
    let offer = query.offer.and_then(|id| id.parse::<EscalationId>().ok());
    let offer = offer.map(|id| format!("offer={id}"));
    let target = match (rows.iter().find(waits), offer) {
        (Some(row), None) => format!("/escalations/{}", row.id),
        (Some(row), Some(offer)) => format!("/escalations/{}?{offer}", row.id),
        (None, None) => "/?done=empty".to_owned(),
        (None, Some(offer)) => format!("/?done=empty&{offer}"),
    };
    Ok(Redirect::to(&target).into_response())
}

async fn rows(tx: &mut Tx, me: &Me, tab: Tab) -> Result<Vec<EscalationRow>, StoreError> {
    match tab {
        Tab::Mine => tx.queue(Some(me.person.id), SHOWN).await,
        Tab::All => tx.queue(None, SHOWN).await,
        Tab::Closed => tx.escalations(Some(EscalationState::Closed), None, SHOWN).await,
    }
}

/// What an expert may see of them; everybody else sees all.
async fn concerning(
    tx: &mut Tx,
    me: &Me,
    rows: Vec<EscalationRow>,
) -> Result<Vec<EscalationRow>, StoreError> {
    let mut concerning = Vec::with_capacity(rows.len());
    for row in rows {
        if concerns(tx, &me.actor(), &row).await? {
            concerning.push(row);
        }
    }
    Ok(concerning)
}

async fn item(tx: &mut Tx, desk: &Desk, me: &Me, row: &EscalationRow) -> Result<Item, StoreError> {
    let customer = tx.customer(row.customer_id).await?.and_then(|customer| customer.name);
    let now = desk.clock.now();
    let owner = match row.claimed_by.filter(|_| row.state == EscalationState::Claimed) {
        Some(id) => tx.person(id).await?.map(|person| person.name).or(Some("API".to_owned())),
        None => None,
    };
    Ok(Item {
        id: row.id.to_string(),
        number: row.number,
        start: words::start_of(&row.question, 140),
        lang: row.lang.clone(),
        channel: label(&desk.channels, &row.channel),
        customer: customer.unwrap_or_else(|| "Customer".to_owned()),
        why: words::why_short(row.reason),
        urgency: row.priority,
        priority: words::priority(row.priority),
        waiting: Moment::new(row.opened_at, now),
        is_mine: owner.is_some() && row.claimed_by == Some(me.person.id),
        owner,
        outcome: row.outcome.map(words::outcome),
        is_replied: row.replied_at.is_some(),
        snoozed: row.snoozed_until.filter(|at| *at > now).map(|at| Moment::new(at, now)),
        skill: row.skill.clone(),
    })
}

/// What an admin still has to do; empty once everything is done.
async fn checklist(tx: &mut Tx, desk: &Desk) -> Result<Vec<Step>, StoreError> {
    let n_answers = tx.count_answers().await?;
    let mut heard = Vec::new();
    for name in desk.channels.names() {
        if tx.channel(&name).await?.first_event_at.is_some() {
            heard.push(label(&desk.channels, &name));
        }
    }
    let n_people = tx.people().await?.len();
    let is_tried = tx.setting(super::TRIED).await?.is_some();
    let steps = vec![
        Step {
            title: "Answers",
            detail: match n_answers {
                0 => "Import what your community has accepted.".to_owned(),
                n => format!("{n} accepted answers are in the base."),
            },
            href: "/answers",
            is_done: n_answers > 0,
        },
        Step {
            title: "Channel",
            detail: match heard.as_slice() {
                [] => "Connect a channel; it is done when its first message arrives.".to_owned(),
                heard => format!("Heard from: {}.", heard.join(", ")),
            },
            href: "/channels",
            is_done: !heard.is_empty(),
        },
        Step {
            title: "People",
            detail: match n_people {
                ..=1 => "Invite somebody who answers what the bot cannot.".to_owned(),
                n => format!("{n} people can sign in."),
            },
            href: "/people",
            is_done: n_people > 1,
        },
        Step {
            title: "Try it",
            detail: "Ask a question and see what a customer would get.".to_owned(),
            href: "/try",
            is_done: is_tried,
        },
    ];
    let is_all_done = steps.iter().all(|step| step.is_done);
    Ok(if is_all_done { Vec::new() } else { steps })
}
