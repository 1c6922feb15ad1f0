//! The search page: a form, and the answers below it; the same block alone for searching while
//! typing.

use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use superfan_index::Question;

use super::text::{excerpt, web_link};
use super::{Help, brand, direction};
use crate::answers::quote::quoted;
use crate::desk::Desk;
use crate::http::{Problem, caller, preferred_language};
use crate::public_words::{PublicWords, public_words};
use crate::store::answers::AnswerRow;
use crate::words::{LANGUAGES, Language, credit, spoken};

/// How many hits are looked at, of which those in the reader's language come first.
const LOOKED_AT: usize = 30;
/// How many answers are shown.
const MOST_SHOWN: usize = 10;
/// How much of a question is read, in characters.
const LONGEST_QUESTION: usize = 1000;
/// How much of an answer the list shows, in characters.
const EXCERPT_CHARS: usize = 280;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Look {
    #[serde(default)]
    q: String,
    #[serde(default)]
    lang: String,
    /// Only the answers, without the page around them.
    fragment: Option<String>,
}

/// One answer in the list.
struct Line {
    id: String,
    lang: String,
    title: String,
    excerpt: String,
    credit: String,
    licence: Option<String>,
    url: Option<String>,
}

#[derive(Template)]
#[template(path = "help/search.html")]
struct SearchPage<'a> {
    words: &'a PublicWords,
    lang: &'static str,
    dir: &'static str,
    brand: &'a str,
    question: &'a str,
    lines: &'a [Line],
    languages: &'static [Language],
    /// Whether everybody may read who solved the most.
    has_fans: bool,
}

#[derive(Template)]
#[template(path = "help/search.html", block = "found")]
struct Found<'a> {
    words: &'a PublicWords,
    lang: &'static str,
    question: &'a str,
    lines: &'a [Line],
}

/// Shows the form and what was found.
pub(super) async fn show(
    State(help): State<Help>,
    Query(look): Query<Look>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    help.looks.check(caller(&parts, &help.desk))?;
    let lang = preferred_language(&look.lang, &parts.headers);
    let question: String = look.q.chars().take(LONGEST_QUESTION).collect();
    let question = question.trim();
    let lines = find(&help.desk, question, lang).await?;
    let words = public_words(lang);
    let html = if look.fragment.is_some() {
        Found { words, lang, question, lines: &lines }.render()
    } else {
        SearchPage {
            words,
            lang,
            dir: direction(lang),
            brand: brand(&help.desk),
            question,
            lines: &lines,
            languages: &LANGUAGES,
            has_fans: help.desk.config.public_fans,
        }
        .render()
    };
    let html = html.map_err(|_| Problem::internal())?;
    Ok(([(header::VARY, "Accept-Language")], Html(html)).into_response())
}

/// The answers that may be sent, those in the reader's language first.
async fn find(desk: &Desk, question: &str, lang: &'static str) -> Result<Vec<Line>, Problem> {
    if question.is_empty() {
        return Ok(Vec::new());
    }
    let asked = Question { text: question.to_owned(), lang: Some(lang.to_owned()) };
    let found = desk.search.find(asked, LOOKED_AT).await?;
    let (own, others): (Vec<_>, Vec<_>) = found
        .hits
        .into_iter()
        .filter(|hit| hit.sendable)
        .partition(|hit| spoken(&hit.lang) == lang);
    let ids: Vec<String> =
        own.into_iter().chain(others).take(MOST_SHOWN).map(|hit| hit.id).collect();
    let rows = desk.store.read().await?.answers_by_id(&ids).await?;
    let sendable = rows.into_iter().filter(AnswerRow::may_be_sent);
    Ok(sendable.map(|row| line(row, lang)).collect())
}

fn line(row: AnswerRow, lang: &str) -> Line {
    let n_solved = u64::try_from(row.helped).unwrap_or(0);
    Line {
        credit: credit(lang, row.credited(), n_solved),
        title: title(&row),
        excerpt: excerpt(&quoted(&row), EXCERPT_CHARS),
        url: web_link(row.url.as_ref()).map(str::to_owned),
        id: row.id,
        lang: row.lang,
        licence: row.licence,
    }
}

/// The thread's title, else the beginning of its question.
pub(super) fn title(row: &AnswerRow) -> String {
    if row.title.trim().is_empty() { excerpt(&row.question, 90) } else { row.title.clone() }
}
