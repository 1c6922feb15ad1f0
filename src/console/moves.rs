//! What is done with an escalation besides answering it: send a found answer as it stands, put it
//! aside, pass it on.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use serde::Deserialize;

use super::Console;
use super::error::{ConsoleError, status_of};
use super::escalation::{build, known, tell};
use super::form::Posted;
use super::session::Me;
use crate::answers::quote::with_credit;
use crate::escalation::{self as acts, Handover, Target, Words};
use crate::ids::{EscalationId, PersonId};
use crate::people::ActError;
use crate::store::{StoreError, Tx};
use crate::vocabulary::Role;

/// Who else is there, and what they know.
#[derive(Clone, Debug, Default)]
pub(super) struct Team {
    /// Who could take a question over: id and name.
    pub colleagues: Vec<(String, String)>,
    /// What any of them knows.
    pub skills: Vec<String>,
}

impl Team {
    /// The people who answer customers, without the one who looks.
    pub(super) async fn around(tx: &mut Tx, me: &Me) -> Result<Self, StoreError> {
        let mut team = Self::default();
        for person in tx.people().await?.into_iter().filter(|one| one.role >= Role::Expert) {
            let skills = person.skills.split(',').map(|skill| skill.trim().to_lowercase());
            team.skills.extend(skills.filter(|skill| !skill.is_empty()));
            if person.id != me.person.id {
                team.colleagues.push((person.id.to_string(), person.name));
            }
        }
        team.skills.sort();
        team.skills.dedup();
        Ok(team)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct AnswerForm {
    /// Public id of the accepted answer.
    answer: String,
    #[serde(default)]
    key: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct SnoozeForm {
    /// From now on.
    minutes: i64,
}

#[derive(Debug, Deserialize)]
pub(super) struct TransferForm {
    /// `person:per_…` or `skill:…`.
    to: String,
    #[serde(default)]
    note: String,
}

/// Sends an accepted answer as it stands, with its author.
pub(super) async fn send_answer(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<AnswerForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let done = async {
        let mut tx = desk.store.begin().await?;
        let unknown = || ActError::Unknown { what: format!("answer {}", form.answer) };
        let row = tx.answer(&form.answer).await?.ok_or_else(unknown)?;
        let escalation = tx.escalation(id).await?;
        let lang = escalation.map(|escalation| escalation.lang).unwrap_or_default();
        let text = with_credit(&row, &lang);
        let key = Some(form.key.as_str()).filter(|key| !key.is_empty());
        let words = Words { answer: Some(&row.id), ..Words::own(&text, key) };
        acts::reply(&mut tx, &desk.stage(), &me.actor(), id, words).await?;
        tx.commit().await?;
        desk.wakes.outbox();
        desk.wakes.answers();
        Ok(())
    };
    after(&console, &me, id, done.await, "replied").await
}

/// Puts an escalation aside.
pub(super) async fn snooze(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<SnoozeForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let done = async {
        let mut tx = desk.store.begin().await?;
        let stage = desk.stage();
        let length = SignedDuration::from_mins(form.minutes.clamp(0, 100_000));
        acts::snooze(&mut tx, &stage, &me.actor(), id, stage.now + length).await?;
        Ok(tx.commit().await?)
    };
    after(&console, &me, id, done.await, "snoozed").await
}

/// Passes an escalation on.
pub(super) async fn transfer(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<TransferForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, known(&id)?);
    let done = async {
        let invalid = || ActError::Invalid { reason: "choose who is to take it over".to_owned() };
        let to = match form.to.split_once(':').ok_or_else(invalid)? {
            ("person", id) => Target::Person(id.parse::<PersonId>().map_err(|_| invalid())?),
            ("skill", skill) => Target::Skill(skill),
            _ => return Err(invalid()),
        };
        let mut tx = desk.store.begin().await?;
        let handover = Handover { to, note: &form.note };
        acts::transfer(&mut tx, &desk.stage(), &me.actor(), id, handover).await?;
        Ok(tx.commit().await?)
    };
    after(&console, &me, id, done.await, "transferred").await
}

/// The next question once it is done, or the card again with why it was not.
async fn after(
    console: &Console,
    me: &Me,
    id: EscalationId,
    done: Result<(), ActError>,
    word: &str,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    match done {
        Ok(()) => {
            if let Some(row) = tx.escalation(id).await? {
                tell(desk, row.conversation_id);
            }
            let stays = word == "replied";
            let next = if stays { format!("/escalations/{id}") } else { "/".to_owned() };
            Ok(Redirect::to(&format!("{next}?done={word}")).into_response())
        }
        Err(error @ (ActError::Invalid { .. } | ActError::Conflict { .. })) => {
            let mut view = build(&mut tx, console, me, id).await?;
            view.draft.error = Some(error.to_string());
            let status: StatusCode = status_of(&error);
            Ok((status, Html(view.render()?)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
