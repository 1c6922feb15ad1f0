//! The normalisation that `SentencePiece` models carry: a precompiled map from byte strings to
//! their replacements, in a double-array trie.
//!
//! Layout: four bytes little-endian trie size, the trie's 32-bit units, then the replacements,
//! each ended by a zero byte. A unit holds a label (bits 0–7), a leaf mark (bit 8) and an offset
//! (bits 10–30, times 256 when bit 9 is set); a leaf's unit is the replacement's place.

/// A precompiled character map.
#[derive(Debug, Default)]
pub(super) struct Charsmap {
    units: Vec<u32>,
    replacements: Vec<u8>,
}

impl Charsmap {
    /// Decodes a map; `None` when it is cut short. No bytes at all is a map that changes nothing.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::default());
        }
        let (size, rest) = bytes.split_first_chunk::<4>()?;
        let size = usize::try_from(u32::from_le_bytes(*size)).ok()?;
        let (trie, replacements) = rest.split_at_checked(size)?;
        let units =
            trie.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        Some(Self { units, replacements: replacements.to_vec() })
    }

    /// `text` with every longest known beginning replaced, from left to right.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            match self.longest(rest.as_bytes()) {
                // A map may only end a key on a character's boundary; one that does not is passed over.
                Some((length, replacement)) if rest.is_char_boundary(length) => {
                    out.push_str(&String::from_utf8_lossy(replacement));
                    rest = &rest[length..];
                }
                _ => {
                    out.push(first);
                    rest = &rest[first.len_utf8()..];
                }
            }
        }
        out
    }

    /// The longest beginning of `bytes` that is a key, with its replacement.
    fn longest(&self, bytes: &[u8]) -> Option<(usize, &[u8])> {
        let mut found = None;
        let mut node = offset(*self.units.first()?);
        for (i, byte) in bytes.iter().enumerate() {
            node ^= usize::from(*byte);
            let Some(&unit) = self.units.get(node) else { break };
            if unit & 0x8000_00ff != u32::from(*byte) {
                break;
            }
            node ^= offset(unit);
            if unit & 0x100 != 0 {
                found = self.units.get(node).map(|leaf| (i + 1, leaf & 0x7fff_ffff));
            }
        }
        let (length, place) = found?;
        let replacement = self.replacements.get(usize::try_from(place).ok()?..)?;
        Some((length, replacement.split(|byte| *byte == 0).next()?))
    }
}

fn offset(unit: u32) -> usize {
    let offset = (unit >> 10) << ((unit & 0x200) >> 6);
    usize::try_from(offset).unwrap_or(usize::MAX)
}
