//! Why a whole source could not be read. A single bad row is a `Skipped`, not an error.

use std::io;
use std::path::{Path, PathBuf};

/// The source as a whole cannot be read; nothing of it should be applied.
///
/// Every message names the file, where in it, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file or folder is not there or may not be read.
    #[error("could not open {}; check the path and that it may be read", file.display())]
    Open {
        /// What was to be opened.
        file: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The content is damaged or not of the format that was named.
    #[error("could not read {} {place}: {reason}; {remedy}", file.display())]
    Broken {
        /// The file concerned.
        file: PathBuf,
        /// Where reading stopped.
        place: Place,
        /// What was found.
        reason: String,
        /// What to do about it.
        remedy: String,
    },
    /// A forum does not tell its answers.
    #[error("could not read {address}: {source}; run the same command again to go on from here")]
    Forum {
        /// The forum's name.
        address: String,
        /// What it said.
        #[source]
        source: superfan_bots::ForumError,
    },
    /// The temporary file for what is needed later could not be used.
    #[error("could not use a temporary file in {}; free space there or point TMPDIR elsewhere", dir.display())]
    Spill {
        /// The folder of temporary files.
        dir: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

impl ReadError {
    pub(crate) fn broken(
        file: &Path,
        place: Place,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Broken { file: file.to_owned(), place, reason: reason.into(), remedy: remedy.into() }
    }

    pub(crate) fn spill(source: io::Error) -> Self {
        Self::Spill { dir: std::env::temp_dir(), source }
    }
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The beginning.
    Start,
    /// A line of the uncompressed text, from 1.
    Line(u64),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start => f.write_str("from its beginning"),
            Self::Line(line) => write!(f, "at line {line}"),
        }
    }
}
