//! Keeps the index equal to the store: live changes, builds beside the one in service, rollback.
//!
//! In: rows changed after the index's own sequence number, and work asked for in `index_work`.
//! Out: a searchable index and a row in `index_state` that says how far it is. One indexer runs
//! per index folder. Searches never wait for it. Must not know: imports, channels, decisions.

mod build;
mod exam;
mod purge;
mod work;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use superfan_index::{Change, Index, IndexError, IndexedAnswer, SearchError};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::answers::phrasings::in_use;
use crate::background::BrokeOff;
use crate::clock::SharedClock;
use crate::desk::Desk;
use crate::products::{Products, Thread};
use crate::search::Search;
use crate::store::answers::AnswerRow;
use crate::store::index_state::IndexStateRow;
use crate::store::phrasings::PhrasingRow;
use crate::store::{Store, StoreError, Tx};
use crate::wakes::Wakes;

use build::Build;
pub use exam::{ExamChange, ExamReport, Sitting, Top};

/// How often the store is asked for changes that other processes made.
const POLL: Duration = Duration::from_millis(250);
/// Answers applied with one commit of the index.
const BATCH: i64 = 500;
/// Fewer changes than this are always applied live.
const FILL_FROM: i64 = 1_000;
/// A build replaces live changes when they are more than one in so many of the base.
const FILL_SHARE: i64 = 5;
/// How long nothing is built after a build that failed.
const REST_AFTER_FAILURE: SignedDuration = SignedDuration::from_secs(30);
/// How often `index_state` is renewed while nothing happens.
const SIGN_OF_LIFE: SignedDuration = SignedDuration::from_secs(10);

/// Brings the store's answers into the index.
pub struct Indexer {
    store: Store,
    index: Arc<Index>,
    clock: SharedClock,
    wakes: Wakes,
    node: Arc<str>,
    products: Arc<Products>,
    progress: Mutex<Progress>,
}

/// What lies between two steps.
#[derive(Default)]
struct Progress {
    /// A build in the background.
    build: Option<Build>,
    /// While the index is filled: the sequence up to which changes are searchable already.
    live_seq: Option<u64>,
    not_before: Option<Timestamp>,
    told: Option<(u64, u64, Timestamp)>,
    /// The erasure up to which the files were written anew.
    purged: i64,
}

/// What a step found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Answers applied live.
    pub n_applied: usize,
    /// Whether a build runs in the background.
    pub is_building: bool,
    /// Whether the index holds everything the store had when the step began.
    pub is_current: bool,
}

/// The index could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum IndexerError {
    /// The store could not be read.
    #[error("could not read the changed answers")]
    Store(#[from] StoreError),
    /// The index could not be written.
    #[error("could not change the index")]
    Index(#[from] IndexError),
    /// The exam could not be held.
    #[error("could not examine the new generation")]
    Search(#[from] SearchError),
    /// The blocking work panicked.
    #[error("the index work broke off: {0}")]
    BrokeOff(String),
}

impl From<BrokeOff> for IndexerError {
    fn from(error: BrokeOff) -> Self {
        Self::BrokeOff(error.to_string())
    }
}

impl Indexer {
    /// The indexer of this process, which `node` names in `index_state`.
    pub fn new(
        store: Store,
        search: &Search,
        clock: SharedClock,
        wakes: Wakes,
        node: Arc<str>,
    ) -> Self {
        let index = Arc::clone(search.index());
        let (products, progress) = (Arc::default(), Mutex::default());
        Self { store, index, clock, wakes, node, products, progress }
    }

    /// The same, recognising the brand's products.
    #[must_use]
    pub fn knowing(self, products: Arc<Products>) -> Self {
        Self { products, ..self }
    }

    /// The indexer of an opened desk.
    pub fn of(desk: &Desk) -> Self {
        let (clock, wakes, node) = (desk.clock.clone(), desk.wakes.clone(), desk.node.clone());
        let products = Arc::clone(&desk.config.rules.products);
        Self::new(desk.store.clone(), &desk.search, clock, wakes, node).knowing(products)
    }

    /// Works until `stop`; wakes at a hint and polls for what other processes wrote.
    ///
    /// A failed step is logged and tried again. A build that runs at the end is abandoned; the
    /// next start begins it anew.
    pub async fn run(self, stop: CancellationToken) {
        if let Err(error) = self.take_over().await {
            tracing::error!(error = &error as &dyn std::error::Error, "could not read index work");
        }
        let mut failed = false;
        while !stop.is_cancelled() {
            let wait = match self.step().await {
                Ok(step) => {
                    failed = false;
                    if step.n_applied > 0 { Duration::ZERO } else { POLL }
                }
                Err(error) => {
                    if !failed {
                        let error = &error as &dyn std::error::Error;
                        tracing::error!(error, "could not bring the index up to date");
                    }
                    failed = true;
                    4 * POLL
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                _ = tokio::time::timeout(wait, self.wakes.answers_hint()) => {}
            }
        }
        self.stop_building().await;
    }

    /// Steps until the index holds everything that the store has, builds included.
    pub async fn catch_up(&self, progress: &dyn Fn(u64)) -> Result<(), IndexerError> {
        self.take_over().await?;
        loop {
            let step = self.step().await?;
            progress(self.n_searchable().await);
            if step.is_current && !step.is_building {
                return Ok(());
            }
            if step.n_applied == 0 {
                self.wait_for_build().await;
            }
        }
    }

    /// Answers that are in the index, or in the build that will replace it.
    async fn n_searchable(&self) -> u64 {
        let progress = self.progress.lock().await;
        progress.build.as_ref().map_or(self.index.len(), Build::n_answers)
    }

    /// Does what there is to do now: settles a finished build, takes work, applies one batch.
    pub async fn step(&self) -> Result<Step, IndexerError> {
        let mut progress = self.progress.lock().await;
        let progress = &mut *progress;
        self.settle_build(progress).await?;
        if progress.build.is_none() {
            self.take_work(progress).await?;
        }
        let mut tx = self.store.read().await?;
        let (last, erased) = (tx.last_answer_seq().await?, tx.erased_phrasings_seq().await?);
        let from = progress.live_seq.unwrap_or_else(|| self.index.seq());
        let rows = tx.answers_after(number(from), BATCH).await?;
        if progress.build.is_none() && self.wants_fill(&mut tx, progress, last).await? {
            drop(tx);
            self.start_fill(progress).await?;
            return Ok(Step { n_applied: 0, is_building: true, is_current: false });
        }
        drop(tx);
        let n_applied = rows.len();
        if let Some(newest) = rows.last().map(|row| row.seq) {
            self.apply(progress, &rows, newest).await?;
        }
        self.purge(progress, erased).await?;
        self.tell(progress).await?;
        Ok(Step {
            n_applied,
            is_building: progress.build.is_some(),
            is_current: number(self.index.seq()) >= last
                || rows.is_empty() && progress.live_seq.is_none(),
        })
    }

    /// Whether the index is so far behind, or so damaged, that building it is the shorter way.
    ///
    /// After a rollback a newer generation lies beside: then changes are applied one by one, or
    /// the build would undo what the admin asked for.
    async fn wants_fill(
        &self,
        tx: &mut Tx,
        progress: &Progress,
        last: i64,
    ) -> Result<bool, StoreError> {
        if progress.not_before.is_some_and(|at| self.clock.now() < at) {
            return Ok(false);
        }
        let seq = number(self.index.seq());
        if self.index.needs_build() || seq > last {
            return Ok(true);
        }
        let behind = if last == seq { 0 } else { tx.count_answers_after(seq).await? };
        if behind < FILL_FROM || behind * FILL_SHARE < number(self.index.len()) {
            return Ok(false);
        }
        let serving = self.index.generation();
        Ok(!self.index.generations().iter().any(|generation| generation.number > serving))
    }

    async fn apply(
        &self,
        progress: &mut Progress,
        rows: &[AnswerRow],
        newest: i64,
    ) -> Result<(), IndexerError> {
        let changes = changes_of(&mut self.store.read().await?, rows, &self.products).await?;
        let newest = u64::try_from(newest).unwrap_or_default();
        // While a fill runs, the generation in service is not complete up to these changes: they
        // become searchable, but its own place in the sequence must stay.
        let claimed = if progress.live_seq.is_some() { self.index.seq() } else { newest };
        let index = Arc::clone(&self.index);
        blocking(move || Ok(index.apply(&changes, claimed)?)).await?;
        if let Some(live_seq) = &mut progress.live_seq {
            *live_seq = newest;
        }
        Ok(())
    }

    /// Says how far the index is, when that changed and now and then.
    async fn tell(&self, progress: &mut Progress) -> Result<(), StoreError> {
        let (generation, seq, now) = (self.index.generation(), self.index.seq(), self.clock.now());
        let is_known = progress.told.is_some_and(|(told_generation, told_seq, at)| {
            (told_generation, told_seq) == (generation, seq) && now < at + SIGN_OF_LIFE
        });
        if is_known {
            return Ok(());
        }
        let state = IndexStateRow {
            node: self.node.to_string(),
            generation: number(generation),
            seq: number(seq),
            at: now,
        };
        let mut tx = self.store.begin().await?;
        tx.set_index_state(&state).await?;
        tx.commit().await?;
        progress.told = Some((generation, seq, now));
        Ok(())
    }
}

impl std::fmt::Debug for Indexer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Indexer").field("node", &self.node).finish_non_exhaustive()
    }
}

/// What rows mean to the index.
async fn changes_of(
    tx: &mut Tx,
    rows: &[AnswerRow],
    products: &Products,
) -> Result<Vec<Change>, StoreError> {
    let answers = indexed_all(tx, rows, products).await?;
    let change = |(row, answer): (&AnswerRow, IndexedAnswer)| {
        if row.live { Change::Put(Box::new(answer)) } else { Change::Remove(answer.id) }
    };
    Ok(rows.iter().zip(answers).map(change).collect())
}

/// Answers as the index sees them, with the words in which customers asked for them.
pub async fn indexed_all(
    tx: &mut Tx,
    rows: &[AnswerRow],
    products: &Products,
) -> Result<Vec<IndexedAnswer>, StoreError> {
    let taught = Taught::read(tx, rows).await?;
    Ok(rows.iter().map(|row| taught.indexed(row, products)).collect())
}

/// The words in which customers asked for some answers, by the answers' ids.
struct Taught(HashMap<String, Vec<PhrasingRow>>);

impl Taught {
    async fn read(tx: &mut Tx, rows: &[AnswerRow]) -> Result<Self, StoreError> {
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let mut taught: HashMap<String, Vec<PhrasingRow>> = HashMap::new();
        for phrasing in tx.phrasings_of(&ids).await? {
            taught.entry(phrasing.answer_id.clone()).or_default().push(phrasing);
        }
        Ok(Self(taught))
    }

    /// One of the answers as the index sees it.
    fn indexed(&self, row: &AnswerRow, products: &Products) -> IndexedAnswer {
        let used = self.0.get(&row.id).map(|known| in_use(known)).unwrap_or_default();
        let phrasings = used.into_iter().map(|phrasing| phrasing.text.clone()).collect();
        IndexedAnswer { phrasings, ..indexed(row, products) }
    }
}

/// An answer as the index sees it.
pub(crate) fn indexed(row: &AnswerRow, products: &Products) -> IndexedAnswer {
    let about = products.answer(&Thread {
        title: &row.title,
        question: &row.question,
        answer: &row.answer,
        tags: &row.tags,
        product: row.product.as_deref(),
    });
    let count = |n: i64| u32::try_from(n.max(0)).unwrap_or(u32::MAX);
    IndexedAnswer {
        id: row.id.clone(),
        lang: row.lang.clone(),
        title: row.title.clone(),
        question: row.question.clone(),
        answer: row.answer.clone(),
        tags: row.tags.clone(),
        product: about.written(),
        votes: row.votes,
        confirmations: count(row.helped),
        refusals: count(row.refused),
        sendable: row.may_be_sent(),
        phrasings: Vec::new(),
    }
}

/// Counts and sequence numbers as the store writes them.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Runs short index work where it may block; what takes long runs in the background.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IndexerError> + Send + 'static,
) -> Result<T, IndexerError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(IndexerError::BrokeOff(error.to_string())),
    }
}
