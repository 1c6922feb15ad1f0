//! What can go wrong with an index.

use std::path::PathBuf;

/// Opening, building or changing an index failed.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A file of the index directory could not be read or written.
    #[error("could not {doing} {path}")]
    Io {
        /// What was attempted, as a verb.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The index was written by another version; build it again from the store with
    /// [`crate::Index::open_outdated`].
    #[error("the index has schema {found}, this program writes schema {expected}")]
    Outdated {
        /// Schema number on disk.
        found: u32,
        /// Schema number of this program.
        expected: u32,
    },
    /// There is no such generation, or it is not complete.
    #[error("there is no generation {0}")]
    NoGeneration(u64),
    /// There is no earlier generation to go back to.
    #[error("there is no earlier generation")]
    NothingToRollBackTo,
    /// Another build is running.
    #[error("a build is running already")]
    Building,
    /// A sentence model failed.
    #[error(transparent)]
    Model(#[from] crate::semantic::ModelError),
    /// The search library failed.
    #[error("the search library could not {doing}")]
    Engine {
        /// What was attempted, as a verb.
        doing: &'static str,
        /// The cause.
        #[source]
        source: tantivy::TantivyError,
    },
}

impl IndexError {
    pub(crate) fn engine(doing: &'static str) -> impl FnOnce(tantivy::TantivyError) -> Self {
        move |source| Self::Engine { doing, source }
    }

    pub(crate) fn io(
        doing: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { doing, path, source }
    }
}

/// A search failed.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// A segment could not be read.
    #[error("a segment of the index could not be read")]
    Corrupt(#[from] tantivy::TantivyError),
    /// The generation asked for is not there.
    #[error("there is no generation {0}")]
    NoGeneration(u64),
}
