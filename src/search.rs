//! The index beside the async world: searches run on the blocking pool.

use std::path::Path;
use std::sync::Arc;

use superfan_index::{Found, Index, IndexError, Question, SearchError};

/// The index's folder inside the data dir.
const FOLDER: &str = "index";

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

    /// How answers are found, in words.
    pub fn mode(&self) -> String {
        "by words only".to_owned()
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

/// Opens the index of a data dir; for the process that owns it.
///
/// An index that another version wrote, or that is damaged, is opened empty: the indexer builds
/// it anew from the store. Errors: [`IndexError::Io`] if the folder cannot be used.
pub fn open_index(data_dir: &Path) -> Result<Search, IndexError> {
    let dir = data_dir.join(FOLDER);
    let index = match Index::open(&dir) {
        Err(error @ (IndexError::Outdated { .. } | IndexError::Engine { .. })) => {
            tracing::warn!(%error, "the index cannot be used; it is built anew from the store");
            Index::open_outdated(&dir)?
        }
        opened => opened?,
    };
    Ok(Search::new(Arc::new(index)))
}

/// Opens the index of a data dir for searching only, beside the process that owns it.
///
/// The owner may replace files while they are opened, so a damaged look is given another chance.
pub fn open_index_read_only(data_dir: &Path) -> Result<Search, IndexError> {
    let dir = data_dir.join(FOLDER);
    let opened = (0..3).find_map(|_| Index::open_read_only(&dir).ok());
    let index = opened.map_or_else(|| Index::open_read_only(&dir), Ok)?;
    Ok(Search::new(Arc::new(index)))
}
