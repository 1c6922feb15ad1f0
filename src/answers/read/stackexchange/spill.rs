//! A temporary file without a name: values put aside by the first pass, fetched by the second.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::answers::read::error::ReadError;

/// Where a value is in the spill.
pub(super) type Slot = u64;

/// Values on disk, each found again by its [`Slot`]; gone with the process.
pub(super) struct Spill {
    writer: BufWriter<File>,
    reader: Option<BufReader<File>>,
    end: Slot,
    buffer: Vec<u8>,
}

impl Spill {
    pub(super) fn new() -> Result<Self, ReadError> {
        let file = tempfile::tempfile().map_err(ReadError::spill)?;
        let writer = BufWriter::with_capacity(256 * 1024, file);
        Ok(Self { writer, reader: None, end: 0, buffer: Vec::new() })
    }

    pub(super) fn put<T: Serialize>(&mut self, value: &T) -> Result<Slot, ReadError> {
        self.buffer.clear();
        serde_json::to_writer(&mut self.buffer, value)
            .map_err(|error| ReadError::spill(error.into()))?;
        let length = self.buffer.len() as u64;
        let slot = self.end;
        self.writer.write_all(&length.to_le_bytes()).map_err(ReadError::spill)?;
        self.writer.write_all(&self.buffer).map_err(ReadError::spill)?;
        self.end += 8 + length;
        Ok(slot)
    }

    /// Ends the putting; from here on values are fetched.
    pub(super) fn finish(&mut self) -> Result<(), ReadError> {
        self.writer.flush().map_err(ReadError::spill)?;
        let file = self.writer.get_ref().try_clone().map_err(ReadError::spill)?;
        self.reader = Some(BufReader::with_capacity(64 * 1024, file));
        Ok(())
    }

    pub(super) fn fetch<T: DeserializeOwned>(&mut self, slot: Slot) -> Result<T, ReadError> {
        if self.reader.is_none() {
            self.finish()?;
        }
        let reader = self.reader.as_mut().expect("finish() made it");
        // Answers follow their questions closely, so most jumps stay inside the buffer.
        let here = reader.stream_position().map_err(ReadError::spill)?;
        let jump = i64::try_from(i128::from(slot) - i128::from(here));
        match jump {
            Ok(jump) => reader.seek_relative(jump),
            Err(_) => reader.seek(SeekFrom::Start(slot)).map(drop),
        }
        .map_err(ReadError::spill)?;
        let mut length = [0; 8];
        reader.read_exact(&mut length).map_err(ReadError::spill)?;
        self.buffer.clear();
        reader
            .by_ref()
            .take(u64::from_le_bytes(length))
            .read_to_end(&mut self.buffer)
            .map_err(ReadError::spill)?;
        serde_json::from_slice(&self.buffer).map_err(|error| ReadError::spill(error.into()))
    }
}
