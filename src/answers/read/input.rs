//! Bytes of one file: opened, unpacked by their first bytes, counted, cut into bounded lines.
//!
//! Decompression streams through fixed buffers, so a file may claim or unpack to any size without
//! costing memory; the only thing that grows is one line, up to [`LONGEST_LINE`]. What unpacks
//! without end is refused before it has cost an hour.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::{Place, ReadError};

/// The longest line or row that is read, in bytes; longer ones are passed over.
pub(super) const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// The largest zstd window accepted, as a power of two: 128 MiB, what `zstd --ultra` makes.
const LARGEST_WINDOW: u32 = 27;

/// What a file may unpack to whatever its size, and from there on how many times its size. Text
/// packs to a fourth or, where it repeats itself, to a fiftieth; bombs to less than a thousandth.
const UNSUSPICIOUS: u64 = 256 * 1024 * 1024;
const MOST_TIMES: u64 = 400;

const BUFFER: usize = 128 * 1024;

/// How much of the files on disk has been read, in bytes as stored (compressed ones as such).
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    read: AtomicU64,
    total: AtomicU64,
}

impl Meter {
    /// Bytes read so far.
    pub fn read(&self) -> u64 {
        self.0.read.load(Ordering::Relaxed)
    }

    /// Bytes to read in all; a file that is read twice counts twice.
    pub fn total(&self) -> u64 {
        self.0.total.load(Ordering::Relaxed)
    }

    pub(super) fn expect(&self, bytes: u64) {
        self.0.total.fetch_add(bytes, Ordering::Relaxed);
    }
}

struct Counted<R> {
    inner: R,
    meter: Meter,
    /// The same of this file alone.
    own: Meter,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n_read = self.inner.read(buffer)?;
        for meter in [&self.meter, &self.own] {
            meter.0.read.fetch_add(n_read as u64, Ordering::Relaxed);
        }
        Ok(n_read)
    }
}

/// The unpacked text of one file, with its place for error messages.
pub(super) struct Input {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    line: u64,
    /// Bytes taken as stored, and unpacked.
    packed: Meter,
    n_unpacked: u64,
}

impl Input {
    /// Opens `path`, unpacks gzip and zstd by their first bytes, passes over a UTF-8 mark.
    ///
    /// Errors: [`ReadError`] when it cannot be opened, is another kind of archive, or is UTF-16.
    pub(super) fn open(path: &Path, meter: &Meter) -> Result<Self, ReadError> {
        let cannot_open = |source| ReadError::Open { file: path.to_owned(), source };
        let file = File::open(path).map_err(cannot_open)?;
        if file.metadata().map_err(cannot_open)?.is_dir() {
            let remedy = "name the file inside it";
            return Err(ReadError::broken(path, Place::Start, "it is a folder", remedy));
        }
        let own = Meter::default();
        let counted = Counted { inner: file, meter: meter.clone(), own: own.clone() };
        let mut packed = BufReader::with_capacity(BUFFER, counted);
        let magic = packed.fill_buf().map_err(cannot_open)?;
        let reader: Box<dyn BufRead + Send> = if magic.starts_with(&[0x1f, 0x8b]) {
            let unpacked = flate2::bufread::MultiGzDecoder::new(packed);
            Box::new(BufReader::with_capacity(BUFFER, unpacked))
        } else if magic.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            let mut unpacked =
                zstd::stream::read::Decoder::with_buffer(packed).map_err(cannot_open)?;
            unpacked.window_log_max(LARGEST_WINDOW).map_err(cannot_open)?;
            Box::new(BufReader::with_capacity(BUFFER, unpacked))
        } else if let Some(archive) = other_archive(magic) {
            let reason = format!("it is a {archive} archive");
            let remedy = "unpack it first, or pack it with gzip or zstd";
            return Err(ReadError::broken(path, Place::Start, reason, remedy));
        } else {
            Box::new(packed)
        };
        let mut input = Self { path: path.to_owned(), reader, line: 1, packed: own, n_unpacked: 0 };
        input.check_encoding()?;
        Ok(input)
    }

    /// The text alone, from where reading stands.
    pub(super) fn into_text(self) -> Box<dyn BufRead + Send> {
        self.reader
    }

    /// The line that the next byte belongs to, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// What is there to look at next without taking it; empty at the end.
    pub(super) fn peek(&mut self) -> Result<&[u8], ReadError> {
        // Asked twice because the borrow checker cannot see that the error path ends the borrow;
        // the second call only returns the filled buffer.
        if let Err(source) = self.reader.fill_buf() {
            return Err(self.damaged(&source));
        }
        let (path, line) = (&self.path, self.line);
        self.reader.fill_buf().map_err(|source| damaged(path, line, &source))
    }

    /// Takes `n` bytes of what [`Input::peek`] showed.
    pub(super) fn take(&mut self, n: usize) -> Result<(), ReadError> {
        let n_lines = self.peek()?.iter().take(n).filter(|byte| **byte == b'\n').count();
        self.line += n_lines as u64;
        self.reader.consume(n);
        self.n_unpacked += n as u64;
        let most = UNSUSPICIOUS.max(self.packed.read().saturating_mul(MOST_TIMES));
        if self.n_unpacked > most {
            let reason =
                format!("it unpacks to more than {MOST_TIMES} times its size, as bombs do");
            let remedy = "if it is sound, unpack it and import what comes out";
            return Err(self.broken(self.line, reason, remedy));
        }
        Ok(())
    }

    /// Reads up to and including the next `end` byte into `into`, which is cleared first.
    pub(super) fn take_until(&mut self, end: u8, into: &mut Vec<u8>) -> Result<Taken, ReadError> {
        into.clear();
        let mut is_too_long = false;
        loop {
            let shown = self.peek()?;
            if shown.is_empty() {
                let nothing = into.is_empty() && !is_too_long;
                return Ok(if nothing { Taken::End } else { Taken::of(is_too_long) });
            }
            let found = shown.iter().position(|byte| *byte == end);
            let n_taken = found.map_or(shown.len(), |at| at + 1);
            if into.len() + n_taken > LONGEST_LINE {
                is_too_long = true;
                into.clear();
            }
            if !is_too_long {
                into.extend_from_slice(&shown[..n_taken]);
            }
            self.take(n_taken)?;
            if found.is_some() {
                return Ok(Taken::of(is_too_long));
            }
        }
    }

    /// An error about what the text says at `line`.
    pub(super) fn broken(&self, line: u64, reason: impl Into<String>, remedy: &str) -> ReadError {
        ReadError::broken(&self.path, Place::Line(line), reason, remedy)
    }

    fn damaged(&self, source: &io::Error) -> ReadError {
        damaged(&self.path, self.line, source)
    }

    fn check_encoding(&mut self) -> Result<(), ReadError> {
        let shown = self.peek()?;
        let is_utf16 = shown.starts_with(&[0xff, 0xfe])
            || shown.starts_with(&[0xfe, 0xff])
            || matches!(shown, [0, byte, ..] | [byte, 0, ..] if byte.is_ascii_graphic());
        if is_utf16 {
            let remedy = "convert it to UTF-8, for example with iconv -f UTF-16 -t UTF-8";
            return Err(ReadError::broken(&self.path, Place::Start, "it is UTF-16 text", remedy));
        }
        if shown.starts_with(b"\xef\xbb\xbf") {
            self.take(3)?;
        }
        Ok(())
    }
}

/// What [`Input::take_until`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// The bytes are in the buffer.
    Whole,
    /// There were more than [`LONGEST_LINE`]; they are passed over.
    TooLong,
    /// Nothing was left.
    End,
}

impl Taken {
    fn of(is_too_long: bool) -> Self {
        if is_too_long { Self::TooLong } else { Self::Whole }
    }
}

fn damaged(path: &Path, line: u64, source: &io::Error) -> ReadError {
    let reason = if source.kind() == io::ErrorKind::UnexpectedEof {
        "the compressed data ends early".to_owned()
    } else {
        source.to_string()
    };
    let remedy = "fetch or export the file again; nothing of it was used";
    ReadError::broken(path, Place::Line(line), reason, remedy)
}

fn other_archive(magic: &[u8]) -> Option<&'static str> {
    const ARCHIVES: [(&[u8], &str); 5] = [
        (b"PK\x03\x04", "zip"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"BZh", "bzip2"),
        (b"Rar!", "rar"),
    ];
    ARCHIVES.iter().find(|(first, _)| magic.starts_with(first)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Reads so many MiB of lines to the end, packed by zstd.
    fn read_through(n_mib: usize) -> Result<u64, ReadError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut packed = zstd::Encoder::new(file.as_file(), 1).unwrap();
        let mut line = vec![b'x'; 1 << 20];
        line[0] = b'\n';
        for _ in 0..n_mib {
            packed.write_all(&line).unwrap();
        }
        packed.finish().unwrap();
        let mut input = Input::open(file.path(), &Meter::default())?;
        let mut taken = Vec::new();
        while input.take_until(b'\n', &mut taken)? != Taken::End {}
        Ok(input.line())
    }

    #[test]
    fn what_unpacks_without_end_is_refused_before_it_has_cost_an_hour() {
        assert_eq!(read_through(200).unwrap(), 201);
        let said = read_through(300).unwrap_err().to_string();
        for part in ["at line 25", "400 times its size", "import what comes out"] {
            assert!(said.contains(part), "{part:?} is missing in {said:?}");
        }
    }
}
