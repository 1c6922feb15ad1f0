//! The flat row that JSON lines and CSV share, and how it becomes a [`SourceAnswer`].

use super::SourceAnswer;
use super::html::{html_to_text, looks_like_html};
use super::lang::normalise_lang;
use super::when::parse_time;

/// The longest id that is kept, in characters.
const LONGEST_ID: usize = 200;

/// One row as text; an empty field is an absent one.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) id: String,
    pub(super) topic: String,
    pub(super) lang: String,
    pub(super) title: String,
    pub(super) question: String,
    pub(super) answer: String,
    pub(super) author: String,
    pub(super) author_url: String,
    pub(super) asker: String,
    pub(super) score: String,
    pub(super) url: String,
    pub(super) accepted_at: String,
    pub(super) asked_at: String,
    pub(super) tags: Vec<String>,
    pub(super) licence: String,
    pub(super) product: String,
}

impl Fields {
    /// Checks and converts; the error is the reason for skipping the row.
    pub(super) fn into_answer(self) -> Result<SourceAnswer, String> {
        let answer = SourceAnswer {
            id: check_id(&self.id)?,
            topic: present(self.topic),
            lang: normalise_lang(&self.lang),
            title: title(&self.title),
            question: readable(&self.question),
            answer: readable(&self.answer),
            author: present(self.author),
            author_url: web_address(self.author_url),
            asker: present(self.asker),
            score: score(&self.score)?,
            url: web_address(self.url),
            accepted_at: time("accepted_at", &self.accepted_at)?,
            asked_at: time("asked_at", &self.asked_at)?,
            tags: self.tags.into_iter().filter_map(present).collect(),
            licence: present(self.licence),
            product: present(self.product),
            same_as: Vec::new(),
        };
        check_text(answer)
    }
}

/// The answer itself when it says something and something was asked, else the reason against it.
pub(super) fn check_text(answer: SourceAnswer) -> Result<SourceAnswer, String> {
    if answer.answer.is_empty() {
        return Err("the answer is empty".to_owned());
    }
    if answer.title.is_empty() && answer.question.is_empty() {
        return Err("neither title nor question is there".to_owned());
    }
    Ok(answer)
}

/// The id without spaces around it, or why it cannot be one.
pub(in crate::answers) fn check_id(id: &str) -> Result<String, String> {
    let id = id.trim();
    if id.is_empty() {
        return Err("the id is missing".to_owned());
    }
    if id.chars().count() > LONGEST_ID {
        return Err(format!("the id is longer than {LONGEST_ID} characters"));
    }
    if id.chars().any(char::is_control) {
        return Err("the id has control characters".to_owned());
    }
    // An id becomes part of addresses and names of exported files.
    let is_path = id.starts_with(['/', '~'])
        || id.contains('\\')
        || id.split('/').any(|part| matches!(part, "." | ".."));
    if is_path {
        return Err(format!("the id {id:?} looks like a path; rename it in the source"));
    }
    Ok(id.to_owned())
}

/// `None` for nothing but spaces; U+0000, which PostgreSQL cannot keep, becomes U+FFFD.
pub(super) fn present(text: impl AsRef<str>) -> Option<String> {
    let text = text.as_ref().trim();
    (!text.is_empty()).then(|| text.replace('\0', "\u{fffd}"))
}

/// Only web addresses are kept: they are shown to customers as links.
pub(super) fn web_address(text: impl AsRef<str>) -> Option<String> {
    present(text).filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}

/// One line without runs of spaces.
pub(super) fn title(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace('\0', "\u{fffd}")
}

/// HTML as readable text, other text as it is.
pub(in crate::answers) fn readable(text: &str) -> String {
    let text = if looks_like_html(text) { html_to_text(text) } else { text.trim().to_owned() };
    if text.contains(['\0', '\r']) {
        return text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "\u{fffd}");
    }
    text
}

fn score(text: &str) -> Result<i64, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(0);
    }
    if let Ok(score) = text.parse() {
        return Ok(score);
    }
    match text.parse::<f64>() {
        // Through the formatter, because a cast from float to integer says nothing when it is off.
        Ok(score) if score.abs() < 1e15 => {
            format!("{score:.0}").parse().map_err(|_| format!("score {text:?} is no number"))
        }
        _ => Err(format!("score {text:?} is no number")),
    }
}

fn time(name: &str, text: &str) -> Result<Option<jiff::Timestamp>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match parse_time(text) {
        Some(at) => Ok(Some(at)),
        None => Err(format!("{name} {:?} is no date", text.chars().take(40).collect::<String>())),
    }
}
