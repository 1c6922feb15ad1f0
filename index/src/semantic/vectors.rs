//! Quantised sentence vectors, kept by the content they were made from.
//!
//! One file per model beside the generations: whatever text a build or a live change meets again
//! is not embedded again, an interrupted build goes on where it stopped, and a generation needs
//! nothing but the keys of its texts. Records are only ever appended; one that a crash cut short
//! is dropped at the next start. The file is mapped through Tantivy's directory, so that its
//! pages belong to the system and not to this process.
//!
//! Layout: eight bytes magic, four bytes dimensions, four zero; then per record eight bytes key,
//! four bytes check, four bytes scale (f32) and one byte per dimension. Little-endian.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use sha2::{Digest, Sha256};
use tantivy::directory::{Directory, MmapDirectory, OwnedBytes};

use super::simd::{Records, dot};
use super::sketch::Sketch;

const MAGIC: &[u8; 8] = b"sfvec\0\0\x01";
const HEADER: usize = 16;
const RECORD_HEADER: usize = 16;
/// Greatest value of a quantised question: fine enough not to matter, small enough for i32 sums.
const QUERY_STEPS: f32 = 4095.0;
const ROW_STEPS: f32 = 127.0;

/// The key under which the vector of `text` is kept.
pub fn key(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(0, |key, byte| (key << 8) | u64::from(*byte))
}

/// The vectors of one model.
pub struct Vectors {
    dims: usize,
    /// `None` in memory.
    file: Option<PathBuf>,
    rows: ArcSwap<Rows>,
    by_key: Mutex<HashMap<u64, u32>>,
}

/// The vectors as of one moment, numbered from 0 in the order they came.
pub struct Rows {
    bytes: OwnedBytes,
    dims: usize,
}

/// A question's vector, made ready for comparison.
#[derive(Debug)]
pub struct QueryVector {
    values: Vec<i16>,
    scale: f32,
}

impl QueryVector {
    /// From a vector of unit length.
    pub fn new(vector: &[f32]) -> Self {
        let scale = step(vector, QUERY_STEPS);
        #[expect(clippy::cast_possible_truncation, reason = "at most 4095 by its scale")]
        let values = vector.iter().map(|value| (value / scale).round() as i16).collect();
        Self { values, scale }
    }

    /// On which side of zero it lies in each dimension.
    pub(super) fn sketch(&self) -> Sketch {
        Sketch::of(self.values.iter().map(|value| *value < 0))
    }
}

impl Vectors {
    /// Opens or creates the vectors of the model `name` in `dir`, dropping a record cut short.
    ///
    /// A file of another layout or length of vector is started anew: vectors can always be made
    /// again. Errors: whatever reading or writing the file gives.
    pub fn open(dir: &Path, name: &str, dims: usize) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let path = dir.join(name);
        let found = if path.is_file() { map(&path)? } else { OwnedBytes::empty() };
        let (sound, by_key) = sound_records(&found, dims);
        if found.len() != sound || sound < HEADER {
            drop(found);
            let file = OpenOptions::new().create(true).write(true).truncate(false).open(&path)?;
            file.set_len(sound as u64)?;
            if sound < HEADER {
                (&file).write_all(&header(dims))?;
            }
            file.sync_all()?;
        }
        let rows = Rows { bytes: map(&path)?, dims };
        Ok(Self {
            dims,
            file: Some(path),
            rows: ArcSwap::from_pointee(rows),
            by_key: Mutex::new(by_key),
        })
    }

    /// The vectors that the owner of `dir` has made so far, for looking only.
    pub fn look(dir: &Path, name: &str, dims: usize) -> io::Result<Self> {
        let path = dir.join(name);
        if !path.is_file() {
            return Ok(Self::in_ram(dims));
        }
        let found = map(&path)?;
        let (sound, by_key) = sound_records(&found, dims);
        let rows = Rows { bytes: found.slice(0..sound), dims };
        let rows = ArcSwap::from_pointee(rows);
        Ok(Self { dims, file: None, rows, by_key: Mutex::new(by_key) })
    }

    /// Vectors that live in memory.
    pub fn in_ram(dims: usize) -> Self {
        let rows = Rows { bytes: OwnedBytes::new(header(dims)), dims };
        Self { dims, file: None, rows: ArcSwap::from_pointee(rows), by_key: Mutex::default() }
    }

    /// The number of the row kept under `key`.
    pub fn row_of(&self, key: u64) -> Option<u32> {
        self.by_key().get(&key).copied()
    }

    /// What can be compared now.
    pub fn rows(&self) -> Arc<Rows> {
        self.rows.load_full()
    }

    /// Keeps `vectors` under their keys, durable when this returns; known keys are passed over.
    pub fn append(&self, vectors: &[(u64, Vec<f32>)]) -> io::Result<()> {
        let mut by_key = self.by_key();
        let mut records = Vec::new();
        let mut next = self.rows.load().len();
        let mut added = HashMap::new();
        for (key, vector) in vectors {
            let known = by_key.contains_key(key) || added.contains_key(key);
            if vector.len() == self.dims && !known {
                write_record(&mut records, *key, vector);
                added.insert(*key, u32::try_from(next).map_err(io::Error::other)?);
                next += 1;
            }
        }
        if added.is_empty() {
            return Ok(());
        }
        let bytes = match &self.file {
            Some(path) => {
                let mut file = OpenOptions::new().append(true).open(path)?;
                append_or_undo(&mut file, &records)?;
                map(path)?
            }
            None => OwnedBytes::new([self.rows.load().bytes.as_slice(), &records].concat()),
        };
        self.rows.store(Arc::new(Rows { bytes, dims: self.dims }));
        by_key.extend(added);
        Ok(())
    }

    fn by_key(&self) -> MutexGuard<'_, HashMap<u64, u32>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rows {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.bytes.len().saturating_sub(HEADER) / stride(self.dims)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row numbered `row` as a question, if it is there.
    pub fn query(&self, row: u32) -> Option<QueryVector> {
        let record = self.record(row)?;
        let values = record[RECORD_HEADER..].iter().map(|value| f32::from(value.cast_signed()));
        let vector: Vec<f32> = values.map(|value| value * scale_of(record)).collect();
        Some(QueryVector::new(&vector))
    }

    /// The sketch of the row numbered `row`, if it is there.
    pub(super) fn sketch(&self, row: u32) -> Option<Sketch> {
        let values = &self.record(row)?[RECORD_HEADER..];
        Some(Sketch::of(values.iter().map(|value| value.cast_signed() < 0)))
    }

    fn record(&self, row: u32) -> Option<&[u8]> {
        let start = HEADER + usize::try_from(row).ok()?.checked_mul(stride(self.dims))?;
        self.bytes.get(start..start.checked_add(stride(self.dims))?)
    }

    /// The cosines of `query` with the rows numbered `rows`, in that order.
    ///
    /// Exact but for the rounding to bytes, which moves a cosine by less than .01. A number that
    /// is not there gives -1.
    pub fn cosines(&self, query: &QueryVector, rows: &[u32], out: &mut Vec<f32>) {
        out.clear();
        let records = Records {
            bytes: self.bytes.get(HEADER..).unwrap_or_default(),
            stride: stride(self.dims),
            skip: RECORD_HEADER,
        };
        dot(&query.values, records, rows, |sum, record| {
            out.push(match record {
                Some(record) => sum * query.scale * scale_of(record),
                None => -1.0,
            });
        });
    }
}

fn stride(dims: usize) -> usize {
    RECORD_HEADER + dims
}

fn scale_of(record: &[u8]) -> f32 {
    f32::from_le_bytes([record[12], record[13], record[14], record[15]])
}

/// The value of one step when the greatest of `vector` is `steps` steps.
fn step(vector: &[f32], steps: f32) -> f32 {
    let greatest = vector.iter().fold(0.0_f32, |greatest, value| greatest.max(value.abs()));
    greatest.max(f32::MIN_POSITIVE) / steps
}

fn header(dims: usize) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend(u32::try_from(dims).unwrap_or(0).to_le_bytes());
    header.extend([0; 4]);
    header
}

fn write_record(out: &mut Vec<u8>, key: u64, vector: &[f32]) {
    let scale = step(vector, ROW_STEPS);
    let start = out.len();
    out.extend(key.to_le_bytes());
    out.extend([0; 4]);
    out.extend(scale.to_le_bytes());
    #[expect(clippy::cast_possible_truncation, reason = "at most 127 by its scale")]
    out.extend(vector.iter().flat_map(|value| ((value / scale).round() as i8).to_le_bytes()));
    let check = check(&out[start..]);
    out[start + 8..start + 12].copy_from_slice(&check.to_le_bytes());
}

/// FNV-1a over a record, its own place left out.
fn check(record: &[u8]) -> u32 {
    let others = record[..8].iter().chain(&record[12..]);
    others.fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// How many bytes of a file are sound, and the row of each key in them.
fn sound_records(bytes: &[u8], dims: usize) -> (usize, HashMap<u64, u32>) {
    let mut by_key = HashMap::new();
    if bytes.len() < HEADER || bytes[..HEADER] != header(dims)[..] {
        return (0, by_key);
    }
    let mut sound = HEADER;
    for (row, record) in (0..).zip(bytes[HEADER..].chunks_exact(stride(dims))) {
        let (Some(key), Some(stored)) = (record.first_chunk(), record[8..].first_chunk()) else {
            break;
        };
        if u32::from_le_bytes(*stored) != check(record) {
            break;
        }
        by_key.insert(u64::from_le_bytes(*key), row);
        sound += record.len();
    }
    (sound, by_key)
}

/// Appends durably; a failed write leaves the file as it was, so that records stay aligned.
fn append_or_undo(file: &mut File, records: &[u8]) -> io::Result<()> {
    let before = file.metadata()?.len();
    let written = file.write_all(records).and_then(|()| file.sync_data());
    if written.is_err() {
        file.set_len(before)?;
    }
    written
}

/// Maps a whole file; a fresh directory each time, since one remembers the length it saw first.
fn map(path: &Path) -> io::Result<OwnedBytes> {
    let (Some(dir), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let directory = MmapDirectory::open(dir).map_err(io::Error::other)?;
    let file = directory.get_file_handle(Path::new(name)).map_err(io::Error::other)?;
    file.read_bytes(0..file.len())
}

#[cfg(test)]
mod tests {
    use super::super::matrix::unit;
    use super::*;

    const DIMS: usize = 40;

    fn vector(n: u64) -> Vec<f32> {
        let values = (0..DIMS as u64).map(|i| (n * 31 + i * i * 7 + i * n) % 101);
        unit(values.map(|value| f32::from(u8::try_from(value).unwrap()) - 50.0).collect())
    }

    fn cosines(vectors: &Vectors, query: &[f32], rows: &[u32]) -> Vec<f32> {
        let mut out = Vec::new();
        vectors.rows().cosines(&QueryVector::new(query), rows, &mut out);
        out
    }

    #[test]
    fn cosines_agree_with_the_slow_product() {
        let vectors = Vectors::in_ram(DIMS);
        let all: Vec<(u64, Vec<f32>)> = (0..50).map(|n| (n, vector(n))).collect();
        vectors.append(&all[..20]).unwrap();
        vectors.append(&all).unwrap();
        assert_eq!(vectors.rows().len(), 50);
        let query = vector(77);
        let rows: Vec<u32> = all.iter().map(|(key, _)| vectors.row_of(*key).unwrap()).collect();
        for (found, (_, row)) in cosines(&vectors, &query, &rows).iter().zip(&all) {
            let slow: f32 = row.iter().zip(&query).map(|(a, b)| a * b).sum();
            assert!((found - slow).abs() < 0.01, "{found} {slow}");
        }
        assert_eq!(cosines(&vectors, &query, &[50]), [-1.0]);
    }

    #[test]
    fn vectors_are_there_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let vectors = Vectors::open(dir.path(), "m", DIMS).unwrap();
        vectors.append(&[(7, vector(7)), (8, vector(8))]).unwrap();
        let before = cosines(&vectors, &vector(1), &[0, 1]);
        drop(vectors);
        let vectors = Vectors::open(dir.path(), "m", DIMS).unwrap();
        assert_eq!(
            (vectors.row_of(7), vectors.row_of(8), vectors.row_of(9)),
            (Some(0), Some(1), None)
        );
        assert_eq!(cosines(&vectors, &vector(1), &[0, 1]), before);
    }

    #[test]
    fn a_record_cut_short_or_spoilt_is_dropped_and_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m");
        let open = || Vectors::open(dir.path(), "m", DIMS).unwrap();
        open().append(&[(7, vector(7)), (8, vector(8))]).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let mut spoilt = whole.clone();
        *spoilt.last_mut().unwrap() ^= 1;
        for broken in [&whole[..whole.len() - 3], &spoilt] {
            std::fs::write(&path, broken).unwrap();
            let vectors = open();
            assert_eq!((vectors.row_of(7), vectors.row_of(8)), (Some(0), None));
            vectors.append(&[(8, vector(8))]).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), whole);
        }
    }

    #[test]
    fn a_guest_sees_what_is_whole_and_leaves_the_file_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m");
        Vectors::open(dir.path(), "m", DIMS).unwrap().append(&[(7, vector(7))]).unwrap();
        let torn = [std::fs::read(&path).unwrap(), vec![1; 9]].concat();
        std::fs::write(&path, &torn).unwrap();
        let guest = Vectors::look(dir.path(), "m", DIMS).unwrap();
        assert_eq!((guest.row_of(7), guest.rows().len()), (Some(0), 1));
        assert_eq!(std::fs::read(&path).unwrap(), torn);
        assert!(Vectors::look(dir.path(), "other", DIMS).unwrap().rows().is_empty());
    }

    #[test]
    fn another_length_of_vector_starts_anew() {
        let dir = tempfile::tempdir().unwrap();
        Vectors::open(dir.path(), "m", DIMS).unwrap().append(&[(7, vector(7))]).unwrap();
        let vectors = Vectors::open(dir.path(), "m", 8).unwrap();
        assert!(vectors.rows().is_empty());
        assert_eq!(vectors.row_of(7), None);
    }

    #[test]
    fn a_vector_costs_little_more_than_a_byte_a_dimension() {
        for dims in [384, 512] {
            assert!(stride(dims) * 10 <= dims * 11);
        }
    }
}
