//! Answers as JSON lines: one object a line, keys as in the export.

use std::borrow::Cow;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::error::{Place, ReadError};
use super::fields::Fields;
use super::input::{Input, LONGEST_LINE, Meter, Taken};
use super::seen::Seen;
use super::{Item, Skipped};

/// The rows of one file, in order.
pub(super) struct Rows {
    input: Input,
    meter: Meter,
    line: Vec<u8>,
    seen: Seen,
}

impl Rows {
    pub(super) fn open(path: &Path) -> Result<Self, ReadError> {
        let meter = Meter::default();
        let mut input = Input::open(path, &meter)?;
        meter.expect(std::fs::metadata(path).map_or(0, |file| file.len()));
        let first: Vec<u8> = input
            .peek()?
            .iter()
            .filter(|byte| !byte.is_ascii_whitespace())
            .take(2)
            .copied()
            .collect();
        if matches!(first.as_slice(), b"[{" | b"[") {
            let remedy = "write one object a line, for example with jq -c '.[]'";
            return Err(ReadError::broken(path, Place::Start, "it is one JSON array", remedy));
        }
        Ok(Self { input, meter, line: Vec::new(), seen: Seen::default() })
    }

    pub(super) fn meter(&self) -> Meter {
        self.meter.clone()
    }
}

impl Iterator for Rows {
    type Item = Result<Item, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let number = self.input.line();
            match self.input.take_until(b'\n', &mut self.line) {
                Err(error) => return Some(Err(error)),
                Ok(Taken::End) => return None,
                Ok(Taken::TooLong) => {
                    let reason = format!("the line is longer than {} MiB", LONGEST_LINE >> 20);
                    return Some(Ok(Item::Skipped(Skipped::new(number, None, reason))));
                }
                Ok(Taken::Whole) if self.line.trim_ascii().is_empty() => {}
                Ok(Taken::Whole) => return Some(Ok(read_row(&self.line, number, &mut self.seen))),
            }
        }
    }
}

fn read_row(line: &[u8], number: u64, seen: &mut Seen) -> Item {
    let skipped =
        |id: Option<&str>, reason: String| Item::Skipped(Skipped::new(number, id, reason));
    let Ok(text) = std::str::from_utf8(line) else {
        return skipped(None, "the line is not UTF-8".to_owned());
    };
    let row: Row<'_> = match serde_json::from_str(text.trim()) {
        Ok(row) => row,
        Err(error) => return skipped(None, bad_json(&error)),
    };
    let fields = match row.into_fields() {
        Ok(fields) => fields,
        Err((id, reason)) => return skipped(id.as_deref(), reason),
    };
    let id = fields.id.trim().to_owned();
    match fields.into_answer() {
        Err(reason) => skipped(Some(&id), reason),
        Ok(answer) if !seen.is_new(&answer.id) => {
            skipped(Some(&id), "the id was already used further up in this file".to_owned())
        }
        Ok(answer) => Item::Answer(Box::new(answer)),
    }
}

fn bad_json(error: &serde_json::Error) -> String {
    // The parser counts lines within the row; the row's own line is reported beside this.
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    format!("not a JSON object with these keys: {what} at column {}", error.column())
}

/// A row before its fields are checked; texts borrow from the line where they can.
#[derive(Deserialize)]
struct Row<'a> {
    id: Option<Value>,
    topic: Option<Value>,
    #[serde(borrow)]
    lang: Option<Cow<'a, str>>,
    title: Option<String>,
    question: Option<String>,
    answer: Option<String>,
    author: Option<String>,
    author_url: Option<String>,
    asker: Option<String>,
    score: Option<Value>,
    url: Option<String>,
    accepted_at: Option<Value>,
    asked_at: Option<Value>,
    tags: Option<Value>,
    licence: Option<String>,
    product: Option<String>,
}

impl Row<'_> {
    fn into_fields(self) -> Result<Fields, (Option<String>, String)> {
        let id = scalar("id", self.id).map_err(|reason| (None, reason))?;
        let with_id = |reason| (Some(id.clone()), reason);
        Ok(Fields {
            topic: scalar("topic", self.topic).map_err(with_id)?,
            lang: self.lang.unwrap_or_default().into_owned(),
            title: self.title.unwrap_or_default(),
            question: self.question.unwrap_or_default(),
            answer: self.answer.unwrap_or_default(),
            author: self.author.unwrap_or_default(),
            author_url: self.author_url.unwrap_or_default(),
            asker: self.asker.unwrap_or_default(),
            score: scalar("score", self.score).map_err(with_id)?,
            url: self.url.unwrap_or_default(),
            accepted_at: scalar("accepted_at", self.accepted_at).map_err(with_id)?,
            asked_at: scalar("asked_at", self.asked_at).map_err(with_id)?,
            tags: labels(self.tags).map_err(with_id)?,
            licence: self.licence.unwrap_or_default(),
            product: self.product.unwrap_or_default(),
            id,
        })
    }
}

/// Text, or a number as its text.
fn scalar(name: &str, value: Option<Value>) -> Result<String, String> {
    match value {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(_) => Err(format!("{name} is neither text nor a number")),
    }
}

fn labels(value: Option<Value>) -> Result<Vec<String>, String> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text.split(';').map(str::to_owned).collect()),
        Some(Value::Array(values)) => {
            values.into_iter().map(|value| scalar("a tag", Some(value))).collect()
        }
        Some(_) => Err("tags is not a list".to_owned()),
    }
}
