//! The index beside the async world: searches run on the blocking pool.

use std::sync::Arc;

use superfan_index::{Found, Index, Question, SearchError};

/// Finds accepted answers; cheap to clone.
#[derive(Clone)]
pub struct Search {
    index: Arc<Index>,
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search").field("generation", &self.index.generation()).finish()
    }
}

/// A search did not come back.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The index cannot be read.
    #[error("the index could not be searched")]
    Search(#[from] SearchError),
    /// The search panicked.
    #[error("the search broke off: {0}")]
    BrokeOff(String),
}

impl Search {
    /// Searches this index.
    pub fn new(index: Arc<Index>) -> Self {
        Self { index }
    }

    /// The index itself, for whoever builds and changes it.
    pub fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// The `n` best hits for a question, best first; all languages.
    pub async fn find(&self, question: Question, n: usize) -> Result<Found, FindError> {
        let index = Arc::clone(&self.index);
        match tokio::task::spawn_blocking(move || index.search(&question, n)).await {
            Ok(found) => Ok(found?),
            Err(error) => Err(FindError::BrokeOff(error.to_string())),
        }
    }
}
