//! A generation that is built in the background from the store, page by page.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use superfan_index::Index;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;

use super::exam::{ExamReport, Paper, examine};
use super::work::Asked;
use super::{Indexer, IndexerError, Progress, REST_AFTER_FAILURE, Taught, blocking, number};
use crate::background::in_background;
use crate::chain::chain;
use crate::products::Products;
use crate::store::answers::AnswerRow;
use crate::store::{Store, StoreError};

/// Answers read from the store at once.
const PAGE: i64 = 500;
/// Pages that wait for the index; reading ahead of it only costs memory.
const PAGES_AHEAD: usize = 2;

/// A build that runs in the background.
pub(super) struct Build {
    task: JoinHandle<Result<Built, IndexerError>>,
    n_answers: Arc<AtomicU64>,
    n_asked: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
    ended: Arc<Notify>,
    /// What was last told to whoever asked for it.
    pub(super) told: String,
    /// Answers the finished generation will have, about.
    pub(super) n_expected: i64,
    /// Who asked for it; only such a build is examined.
    pub(super) asked: Option<Asked>,
}

/// A generation that is complete and waits to be put in service.
struct Built {
    generation: u64,
    report: Option<ExamReport>,
}

impl Build {
    /// Answers taken into it so far.
    pub(super) fn n_answers(&self) -> u64 {
        self.n_answers.load(Ordering::Relaxed)
    }

    /// How far it is, in words.
    pub(super) fn words(&self) -> String {
        let answers = format!("{} of {} answers", self.n_answers(), self.n_expected);
        match self.n_asked.load(Ordering::Relaxed) {
            0 => answers,
            n_asked => format!("{answers}; exam: {n_asked} questions asked"),
        }
    }
}

impl Indexer {
    /// Builds because the index is too far behind.
    pub(super) async fn start_fill(&self, progress: &mut Progress) -> Result<(), IndexerError> {
        let seq = self.start_build(progress, None).await?;
        progress.live_seq = Some(seq);
        Ok(())
    }

    /// Starts a build from the store as it is now; returns the sequence it starts from.
    pub(super) async fn start_build(
        &self,
        progress: &mut Progress,
        asked: Option<Asked>,
    ) -> Result<u64, IndexerError> {
        let mut tx = self.store.read().await?;
        let seq = u64::try_from(tx.last_answer_seq().await?).unwrap_or_default();
        let n_expected = tx.count_answers().await?;
        drop(tx);
        tracing::info!(answers = n_expected, "building the next index of {n_expected} answers");
        let n_answers = Arc::new(AtomicU64::new(0));
        let n_asked = Arc::new(AtomicU64::new(0));
        let stopped = Arc::new(AtomicBool::new(false));
        let ended = Arc::new(Notify::new());
        let building = Building {
            index: Arc::clone(&self.index),
            products: Arc::clone(&self.products),
            seq,
            n_answers: Arc::clone(&n_answers),
            n_asked: Arc::clone(&n_asked),
            stopped: Arc::clone(&stopped),
        };
        let store = self.store.clone();
        let end = Arc::clone(&ended);
        let task = tokio::spawn(async move {
            let built = build(building, store, asked.is_some()).await;
            end.notify_one();
            built
        });
        let told = String::new();
        progress.build =
            Some(Build { task, n_answers, n_asked, stopped, ended, told, n_expected, asked });
        Ok(seq)
    }

    /// Puts a finished build in service; a failed one is told to whoever asked for it.
    pub(super) async fn settle_build(&self, progress: &mut Progress) -> Result<(), IndexerError> {
        let Some(build) = &mut progress.build else { return Ok(()) };
        if !build.task.is_finished() {
            return self.tell_progress(build).await;
        }
        let asked = build.asked;
        let built = match (&mut build.task).await {
            Ok(built) => built,
            Err(error) => Err(IndexerError::BrokeOff(error.to_string())),
        };
        progress.build = None;
        progress.live_seq = None;
        let settled = match built {
            Ok(built) => self.conclude(&built, asked).await,
            Err(error) => Err(error),
        };
        match settled {
            Ok(Ok(words)) => self.end_work(asked, Ok(words)).await,
            Ok(Err(refusal)) => self.end_work(asked, Err(refusal)).await,
            Err(error) => {
                progress.not_before = Some(self.clock.now() + REST_AFTER_FAILURE);
                self.end_work(asked, Err(chain(&error))).await?;
                Err(error)
            }
        }
    }

    /// Puts a built generation in service, unless its exam or whoever asked says otherwise.
    ///
    /// In words what was done, or why it was refused.
    async fn conclude(
        &self,
        built: &Built,
        asked: Option<Asked>,
    ) -> Result<Result<String, String>, IndexerError> {
        let generation = built.generation;
        let mut words = format!("generation {generation} is in service");
        if let (Some(report), Some(asked)) = (&built.report, asked) {
            self.keep_report(asked, report).await?;
            if let Some(refusal) = &report.refusal {
                self.discard(generation).await?;
                return Ok(Err(format!("generation {generation} did not pass: {refusal}")));
            }
            if asked.is_check {
                self.discard(generation).await?;
                return Ok(Ok(format!("would pass: {}", report.words())));
            }
            words = format!("{words}: {}", report.words());
        }
        self.swap_to(generation).await?;
        tracing::info!(generation, "index generation {generation} is in service");
        Ok(Ok(words))
    }

    async fn discard(&self, generation: u64) -> Result<(), IndexerError> {
        let index = Arc::clone(&self.index);
        blocking(move || Ok(index.discard(generation)?)).await
    }

    async fn swap_to(&self, generation: u64) -> Result<(), IndexerError> {
        let index = Arc::clone(&self.index);
        blocking(move || Ok(index.swap_to(generation)?)).await
    }

    /// Waits for a running build, but not long.
    pub(super) async fn wait_for_build(&self) {
        let ended = self.progress.lock().await.build.as_ref().map(|build| Arc::clone(&build.ended));
        if let Some(ended) = ended {
            let _ended_or_not = tokio::time::timeout(super::POLL / 5, ended.notified()).await;
        }
    }

    /// Ends a running build without a result.
    pub(super) async fn stop_building(&self) {
        let build = self.progress.lock().await.build.take();
        if let Some(build) = build {
            build.stopped.store(true, Ordering::Relaxed);
            if let Ok(Ok(built)) = build.task.await {
                tracing::debug!(built.generation, "a build ended while the program did");
            }
        }
    }
}

/// What a build works on and reports to.
struct Building {
    index: Arc<Index>,
    products: Arc<Products>,
    seq: u64,
    n_answers: Arc<AtomicU64>,
    n_asked: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
}

/// Streams the live answers into a new generation, and examines it; searches go first meanwhile.
async fn build(building: Building, store: Store, is_examined: bool) -> Result<Built, IndexerError> {
    let (sender, receiver) = mpsc::channel(PAGES_AHEAD);
    let pages = store.clone();
    let reading = tokio::spawn(async move {
        if let Err(error) = send_pages(&pages, &sender).await {
            // Nobody listens once the build has ended.
            let _ = sender.send(Err(error)).await;
        }
    });
    let fill = move || Ok::<_, IndexerError>((building.fill(receiver)?, building));
    let filled = in_background("index build", fill).await;
    reading.abort();
    let (generation, building) = filled??;
    if !is_examined {
        return Ok(Built { generation, report: None });
    }
    let paper = Paper::read(&store).await?;
    let exam = move || building.examine(generation, &paper);
    let report = in_background("index exam", exam).await??;
    Ok(Built { generation, report: Some(report) })
}

impl Building {
    fn fill(
        &self,
        mut receiver: mpsc::Receiver<Result<Page, StoreError>>,
    ) -> Result<u64, IndexerError> {
        let mut cut_short = None;
        let pages = std::iter::from_fn(|| match receiver.blocking_recv()? {
            Ok(page) if !self.stopped.load(Ordering::Relaxed) => Some(page),
            Ok(_) => {
                cut_short = Some(IndexerError::BrokeOff("the program ends".to_owned()));
                None
            }
            Err(error) => {
                cut_short = Some(error.into());
                None
            }
        });
        let progress = |progress: superfan_index::BuildProgress| {
            self.n_answers.store(progress.answers, Ordering::Relaxed);
        };
        let mut answers = pages.fuse().flat_map(|page| {
            let Page { rows, taught } = page;
            rows.into_iter().map(move |row| taught.indexed(&row, &self.products))
        });
        let generation = self.index.build(&mut answers, self.seq, &progress)?;
        drop(answers);
        let Some(error) = cut_short else { return Ok(generation) };
        self.index.discard(generation)?;
        Err(error)
    }

    fn examine(&self, generation: u64, paper: &Paper) -> Result<ExamReport, IndexerError> {
        let progress = |n_asked| self.n_asked.store(n_asked, Ordering::Relaxed);
        Ok(examine(&self.index, generation, paper, &progress)?)
    }
}

/// Some of the live answers.
struct Page {
    rows: Vec<AnswerRow>,
    taught: Taught,
}

/// Sends every live answer, each page of its own short read.
async fn send_pages(
    store: &Store,
    sender: &mpsc::Sender<Result<Page, StoreError>>,
) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let mut tx = store.read().await?;
        let rows = tx.live_answers(&after, PAGE).await?;
        let taught = Taught::read(&mut tx, &rows).await?;
        drop(tx);
        let is_last = number(rows.len() as u64) < PAGE;
        if let Some(last) = rows.last() {
            after.clone_from(&last.id);
        }
        if sender.send(Ok(Page { rows, taught })).await.is_err() || is_last {
            return Ok(());
        }
    }
}
