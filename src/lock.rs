//! One process owns a data dir: the lock that `serve`, `demo` and index work take.
//!
//! The operating system releases it however its owner ends, so nothing stale is left behind.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// The file inside the data dir that is locked; it holds the owner's process id.
const FILE: &str = "superfan.lock";

/// The right to write the data dir's index; given back when dropped.
#[derive(Debug)]
pub struct DataDirLock {
    _file: File,
}

/// The data dir could not be locked.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error(
        "the data dir {} is in use by another superfan (process {}); \
         stop it first, or choose another folder with --data-dir",
        path.display(),
        pid.map_or("unknown".to_owned(), |pid| pid.to_string())
    )]
    Held {
        /// The data dir.
        path: PathBuf,
        /// Its owner, where it could be read.
        pid: Option<u32>,
    },
    /// The folder cannot be used.
    #[error("cannot use the data dir {}; check that it exists, is writable and has space", path.display())]
    Unusable {
        /// The data dir.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

impl DataDirLock {
    /// Takes the lock of `dir`, which is made if it is missing; never waits.
    ///
    /// Errors: [`LockError::Held`] while another process (or another value here) has it.
    pub fn acquire(dir: &Path) -> Result<Self, LockError> {
        let unusable = |source| LockError::Unusable { path: dir.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(unusable)?;
        let options =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).clone();
        let mut file = options.open(dir.join(FILE)).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held { path: dir.to_owned(), pid: owner(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        file.set_len(0).map_err(unusable)?;
        file.rewind().map_err(unusable)?;
        writeln!(file, "{}", std::process::id()).map_err(unusable)?;
        Ok(Self { _file: file })
    }

    /// Takes the lock if nobody has it.
    pub fn try_acquire(dir: &Path) -> Result<Option<Self>, LockError> {
        match Self::acquire(dir) {
            Ok(lock) => Ok(Some(lock)),
            Err(LockError::Held { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The process id that the owner wrote.
fn owner(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_owner_is_told_who_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let lock = DataDirLock::acquire(dir.path()).unwrap();

        let error = DataDirLock::acquire(dir.path()).unwrap_err();

        let LockError::Held { path, pid } = &error else { panic!("{error}") };
        assert_eq!((path.as_path(), *pid), (dir.path(), Some(std::process::id())));
        assert!(error.to_string().contains(&dir.path().display().to_string()));
        assert!(DataDirLock::try_acquire(dir.path()).unwrap().is_none());
        drop(lock);
        DataDirLock::acquire(dir.path()).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();

        let error = DataDirLock::acquire(&file.join("data")).unwrap_err();

        assert!(matches!(&error, LockError::Unusable { .. }), "{error}");
        assert!(error.to_string().contains("file/data"));
    }
}
