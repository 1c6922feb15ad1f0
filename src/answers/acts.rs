//! What people do with single answers: write, edit, retire, decide whether one may be sent.
//!
//! Each act checks the actor, keeps the state before and after in the history, and takes a fresh
//! place in the change sequence: the indexer makes it searchable within a second (give it
//! `Wakes::answers` after the commit).

use jiff::Timestamp;
use serde::Deserialize;
use superfan_index::detect_language;

use super::json::AnswerJson;
use super::read::normalise_lang;
use crate::desk::Stage;
use crate::ids::AnswerId;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::store::answers::AnswerRow;
use crate::vocabulary::Role;

/// The source of answers that people wrote here.
pub const OWN_SOURCE: &str = "own";
/// The longest id, title and short field, in characters.
const LONGEST_LINE: usize = 200;
/// The longest question or answer, in characters.
const LONGEST_TEXT: usize = 100_000;

/// Changes of an answer; what is `None` stays, an empty text clears what may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct AnswerEdit {
    /// BCP 47.
    pub lang: Option<String>,
    /// The question's title.
    pub title: Option<String>,
    /// The question.
    pub question: Option<String>,
    /// The answer, light Markdown.
    pub answer: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Their profile.
    pub author_url: Option<String>,
    /// Who asked.
    pub asker: Option<String>,
    /// Votes.
    pub score: Option<i64>,
    /// Where it stands.
    pub url: Option<String>,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// Tags.
    pub tags: Option<Vec<String>>,
    /// Its licence.
    pub licence: Option<String>,
    /// What it is about.
    pub product: Option<String>,
    /// A moderator's word on whether it may be sent.
    pub sendable: Option<bool>,
}

/// Adds an answer that a person wrote; needs [`Role::Moderator`].
///
/// Without an id it gets one (`ans_…`), without an author the actor's name, without a language
/// the detected one. Errors: [`ActError::Conflict`] if the id is taken, [`ActError::Invalid`]
/// naming the field.
pub async fn create(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    given: AnswerJson,
) -> Result<AnswerRow, ActError> {
    actor.require(Role::Moderator)?;
    let id = match given.id.trim() {
        "" => stage.ids.next::<AnswerId>().to_string(),
        id => checked_id(id)?,
    };
    if tx.answer(&id).await?.is_some() {
        let reason = format!("there is an answer {id} already; change that one");
        return Err(ActError::Conflict { reason, owner: None });
    }
    let mut row = AnswerRow {
        source: OWN_SOURCE.to_owned(),
        source_id: id.clone(),
        id,
        lang: given.lang.trim().to_owned(),
        title: one_line(&given.title),
        question: text(&given.question),
        answer: text(&given.answer),
        author: optional(given.author).or_else(|| Some(actor.name.clone())),
        author_url: optional(given.author_url),
        asker: optional(given.asker),
        url: optional(given.url),
        licence: optional(given.licence),
        product: optional(given.product),
        tags: labels(given.tags),
        votes: given.score,
        asked_at: given.asked_at,
        accepted_at: given.accepted_at.or(Some(stage.now)),
        // Who writes an answer here writes it for customers.
        sendable: true,
        sendable_reason: None,
        sendable_by_hand: None,
        helped: 0,
        refused: 0,
        live: true,
        hash: OWN_SOURCE.to_owned(),
        seq: 0,
        updated_at: stage.now,
    };
    if row.lang.is_empty() {
        let words = [row.title.as_str(), &row.question, &row.answer].join("\n");
        row.lang = detect_language(&words, None).lang;
    }
    keep(tx, stage, actor, row, "create").await
}

/// Changes an answer; needs [`Role::Moderator`].
///
/// A later import changes it again only when its source changes.
pub async fn edit(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: &str,
    edit: AnswerEdit,
) -> Result<AnswerRow, ActError> {
    actor.require(Role::Moderator)?;
    let mut row = known(tx, id).await?;
    remember(tx, &row).await?;
    set(&mut row.lang, edit.lang.map(|lang| lang.trim().to_owned()));
    set(&mut row.title, edit.title.map(|title| one_line(&title)));
    set(&mut row.question, edit.question.map(|question| text(&question)));
    set(&mut row.answer, edit.answer.map(|answer| text(&answer)));
    set(&mut row.votes, edit.score);
    set(&mut row.tags, edit.tags.map(labels));
    let optionals = [
        (&mut row.author, edit.author),
        (&mut row.author_url, edit.author_url),
        (&mut row.asker, edit.asker),
        (&mut row.url, edit.url),
        (&mut row.licence, edit.licence),
        (&mut row.product, edit.product),
    ];
    for (field, given) in optionals {
        set(field, given.map(|given| optional(Some(given))));
    }
    row.accepted_at = edit.accepted_at.or(row.accepted_at);
    row.sendable_by_hand = edit.sendable.or(row.sendable_by_hand);
    keep(tx, stage, actor, row, "edit").await
}

/// Takes an answer out of service, or (`live`) brings it back; needs [`Role::Moderator`].
///
/// An import does not bring back what a person took out.
pub async fn set_live(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: &str,
    live: bool,
) -> Result<AnswerRow, ActError> {
    actor.require(Role::Moderator)?;
    let mut row = known(tx, id).await?;
    if row.live == live {
        return Ok(row);
    }
    remember(tx, &row).await?;
    row.live = live;
    keep(tx, stage, actor, row, if live { "bring back" } else { "retire" }).await
}

/// Takes an answer out of service; needs [`Role::Moderator`]. A second time is no error.
pub async fn retire(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: &str,
) -> Result<AnswerRow, ActError> {
    set_live(tx, stage, actor, id, false).await
}

/// Decides whether an answer may be sent, or (`None`) leaves it to the classifier again; needs
/// [`Role::Moderator`].
pub async fn set_sendable(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: &str,
    sendable: Option<bool>,
) -> Result<AnswerRow, ActError> {
    actor.require(Role::Moderator)?;
    let mut row = known(tx, id).await?;
    if row.sendable_by_hand == sendable {
        return Ok(row);
    }
    row.sendable_by_hand = sendable;
    let act = match sendable {
        Some(true) => "mark sendable",
        Some(false) => "mark not sendable",
        None => "unmark sendable",
    };
    keep(tx, stage, actor, row, act).await
}

async fn known(tx: &mut Tx, id: &str) -> Result<AnswerRow, ActError> {
    // No database keeps U+0000, so no answer's id has it.
    let row = if id.contains('\0') { None } else { tx.answer(id).await? };
    row.ok_or_else(|| ActError::Unknown { what: format!("answer {id:?}") })
}

/// Keeps what an answer says before it is changed for the first time.
async fn remember(tx: &mut Tx, row: &AnswerRow) -> Result<(), ActError> {
    let author = row.author.as_deref().unwrap_or(&row.source);
    Ok(tx.add_answer_history(row, author, "before", row.updated_at).await?)
}

async fn keep(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    row: AnswerRow,
    act: &'static str,
) -> Result<AnswerRow, ActError> {
    let mut row = checked(row)?;
    row.seq = tx.next_answer_seq().await?;
    row.updated_at = stage.now;
    tx.put_answer(&row).await?;
    tx.add_answer_history(&row, &actor.name, act, stage.now).await?;
    record(tx, stage, actor, &Act { act, object: &row.id, detail: "answer" }).await?;
    Ok(row)
}

/// The row as it may be kept, or the field that stands against it.
fn checked(mut row: AnswerRow) -> Result<AnswerRow, ActError> {
    if row.answer.is_empty() {
        return Err(invalid("answer is empty; write what the customer should do"));
    }
    if row.title.is_empty() && row.question.is_empty() {
        return Err(invalid("title and question are both empty; write what was asked"));
    }
    for (name, text) in [("question", &row.question), ("answer", &row.answer)] {
        if text.chars().count() > LONGEST_TEXT {
            return Err(invalid(&format!("{name} is longer than {LONGEST_TEXT} characters")));
        }
    }
    let lines = [
        ("author", &row.author),
        ("asker", &row.asker),
        ("licence", &row.licence),
        ("product", &row.product),
    ];
    for (name, line) in lines {
        if line.as_ref().is_some_and(|line| line.chars().count() > LONGEST_LINE) {
            return Err(invalid(&format!("{name} is longer than {LONGEST_LINE} characters")));
        }
    }
    for (name, url) in [("url", &row.url), ("author_url", &row.author_url)] {
        if url.as_ref().is_some_and(|url| !is_web_address(url)) {
            return Err(invalid(&format!("{name} is no address of the web (https://…)")));
        }
    }
    row.lang = match normalise_lang(&row.lang) {
        Some(lang) => lang,
        // What the detection says when it cannot tell.
        None if row.lang == "xx" => row.lang,
        None => return Err(invalid("lang is no language tag such as en or zh-Hant")),
    };
    Ok(row)
}

fn checked_id(id: &str) -> Result<String, ActError> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    if id.chars().count() <= LONGEST_LINE && id.chars().all(is_plain) && !id.starts_with('.') {
        return Ok(id.to_owned());
    }
    Err(invalid("id has more than letters, digits, - _ : . or is too long; leave it out"))
}

fn is_web_address(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn invalid(reason: &str) -> ActError {
    ActError::Invalid { reason: reason.to_owned() }
}

fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *field = given;
    }
}

/// Text without spaces around it; U+0000, which PostgreSQL cannot keep, becomes U+FFFD.
fn text(text: &str) -> String {
    text.trim().replace("\r\n", "\n").replace('\0', "\u{fffd}")
}

fn one_line(line: &str) -> String {
    text(line).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn optional(given: Option<String>) -> Option<String> {
    given.map(|given| one_line(&given)).filter(|given| !given.is_empty())
}

fn labels(given: Vec<String>) -> Vec<String> {
    given.into_iter().filter_map(|label| optional(Some(label))).collect()
}
