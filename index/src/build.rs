//! Filling a new generation: analysis on all cores, one Tantivy writer.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use tantivy::IndexWriter;

use crate::answer::IndexedAnswer;
use crate::error::IndexError;
use crate::generation::{Generation, add, commit};
use crate::info::BuildProgress;

/// Memory of the writer before it flushes a segment.
const WRITER_BYTES: usize = 100_000_000;

/// Answers handed over at once.
const CHUNK: usize = 128;

/// Writes all `answers` into `generation` and commits them with `seq`.
pub(crate) fn fill(
    generation: &Generation,
    answers: &mut dyn Iterator<Item = IndexedAnswer>,
    seq: u64,
    progress: &dyn Fn(BuildProgress),
) -> Result<(), IndexError> {
    let mut writer = generation.bulk_writer(WRITER_BYTES)?;
    let n_workers = thread::available_parallelism().map_or(1, NonZero::get).min(8);
    let (sender, receiver) = sync_channel(2 * n_workers);
    let receiver = Mutex::new(receiver);
    thread::scope(|scope| {
        let work = || analyse_chunks(&receiver, &writer, generation);
        let workers: Vec<_> = (0..n_workers).map(|_| scope.spawn(work)).collect();
        feed(&sender, answers, progress);
        drop(sender);
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    commit(&mut writer, seq)?;
    writer.wait_merging_threads().map_err(IndexError::engine("merge"))?;
    generation.refresh()
}

/// Sends the answers in chunks until there are no more, or no worker is left to take them.
fn feed(
    sender: &SyncSender<Vec<IndexedAnswer>>,
    answers: &mut dyn Iterator<Item = IndexedAnswer>,
    progress: &dyn Fn(BuildProgress),
) {
    let mut n_answers = 0;
    loop {
        let chunk: Vec<IndexedAnswer> = answers.take(CHUNK).collect();
        n_answers += chunk.len() as u64;
        progress(BuildProgress { answers: n_answers });
        if chunk.is_empty() || sender.send(chunk).is_err() {
            return;
        }
    }
}

/// Analyses what comes until the feed ends; after an error the rest is taken and dropped, so
/// that the feed never waits for ever.
fn analyse_chunks(
    receiver: &Mutex<Receiver<Vec<IndexedAnswer>>>,
    writer: &IndexWriter,
    generation: &Generation,
) -> Result<(), IndexError> {
    let next = || receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
    let mut outcome = Ok(());
    while let Ok(chunk) = next() {
        if outcome.is_ok() {
            outcome = generation.learn(chunk.iter()).and_then(|()| {
                chunk.iter().try_for_each(|answer| add(writer, &generation.fields, answer))
            });
        }
    }
    outcome
}
