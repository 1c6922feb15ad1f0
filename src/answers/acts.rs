//! What people do with single answers: write, edit, retire, decide whether one may be sent.
//!
//! Each act checks the actor, keeps the state before and after in the history, and takes a fresh
//! place in the change sequence: the indexer makes it searchable within a second (give it
//! `Wakes::answers` after the commit).

use jiff::Timestamp;
use superfan_index::detect_language;

use super::given::{AnswerEdit, GivenAnswer};
use super::read::{SourceAnswer, check_id, normalise_lang};
use super::sendable::judge;
use crate::desk::Stage;
use crate::ids::AnswerId;
use crate::people::{Act, ActError, Actor, record};
use crate::recall::{Offer, offer};
use crate::store::Tx;
use crate::store::answers::AnswerRow;
use crate::store::sources::Quote;
use crate::store::wishes::Wish;
use crate::vocabulary::{RecallKind, Role};

/// The source of answers that people wrote here.
pub const OWN_SOURCE: &str = "own";
/// The longest short field, in characters.
const LONGEST_LINE: usize = 200;
/// The longest title that is written here, in characters: what forums take. Sources may have longer
/// ones.
const LONGEST_TITLE: usize = 255;
/// The longest question or answer, in characters.
const LONGEST_TEXT: usize = 100_000;

/// Adds an answer that a person or their program wrote; needs [`Role::Moderator`].
///
/// Without an id it gets one (`ans_…`), without an author the actor's name, without a language
/// the detected one; without a word on sending the classifier has it. An answer of ours that was
/// retired is written anew under its id. Errors: [`ActError::Conflict`] if the id is taken,
/// [`ActError::Invalid`] naming the field.
pub async fn create(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    given: GivenAnswer,
) -> Result<AnswerRow, ActError> {
    actor.require(Role::Moderator)?;
    let id = match &given.id {
        None => stage.ids.next::<AnswerId>().to_string(),
        Some(id) => check_id(id).map_err(|reason| invalid(&format!("id: {reason}")))?,
    };
    let old = tx.answer(&id).await?;
    if let Some(old) = old.filter(|old| old.live || old.source != OWN_SOURCE) {
        let (id, state) = (old.id, if old.live { "an" } else { "a retired" });
        let reason = format!("there is {state} answer {id} already; change that one");
        return Err(ActError::Conflict { reason, owner: None });
    }
    let mut row = blank(id, stage.now);
    given.edit.apply(&mut row);
    row.author = row.author.or_else(|| Some(actor.name.clone()));
    if row.lang.is_empty() {
        let words = [row.title.as_str(), &row.question, &row.answer].join("\n");
        row.lang = detect_language(&words, None).lang;
    }
    check_title(&row.title)?;
    keep(tx, stage, actor, checked(judged(row))?, "create").await
}

/// Changes an answer; needs [`Role::Moderator`]. What changes nothing is no change.
///
/// A later import changes it again only when its source changes. Where customers got what it said
/// before, a recall is offered. Errors as [`create`].
pub async fn edit(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: &str,
    edit: AnswerEdit,
) -> Result<AnswerRow, ActError> {
    actor.require(Role::Moderator)?;
    let old = known(tx, id).await?;
    let mut row = old.clone();
    edit.apply(&mut row);
    if row.answer != old.answer {
        row = judged(row);
    }
    // A word that says what is so already stays unsaid: what was read can be sent back.
    if row.sendable_by_hand == Some(row.sendable) && old.sendable_by_hand.is_none() {
        row.sendable_by_hand = None;
    }
    if row == old {
        return Ok(row);
    }
    if row.title != old.title {
        check_title(&row.title)?;
    }
    remember(tx, &old).await?;
    let row = keep(tx, stage, actor, checked(row)?, "edit").await?;
    if row.answer != old.answer {
        let (kind, reason) = (RecallKind::Corrected, format!("edited by {}", actor.name));
        offer(tx, stage, &Offer { answer: id, kind, reason: &reason }).await?;
    }
    Ok(row)
}

/// An answer written here that says nothing yet.
fn blank(id: String, now: Timestamp) -> AnswerRow {
    AnswerRow {
        source: OWN_SOURCE.to_owned(),
        source_id: id.clone(),
        id,
        lang: String::new(),
        title: String::new(),
        question: String::new(),
        answer: String::new(),
        author: None,
        author_url: None,
        asker: None,
        url: None,
        licence: None,
        product: None,
        tags: Vec::new(),
        votes: 0,
        asked_at: None,
        accepted_at: Some(now),
        sendable: true,
        sendable_reason: None,
        sendable_by_hand: None,
        helped: 0,
        refused: 0,
        live: true,
        hash: OWN_SOURCE.to_owned(),
        seq: 0,
        updated_at: now,
        quote: Quote::default(),
        wish: Wish::default(),
    }
}

/// The row with what the classifier says of its text.
fn judged(row: AnswerRow) -> AnswerRow {
    let verdict = judge(&SourceAnswer {
        id: row.id.clone(),
        lang: Some(row.lang.clone()),
        title: row.title.clone(),
        question: row.question.clone(),
        answer: row.answer.clone(),
        author: row.author.clone(),
        asker: row.asker.clone(),
        ..SourceAnswer::default()
    });
    let reason = verdict.against().filter(|_| !verdict.sendable).map(str::to_owned);
    AnswerRow { sendable: verdict.sendable, sendable_reason: reason, ..row }
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
    mut row: AnswerRow,
    act: &'static str,
) -> Result<AnswerRow, ActError> {
    row.seq = tx.next_answer_seq().await?;
    row.updated_at = stage.now;
    tx.put_answer(&row).await?;
    tx.add_answer_history(&row, &actor.name, act, stage.now).await?;
    record(tx, stage, actor, &Act { act, object: &row.id, detail: "answer" }).await?;
    Ok(row)
}

fn check_title(title: &str) -> Result<(), ActError> {
    if title.chars().count() > LONGEST_TITLE {
        return Err(invalid(&format!("title is longer than {LONGEST_TITLE} characters")));
    }
    Ok(())
}

/// The row as it may be kept, or the field that stands against it.
fn checked(mut row: AnswerRow) -> Result<AnswerRow, ActError> {
    if row.answer.is_empty() {
        return Err(invalid("answer is empty; write what the customer should do"));
    }
    if row.title.is_empty() && row.question.is_empty() {
        return Err(invalid("title and question are both empty; write what was asked"));
    }
    let texts = [("title", &row.title), ("question", &row.question), ("answer", &row.answer)];
    for (name, text) in texts {
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

fn is_web_address(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn invalid(reason: &str) -> ActError {
    ActError::Invalid { reason: reason.to_owned() }
}
