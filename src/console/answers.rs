//! The answer base: search and filter it, and read one answer with what was changed in it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use superfan_index::Question;

use super::Console;
use super::card::is_web;
use super::error::{ConsoleError, page};
use super::frame::Frame;
use super::session::Me;
use super::words::{self, Moment, percent};
use crate::desk::Desk;
use crate::store::answer_pages::AnswerFilter;
use crate::store::answers::AnswerRow;
use crate::store::{StoreError, Tx};

const SHOWN: i64 = 50;
/// How many hits a search looks at before the filter.
const SEARCHED: usize = 200;

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
}

/// One change.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub actor: String,
    pub act: String,
    pub at: Moment,
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
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let row = tx.answer(&id).await?;
    let row = row.ok_or_else(|| ConsoleError::NotFound(format!("answer {id}")))?;
    let now = desk.clock.now();
    let changes = tx.answer_changes(&id, SHOWN).await?;
    page(&AnswerPage {
        frame: Frame::new(&mut tx, desk, &me, "answers").await?,
        url: row.url.clone().filter(|url| is_web(url)),
        author_url: row.author_url.clone().filter(|url| is_web(url)),
        accepted: row.accepted_at.map(|at| Moment::new(at, now)),
        updated: Moment::new(row.updated_at, now),
        changes: changes
            .into_iter()
            .map(|change| Change {
                actor: change.actor,
                act: change.act,
                at: Moment::new(change.at, now),
            })
            .collect(),
        row,
    })
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
