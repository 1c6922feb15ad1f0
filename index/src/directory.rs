//! The index directory: one folder for each generation and the file `CURRENT` that names the
//! one in service. Everything that must survive a cut is written beside and renamed.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::error::IndexError;
use crate::schema::SCHEMA;

const CURRENT: &str = "CURRENT";
const META: &str = "generation.json";

/// The content of `CURRENT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Current {
    pub(crate) serving: u64,
    pub(crate) previous: Option<u64>,
}

/// The file that makes a generation's folder complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meta {
    pub(crate) schema: u32,
}

/// Folder of a complete generation.
pub(crate) fn folder(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("gen-{number}"))
}

/// Folder of a generation that is being built.
pub(crate) fn building_folder(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("gen-{number}.building"))
}

/// Removes what a killed build left.
pub(crate) fn sweep(dir: &Path) -> Result<(), IndexError> {
    for entry in fs::read_dir(dir).map_err(IndexError::io("list", dir))? {
        let path = entry.map_err(IndexError::io("list", dir))?.path();
        if path.extension().is_some_and(|extension| extension == "building") {
            fs::remove_dir_all(&path).map_err(IndexError::io("remove", &path))?;
        }
    }
    Ok(())
}

/// Numbers of the complete generations, ascending.
pub(crate) fn complete(dir: &Path) -> Vec<u64> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut numbers: Vec<u64> = entries
        .filter(|entry| entry.path().join(META).is_file())
        .filter_map(|entry| entry.file_name().to_str()?.strip_prefix("gen-")?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers
}

/// Which generation is in service; a torn or missing `CURRENT` means the latest complete one.
pub(crate) fn current(dir: &Path) -> Option<Current> {
    let complete = complete(dir);
    let written = fs::read(dir.join(CURRENT)).ok();
    let parsed: Option<Current> = written.and_then(|raw| serde_json::from_slice(&raw).ok());
    let valid = parsed.filter(|current| complete.contains(&current.serving));
    valid.or_else(|| complete.last().map(|last| Current { serving: *last, previous: None }))
}

/// Puts `current` in force, atomically and durably.
pub(crate) fn write_current(dir: &Path, current: Current) -> Result<(), IndexError> {
    let raw = serde_json::to_vec(&current).unwrap_or_default();
    write_beside(&dir.join(CURRENT), &raw)
}

/// Turns a built folder into a complete generation, atomically and durably.
pub(crate) fn complete_build(dir: &Path, number: u64) -> Result<PathBuf, IndexError> {
    let building = building_folder(dir, number);
    let folder = folder(dir, number);
    let raw = serde_json::to_vec(&Meta { schema: SCHEMA }).unwrap_or_default();
    write_beside(&building.join(META), &raw)?;
    fs::rename(&building, &folder).map_err(IndexError::io("rename", &building))?;
    sync(dir)?;
    Ok(folder)
}

/// Fails with [`IndexError::Outdated`] unless this program wrote the generation's schema.
pub(crate) fn check_schema(folder: &Path) -> Result<(), IndexError> {
    let path = folder.join(META);
    let raw = fs::read(&path).map_err(IndexError::io("read", &path))?;
    let found = serde_json::from_slice(&raw).map_or(0, |meta: Meta| meta.schema);
    if found == SCHEMA { Ok(()) } else { Err(IndexError::Outdated { found, expected: SCHEMA }) }
}

/// Bytes of the files in a generation's folder.
pub(crate) fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum()
}

/// When the generation was completed, by its file's time.
pub(crate) fn completed_at(folder: &Path) -> Option<SystemTime> {
    fs::metadata(folder.join(META)).and_then(|meta| meta.modified()).ok()
}

/// Writes a file so that it is there whole or not at all.
pub(crate) fn write_beside(path: &Path, raw: &[u8]) -> Result<(), IndexError> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside).map_err(IndexError::io("create", &beside))?;
    file.write_all(raw).map_err(IndexError::io("write", &beside))?;
    file.sync_all().map_err(IndexError::io("flush", &beside))?;
    fs::rename(&beside, path).map_err(IndexError::io("rename", &beside))?;
    path.parent().map_or(Ok(()), sync)
}

fn sync(dir: &Path) -> Result<(), IndexError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(IndexError::io("flush", dir))
}
