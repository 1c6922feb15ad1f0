//! What a run of an import notes down beside its staged rows: for the run that goes on from there,
//! and for whoever watches.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ImportError;
use super::summary::Summary;
use crate::answers::read::Meter;
use crate::clock::from_millis;
use crate::store::{Store, StoreError, Tx};

/// What the settings that hold notes are called, before the source.
const NOTE: &str = "import of ";

/// What a run keeps beside its staged rows, so that another one can go on.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) run: i64,
    pub(super) file: String,
    pub(super) n_items: u64,
    /// Where a forum is read on.
    #[serde(default)]
    pub(super) position: Option<String>,
    pub(super) summary: Summary,
    pub(super) started_ms: i64,
    /// How far the run is, for those who watch it.
    #[serde(default)]
    pub(super) read: ReadSoFar,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ReadSoFar {
    /// Bytes read, packed as the file is.
    pub(super) n_bytes: u64,
    /// Bytes there are to read; 0 while nobody knows.
    pub(super) of_bytes: u64,
    /// When this run began.
    pub(super) from_ms: i64,
    /// When it last wrote.
    pub(super) at_ms: i64,
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
    /// Notes how far the reading is now.
    pub(super) fn got(&mut self, meter: &Meter, now: Timestamp) {
        let (n_bytes, of_bytes, at_ms) = (meter.read(), meter.total(), now.as_millisecond());
        self.read = ReadSoFar { n_bytes, of_bytes, at_ms, ..self.read };
    }

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

/// Fails if another import of the source has begun since this one.
pub(super) async fn still_ours(tx: &mut Tx, source: &str, run: i64) -> Result<(), ImportError> {
    let note = tx.setting(&note_name(source)).await?;
    let note: Option<Note> = note.and_then(|text| serde_json::from_str(&text).ok());
    if note.is_some_and(|note| note.run == run) {
        return Ok(());
    }
    Err(ImportError::Overtaken { source_name: source.to_owned() })
}

/// Keeps the note of a source's run.
pub(super) async fn keep(tx: &mut Tx, source: &str, note: &Note) -> Result<(), StoreError> {
    let text = serde_json::json!(note).to_string();
    tx.set_setting(&note_name(source), &text).await
}

/// Leaves nothing of a run that cannot be completed.
pub(super) async fn forget(store: &Store, source: &str) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.clear_staged(source).await?;
    tx.drop_setting(&note_name(source)).await?;
    tx.commit().await
}

/// What the setting is called that holds a source's note.
pub(super) fn note_name(source: &str) -> String {
    format!("{NOTE}{source}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_remaining_time_count_from_where_this_run_began() {
        let read = ReadSoFar { n_bytes: 3_000, of_bytes: 9_000, from_ms: 1_000, at_ms: 4_000 };
        let note = |read| Note {
            run: 1,
            file: String::new(),
            n_items: 8,
            position: None,
            summary: Summary { kept: 7, ..Summary::default() },
            started_ms: 0,
            read,
        };
        let running = note(read).running("forum");
        assert_eq!((running.n_kept, running.source.as_str()), (7, "forum"));
        assert!((running.share - 1.0 / 3.0).abs() < 1e-9, "{running:?}");
        assert!((running.bytes_per_second - 1_000.0).abs() < 1e-9, "{running:?}");
        assert_eq!(running.left, Some(SignedDuration::from_secs(6)));
        let unknown = note(ReadSoFar { of_bytes: 0, ..read }).running("forum");
        assert_eq!(unknown.left, None);
    }
}
