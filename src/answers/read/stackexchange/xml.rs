//! Rows of a dump's XML: `<row Name="value" …/>` inside one root element.
//!
//! The text is cut at every `<`: none may stand inside a tag, so where one does the row is bad
//! and the next begins right there, and one bad row never takes its neighbours along. The
//! attributes of each tag are read by quick-xml.

use quick_xml::events::BytesStart;

use crate::answers::read::error::ReadError;
use crate::answers::read::input::{Input, Taken};

const EXPORT_AGAIN: &str = "fetch or export the file again; nothing of it was used";

/// The rows of one file.
pub(super) struct Rows {
    input: Input,
    root: &'static str,
    is_closed: bool,
    /// From behind a `<` to the next one.
    chunk: Vec<u8>,
}

/// What came next.
pub(super) enum Next {
    Row(Row),
    /// A row that cannot be read, with what could be made out of its id.
    Bad {
        line: u64,
        id: Option<String>,
        reason: String,
    },
    End,
}

/// One row's attributes, entities resolved.
pub(super) struct Row {
    pub(super) line: u64,
    values: Vec<(String, String)>,
}

impl Row {
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.value(name)?.trim().parse().ok()
    }
}

impl Rows {
    /// Reads up to the root element, which must be called `root`.
    pub(super) fn open(mut input: Input, root: &'static str) -> Result<Self, ReadError> {
        let mut chunk = Vec::new();
        let before = input.take_until(b'<', &mut chunk)?;
        let has_text = !chunk.trim_ascii().is_empty() && chunk.trim_ascii() != b"<";
        if before != Taken::Whole || has_text || !chunk.ends_with(b"<") {
            return Err(input.broken(1, "it is not XML", "name the Posts.xml of a dump"));
        }
        let mut rows = Self { input, root, is_closed: false, chunk };
        loop {
            let line = rows.input.line();
            if rows.input.take_until(b'<', &mut rows.chunk)? != Taken::Whole {
                return Err(rows.ends_early());
            }
            match rows.chunk.first() {
                Some(b'?') => rows.check_declaration(line)?,
                Some(b'!') => rows.pass_markup(line)?,
                _ => return rows.check_root(line),
            }
        }
    }

    /// The next row. Errors: the file ends early or declares entities.
    pub(super) fn next_row(&mut self) -> Result<Next, ReadError> {
        loop {
            let line = self.input.line();
            match self.input.take_until(b'<', &mut self.chunk)? {
                Taken::End if self.is_closed => return Ok(Next::End),
                Taken::End => return Err(self.ends_early()),
                // What follows the root cannot be rows, but it has to be readable.
                _ if self.is_closed => {}
                Taken::TooLong => {
                    let reason = "it is longer than 16 MiB".to_owned();
                    return Ok(Next::Bad { line, id: None, reason });
                }
                Taken::Whole if self.chunk.starts_with(b"!") => self.pass_markup(line)?,
                Taken::Whole if is_named(&self.chunk, b"row") => {
                    return Ok(read_row(&self.chunk, line));
                }
                Taken::Whole => {
                    let end = self.chunk.strip_prefix(b"/");
                    self.is_closed = end.is_some_and(|name| is_named(name, self.root.as_bytes()));
                }
            }
        }
    }

    fn check_declaration(&self, line: u64) -> Result<(), ReadError> {
        let text = String::from_utf8_lossy(&self.chunk).to_lowercase();
        let Some((_, after)) = text.split_once("encoding") else { return Ok(()) };
        let name = after.split(['"', '\'']).nth(1).unwrap_or_default();
        if matches!(name, "utf-8" | "utf8" | "us-ascii" | "ascii") {
            return Ok(());
        }
        let reason = format!("its encoding is {name:?}");
        Err(self.input.broken(line, reason, "convert it to UTF-8, for example with iconv"))
    }

    fn check_root(self, line: u64) -> Result<Self, ReadError> {
        if is_named(&self.chunk, self.root.as_bytes()) {
            let is_empty = tag_of(&self.chunk).is_some_and(|tag| tag.ends_with(b"/"));
            return Ok(Self { is_closed: is_empty, ..self });
        }
        let found: String = String::from_utf8_lossy(&self.chunk)
            .chars()
            .take_while(|c| c.is_alphanumeric())
            .collect();
        let reason = format!("its first element is <{found}>, not <{}>", self.root);
        Err(self.input.broken(line, reason, "name the files of a Stack Exchange dump"))
    }

    /// Passes over a comment or a document type; one that declares anything is refused, because
    /// declared entities can be made to unfold without end.
    fn pass_markup(&mut self, line: u64) -> Result<(), ReadError> {
        let end: &[u8] = if self.chunk.starts_with(b"!--") {
            b"-->"
        } else if self.chunk.starts_with(b"![") {
            b"]]>"
        } else if self.chunk.contains(&b'[') || !is_named(&self.chunk[1..], b"doctype") {
            let remedy = "dumps have none; remove the document type or export again";
            return Err(self.input.broken(line, "it declares its own entities", remedy));
        } else {
            b">"
        };
        while !self.chunk.windows(end.len()).any(|found| found == end) {
            if self.input.take_until(b'<', &mut self.chunk)? == Taken::End {
                return Err(self.ends_early());
            }
        }
        Ok(())
    }

    fn ends_early(&self) -> ReadError {
        let reason = format!("the file ends before </{}>", self.root);
        self.input.broken(self.input.line(), reason, EXPORT_AGAIN)
    }
}

fn read_row(chunk: &[u8], line: u64) -> Next {
    let bad = |reason: String| Next::Bad { line, id: id_in_passing(chunk), reason };
    let Some(tag) = tag_of(chunk) else {
        return bad("the row is not well-formed: a quote or its end is missing".to_owned());
    };
    let Ok(text) = std::str::from_utf8(tag) else {
        return bad("the row is not UTF-8".to_owned());
    };
    let text = text.strip_suffix('/').unwrap_or(text);
    let mut values = Vec::with_capacity(16);
    for attribute in BytesStart::from_content(text, 3).attributes() {
        let read = attribute.map_err(|error| error.to_string()).and_then(|attribute| {
            let value = attribute.unescape_value().map_err(|error| error.to_string())?;
            let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            Ok((name, value.into_owned()))
        });
        match read {
            Ok(value) => values.push(value),
            Err(reason) => return bad(format!("the row is not well-formed: {reason}")),
        }
    }
    Next::Row(Row { line, values })
}

/// The tag at the beginning of a chunk: up to the `>` that is in no quotes.
fn tag_of(chunk: &[u8]) -> Option<&[u8]> {
    let mut quote = None;
    let end = chunk.iter().position(|byte| {
        match (quote, byte) {
            (None, b'>') => return true,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
        false
    })?;
    Some(&chunk[..end])
}

fn is_named(tag: &[u8], name: &[u8]) -> bool {
    tag.len() > name.len()
        && tag[..name.len()].eq_ignore_ascii_case(name)
        && !tag[name.len()].is_ascii_alphanumeric()
}

/// The id of a row that cannot be read, if it stands there undamaged.
fn id_in_passing(chunk: &[u8]) -> Option<String> {
    let start = &chunk[..chunk.len().min(200)];
    let text = String::from_utf8_lossy(start);
    let after = text.split_once(" Id=")?.1;
    let digits: String =
        after.trim_start_matches(['"', '\'']).chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}
