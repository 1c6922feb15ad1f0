//! What the store has erased leaves the index's files too, not only what they show.

use std::sync::Arc;

use superfan_index::GenerationState;

use super::{Indexer, IndexerError, Progress, blocking, number};

impl Indexer {
    /// Writes the files anew once customers' words were erased from answers, last by the change
    /// `erased`: in the generation in service, when it has caught up, and in those kept beside it.
    ///
    /// Done at most once for an erasure while the process lives; after a restart once more, which
    /// costs nothing where nothing is left.
    pub(super) async fn purge(
        &self,
        progress: &mut Progress,
        erased: i64,
    ) -> Result<(), IndexerError> {
        let is_behind = number(self.index.seq()) < erased || progress.build.is_some();
        if erased <= progress.purged || is_behind {
            return Ok(());
        }
        let index = Arc::clone(&self.index);
        let generations = blocking(move || Ok(index.generations())).await?;
        for kept in generations.iter().filter(|kept| kept.state != GenerationState::Serving) {
            self.catch_up_in(kept.number, kept.seq).await?;
        }
        let index = Arc::clone(&self.index);
        blocking(move || Ok(index.purge()?)).await?;
        progress.purged = erased;
        tracing::info!("customers' words that were erased are out of the index's files");
        Ok(())
    }
}
