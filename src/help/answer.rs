//! One answer at its permanent address, readable for people and (schema.org `QAPage`) for search
//! engines.

use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::search::title;
use super::text::{Block, Inline, blocks, web_link};
use super::{Help, brand, direction};
use crate::answers::quote::quoted;
use crate::desk::Desk;
use crate::http::{Problem, caller, preferred_language};
use crate::public_words::{PublicWords, public_words};
use crate::store::answers::AnswerRow;
use crate::words::credit;

/// How the page is opened.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Opening {
    #[serde(default)]
    lang: String,
    /// The question the reader came from.
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "help/answer.html")]
struct AnswerPage<'a> {
    words: &'a PublicWords,
    lang: &'static str,
    dir: &'static str,
    brand: &'a str,
    looked_for: &'a str,
    title: String,
    text_lang: &'a str,
    question: Vec<Block>,
    answer: Vec<Block>,
    credit: String,
    author_url: Option<&'a str>,
    licence: Option<&'a str>,
    url: Option<&'a str>,
    canonical: String,
    structured: String,
}

#[derive(Template)]
#[template(path = "help/missing.html")]
struct MissingPage<'a> {
    words: &'a PublicWords,
    lang: &'static str,
    dir: &'static str,
    brand: &'a str,
}

/// Shows an answer; what may not be sent is not shown either.
pub(super) async fn show(
    State(help): State<Help>,
    path: Result<Path<String>, PathRejection>,
    Query(opening): Query<Opening>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let desk = &help.desk;
    help.looks.check(caller(&parts, desk))?;
    let Path(id) = path?;
    let lang = preferred_language(&opening.lang, &parts.headers);
    // No database keeps U+0000, so no answer's id has it.
    let row = if id.contains('\0') { None } else { desk.store.read().await?.answer(&id).await? };
    let words = public_words(lang);
    let Some(row) = row.filter(AnswerRow::may_be_sent) else {
        return missing(desk, lang);
    };
    let canonical = format!("{}{}", desk.config.base_url(), parts.uri.path());
    let page = AnswerPage {
        words,
        lang,
        dir: direction(lang),
        brand: brand(desk),
        looked_for: &opening.q,
        title: title(&row),
        text_lang: &row.lang,
        question: blocks(&row.question),
        answer: blocks(&quoted(&row)),
        credit: credit(lang, row.credited(), u64::try_from(row.helped).unwrap_or(0)),
        author_url: web_link(row.credited_url()),
        licence: row.licence.as_deref(),
        url: web_link(row.url.as_ref()),
        structured: structured(&row, &canonical),
        canonical,
    };
    let html = page.render().map_err(|_| Problem::internal())?;
    Ok(Html(html).into_response())
}

/// What is shown where there is nothing.
pub(super) fn missing(desk: &Desk, lang: &'static str) -> Result<Response, Problem> {
    let (words, dir) = (public_words(lang), direction(lang));
    let page = MissingPage { words, lang, dir, brand: brand(desk) };
    let html = page.render().map_err(|_| Problem::internal())?;
    Ok((StatusCode::NOT_FOUND, Html(html)).into_response())
}

/// The page as schema.org's `QAPage`, safe inside a `script` element.
fn structured(row: &AnswerRow, canonical: &str) -> String {
    let person = |name: Option<&str>, url: Option<&str>| {
        name.map(|name| without_nulls(json!({"@type": "Person", "name": name, "url": url})))
    };
    let answer = without_nulls(json!({
        "@type": "Answer",
        "text": Some(quoted(row)).filter(|text| !text.is_empty()),
        "url": canonical,
        "upvoteCount": row.votes,
        "dateCreated": row.accepted_at,
        "author": person(row.credited(), web_link(row.credited_url())),
        "license": row.licence,
        "sameAs": web_link(row.url.as_ref()),
    }));
    let question = without_nulls(json!({
        "@type": "Question",
        "name": title(row),
        "text": if row.question.is_empty() { title(row) } else { row.question.clone() },
        "inLanguage": row.lang,
        "answerCount": 1,
        "dateCreated": row.asked_at,
        "author": person(row.asker.as_deref(), None),
        "acceptedAnswer": answer,
    }));
    let page = json!({"@context": "https://schema.org", "@type": "QAPage", "mainEntity": question});
    page.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn without_nulls(mut value: Value) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|_, field| !field.is_null());
    }
    value
}
