//! The answer base: accepted answers read out of files, judged for sending, kept and indexed.
//!
//! What comes in is a brand's own history; what goes out are rows and an index, never HTTP.

mod demo;
pub mod import;
pub mod indexer;
pub mod read;
pub mod sendable;

pub use demo::import_demo;
pub use indexer::Indexer;

use crate::config::Config;
use crate::open::OpenError;
use crate::search::{self, Search};

/// Opens the index for the process that owns the data dir.
pub async fn open_index(config: &Config) -> Result<Search, OpenError> {
    open_by(config, search::open_index).await
}

/// Opens the index for searching only, beside the process that owns it.
pub async fn open_index_read_only(config: &Config) -> Result<Search, OpenError> {
    open_by(config, search::open_index_read_only).await
}

type Open = fn(&std::path::Path) -> Result<Search, superfan_index::IndexError>;

async fn open_by(config: &Config, open: Open) -> Result<Search, OpenError> {
    let failed =
        |reason: String| OpenError::Index { path: config.data_dir.display().to_string(), reason };
    let dir = config.data_dir.clone();
    match tokio::task::spawn_blocking(move || open(&dir)).await {
        Ok(opened) => opened.map_err(|error| failed(indexer::in_words(&error))),
        Err(panic) => Err(failed(panic.to_string())),
    }
}
