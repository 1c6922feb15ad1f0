//! Arrays of a `NumPy` `.npz` file: a zip archive of `.npy` entries, stored or deflated.
//!
//! Only what such files use is read: no encryption, no zip64, little-endian C order.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::DeflateDecoder;

use super::ModelError;
use super::files::{damaged, read, unsupported};

const END_OF_DIRECTORY: &[u8] = b"PK\x05\x06";
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";
const NPY_MAGIC: &[u8] = b"\x93NUMPY";
const MAX_ARRAY: usize = 1 << 30;

/// An archive read into memory, unpacked array by array.
#[derive(Debug)]
pub(super) struct Arrays {
    path: PathBuf,
    bytes: Vec<u8>,
    entries: HashMap<String, Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    method: u16,
    packed: usize,
    unpacked: usize,
    header: usize,
}

impl Arrays {
    /// Reads the archive's directory.
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let bytes = read(path)?;
        let entries = directory(&bytes)
            .ok_or_else(|| damaged(path, "it is no zip archive, or not all of one"))?;
        Ok(Self { path: path.to_owned(), bytes, entries })
    }

    /// The bytes of array `name`, which must have the data type `dtype` and exactly `shape`.
    pub(super) fn bytes(
        &self,
        name: &str,
        dtype: &str,
        shape: &[usize],
    ) -> Result<Vec<u8>, ModelError> {
        let Some(entry) = self.entries.get(&format!("{name}.npy")) else {
            return Err(damaged(&self.path, format!("it holds no array {name}")));
        };
        let mut npy = self.unpack(name, *entry)?;
        let (header, start) = npy_header(&npy)
            .ok_or_else(|| damaged(&self.path, format!("array {name} has no header")))?;
        let wanted = match shape {
            [one] => format!("({one},)"),
            many => format!("{many:?}").replace('[', "(").replace(']', ")"),
        };
        let fits = header.contains(&format!("'shape': {wanted}"))
            && header.contains(&format!("'descr': '{dtype}'"))
            && header.contains("'fortran_order': False");
        if !fits {
            let reason = format!("array {name} is {}, not {dtype} {wanted}", header.trim());
            return Err(unsupported(&self.path, reason));
        }
        let width = dtype[2..].parse::<usize>().unwrap_or(1);
        let bytes = npy.split_off(start);
        if bytes.len() != shape.iter().product::<usize>() * width {
            return Err(damaged(&self.path, format!("array {name} is cut short")));
        }
        Ok(bytes)
    }

    /// The values of the 32-bit array `name`, which must have exactly `shape`.
    pub(super) fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        Ok(self
            .bytes(name, "<f4", shape)?
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect())
    }

    fn unpack(&self, name: &str, entry: Entry) -> Result<Vec<u8>, ModelError> {
        let broken = || damaged(&self.path, format!("array {name} cannot be unpacked"));
        if entry.unpacked > MAX_ARRAY {
            return Err(broken());
        }
        let packed = packed(&self.bytes, entry).ok_or_else(broken)?;
        let mut unpacked = Vec::with_capacity(entry.unpacked);
        match entry.method {
            0 => unpacked.extend_from_slice(packed),
            8 => {
                let limit = entry.unpacked as u64 + 1;
                DeflateDecoder::new(packed)
                    .take(limit)
                    .read_to_end(&mut unpacked)
                    .map_err(|_| broken())?;
            }
            method => {
                let reason = format!("array {name} is packed by method {method}");
                return Err(unsupported(&self.path, reason));
            }
        }
        if unpacked.len() == entry.unpacked { Ok(unpacked) } else { Err(broken()) }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + 2)?;
    Some(usize::from(u16::from_le_bytes([bytes[0], bytes[1]])))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let b = bytes.get(at..at + 4)?;
    usize::try_from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])).ok()
}

/// The central directory, found from the archive's end; `None` when it is not whole.
fn directory(bytes: &[u8]) -> Option<HashMap<String, Entry>> {
    let end = bytes.windows(4).rposition(|window| window == END_OF_DIRECTORY)?;
    let n_entries = u16_at(bytes, end + 10)?;
    let mut at = u32_at(bytes, end + 16)?;
    let mut entries = HashMap::new();
    for _ in 0..n_entries {
        if bytes.get(at..at + 4)? != DIRECTORY_ENTRY {
            return None;
        }
        let entry = Entry {
            method: u16::try_from(u16_at(bytes, at + 10)?).ok()?,
            packed: u32_at(bytes, at + 20)?,
            unpacked: u32_at(bytes, at + 24)?,
            header: u32_at(bytes, at + 42)?,
        };
        let name_len = u16_at(bytes, at + 28)?;
        let name = bytes.get(at + 46..at + 46 + name_len)?;
        entries.insert(String::from_utf8_lossy(name).into_owned(), entry);
        at += 46 + name_len + u16_at(bytes, at + 30)? + u16_at(bytes, at + 32)?;
    }
    Some(entries)
}

/// An entry's packed bytes; its local header has its own name and extra lengths.
fn packed(bytes: &[u8], entry: Entry) -> Option<&[u8]> {
    let name_len = u16_at(bytes, entry.header + 26)?;
    let extra_len = u16_at(bytes, entry.header + 28)?;
    let start = entry.header + 30 + name_len + extra_len;
    bytes.get(start..start.checked_add(entry.packed)?)
}

/// The header dictionary of an `.npy` and where its data starts.
fn npy_header(npy: &[u8]) -> Option<(String, usize)> {
    let version = *npy.strip_prefix(NPY_MAGIC)?.first()?;
    let (length, start): (usize, usize) = match version {
        1 => (u16_at(npy, 8)?, 10),
        _ => (u32_at(npy, 8)?, 12),
    };
    let header = npy.get(start..start.checked_add(length)?)?;
    Some((String::from_utf8_lossy(header).into_owned(), start + length))
}
