//! Tensors of a `safetensors` file, read one at a time so that a big file is never held whole.
//!
//! Format: eight bytes little-endian header length, a JSON header, then the raw values.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::ModelError;
use super::files::{damaged, open, unreadable, unsupported};

const MAX_HEADER: u64 = 64 << 20;

/// An open file of named tensors.
#[derive(Debug)]
pub(super) struct Tensors {
    path: PathBuf,
    file: File,
    entries: HashMap<String, Entry>,
    data_start: u64,
}

#[derive(Debug, Deserialize)]
struct Entry {
    dtype: Dtype,
    shape: Vec<usize>,
    data_offsets: [u64; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
enum Dtype {
    F32,
    F16,
    BF16,
    #[serde(other)]
    Other,
}

impl Dtype {
    fn width(self) -> usize {
        if self == Self::F32 { 4 } else { 2 }
    }

    fn decode(self, bytes: &[u8]) -> Vec<f32> {
        let halves = bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]));
        match self {
            Self::F16 => halves.map(half).collect(),
            Self::BF16 => halves.map(|bits| f32::from_bits(u32::from(bits) << 16)).collect(),
            Self::F32 | Self::Other => bytes
                .chunks_exact(4)
                .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                .collect(),
        }
    }
}

impl Tensors {
    /// Reads the header and checks every tensor's place against the file's length.
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let file = open(path)?;
        let length = file.metadata().map_err(|e| unreadable(path, e))?.len();
        let mut prefix = [0; 8];
        if length < 8 {
            return Err(damaged(path, "shorter than its header"));
        }
        file.read_exact_at(&mut prefix, 0).map_err(|e| unreadable(path, e))?;
        let header_len = u64::from_le_bytes(prefix);
        if header_len > MAX_HEADER || header_len + 8 > length {
            return Err(damaged(path, "its header is longer than the file"));
        }
        let mut header = vec![0; usize::try_from(header_len).unwrap_or(0)];
        file.read_exact_at(&mut header, 8).map_err(|e| unreadable(path, e))?;
        let mut entries: HashMap<String, serde_json::Value> =
            serde_json::from_slice(&header).map_err(|e| damaged(path, e.to_string()))?;
        entries.remove("__metadata__");
        let entries = entries
            .into_iter()
            .map(|(name, value)| match serde_json::from_value(value) {
                Ok(entry) => Ok((name, entry)),
                Err(error) => Err(damaged(path, format!("tensor {name}: {error}"))),
            })
            .collect::<Result<HashMap<String, Entry>, _>>()?;
        let data_start = header_len + 8;
        for (name, entry) in &entries {
            let [start, end] = entry.data_offsets;
            if start > end || data_start.saturating_add(end) > length {
                return Err(damaged(path, format!("tensor {name} ends beyond the file")));
            }
        }
        Ok(Self { path: path.to_owned(), file, entries, data_start })
    }

    /// What stands before `suffix` in the name of the one tensor that ends with it.
    pub(super) fn prefix_of(&self, suffix: &str) -> Result<String, ModelError> {
        self.entries
            .keys()
            .filter_map(|name| name.strip_suffix(suffix))
            .min()
            .map(str::to_owned)
            .ok_or_else(|| damaged(&self.path, format!("no tensor named {suffix}")))
    }

    /// The values of tensor `name`, which must have exactly `shape`.
    pub(super) fn values(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let entry = self.checked(name, shape)?;
        let mut bytes = vec![0; shape.iter().product::<usize>() * entry.dtype.width()];
        self.file
            .read_exact_at(&mut bytes, self.data_start + entry.data_offsets[0])
            .map_err(|e| unreadable(&self.path, e))?;
        Ok(entry.dtype.decode(&bytes))
    }

    /// Row `row` of tensor `name` with `shape` (rows, columns), read from disk when asked for.
    pub(super) fn row(
        &self,
        name: &str,
        shape: [usize; 2],
        row: usize,
    ) -> Result<Vec<f32>, ModelError> {
        let entry = self.checked(name, &shape)?;
        let row_bytes = shape[1] * entry.dtype.width();
        let mut bytes = vec![0; row_bytes];
        let offset =
            self.data_start + entry.data_offsets[0] + (row.min(shape[0] - 1) * row_bytes) as u64;
        self.file.read_exact_at(&mut bytes, offset).map_err(|e| unreadable(&self.path, e))?;
        Ok(entry.dtype.decode(&bytes))
    }

    fn checked(&self, name: &str, shape: &[usize]) -> Result<&Entry, ModelError> {
        let Some(entry) = self.entries.get(name) else {
            return Err(damaged(&self.path, format!("no tensor named {name}")));
        };
        if entry.dtype == Dtype::Other {
            let reason = format!("tensor {name} is neither F32, F16 nor BF16");
            return Err(unsupported(&self.path, reason));
        }
        let bytes = shape.iter().product::<usize>() * entry.dtype.width();
        let [start, end] = entry.data_offsets;
        if entry.shape != shape || end - start != bytes as u64 {
            let reason = format!("tensor {name} has shape {:?}, not {shape:?}", entry.shape);
            return Err(damaged(&self.path, reason));
        }
        Ok(entry)
    }
}

/// An IEEE half as f32.
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let exponent = u32::from(bits >> 10) & 0x1f;
    let fraction = bits & 0x3ff;
    match exponent {
        // Subnormals are multiples of 2^-24, which an f32 holds exactly.
        0 => f32::from_bits(sign | (f32::from(fraction) * 2f32.powi(-24)).to_bits()),
        31 => f32::from_bits(sign | 0x7f80_0000 | (u32::from(fraction) << 13)),
        _ => f32::from_bits(sign | ((exponent + 112) << 23) | (u32::from(fraction) << 13)),
    }
}
