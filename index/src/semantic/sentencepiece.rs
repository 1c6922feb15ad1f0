//! A `SentencePiece` `.model` file (protocol buffers) read into its pieces and its character map.
//!
//! Fields used, after `sentencepiece_model.proto`: 1 pieces (1 text, 2 score, 3 type) and
//! 3 normaliser (2 precompiled character map).

use std::path::Path;

use super::ModelError;
use super::charsmap::Charsmap;
use super::files::{damaged, read};
use super::unigram::{Unigram, mark_words};

const NORMAL: u64 = 1;
const UNKNOWN: u64 = 2;
const USER_DEFINED: u64 = 4;

/// A tokenizer as `SentencePiece` itself would run it, without the pieces that mark start and end.
#[derive(Debug)]
pub(super) struct SentencePieces {
    charsmap: Charsmap,
    unigram: Unigram,
}

impl SentencePieces {
    /// Reads `file`.
    pub(super) fn open(file: &Path) -> Result<Self, ModelError> {
        parse(&read(file)?)
            .ok_or_else(|| damaged(file, "it is no SentencePiece model, or not all of one"))
    }

    /// The ids of `text`.
    pub(super) fn ids(&self, text: &str) -> Vec<u32> {
        self.unigram.ids(&mark_words(&self.charsmap.apply(text)))
    }
}

fn parse(bytes: &[u8]) -> Option<SentencePieces> {
    let mut pieces = Vec::new();
    let mut n_pieces: u32 = 0;
    let mut unknown = 0;
    let mut charsmap = Charsmap::default();
    for field in Fields(bytes) {
        match field? {
            (1, Value::Bytes(piece)) => {
                let (text, score, kind) = parse_piece(piece)?;
                match kind {
                    NORMAL | USER_DEFINED => pieces.push((text, n_pieces, score)),
                    UNKNOWN => unknown = n_pieces,
                    _ => {}
                }
                n_pieces += 1;
            }
            (3, Value::Bytes(normaliser)) => {
                for field in Fields(normaliser) {
                    if let (2, Value::Bytes(map)) = field? {
                        charsmap = Charsmap::decode(map)?;
                    }
                }
            }
            _ => {}
        }
    }
    (!pieces.is_empty()).then(|| SentencePieces {
        charsmap,
        unigram: Unigram::new(pieces.into_iter(), unknown, false),
    })
}

fn parse_piece(bytes: &[u8]) -> Option<(String, f32, u64)> {
    let (mut text, mut score, mut kind) = (String::new(), 0.0, NORMAL);
    for field in Fields(bytes) {
        match field? {
            (1, Value::Bytes(bytes)) => text = String::from_utf8(bytes.to_vec()).ok()?,
            (2, Value::Fixed(bits)) => score = f32::from_bits(bits),
            (3, Value::Varint(value)) => kind = value,
            _ => {}
        }
    }
    Some((text, score, kind))
}

enum Value<'a> {
    Varint(u64),
    Fixed(u32),
    Bytes(&'a [u8]),
    Skipped,
}

/// The fields of a message, each with its number; yields `None` once when the bytes break off.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => {
                self.take(8)?;
                Value::Skipped
            }
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => {
                let b = self.take(4)?;
                Value::Fixed(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            }
            _ => return None,
        };
        Some((tag >> 3, value))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }
}
