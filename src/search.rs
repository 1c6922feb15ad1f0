//! The index beside the async world: searches run on the blocking pool.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use superfan_index::semantic::{self, ModelError, SentenceModel};
use superfan_index::{Detected, Found, Index, IndexError, Question, SearchError, detect_language};

/// The index's folder inside the data dir.
const FOLDER: &str = "index";

/// Finds accepted answers; cheap to clone.
#[derive(Clone)]
pub struct Search {
    index: Arc<Index>,
    /// Names of the sentence models, by their folders.
    models: Arc<[String]>,
    /// The change of the store that the index has to reach before it can serve; 0 for none.
    awaited: Arc<AtomicU64>,
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search")
            .field("generation", &self.index.generation())
            .finish_non_exhaustive()
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
        Self { index, models: Arc::default(), awaited: Arc::default() }
    }

    /// The index itself, for whoever builds and changes it.
    pub fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// Notes that what is in service is not the base until it has reached this change of the store:
    /// another version wrote it, or it is gone.
    pub fn wait_for(&self, seq: u64) {
        self.awaited.store(seq, Ordering::Relaxed);
    }

    /// Whether what is in service is the base; once it is, it stays so.
    pub fn is_filled(&self) -> bool {
        let awaited = self.awaited.load(Ordering::Relaxed);
        let is_filled = awaited == 0 || (self.index.seq() >= awaited && !self.index.needs_build());
        if is_filled && awaited > 0 {
            self.wait_for(0);
        }
        is_filled
    }

    /// How answers are found, in words.
    pub fn mode(&self) -> String {
        if self.models.is_empty() {
            return "by words only".to_owned();
        }
        format!("by words and meaning, with {}", self.models.join(" and "))
    }

    /// The language of a text, as the answers' own words settle it.
    ///
    /// An index that cannot be read is logged and passed over: the text alone decides then.
    pub fn language(&self, text: &str) -> Detected {
        self.index.language(text, None).unwrap_or_else(|error| {
            tracing::error!(%error, "reading a language without the answers' words");
            detect_language(text, None)
        })
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

/// The index or its sentence models could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenIndexError {
    /// The index cannot be used.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A sentence model that is set is missing or damaged.
    #[error("SUPERFAN_SEMANTIC_MODEL names {}, which cannot be used", folder.display())]
    Model {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        source: ModelError,
    },
}

/// Opens the index of a data dir; for the process that owns it.
///
/// An index that another version wrote, or that is damaged, is opened empty: the indexer builds
/// it anew from the store. Errors: [`IndexError::Io`] if the folder cannot be used.
pub fn open_index(data_dir: &Path, models: &[PathBuf]) -> Result<Search, OpenIndexError> {
    let dir = data_dir.join(FOLDER);
    let index = match Index::open(&dir) {
        Err(error @ (IndexError::Outdated { .. } | IndexError::Engine { .. })) => {
            tracing::warn!(%error, "the index cannot be used; it is built anew from the store");
            Index::open_outdated(&dir)?
        }
        opened => opened?,
    };
    with_models(index, models)
}

/// Opens the index of a data dir for searching only, beside the process that owns it.
///
/// The owner may replace files while they are opened, so a damaged look is given another chance.
pub fn open_index_read_only(data_dir: &Path, models: &[PathBuf]) -> Result<Search, OpenIndexError> {
    let dir = data_dir.join(FOLDER);
    let opened = (0..3).find_map(|_| Index::open_read_only(&dir).ok());
    let index = opened.map_or_else(|| Index::open_read_only(&dir), Ok)?;
    with_models(index, models)
}

/// An empty index that lives in memory, for watching a base grow.
pub fn scratch_index(models: &[PathBuf]) -> Result<Search, OpenIndexError> {
    with_models(Index::in_ram(), models)
}

/// Loads the sentence models from their folders and lets the index search with them.
fn with_models(index: Index, folders: &[PathBuf]) -> Result<Search, OpenIndexError> {
    let load = |folder: &PathBuf| {
        let loaded = semantic::load(folder);
        loaded.map_err(|source| OpenIndexError::Model { folder: folder.clone(), source })
    };
    let models: Vec<Arc<dyn SentenceModel>> =
        folders.iter().map(|folder| load(folder).map(Arc::from)).collect::<Result<_, _>>()?;
    let names: Vec<String> = folders.iter().map(|folder| name_of(folder)).collect();
    index.set_models(models)?;
    Ok(Search { index: Arc::new(index), models: names.into(), awaited: Arc::default() })
}

fn name_of(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
