//! The answer object of JSON lines and of the API.

use jiff::Timestamp;
use serde::Serialize;

use crate::store::answers::AnswerRow;

/// An accepted answer as files and the API say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnswerJson {
    /// Public id.
    pub id: String,
    /// BCP 47.
    pub lang: String,
    /// The question's title.
    pub title: String,
    /// The question.
    pub question: String,
    /// The answer, light Markdown.
    pub answer: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// Votes.
    pub score: i64,
    /// Where it stands.
    pub url: Option<String>,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// Tags.
    pub tags: Vec<String>,
    /// Its licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asker: Option<String>,
    /// The author's profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_url: Option<String>,
    /// When the question was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
}

impl From<AnswerRow> for AnswerJson {
    fn from(row: AnswerRow) -> Self {
        Self {
            id: row.id,
            lang: row.lang,
            title: row.title,
            question: row.question,
            answer: row.answer,
            author: row.author,
            score: row.votes,
            url: row.url,
            accepted_at: row.accepted_at,
            tags: row.tags,
            licence: row.licence,
            product: row.product,
            asker: row.asker,
            author_url: row.author_url,
            asked_at: row.asked_at,
        }
    }
}
