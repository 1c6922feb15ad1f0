//! Writing an answer, changing it, taking it out of service, and saying whether it may be sent.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use superfan_index::Question;

use super::Console;
use super::answers::known;
use super::error::{ConsoleError, page, status_of};
use super::form::{NoFields, Posted};
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::words::{self, percent};
use crate::answers::phrasings::set_phrasing;
use crate::answers::{AnswerEdit, GivenAnswer, Word, acts};
use crate::desk::Desk;
use crate::escalation::teach;
use crate::http::path_segment;
use crate::ids::{EscalationId, PhrasingId};
use crate::people::ActError;
use crate::privacy::mask_naming;
use crate::store::Tx;
use crate::store::answers::AnswerRow;
use crate::vocabulary::Role;

/// How many answers that may say the same are shown beside a new one.
const NEAR: usize = 5;

/// An answer to be written or changed.
#[derive(Debug, Template)]
#[template(path = "console/answer_form.html")]
pub(super) struct AnswerFormPage {
    pub frame: Frame,
    pub title: &'static str,
    /// Where the form goes.
    pub action: String,
    /// Where it came from.
    pub back: String,
    pub fields: Fields,
    /// What the base already says about it.
    pub near: Vec<Near>,
    pub error: Option<String>,
}

/// An answer that may say the same.
#[derive(Clone, Debug)]
pub(super) struct Near {
    pub id: String,
    pub title: String,
    pub start: String,
    pub confidence: String,
}

/// The fields of the form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    pub title: String,
    pub question: String,
    pub answer: String,
    pub author: String,
    pub lang: String,
    pub product: String,
    pub tags: String,
    pub url: String,
    pub licence: String,
    /// `yes`, `no`, or empty for as judged.
    pub sendable: String,
    /// The escalation in which it was written.
    pub from: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Source {
    #[serde(default)]
    from: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Said {
    #[serde(default)]
    word: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct SaidOfPhrasing {
    phrasing: String,
    /// `kept`, `removed`, or empty for as customers judge.
    #[serde(default)]
    word: String,
}

pub(super) async fn blank(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Source>,
) -> Result<Response, ConsoleError> {
    me.require(Role::Moderator)?;
    let desk = &console.desk;
    let fields = match query.from.parse() {
        Ok(escalation) => written_in(&mut desk.store.read().await?, &me, escalation).await?,
        Err(_) => Fields { sendable: "yes".to_owned(), ..Fields::default() },
    };
    let near = near(desk, &fields).await?;
    page(&AnswerFormPage { near, ..form(desk, &me, None, fields, None).await? })
}

/// What a person wrote to a customer, as an answer for others: nothing in it points to anybody.
async fn written_in(tx: &mut Tx, me: &Me, id: EscalationId) -> Result<Fields, ConsoleError> {
    let not_found = || ConsoleError::NotFound(format!("escalation {id}"));
    let row = tx.escalation(id).await?.ok_or_else(not_found)?;
    let customer = tx.customer(row.customer_id).await?.and_then(|customer| customer.name);
    let names: Vec<&str> = customer.as_deref().into_iter().collect();
    let question = mask_naming(&row.question, &names);
    let author = match row.claimed_by {
        Some(person) => tx.person(person).await?.map(|person| person.name),
        None => None,
    };
    Ok(Fields {
        title: words::start_of(question.lines().next().unwrap_or_default(), 120),
        question,
        answer: mask_naming(&row.own_words.unwrap_or_default(), &names),
        author: author.unwrap_or_else(|| me.person.name.clone()),
        lang: row.lang,
        sendable: "yes".to_owned(),
        from: id.to_string(),
        ..Fields::default()
    })
}

/// What the base finds for the question already, best first.
async fn near(desk: &Desk, fields: &Fields) -> Result<Vec<Near>, ConsoleError> {
    if fields.question.trim().is_empty() {
        return Ok(Vec::new());
    }
    let question = Question { text: fields.question.clone(), lang: Some(fields.lang.clone()) };
    let found = desk.search.find(question, NEAR).await?;
    let ids: Vec<String> = found.hits.iter().map(|hit| hit.id.clone()).collect();
    let rows = desk.store.read().await?.answers_by_id(&ids).await?;
    let view = |row: AnswerRow| {
        let hit = found.hits.iter().find(|hit| hit.id == row.id)?;
        Some(Near {
            confidence: percent(f64::from(hit.confidence.get())),
            title: words::start_of(
                if row.title.is_empty() { &row.question } else { &row.title },
                120,
            ),
            start: words::start_of(&row.answer, 180),
            id: row.id,
        })
    };
    Ok(rows.into_iter().filter_map(view).collect())
}

pub(super) async fn filled(
    State(console): State<Console>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response, ConsoleError> {
    me.require(Role::Moderator)?;
    let row = known(&mut console.desk.store.read().await?, &id).await?;
    page(&form(&console.desk, &me, Some(&id), row.into(), None).await?)
}

pub(super) async fn create(
    State(console): State<Console>,
    Posted { me, form: fields }: Posted<Fields>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    let given = GivenAnswer { id: None, edit: fields.edit() };
    let (stage, actor) = (desk.stage(), me.actor());
    let done = match fields.from.parse() {
        Ok(escalation) => teach(&mut tx, &stage, &actor, escalation, given).await,
        Err(_) => acts::create(&mut tx, &stage, &actor, given).await,
    };
    if done.is_ok() {
        tx.commit().await?;
    } else {
        drop(tx);
    }
    saved(desk, &me, None, fields, done).await
}

pub(super) async fn change(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form: fields }: Posted<Fields>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    let done = acts::edit(&mut tx, &desk.stage(), &me.actor(), &id, fields.edit()).await;
    if done.is_ok() {
        tx.commit().await?;
    } else {
        drop(tx);
    }
    saved(desk, &me, Some(&id), fields, done).await
}

pub(super) async fn retire(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form: NoFields {} }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    set_live(&console.desk, &me, &id, false).await
}

pub(super) async fn restore(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form: NoFields {} }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    set_live(&console.desk, &me, &id, true).await
}

pub(super) async fn say_sendable(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<Said>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    let said = word(&form.word).flag();
    acts::set_sendable(&mut tx, &desk.stage(), &me.actor(), &id, said).await?;
    tx.commit().await?;
    desk.wakes.answers();
    Ok(back_to(&id, "saved"))
}

/// Says whether a customer's wording counts.
pub(super) async fn say_phrasing(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<SaidOfPhrasing>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let not_found = || ConsoleError::NotFound(format!("phrasing {}", form.phrasing));
    let phrasing: PhrasingId = form.phrasing.parse().map_err(|_| not_found())?;
    let mut tx = desk.store.begin().await?;
    let word = form.word.parse().ok();
    set_phrasing(&mut tx, &desk.stage(), &me.actor(), phrasing, word).await?;
    tx.commit().await?;
    desk.wakes.answers();
    Ok(back_to(&id, "saved"))
}

async fn set_live(desk: &Desk, me: &Me, id: &str, live: bool) -> Result<Response, ConsoleError> {
    let mut tx = desk.store.begin().await?;
    acts::set_live(&mut tx, &desk.stage(), &me.actor(), id, live).await?;
    tx.commit().await?;
    desk.wakes.answers();
    Ok(back_to(id, if live { "restored" } else { "retired" }))
}

/// The answer's page, or the form again: what somebody wrote is never lost.
async fn saved(
    desk: &Desk,
    me: &Me,
    id: Option<&str>,
    fields: Fields,
    done: Result<AnswerRow, ActError>,
) -> Result<Response, ConsoleError> {
    match done {
        Ok(row) => {
            desk.wakes.answers();
            Ok(back_to(&row.id, "saved"))
        }
        Err(error @ ActError::Invalid { .. }) => {
            let status = status_of(&error);
            let view = form(desk, me, id, fields, Some(error.to_string())).await?;
            Ok((status, Html(view.render()?)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

async fn form(
    desk: &Desk,
    me: &Me,
    id: Option<&str>,
    fields: Fields,
    error: Option<String>,
) -> Result<AnswerFormPage, ConsoleError> {
    let here = id.map_or("/answers".to_owned(), |id| format!("/answers/{}", path_segment(id)));
    Ok(AnswerFormPage {
        frame: Frame::new(&mut desk.store.read().await?, desk, me, "answers").await?,
        title: if id.is_some() { "Edit the answer" } else { "Write an answer" },
        action: here.clone(),
        back: here,
        fields,
        near: Vec::new(),
        error,
    })
}

fn back_to(id: &str, done: &str) -> Response {
    Redirect::to(&format!("/answers/{}?done={done}", path_segment(id))).into_response()
}

fn word(word: &str) -> Word {
    match word {
        "yes" => Word::Yes,
        "no" => Word::No,
        _ => Word::AsJudged,
    }
}

impl Fields {
    fn edit(&self) -> AnswerEdit {
        let text = |text: &String| Some(text.clone());
        AnswerEdit {
            title: text(&self.title),
            question: text(&self.question),
            answer: text(&self.answer),
            author: text(&self.author),
            lang: text(&self.lang).filter(|lang| !lang.trim().is_empty()),
            product: text(&self.product),
            tags: Some(self.tags.split(';').map(str::to_owned).collect()),
            url: text(&self.url),
            licence: text(&self.licence),
            sendable: Some(word(&self.sendable)),
            ..AnswerEdit::default()
        }
    }
}

impl From<AnswerRow> for Fields {
    fn from(row: AnswerRow) -> Self {
        Self {
            sendable: said(&row).to_owned(),
            title: row.title,
            question: row.question,
            answer: row.answer,
            author: row.author.unwrap_or_default(),
            lang: row.lang,
            product: row.product.unwrap_or_default(),
            tags: row.tags.join("; "),
            url: row.url.unwrap_or_default(),
            licence: row.licence.unwrap_or_default(),
            from: String::new(),
        }
    }
}

/// A moderator's word on sending as the form says it.
pub(super) fn said(row: &AnswerRow) -> &'static str {
    match row.sendable_by_hand {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    }
}
