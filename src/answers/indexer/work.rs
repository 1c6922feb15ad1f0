//! Work on the index that somebody asked for: rebuild and rollback.

use std::sync::Arc;

use superfan_index::GenerationState;

use super::build::Build;
use super::exam::ExamReport;
use super::{BATCH, Indexer, IndexerError, Progress, blocking, changes_of, number};
use crate::chain::chain;
use crate::store::StoreError;
use crate::wakes::News;

/// The setting that holds the list of products whose names the index knows.
const PRODUCTS: &str = "products in the index";

/// A build that somebody asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// The piece of `index_work`.
    work: i64,
    /// Whether it is only to be looked at.
    pub(super) is_check: bool,
}

impl Indexer {
    /// Frees what a dead owner of this index left running, and forgets how far it was.
    ///
    /// Nodes that share a database cannot tell a dead owner's work from another node's, so there
    /// it stays with whoever took it.
    pub(super) async fn take_over(&self) -> Result<(), StoreError> {
        self.read_subjects_anew().await?;
        if self.store.is_shared() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        tx.free_index_work().await?;
        tx.clear_index_states().await?;
        tx.commit().await
    }

    /// Counts every answer as changed when the brand's products did, so that every index of this
    /// store reads anew what its answers are about.
    async fn read_subjects_anew(&self) -> Result<(), StoreError> {
        let digest = self.products.digest();
        if self.store.read().await?.setting(PRODUCTS).await?.as_ref() == Some(&digest) {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        let known = tx.setting(PRODUCTS).await?;
        if known.as_ref() != Some(&digest) {
            // An index that holds nothing yet has nothing to read again.
            if known.is_some() || self.index.seq() > 0 {
                tracing::info!("the list of products changed; reading every answer again");
                tx.count_answers_as_changed().await?;
            }
            tx.set_setting(PRODUCTS, &digest).await?;
        }
        tx.commit().await
    }

    /// Takes the next piece of work, if any, and starts or does it.
    pub(super) async fn take_work(&self, progress: &mut Progress) -> Result<(), IndexerError> {
        if !self.store.read().await?.has_index_work().await? {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        let taken = tx.take_index_work().await?;
        tx.commit().await?;
        let Some(work) = taken else { return Ok(()) };
        let asked = Asked { work: work.id, is_check: work.kind == "check" };
        match work.kind.as_str() {
            "rebuild" | "check" => {
                self.start_build(progress, Some(asked)).await?;
                Ok(())
            }
            "rollback" => {
                let done = self.roll_back().await.map_err(|error| chain(&error));
                self.end_work(Some(asked), done).await
            }
            other => self.end_work(Some(asked), Err(format!("unknown work {other:?}"))).await,
        }
    }

    /// Puts the generation before back in service, once it has learned what changed since.
    async fn roll_back(&self) -> Result<String, IndexerError> {
        let index = Arc::clone(&self.index);
        let generations = blocking(move || Ok(index.generations())).await?;
        let previous = generations.iter().find(|it| it.state == GenerationState::Previous);
        if let Some(previous) = previous {
            self.catch_up_in(previous.number, previous.seq).await?;
        }
        let index = Arc::clone(&self.index);
        let generation = blocking(move || Ok(index.rollback()?)).await?;
        tracing::info!(generation, "rolled back to index generation {generation}");
        Ok(format!("generation {generation} is in service again"))
    }

    /// Applies everything after `seq` to a generation that is not in service.
    pub(super) async fn catch_up_in(
        &self,
        generation: u64,
        mut seq: u64,
    ) -> Result<(), IndexerError> {
        loop {
            let mut tx = self.store.read().await?;
            let rows = tx.answers_after(number(seq), BATCH).await?;
            let Some(newest) = rows.last() else { return Ok(()) };
            seq = u64::try_from(newest.seq).unwrap_or_default();
            let changes = changes_of(&mut tx, &rows, &self.products).await?;
            drop(tx);
            let index = Arc::clone(&self.index);
            blocking(move || Ok(index.apply_in(generation, &changes, seq)?)).await?;
        }
    }

    /// Writes how far a build is, for whoever waits for it.
    pub(super) async fn tell_progress(&self, build: &mut Build) -> Result<(), IndexerError> {
        let words = build.words();
        let Some(asked) = build.asked.filter(|_| build.told != words) else { return Ok(()) };
        let mut tx = self.store.begin().await?;
        tx.set_index_work(asked.work, "running", &words, None).await?;
        tx.commit().await?;
        self.wakes.tell(News::Index);
        build.told = words;
        Ok(())
    }

    /// Keeps what an exam found.
    pub(super) async fn keep_report(
        &self,
        asked: Asked,
        report: &ExamReport,
    ) -> Result<(), IndexerError> {
        let mut tx = self.store.begin().await?;
        tx.set_index_report(asked.work, &serde_json::json!(report).to_string()).await?;
        Ok(tx.commit().await?)
    }

    /// Writes in words how work ended.
    pub(super) async fn end_work(
        &self,
        asked: Option<Asked>,
        ended: Result<String, String>,
    ) -> Result<(), IndexerError> {
        let Some(Asked { work, .. }) = asked else { return Ok(()) };
        let (state, words) = match ended {
            Ok(words) => ("done", words),
            Err(words) => ("failed", words),
        };
        let mut tx = self.store.begin().await?;
        tx.set_index_work(work, state, &words, Some(self.clock.now())).await?;
        tx.commit().await?;
        self.wakes.tell(News::Index);
        Ok(())
    }
}
