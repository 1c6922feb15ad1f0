//! An answer as people and their programs give it: the object of the files, every field optional.
//!
//! In: a form's fields or a JSON object. Out: a [`GivenAnswer`], or the field that cannot be
//! read. What an answer must have is checked by the acts that keep it.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::read::{parse_time, readable};
use crate::people::ActError;
use crate::store::answers::AnswerRow;

/// An answer to add.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenAnswer {
    /// Its public id; without one it gets one.
    pub id: Option<String>,
    /// What it says.
    pub edit: AnswerEdit,
}

/// Changes of an answer; what is `None` stays, an empty text clears what may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// When the question was asked.
    pub asked_at: Option<Timestamp>,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// Tags.
    pub tags: Option<Vec<String>>,
    /// Its licence.
    pub licence: Option<String>,
    /// What it is about.
    pub product: Option<String>,
    /// A moderator's word on whether it may be sent.
    pub sendable: Option<Word>,
    /// Whether it is in service.
    pub live: Option<bool>,
}

/// A moderator's word on whether an answer may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// It may.
    Yes,
    /// It may not.
    No,
    /// No word: as the classifier judges.
    AsJudged,
}

impl Word {
    /// As the store keeps it.
    pub fn flag(self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No => Some(false),
            Self::AsJudged => None,
        }
    }
}

impl GivenAnswer {
    /// Reads the object of the JSON lines files; keys that it does not have are passed over.
    ///
    /// `null` is an empty text. `sendable` (yes, no, `null` for as judged) and `state` (`live` or
    /// `retired`) are read too. Errors: [`ActError::Invalid`] naming the field.
    pub fn read(mut object: Map<String, Value>) -> Result<Self, ActError> {
        let mut text = |name: &str| match object.remove(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(String::new())),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(name, "is no text")),
        };
        let html = |text: Option<String>| text.map(|text| readable(&text));
        let mut edit = AnswerEdit {
            lang: text("lang")?.filter(|lang| !lang.trim().is_empty()),
            title: text("title")?,
            question: html(text("question")?),
            answer: html(text("answer")?),
            author: text("author")?,
            author_url: text("author_url")?,
            asker: text("asker")?,
            url: text("url")?,
            licence: text("licence")?,
            product: text("product")?,
            live: match text("state")?.as_deref() {
                None | Some("") => None,
                Some("live") => Some(true),
                Some("retired") => Some(false),
                Some(_) => return Err(invalid("state", "is live or retired")),
            },
            ..AnswerEdit::default()
        };
        edit.score = object.remove("score").as_ref().map(score).transpose()?;
        edit.asked_at = time("asked_at", object.remove("asked_at"))?;
        edit.accepted_at = time("accepted_at", object.remove("accepted_at"))?;
        edit.tags = object.remove("tags").map(labels).transpose()?;
        edit.sendable = match object.remove("sendable") {
            None => None,
            Some(Value::Null) => Some(Word::AsJudged),
            Some(Value::Bool(true)) => Some(Word::Yes),
            Some(Value::Bool(false)) => Some(Word::No),
            Some(_) => return Err(invalid("sendable", "is true, false or null")),
        };
        let id = match object.remove("id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id.trim().to_owned()).filter(|id| !id.is_empty()),
            Some(Value::Number(id)) => Some(id.to_string()),
            Some(_) => return Err(invalid("id", "is neither text nor a number")),
        };
        Ok(Self { id, edit })
    }
}

impl AnswerEdit {
    /// Writes the changes into a row, tidied.
    pub(super) fn apply(self, row: &mut AnswerRow) {
        set(&mut row.lang, self.lang.map(|lang| lang.trim().to_owned()));
        set(&mut row.title, self.title.map(|title| one_line(&title)));
        set(&mut row.question, self.question.map(|question| text(&question)));
        set(&mut row.answer, self.answer.map(|answer| text(&answer)));
        set(&mut row.votes, self.score);
        set(&mut row.tags, self.tags.as_deref().map(tidy));
        set(&mut row.live, self.live);
        let optionals = [
            (&mut row.author, self.author),
            (&mut row.author_url, self.author_url),
            (&mut row.asker, self.asker),
            (&mut row.url, self.url),
            (&mut row.licence, self.licence),
            (&mut row.product, self.product),
        ];
        for (field, given) in optionals {
            set(field, given.map(|given| optional(&given)));
        }
        row.asked_at = self.asked_at.or(row.asked_at);
        row.accepted_at = self.accepted_at.or(row.accepted_at);
        set(&mut row.sendable_by_hand, self.sendable.map(Word::flag));
    }
}

fn score(value: &Value) -> Result<i64, ActError> {
    let number = match value {
        Value::Null => Some(0),
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| invalid("score", "is no whole number"))
}

fn time(name: &str, value: Option<Value>) -> Result<Option<Timestamp>, ActError> {
    let text = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        Some(_) => return Err(invalid(name, "is no date")),
    };
    parse_time(&text).map(Some).ok_or_else(|| invalid(name, "is no date such as 2026-05-04"))
}

fn labels(value: Value) -> Result<Vec<String>, ActError> {
    let label = |value| match value {
        Value::String(text) => Ok(text),
        _ => Err(invalid("tags", "has something else than texts")),
    };
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => Ok(text.split(';').map(str::to_owned).collect()),
        Value::Array(values) => values.into_iter().map(label).collect(),
        _ => Err(invalid("tags", "is no list")),
    }
}

fn invalid(field: &str, what: &str) -> ActError {
    ActError::Invalid { reason: format!("{field} {what}") }
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

fn optional(given: &str) -> Option<String> {
    Some(one_line(given)).filter(|given| !given.is_empty())
}

fn tidy(given: &[String]) -> Vec<String> {
    given.iter().filter_map(|label| optional(label)).collect()
}
