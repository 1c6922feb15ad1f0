//! The answer base: search and filter it, and read one answer with what was changed in it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use superfan_index::Question;

use super::Console;
use super::answer_form::said;
use super::card::is_web;
use super::error::{ConsoleError, page};
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::words::{self, Moment, percent};
use crate::answers::phrasings::in_use;
use crate::desk::Desk;
use crate::store::answer_pages::AnswerFilter;
use crate::store::answers::{AnswerHistoryRow, AnswerRow};
use crate::store::phrasings::PhrasingRow;
use crate::store::{StoreError, Tx};

const SHOWN: i64 = 50;
/// How many hits a search looks at before the filter.
const SEARCHED: usize = 200;

/// How many of the words of customers are shown.
const PHRASINGS: usize = 50;

/// The answers.
#[derive(Debug, Template)]
#[template(path = "console/answers.html")]
pub(super) struct AnswersPage {
    pub frame: Frame,
    pub query: Looked,
    pub sources: Vec<String>,
    pub langs: Vec<String>,
    pub n_live: i64,
    pub n_sendable: i64,
    pub items: Vec<Item>,
    /// The address of the next page.
    pub more: Option<String>,
}

/// One answer in the list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub id: String,
    pub title: String,
    pub start: String,
    pub lang: String,
    pub source: String,
    pub author: Option<String>,
    pub may_be_sent: bool,
    pub is_live: bool,
    /// How sure the search is, when there was one.
    pub confidence: Option<String>,
}

/// One answer.
#[derive(Debug, Template)]
#[template(path = "console/answer.html")]
pub(super) struct AnswerPage {
    pub frame: Frame,
    pub row: AnswerRow,
    pub url: Option<String>,
    pub author_url: Option<String>,
    pub accepted: Option<Moment>,
    pub updated: Moment,
    pub changes: Vec<Change>,
    pub phrasings: Vec<Phrasing>,
}

/// Words in which a customer asked.
#[derive(Clone, Debug)]
pub(super) struct Phrasing {
    pub id: String,
    pub text: String,
    /// What becomes of it, in words.
    pub state: &'static str,
    pub is_used: bool,
    /// Whether a moderator decided.
    pub is_decided: bool,
    pub at: Moment,
}

impl AnswerPage {
    /// A moderator's word on sending, as the form says it.
    fn word(&self) -> &'static str {
        said(&self.row)
    }
}

/// One change, and what the answer said from then on.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub actor: String,
    pub act: String,
    pub at: Moment,
    pub title: String,
    pub question: String,
    pub answer: String,
}

/// What is looked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Looked {
    pub q: String,
    pub source: String,
    pub lang: String,
    /// `yes`, `no`, `retired`, or empty for all live ones.
    pub sendable: String,
    pub before: Option<i64>,
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    done: Option<String>,
}

impl Looked {
    fn filter(&self) -> AnswerFilter {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        AnswerFilter {
            source: given(&self.source),
            lang: given(&self.lang),
            sendable: match self.sendable.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            retired: self.sendable == "retired",
        }
    }
}

pub(super) async fn list(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Looked>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let counts = tx.answer_counts().await?;
    let (items, last) = if query.q.trim().is_empty() {
        latest(&mut tx, &query).await?
    } else {
        (found(&mut tx, desk, &query).await?, None)
    };
    let mut sources: Vec<String> = counts.iter().map(|count| count.source.clone()).collect();
    let mut langs: Vec<String> = counts.iter().map(|count| count.lang.clone()).collect();
    for list in [&mut sources, &mut langs] {
        list.sort();
        list.dedup();
    }
    page(&AnswersPage {
        frame: Frame::new(&mut tx, desk, &me, "answers").await?,
        more: last.map(|seq| next_page(&query, seq)),
        sources,
        langs,
        n_live: counts.iter().map(|count| count.n).sum(),
        n_sendable: counts.iter().map(|count| count.n_sendable).sum(),
        items,
        query,
    })
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Path(id): Path<String>,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let row = known(&mut tx, &id).await?;
    let now = desk.clock.now();
    let changes = tx.answer_history(&id, SHOWN).await?;
    page(&AnswerPage {
        frame: Frame::new(&mut tx, desk, &me, "answers").await?.after(query.done.as_deref()),
        url: row.url.clone().filter(|url| is_web(url)),
        author_url: row.author_url.clone().filter(|url| is_web(url)),
        accepted: row.accepted_at.map(|at| Moment::new(at, now)),
        updated: Moment::new(row.updated_at, now),
        changes: changes.into_iter().map(|row| change(row, now)).collect(),
        phrasings: phrasings(&mut tx, &id, now).await?,
        row,
    })
}

/// The answer that an address names.
pub(super) async fn known(tx: &mut Tx, id: &str) -> Result<AnswerRow, ConsoleError> {
    // No database keeps U+0000, so no answer's id has it.
    let row = if id.contains('\0') { None } else { tx.answer(id).await? };
    row.ok_or_else(|| ConsoleError::NotFound(format!("answer {id}")))
}

/// The words of customers, the newest first.
async fn phrasings(tx: &mut Tx, id: &str, now: Timestamp) -> Result<Vec<Phrasing>, StoreError> {
    let rows = tx.phrasings(id).await?;
    let used = in_use(&rows);
    let view = |row: &PhrasingRow| {
        let is_used = used.iter().any(|one| one.id == row.id);
        Phrasing {
            id: row.id.to_string(),
            text: row.text.clone(),
            state: words::phrasing(row, is_used),
            is_used,
            is_decided: row.word.is_some(),
            at: Moment::new(row.at, now),
        }
    };
    Ok(rows.iter().rev().take(PHRASINGS).map(view).collect())
}

fn change(row: AnswerHistoryRow, now: Timestamp) -> Change {
    let text = |name: &str| row.body[name].as_str().unwrap_or_default().to_owned();
    Change {
        title: text("title"),
        question: text("question"),
        answer: text("answer"),
        actor: row.actor,
        act: row.act,
        at: Moment::new(row.at, now),
    }
}

/// A page of the base, the latest change first, and where the next page begins.
async fn latest(tx: &mut Tx, query: &Looked) -> Result<(Vec<Item>, Option<i64>), StoreError> {
    let rows = tx.answer_page(&query.filter(), query.before, SHOWN).await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|n| n == SHOWN);
    let last = rows.last().map(|row| row.seq).filter(|_| is_full);
    Ok((rows.into_iter().map(|row| item(row, None)).collect(), last))
}

/// What the search finds, best first, as far as the filter holds it.
async fn found(tx: &mut Tx, desk: &Desk, query: &Looked) -> Result<Vec<Item>, ConsoleError> {
    let filter = query.filter();
    let question = Question { text: query.q.clone(), lang: filter.lang.clone() };
    let found = desk.search.find(question, SEARCHED).await?;
    let ids: Vec<String> = found.hits.iter().map(|hit| hit.id.clone()).collect();
    let rows = tx.answers_by_id(&ids).await?;
    let confidence = |id: &str| {
        let hit = found.hits.iter().find(|hit| hit.id == id);
        hit.map(|hit| percent(f64::from(hit.confidence.get())))
    };
    let held = rows.into_iter().filter(|row| filter.holds(row)).take(SEARCHED / 4);
    Ok(held.map(|row| (confidence(&row.id), row)).map(|(sure, row)| item(row, sure)).collect())
}

fn item(row: AnswerRow, confidence: Option<String>) -> Item {
    let title = if row.title.trim().is_empty() { &row.question } else { &row.title };
    Item {
        title: words::start_of(title, 120),
        start: words::start_of(&row.answer, 180),
        may_be_sent: row.may_be_sent(),
        is_live: row.live,
        id: row.id,
        lang: row.lang,
        source: row.source,
        author: row.author,
        confidence,
    }
}

fn next_page(query: &Looked, before: i64) -> String {
    let pairs = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("source", &query.source)
        .append_pair("lang", &query.lang)
        .append_pair("sendable", &query.sendable)
        .append_pair("before", &before.to_string())
        .finish();
    format!("/answers?{pairs}")
}
