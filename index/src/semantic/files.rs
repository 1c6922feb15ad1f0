//! Reading a model's files: whole, as JSON, and their common digest.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::ModelError;

/// Opens `file`, telling a missing one from one that cannot be read.
pub(super) fn open(file: &Path) -> Result<File, ModelError> {
    File::open(file).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ModelError::Missing { file: file.to_owned() },
        _ => unreadable(file, source),
    })
}

/// The whole content of `file`.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, ModelError> {
    let mut bytes = Vec::new();
    open(file)?.read_to_end(&mut bytes).map_err(|source| unreadable(file, source))?;
    Ok(bytes)
}

/// `file` decoded as JSON.
pub(super) fn json<T: DeserializeOwned>(file: &Path) -> Result<T, ModelError> {
    serde_json::from_slice(&read(file)?).map_err(|error| damaged(file, error.to_string()))
}

/// `file` decoded as JSON, or `None` when it does not exist.
pub(super) fn optional_json<T: DeserializeOwned>(file: &Path) -> Result<Option<T>, ModelError> {
    match json(file) {
        Err(ModelError::Missing { .. }) => Ok(None),
        other => other.map(Some),
    }
}

/// Sixteen hexadecimal digits over the content of `files`, in order.
pub(super) fn digest(files: &[PathBuf]) -> Result<String, ModelError> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    for file in files {
        let mut open = open(file)?;
        loop {
            let n = open.read(&mut buffer).map_err(|source| unreadable(file, source))?;
            if n == 0 {
                break;
            }
            digest.update(&buffer[..n]);
        }
    }
    let bytes = digest.finalize();
    let first = bytes.iter().take(8).fold(0, |sum: u64, byte| (sum << 8) | u64::from(*byte));
    Ok(format!("{first:016x}"))
}

/// [`ModelError::Damaged`] for `file`.
pub(super) fn damaged(file: &Path, reason: impl Into<String>) -> ModelError {
    ModelError::Damaged { file: file.to_owned(), reason: reason.into() }
}

/// [`ModelError::Unsupported`] for `file`.
pub(super) fn unsupported(file: &Path, reason: impl Into<String>) -> ModelError {
    ModelError::Unsupported { file: file.to_owned(), reason: reason.into() }
}

/// [`ModelError::Unreadable`] for `file`.
pub(super) fn unreadable(file: &Path, source: io::Error) -> ModelError {
    ModelError::Unreadable { file: file.to_owned(), source }
}
