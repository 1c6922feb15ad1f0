//! Reading answers on a thread of its own; judging and digesting them beside it, batch by batch
//! and in order.

use std::path::Path;

use serde::{Deserialize, Serialize};
use superfan_index::detect_language;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};

use super::summary::{Sample, SkippedRow, Summary};
use super::{ImportError, ImportProgress, ImportRequest};
use crate::answers::read::{self, Item, Meter, ReadError, Reader, SourceAnswer};
use crate::answers::sendable::judge;
use crate::background::{BrokeOff, in_background};
use crate::people::digest;
use crate::store::answers::AnswerRow;
use crate::store::sources::Quote;
use crate::store::wishes::Wish;

/// Items of one batch; each batch is one transaction.
const BATCH: usize = 500;
/// Batches that wait for the store; reading further ahead only costs memory.
const BATCHES_AHEAD: usize = 4;
/// How much of a text the language is settled by, in characters.
const LANGUAGE_CHARS: usize = 1_000;

/// An item ready to be staged or counted.
pub(super) enum Prepared {
    Answer(Box<PreparedAnswer>),
    Skipped(SkippedRow),
}

/// An answer ready to be staged.
pub(super) struct PreparedAnswer {
    pub(super) source_id: String,
    pub(super) hash: String,
    pub(super) body: String,
    pub(super) sendable: bool,
    pub(super) licence: Option<String>,
    pub(super) sample: Sample,
}

/// Items that belong to one transaction.
pub(super) struct Batch {
    pub(super) items: Vec<Prepared>,
    /// Where a forum is read on after them.
    pub(super) position: Option<String>,
}

impl Batch {
    pub(super) fn answers(&self) -> impl Iterator<Item = &PreparedAnswer> {
        self.items.iter().filter_map(|item| match item {
            Prepared::Answer(answer) => Some(&**answer),
            Prepared::Skipped(_) => None,
        })
    }
}

/// A source that is opened and will be read once the first batch is asked for.
pub(super) struct Preparing {
    reader: Option<Reader>,
    n_passed: u64,
    meter: Meter,
    batches: Option<mpsc::Receiver<Result<Judging, ReadError>>>,
    /// The next batch; kept here so that whoever stops waiting for it finds it again.
    judging: Option<Judging>,
    task: Option<JoinHandle<Result<(), BrokeOff>>>,
}

/// Opens the source.
pub(super) fn start(request: &ImportRequest) -> Result<Preparing, ReadError> {
    let reader = match &request.forum {
        Some(forum) => read::open_forum(forum.clone()),
        None => read::open(request.format, &request.path)?,
    };
    let meter = reader.meter();
    Ok(Preparing {
        reader: Some(reader),
        n_passed: 0,
        meter,
        batches: None,
        judging: None,
        task: None,
    })
}

impl Preparing {
    /// Passes over the items that an earlier run staged already.
    pub(super) fn go_on_from(&mut self, n_items: u64, position: Option<&str>) {
        match (&mut self.reader, position) {
            (Some(reader), Some(position)) => reader.go_on_from(position),
            (Some(reader), None) if reader.is_forum() => {}
            _ => self.n_passed = n_items,
        }
    }

    /// The next batch; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Result<Batch, ImportError>> {
        if let Some(reader) = self.reader.take() {
            let (sender, receiver) = mpsc::channel(BATCHES_AHEAD);
            let n_passed = usize::try_from(self.n_passed).unwrap_or(usize::MAX);
            self.batches = Some(receiver);
            let runtime = Handle::current();
            let read = move || send_batches(reader, n_passed, &runtime, &sender);
            self.task = Some(tokio::spawn(in_background("import", read)));
        }
        if self.judging.is_none() {
            match self.batches.as_mut()?.recv().await {
                Some(Ok(judging)) => self.judging = Some(judging),
                Some(Err(error)) => return Some(Err(error.into())),
                None => {
                    let read = ended(self.task.as_mut()?.await);
                    self.task = None;
                    return read.err().map(Err);
                }
            }
        }
        let batch = ended(self.judging.as_mut()?.await);
        self.judging = None;
        Some(batch)
    }

    pub(super) fn progress(&self, summary: &Summary, is_applying: bool) -> ImportProgress {
        ImportProgress { n_kept: summary.kept, meter: self.meter.clone(), is_applying }
    }
}

/// A batch that is judged on a thread of its own.
type Judging = JoinHandle<Result<Batch, BrokeOff>>;

/// What background work came to.
fn ended<T>(work: Result<Result<T, BrokeOff>, JoinError>) -> Result<T, ImportError> {
    let broke_off = |words: String| ImportError::BrokeOff(words);
    work.map_err(|error| broke_off(error.to_string()))?
        .map_err(|error| broke_off(error.to_string()))
}

fn send_batches(
    mut reader: Reader,
    n_passed: usize,
    runtime: &Handle,
    sender: &mpsc::Sender<Result<Judging, ReadError>>,
) {
    let is_forum = reader.is_forum();
    let prepared = |items: Vec<Item>, position| {
        let judge_all = move || {
            let items = items.into_iter().map(|item| prepared(item, is_forum)).collect();
            Batch { items, position }
        };
        runtime.spawn(in_background("judging", judge_all))
    };
    let (mut items, mut at) = (Vec::with_capacity(BATCH), 0);
    // Whoever imports may have gone away: then nobody wants the rest.
    while let Some(item) = reader.next() {
        match item {
            Err(error) => {
                let _ = sender.blocking_send(Err(error));
                return;
            }
            Ok(_) if at < n_passed => {}
            Ok(item) => items.push(item),
        }
        at += 1;
        let position = reader.position();
        let is_full = if is_forum { position.is_some() } else { items.len() == BATCH };
        if is_full {
            let items = std::mem::replace(&mut items, Vec::with_capacity(BATCH));
            if sender.blocking_send(Ok(prepared(items, position))).is_err() {
                return;
            }
        }
    }
    if !items.is_empty() {
        let _ = sender.blocking_send(Ok(prepared(items, None)));
    }
}

fn prepared(item: Item, is_forum: bool) -> Prepared {
    match item {
        Item::Answer(answer) => Prepared::Answer(Box::new(prepare(*answer, is_forum))),
        Item::Skipped(row) => {
            Prepared::Skipped(SkippedRow { line: row.line, id: row.id, reason: row.reason })
        }
    }
}

/// What a staged row's body holds.
#[derive(Serialize, Deserialize)]
pub(super) struct Staged {
    lang: String,
    title: String,
    question: String,
    answer: String,
    author: Option<String>,
    author_url: Option<String>,
    asker: Option<String>,
    votes: i64,
    url: Option<String>,
    accepted_at: Option<jiff::Timestamp>,
    asked_at: Option<jiff::Timestamp>,
    tags: Vec<String>,
    licence: Option<String>,
    product: Option<String>,
    sendable: bool,
    sendable_reason: Option<String>,
    /// The topic in a forum that is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) topic: Option<String>,
    /// Answers to questions that the source calls the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) same_as: Vec<String>,
}

pub(super) fn prepare(answer: SourceAnswer, is_forum: bool) -> PreparedAnswer {
    let verdict = judge(&answer);
    let lang = answer.lang.clone().unwrap_or_else(|| language_of(&answer));
    let sample = Sample {
        id: answer.id.clone(),
        lang: lang.clone(),
        title: if answer.title.is_empty() { &answer.question } else { &answer.title }.clone(),
        answer: answer.answer.clone(),
        author: answer.author.clone(),
    };
    let staged = Staged {
        lang,
        title: answer.title,
        question: answer.question,
        answer: answer.answer,
        author: answer.author,
        author_url: answer.author_url,
        asker: answer.asker,
        votes: answer.score,
        url: answer.url,
        accepted_at: answer.accepted_at,
        asked_at: answer.asked_at,
        tags: answer.tags,
        licence: answer.licence,
        product: answer.product,
        sendable: verdict.sendable,
        sendable_reason: verdict.against().filter(|_| !verdict.sendable).map(str::to_owned),
        topic: answer.topic.filter(|_| is_forum),
        same_as: answer.same_as,
    };
    let body = serde_json::json!(staged).to_string();
    PreparedAnswer {
        source_id: answer.id,
        hash: digest(&body),
        body,
        sendable: verdict.sendable,
        licence: staged.licence,
        sample,
    }
}

fn language_of(answer: &SourceAnswer) -> String {
    let parts = [answer.title.as_str(), &answer.question, &answer.answer];
    let text: String = parts.join("\n").chars().take(LANGUAGE_CHARS).collect();
    detect_language(&text, None).lang
}

impl Staged {
    /// The row it becomes; its public id and its place in the sequence are the caller's.
    pub(super) fn into_row(self, source: &str, source_id: String, hash: String) -> AnswerRow {
        AnswerRow {
            id: source_id.clone(),
            source: source.to_owned(),
            source_id,
            lang: self.lang,
            title: self.title,
            question: self.question,
            answer: self.answer,
            author: self.author,
            author_url: self.author_url,
            asker: self.asker,
            url: self.url,
            licence: self.licence,
            product: self.product,
            tags: self.tags,
            votes: self.votes,
            asked_at: self.asked_at,
            accepted_at: self.accepted_at,
            sendable: self.sendable,
            sendable_reason: self.sendable_reason,
            sendable_by_hand: None,
            helped: 0,
            refused: 0,
            live: true,
            hash,
            seq: 0,
            updated_at: jiff::Timestamp::UNIX_EPOCH,
            quote: Quote::default(),
            wish: Wish::default(),
        }
    }
}

/// What tells one state of the files from another: format, program, path, sizes and times.
pub(super) fn fingerprint(request: &ImportRequest) -> Result<String, ReadError> {
    let path = &request.path;
    if request.forum.is_some() {
        return Ok(format!("{} {} {}", request.format, env!("CARGO_PKG_VERSION"), path.display()));
    }
    let cannot_open = |source| ReadError::Open { file: path.clone(), source };
    let mut text = format!("{} {} ", request.format, env!("CARGO_PKG_VERSION"));
    let mut files = vec![path.clone()];
    if path.is_dir() {
        let entries = std::fs::read_dir(path).map_err(cannot_open)?;
        files.extend(entries.filter_map(|entry| Some(entry.ok()?.path())));
    }
    files.sort();
    for file in &files {
        text.push_str(&look_of(file).map_err(cannot_open)?);
    }
    Ok(text)
}

fn look_of(file: &Path) -> std::io::Result<String> {
    let look = std::fs::metadata(file)?;
    let modified = look.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {} {};", file.display(), look.len(), modified.as_nanos()))
}
