//! Bringing a source's accepted answers into the store.
//!
//! In: a file or folder and the name of its source. Out: rows and a [`Summary`]. What is read goes
//! to staging in short transactions, so an interrupted run resumes where it was; one last
//! transaction applies everything, or nothing. Must not know: the index, HTTP.

mod apply;
mod prepare;
mod summary;
mod topic;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use superfan_bots::Forum;

use super::read::{Format, Meter, ReadError};
use crate::clock::{Clock, from_millis};
use crate::desk::Stage;
use crate::people::{ActError, Actor};
use crate::store::imports::StagedRow;
use crate::store::{Store, StoreError, Tx};
use crate::vocabulary::Role;

use prepare::{Batch, Prepared, Preparing};

pub use summary::{Sample, SkippedRow, Summary};
pub use topic::{TopicChange, put_topic};

/// What to import.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// How it is read.
    pub format: Format,
    /// The file or folder.
    pub path: PathBuf,
    /// The source's name; answers are retired only within it.
    pub source: String,
    /// Only say what would happen.
    pub dry_run: bool,
    /// The forum that is read, where it is one.
    pub forum: Option<Arc<dyn Forum>>,
}

impl ImportRequest {
    /// The name of a source that nobody named: its file or folder, without extensions.
    pub fn source_of(path: &Path) -> String {
        let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = full.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut name = name.unwrap_or_else(|| "import".to_owned());
        while !full.is_dir()
            && let Some((stem, extension)) = name.rsplit_once('.')
            && !stem.is_empty()
            && EXTENSIONS.contains(&extension.to_lowercase().as_str())
        {
            name = stem.to_owned();
        }
        name
    }
}

/// What the names of files that can be read end with.
const EXTENSIONS: [&str; 8] = ["gz", "zst", "jsonl", "ndjson", "json", "csv", "xml", "txt"];

/// How far an import is.
#[derive(Clone, Debug)]
pub struct ImportProgress {
    /// Answers read.
    pub n_kept: u64,
    /// Bytes read of how many.
    pub meter: Meter,
    /// Whether everything is read and is being applied.
    pub is_applying: bool,
}

/// What an import needs beside the store.
#[derive(Clone, Copy)]
pub struct Importing<'a> {
    /// What acts need.
    pub stage: Stage<'a>,
    /// Tells how long it takes.
    pub clock: &'a dyn Clock,
    /// Is told how far the import is.
    pub progress: &'a (dyn Fn(&ImportProgress) + Send + Sync),
}

/// Nothing was imported, and the store is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source as a whole cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Not one answer could be used.
    #[error(
        "nothing to import in {}: {n_skipped} rows, none of them usable{example}; \
         check the format and the path",
        path.display()
    )]
    NothingKept {
        /// What was read.
        path: PathBuf,
        /// Rows that were skipped.
        n_skipped: u64,
        /// The first reason.
        example: String,
    },
    /// Two imports of the same source at once.
    #[error("another import of the source {source_name} began meanwhile; run this one again")]
    Overtaken {
        /// The source.
        source_name: String,
    },
    /// The actor may not import.
    #[error(transparent)]
    Refused(#[from] ActError),
    /// The store failed; an interrupted run resumes when it is started again.
    #[error("could not store the answers")]
    Store(#[from] StoreError),
    /// The reading panicked.
    #[error("reading broke off: {0}")]
    BrokeOff(String),
}

/// What a run keeps beside its staged rows, so that another one can go on.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    run: i64,
    file: String,
    n_items: u64,
    /// Where a forum is read on.
    #[serde(default)]
    position: Option<String>,
    summary: Summary,
    started_ms: i64,
    /// How far the run is, for those who watch it.
    #[serde(default)]
    read: ReadSoFar,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct ReadSoFar {
    /// Bytes read, packed as the file is.
    n_bytes: u64,
    /// Bytes there are to read; 0 while nobody knows.
    of_bytes: u64,
    /// When this run began.
    from_ms: i64,
    /// When it last wrote.
    at_ms: i64,
}

/// An import that runs, or was interrupted.
#[derive(Clone, Debug, PartialEq)]
pub struct RunningImport {
    /// The source.
    pub source: String,
    /// Answers read.
    pub n_kept: u64,
    /// How much of the file is read, 0.0..=1.0.
    pub share: f64,
    /// Bytes read in a second.
    pub bytes_per_second: f64,
    /// How long the rest takes at this rate; `None` while nobody can tell.
    pub left: Option<SignedDuration>,
    /// When it last got on.
    pub at: Timestamp,
}

/// The imports that run or were interrupted, by source.
pub async fn running_imports(tx: &mut Tx) -> Result<Vec<RunningImport>, StoreError> {
    let notes = tx.settings_from(NOTE).await?;
    let running = notes.into_iter().filter_map(|(name, text)| {
        let note: Note = serde_json::from_str(&text).ok()?;
        Some(note.running(name.strip_prefix(NOTE)?))
    });
    Ok(running.collect())
}

impl Note {
    #[expect(clippy::cast_precision_loss, reason = "shares and rates are for people")]
    fn running(&self, source: &str) -> RunningImport {
        let ReadSoFar { n_bytes, of_bytes, from_ms, at_ms } = self.read;
        let took_s = (at_ms - from_ms).max(1) as f64 / 1_000.0;
        let bytes_per_second = n_bytes as f64 / took_s;
        let left_s = of_bytes.saturating_sub(n_bytes) as f64 / bytes_per_second;
        let is_known = of_bytes > 0 && bytes_per_second > 0.0;
        RunningImport {
            source: source.to_owned(),
            n_kept: self.summary.kept,
            share: n_bytes as f64 / of_bytes.max(1) as f64,
            bytes_per_second,
            left: is_known.then(|| SignedDuration::try_from_secs_f64(left_s).unwrap_or_default()),
            at: from_millis(at_ms),
        }
    }
}

/// Imports a source; ends when everything is applied, or with the store as it was.
///
/// The index follows by itself. Needs [`Role::Admin`].
pub async fn import(
    store: &Store,
    importing: Importing<'_>,
    actor: &Actor,
    request: &ImportRequest,
) -> Result<Summary, ImportError> {
    actor.require(Role::Admin)?;
    let preparing = prepare::start(request)?;
    if request.dry_run {
        return dry_run(store, importing, request, preparing).await;
    }
    let mut note = begin(store, importing, request).await?;
    let read = read_into_staging(store, importing, request, preparing, &mut note).await;
    let kept = read.and_then(|()| something_kept(request, &note.summary));
    match kept {
        Ok(()) => {}
        // A store that failed may have room again soon: then the next run goes on from here.
        // So may a forum.
        Err(
            error @ (ImportError::Store(_)
            | ImportError::Overtaken { .. }
            | ImportError::Read(ReadError::Forum { .. })),
        ) => return Err(error),
        Err(error) => {
            forget(store, &request.source).await?;
            return Err(error);
        }
    }
    apply::apply(store, importing, actor, request, note).await
}

/// Reads everything and compares it with the store; writes nothing.
async fn dry_run(
    store: &Store,
    importing: Importing<'_>,
    request: &ImportRequest,
    mut preparing: Preparing,
) -> Result<Summary, ImportError> {
    let mut summary = Summary::default();
    let mut n_met = 0;
    while let Some(batch) = preparing.next().await {
        let batch = batch?;
        let mut tx = store.read().await?;
        let (_, met) = classify(&mut tx, &request.source, &batch, &mut summary).await?;
        n_met += met;
        (importing.progress)(&preparing.progress(&summary, false));
    }
    something_kept(request, &summary)?;
    let n_of_source = store.read().await?.count_of_source(&request.source).await?;
    summary.retired = u64::try_from(n_of_source - n_met).unwrap_or_default();
    Ok(summary)
}

fn something_kept(request: &ImportRequest, summary: &Summary) -> Result<(), ImportError> {
    if summary.kept > 0 {
        return Ok(());
    }
    let first = summary.skipped.first();
    Err(ImportError::NothingKept {
        path: request.path.clone(),
        n_skipped: summary.seen,
        example: first
            .map(|row| format!(" (line {}: {})", row.line, row.reason))
            .unwrap_or_default(),
    })
}

/// Starts, or takes up what an interrupted run of the same file left.
async fn begin(
    store: &Store,
    importing: Importing<'_>,
    request: &ImportRequest,
) -> Result<Note, ImportError> {
    let file = prepare::fingerprint(request)?;
    let mut tx = store.begin().await?;
    let left = tx.setting(&note_name(&request.source)).await?;
    let left: Option<Note> = left.and_then(|text| serde_json::from_str(&text).ok());
    let run = importing.stage.ids.next();
    // What a forum said too long ago may not be so any more.
    let now_ms = importing.clock.now().as_millisecond();
    let is_fresh = |note: &Note| request.forum.is_none() || now_ms - note.read.at_ms < GOOD_FOR_MS;
    let left = left.filter(|note| note.file == file && is_fresh(note));
    let note = if let Some(left) = left {
        Note { run, ..left }
    } else {
        tx.clear_staged(&request.source).await?;
        let (started_ms, read) = (importing.stage.now.as_millisecond(), ReadSoFar::default());
        let summary = Summary::default();
        Note { run, file, n_items: 0, position: None, summary, started_ms, read }
    };
    let note = Note { read: ReadSoFar { from_ms: now_ms, at_ms: now_ms, ..note.read }, ..note };
    keep(&mut tx, &request.source, &note).await?;
    tx.commit().await?;
    Ok(note)
}

async fn read_into_staging(
    store: &Store,
    importing: Importing<'_>,
    request: &ImportRequest,
    mut preparing: Preparing,
    note: &mut Note,
) -> Result<(), ImportError> {
    preparing.go_on_from(note.n_items, note.position.as_deref());
    while let Some(batch) = preparing.next().await {
        let batch = batch?;
        let mut tx = store.read().await?;
        let (rows, _) = classify(&mut tx, &request.source, &batch, &mut note.summary).await?;
        drop(tx);
        note.n_items += batch.items.len() as u64;
        note.position = batch.position.or(note.position.take());
        let meter = preparing.progress(&note.summary, false).meter;
        let at_ms = importing.clock.now().as_millisecond();
        let (n_bytes, of_bytes) = (meter.read(), meter.total());
        note.read = ReadSoFar { n_bytes, of_bytes, at_ms, ..note.read };
        let mut tx = store.begin().await?;
        still_ours(&mut tx, &request.source, note.run).await?;
        tx.stage_answers(&request.source, &rows).await?;
        keep(&mut tx, &request.source, note).await?;
        tx.commit().await?;
        (importing.progress)(&preparing.progress(&note.summary, false));
    }
    (importing.progress)(&preparing.progress(&note.summary, true));
    Ok(())
}

/// Counts a batch and compares it with the store: the rows to stage, and how many of them
/// are live.
async fn classify(
    tx: &mut Tx,
    source: &str,
    batch: &Batch,
    summary: &mut Summary,
) -> Result<(Vec<StagedRow>, i64), StoreError> {
    let ids: Vec<&str> = batch.answers().map(|answer| answer.source_id.as_str()).collect();
    let known = tx.known_answers(source, &ids).await?;
    let mut rows = Vec::with_capacity(ids.len());
    for item in &batch.items {
        match item {
            Prepared::Skipped(row) => summary.skip(row.clone()),
            Prepared::Answer(answer) => {
                let same = known.iter().find(|known| known.source_id == answer.source_id);
                let is_unchanged = same.is_some_and(|known| known.hash == answer.hash);
                summary.count(answer, is_unchanged);
                rows.push(StagedRow {
                    source_id: answer.source_id.clone(),
                    hash: answer.hash.clone(),
                    body: if is_unchanged { String::new() } else { answer.body.clone() },
                });
            }
        }
    }
    let n_met = known.iter().filter(|known| known.live).count();
    Ok((rows, i64::try_from(n_met).unwrap_or(i64::MAX)))
}

/// Fails if another import of the source has begun since this one.
async fn still_ours(tx: &mut Tx, source: &str, run: i64) -> Result<(), ImportError> {
    let note = tx.setting(&note_name(source)).await?;
    let note: Option<Note> = note.and_then(|text| serde_json::from_str(&text).ok());
    if note.is_some_and(|note| note.run == run) {
        return Ok(());
    }
    Err(ImportError::Overtaken { source_name: source.to_owned() })
}

async fn keep(tx: &mut Tx, source: &str, note: &Note) -> Result<(), StoreError> {
    let text = serde_json::json!(note).to_string();
    tx.set_setting(&note_name(source), &text).await
}

/// Leaves nothing of a run that cannot be completed.
async fn forget(store: &Store, source: &str) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.clear_staged(source).await?;
    tx.drop_setting(&note_name(source)).await?;
    tx.commit().await
}

/// How long a forum's staged answers are worth going on from.
const GOOD_FOR_MS: i64 = 24 * 60 * 60 * 1_000;

/// What the settings that hold notes are called, before the source.
const NOTE: &str = "import of ";

fn note_name(source: &str) -> String {
    format!("{NOTE}{source}")
}
