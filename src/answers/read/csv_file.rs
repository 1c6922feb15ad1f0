//! Answers as comma-separated values; the header names the JSONL keys, tags are split by `;`.
//!
//! The `csv` crate forgives a broken quote by swallowing the rest of the file; [`QuoteCheck`]
//! stands before it and refuses, so that a damaged file is never half imported.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::{Place, ReadError};
use super::fields::Fields;
use super::input::{Input, LONGEST_LINE, Meter};
use super::seen::Seen;
use super::{Item, Skipped};

/// The rows of one file, in order.
pub(super) struct Rows {
    path: PathBuf,
    meter: Meter,
    csv: csv::Reader<QuoteCheck>,
    columns: Vec<Column>,
    n_columns: usize,
    record: csv::ByteRecord,
    seen: Seen,
}

type Column = (usize, fn(&mut Fields, &str));

impl Rows {
    pub(super) fn open(path: &Path) -> Result<Self, ReadError> {
        let meter = Meter::default();
        let input = Input::open(path, &meter)?;
        meter.expect(std::fs::metadata(path).map_or(0, |file| file.len()));
        let mut csv = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(QuoteCheck { input, state: State::default() });
        let header = csv.byte_headers().map_err(|error| unreadable(path, &error))?;
        let names: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name).trim().to_lowercase()).collect();
        check_header(path, &names)?;
        let columns =
            names.iter().enumerate().filter_map(|(at, name)| Some((at, setter(name)?))).collect();
        let n_columns = names.len();
        let path = path.to_owned();
        let record = csv::ByteRecord::new();
        Ok(Self { path, meter, csv, columns, n_columns, record, seen: Seen::default() })
    }

    pub(super) fn meter(&self) -> Meter {
        self.meter.clone()
    }

    fn read_row(&mut self) -> Item {
        let line = self.record.position().map_or(0, csv::Position::line);
        let n_fields = self.record.len();
        if n_fields != self.n_columns {
            let reason = format!("{n_fields} fields where the header has {}", self.n_columns);
            return Item::Skipped(Skipped::new(line, None, reason));
        }
        let mut fields = Fields::default();
        for (at, set) in &self.columns {
            let Ok(text) = std::str::from_utf8(&self.record[*at]) else {
                return Item::Skipped(Skipped::new(line, None, "the row is not UTF-8"));
            };
            set(&mut fields, text);
        }
        let id = fields.id.trim().to_owned();
        match fields.into_answer() {
            Err(reason) => Item::Skipped(Skipped::new(line, Some(&id), reason)),
            Ok(answer) if !self.seen.is_new(&answer.id) => {
                let reason = "the id was already used further up in this file";
                Item::Skipped(Skipped::new(line, Some(&id), reason))
            }
            Ok(answer) => Item::Answer(Box::new(answer)),
        }
    }
}

impl Iterator for Rows {
    type Item = Result<Item, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.csv.read_byte_record(&mut self.record) {
            Err(error) => Some(Err(unreadable(&self.path, &error))),
            Ok(false) => None,
            Ok(true) => Some(Ok(self.read_row())),
        }
    }
}

fn check_header(path: &Path, names: &[String]) -> Result<(), ReadError> {
    let has = |name: &str| names.iter().any(|found| found == name);
    let mut missing: Vec<&str> = ["id", "answer"].into_iter().filter(|name| !has(name)).collect();
    if !has("title") && !has("question") {
        missing.push("title or question");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let reason = format!("the header lacks {}", missing.join(", "));
    let remedy = "name the columns in the first line, separated by commas";
    Err(ReadError::broken(path, Place::Line(1), reason, remedy))
}

fn setter(name: &str) -> Option<fn(&mut Fields, &str)> {
    Some(match name {
        "id" => |fields, text| text.clone_into(&mut fields.id),
        "topic" => |fields, text| text.clone_into(&mut fields.topic),
        "lang" => |fields, text| text.clone_into(&mut fields.lang),
        "title" => |fields, text| text.clone_into(&mut fields.title),
        "question" => |fields, text| text.clone_into(&mut fields.question),
        "answer" => |fields, text| text.clone_into(&mut fields.answer),
        "author" => |fields, text| text.clone_into(&mut fields.author),
        "author_url" => |fields, text| text.clone_into(&mut fields.author_url),
        "asker" => |fields, text| text.clone_into(&mut fields.asker),
        "score" => |fields, text| text.clone_into(&mut fields.score),
        "url" => |fields, text| text.clone_into(&mut fields.url),
        "accepted_at" => |fields, text| text.clone_into(&mut fields.accepted_at),
        "asked_at" => |fields, text| text.clone_into(&mut fields.asked_at),
        "tags" => |fields, text| fields.tags = text.split(';').map(str::to_owned).collect(),
        "licence" => |fields, text| text.clone_into(&mut fields.licence),
        "product" => |fields, text| text.clone_into(&mut fields.product),
        _ => return None,
    })
}

fn unreadable(path: &Path, error: &csv::Error) -> ReadError {
    if let csv::ErrorKind::Io(source) = error.kind()
        && let Some(Carried(inner)) = source.get_ref().and_then(|inner| inner.downcast_ref())
        && let ReadError::Broken { place, reason, remedy, .. } = inner
    {
        return ReadError::broken(path, *place, reason.clone(), remedy.clone());
    }
    let line = error.position().map_or(1, csv::Position::line);
    ReadError::broken(path, Place::Line(line), error.to_string(), "export the file again")
}

/// A [`ReadError`] on its way through the `csv` crate, which only carries [`io::Error`]s.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Carried(ReadError);

/// Passes the text on while its quotes are in order.
struct QuoteCheck {
    input: Input,
    state: State,
}

impl Read for QuoteCheck {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let carried = |error| io::Error::other(Carried(error));
        let shown = self.input.peek().map_err(carried)?;
        let n_read = shown.len().min(buffer.len());
        buffer[..n_read].copy_from_slice(&shown[..n_read]);
        if let Err((line, reason)) = self.state.check(&buffer[..n_read]) {
            let remedy = "double the quotes inside a field and close every quoted field";
            return Err(carried(self.input.broken(line, reason, remedy)));
        }
        self.input.take(n_read).map_err(carried)?;
        Ok(n_read)
    }
}

/// Where the check is between two bytes.
struct State {
    part: Part,
    line: u64,
    opened_at: u64,
    row_bytes: usize,
}

impl Default for State {
    fn default() -> Self {
        Self { part: Part::FieldStart, line: 1, opened_at: 1, row_bytes: 0 }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    FieldStart,
    Plain,
    Quoted,
    /// After a quote inside a quoted field: the end of it, or the first of two.
    QuoteMet,
}

impl State {
    /// Checks the next bytes; none means the file has ended. The error is a line and a reason.
    fn check(&mut self, bytes: &[u8]) -> Result<(), (u64, String)> {
        if bytes.is_empty() && self.part == Part::Quoted {
            return Err((self.opened_at, "the quote opened here is never closed".to_owned()));
        }
        for byte in bytes {
            self.step(*byte)?;
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<(), (u64, String)> {
        self.row_bytes += 1;
        if self.row_bytes > LONGEST_LINE {
            let reason =
                format!("a row is longer than {} MiB, perhaps by a quote", LONGEST_LINE >> 20);
            let line = if self.part == Part::Quoted { self.opened_at } else { self.line };
            return Err((line, reason));
        }
        self.part = match (self.part, byte) {
            (Part::FieldStart, b'"') => {
                self.opened_at = self.line;
                Part::Quoted
            }
            (Part::Quoted, b'"') => Part::QuoteMet,
            (Part::QuoteMet, b'"') | (Part::Quoted, _) => Part::Quoted,
            (_, b',' | b'\n' | b'\r') => Part::FieldStart,
            (Part::QuoteMet, _) => {
                return Err((
                    self.line,
                    "a quoted field goes on after its closing quote".to_owned(),
                ));
            }
            (Part::FieldStart | Part::Plain, _) => Part::Plain,
        };
        if byte == b'\n' {
            self.line += 1;
            if self.part == Part::FieldStart {
                self.row_bytes = 0;
            }
        }
        Ok(())
    }
}
