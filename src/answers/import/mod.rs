//! Bringing a source's accepted answers into the store.
//!
//! In: a file or folder and the name of its source. Out: rows and a [`Summary`]. What is read goes
//! to staging in short transactions, so an interrupted run resumes where it was; one last
//! transaction applies everything, or nothing. Must not know: the index, HTTP.

mod apply;
mod note;
mod prepare;
mod summary;
mod topic;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use superfan_bots::Forum;

use super::read::{Format, Meter, ReadError};
use crate::clock::Clock;
use crate::desk::Stage;
use crate::people::{ActError, Actor};
use crate::store::imports::StagedRow;
use crate::store::{Store, StoreError, Tx};
use crate::vocabulary::Role;

use note::{Note, ReadSoFar, forget, keep, note_name, still_ours};
use prepare::{Batch, Prepared, Preparing};

pub use note::{RunningImport, running_imports};
pub use summary::{Sample, SkippedRow, Summary};
pub use topic::{TopicChange, put_topic};

/// How often it is told that a run goes on while it has nothing new: a dump's first pass, a forum
/// that makes us wait.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);
/// How long a forum's staged answers are worth going on from.
const GOOD_FOR_MS: i64 = 24 * 60 * 60 * 1_000;

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
    loop {
        match next_or_silence(&mut preparing).await? {
            Heard::End => break,
            Heard::Silence => {}
            Heard::Batch(batch) => {
                let mut tx = store.read().await?;
                n_met += classify(&mut tx, &request.source, &batch, &mut summary).await?.1;
            }
        }
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
    loop {
        let mut rows = Vec::new();
        match next_or_silence(&mut preparing).await? {
            Heard::End => break,
            Heard::Silence => {}
            Heard::Batch(batch) => {
                let mut tx = store.read().await?;
                (rows, _) = classify(&mut tx, &request.source, &batch, &mut note.summary).await?;
                note.n_items += batch.items.len() as u64;
                note.position = batch.position.or(note.position.take());
            }
        }
        note.got(&preparing.progress(&note.summary, false).meter, importing.clock.now());
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

/// What came of waiting for a batch.
enum Heard {
    Batch(Batch),
    /// Nothing so far, but the reading goes on.
    Silence,
    End,
}

async fn next_or_silence(preparing: &mut Preparing) -> Result<Heard, ImportError> {
    match tokio::time::timeout(SIGN_OF_LIFE, preparing.next()).await {
        Err(_elapsed) => Ok(Heard::Silence),
        Ok(None) => Ok(Heard::End),
        Ok(Some(batch)) => Ok(Heard::Batch(batch?)),
    }
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
