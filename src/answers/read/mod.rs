//! Streams accepted answers out of files: Stack Exchange dumps, JSON lines and CSV; and out of
//! forums, page by page.
//!
//! In goes a path, out comes one [`Item`] after another: an answer, or a row that was skipped
//! with its line and reason. Memory stays bounded whatever the file claims about itself.
//! Knows nothing of the store; who imports decides what to keep.
//!
//! The next format is one more file with an iterator over [`Item`]s and a variant of [`Format`].

mod csv_file;
mod error;
mod fields;
mod forum;
mod html;
mod input;
mod jsonl;
mod lang;
mod seen;
mod stackexchange;
#[cfg(test)]
mod tests;
mod when;

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use superfan_bots::Forum;

pub use self::error::{Place, ReadError};
pub(super) use self::fields::{check_id, readable};
pub use self::forum::answers_of;
pub use self::html::{html_to_text, looks_like_html};
pub use self::input::Meter;
pub use self::lang::normalise_lang;
pub use self::when::parse_time;

/// Opens `path` for reading as `format`.
///
/// A folder is expected for [`Format::Stackexchange`] (its `Posts.xml` is accepted too), a file
/// otherwise; gzip and zstd are recognised by their first bytes.
/// Errors: [`ReadError`] when nothing can be read at all; what goes wrong further down comes out
/// of the iterator.
pub fn open(format: Format, path: &Path) -> Result<Reader, ReadError> {
    let (items, meter): (Items, Meter) = match format {
        Format::Stackexchange => {
            let dump = stackexchange::Dump::open(path)?;
            let meter = dump.meter();
            (Box::new(dump), meter)
        }
        Format::Jsonl => {
            let rows = jsonl::Rows::open(path)?;
            let meter = rows.meter();
            (Box::new(rows), meter)
        }
        Format::Csv => {
            let rows = csv_file::Rows::open(path)?;
            let meter = rows.meter();
            (Box::new(rows), meter)
        }
        Format::Discourse | Format::Github => {
            let remedy = "name the forum's address";
            return Err(ReadError::broken(path, Place::Start, "a forum is no file", remedy));
        }
    };
    Ok(Reader { items: Source::File(items), meter, failed: false })
}

/// Reads a forum from its first page, or from where an earlier reading stood; must be called
/// inside a tokio runtime and read outside of it, on a thread that may wait.
pub fn open_forum(forum: Arc<dyn Forum>) -> Reader {
    let topics = forum::Topics::new(forum, tokio::runtime::Handle::current());
    Reader { items: Source::Forum(Box::new(topics)), meter: Meter::default(), failed: false }
}

/// Opens any text file, unpacked as [`open`] does.
pub fn open_text(path: &Path) -> Result<Box<dyn std::io::BufRead + Send>, ReadError> {
    Ok(input::Input::open(path, &Meter::default())?.into_text())
}

type Items = Box<dyn Iterator<Item = Result<Item, ReadError>> + Send>;

enum Source {
    File(Items),
    Forum(Box<forum::Topics>),
}

/// Items of one source in file order; ends after the first [`ReadError`].
pub struct Reader {
    items: Source,
    meter: Meter,
    failed: bool,
}

impl Reader {
    /// How far the reading is; may be watched from another thread while this one reads.
    pub fn meter(&self) -> Meter {
        self.meter.clone()
    }

    /// Whether a forum is read, whose answers belong to topics that are followed.
    pub fn is_forum(&self) -> bool {
        matches!(self.items, Source::Forum(_))
    }

    /// Goes on where an earlier reading of a forum stood; files are read from their beginning.
    pub fn go_on_from(&mut self, position: &str) {
        if let Source::Forum(topics) = &mut self.items {
            topics.go_on_from(position);
        }
    }

    /// Where a later reading of a forum can go on, right after the last item of a page.
    pub fn position(&self) -> Option<String> {
        match &self.items {
            Source::File(_) => None,
            Source::Forum(topics) => topics.page_to_read(),
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Item, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let item = match &mut self.items {
            Source::File(items) => items.next(),
            Source::Forum(topics) => topics.next(),
        }?;
        self.failed = item.is_err();
        Some(item)
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("meter", &self.meter).finish_non_exhaustive()
    }
}

/// The shapes of files that answers are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A folder with `Posts.xml` and `Users.xml`, as Stack Exchange publishes them.
    Stackexchange,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values, the header naming the JSONL keys.
    Csv,
    /// A Discourse forum, over its API.
    Discourse,
    /// The Discussions of a GitHub repository, over its API.
    Github,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Stackexchange => "stackexchange",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Discourse => "discourse",
            Self::Github => "github",
        })
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        match name {
            "stackexchange" => Ok(Self::Stackexchange),
            "jsonl" => Ok(Self::Jsonl),
            "csv" => Ok(Self::Csv),
            "discourse" => Ok(Self::Discourse),
            "github" => Ok(Self::Github),
            other => Err(UnknownFormat(other.to_owned())),
        }
    }
}

/// A format name that no reader answers to.
#[derive(Debug, thiserror::Error)]
#[error(
    "unknown format {0:?}; files are read as stackexchange, jsonl or csv, forums as discourse or github"
)]
pub struct UnknownFormat(String);

/// One step of reading.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// An accepted answer with its question.
    Answer(Box<SourceAnswer>),
    /// A row that could not be used; the ones after it still can.
    Skipped(Skipped),
}

/// An accepted answer as its source tells it, in readable text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceAnswer {
    /// The answer's id in its source, not empty, at most 200 characters; unique within one file.
    pub id: String,
    /// The question's id in its source; several accepted answers may share it.
    pub topic: Option<String>,
    /// Language as [`normalise_lang`] writes it; `None` where the source does not say.
    pub lang: Option<String>,
    /// The question's title; empty where the source has only a question.
    pub title: String,
    /// The question in light Markdown; empty where the source has only a title.
    pub question: String,
    /// The accepted answer in light Markdown, never empty.
    pub answer: String,
    /// Display name of who wrote the answer.
    pub author: Option<String>,
    /// Address of the author's profile.
    pub author_url: Option<String>,
    /// Display name of who asked.
    pub asker: Option<String>,
    /// Votes on the answer; may be negative.
    pub score: i64,
    /// Address of the answer.
    pub url: Option<String>,
    /// When it was accepted, or, where the source does not say, written.
    pub accepted_at: Option<Timestamp>,
    /// When the question was asked.
    pub asked_at: Option<Timestamp>,
    /// Labels in the source's order.
    pub tags: Vec<String>,
    /// Licence as the source names it.
    pub licence: Option<String>,
    /// The product it is about, where the source says.
    pub product: Option<String>,
    /// Ids of answers to questions that its source calls the same, asked before.
    pub same_as: Vec<String>,
}

impl SourceAnswer {
    /// Whether the asker wrote the answer, as far as display names tell.
    pub fn is_self_answer(&self) -> bool {
        self.author.is_some() && self.author == self.asker
    }
}

/// A row left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Line in the uncompressed file, from 1, where the row starts.
    pub line: u64,
    /// The row's id, where it could be read.
    pub id: Option<String>,
    /// What is wrong with it, in words for the admin.
    pub reason: String,
}

impl Skipped {
    pub(crate) fn new(line: u64, id: Option<&str>, reason: impl Into<String>) -> Self {
        Self { line, id: id.map(|id| id.chars().take(200).collect()), reason: reason.into() }
    }
}
