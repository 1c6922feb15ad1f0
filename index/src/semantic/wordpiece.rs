//! BERT's tokenizer: clean, fold, split into words and punctuation, then the longest known pieces.

use std::collections::HashMap;

use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointMapDataBorrowed};
use unicode_normalization::UnicodeNormalization;

const CATEGORIES: CodePointMapDataBorrowed<'static, GeneralCategory> = CodePointMapData::new();

/// A vocabulary of word beginnings and continuations with BERT's way of preparing a text.
#[derive(Debug)]
pub(super) struct WordPiece {
    /// Known pieces; continuations carry their mark (`##`).
    pub(super) pieces: HashMap<String, u32>,
    /// The piece of a word that cannot be cut into known ones.
    pub(super) unknown: u32,
    /// What a continuation starts with in `pieces`.
    pub(super) continuation: String,
    /// Longer words are unknown, in characters.
    pub(super) max_word: usize,
    /// How a text is prepared.
    pub(super) folding: Folding,
}

/// What is done to a text before it is split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Folding {
    /// Left as it is.
    Cased,
    /// Lower case, accents kept.
    Lower,
    /// Accents removed, case kept.
    Bare,
    /// Lower case without accents.
    LowerBare,
}

impl WordPiece {
    /// The ids of `text`.
    pub(super) fn ids(&self, text: &str) -> Vec<u32> {
        let mut ids = Vec::new();
        let folded = self.fold(text);
        for chunk in folded.split_whitespace() {
            for word in split_punctuation(chunk) {
                self.cut(word, &mut ids);
            }
        }
        ids
    }

    fn fold(&self, text: &str) -> String {
        let mut spaced = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_whitespace() {
                spaced.push(' ');
            } else if is_ideograph(c) {
                spaced.extend([' ', c, ' ']);
            } else if c != '\u{fffd}' && !is_other(c) {
                spaced.push(c);
            }
        }
        let bare = |text: &str| text.nfd().filter(|c| !is_accent(*c)).collect::<String>();
        match self.folding {
            Folding::Cased => spaced,
            Folding::Lower => spaced.to_lowercase(),
            Folding::Bare => bare(&spaced),
            Folding::LowerBare => bare(&spaced).chars().flat_map(char::to_lowercase).collect(),
        }
    }

    /// Appends the pieces of one word, longest first; a word with no such cut is unknown.
    fn cut(&self, word: &str, ids: &mut Vec<u32>) {
        let n_before = ids.len();
        let mut rest = word;
        let mut candidate = String::new();
        let too_long = word.chars().count() > self.max_word;
        while !rest.is_empty() && !too_long {
            let mark = if rest.len() == word.len() { "" } else { &self.continuation };
            let mut end = rest.len();
            let found = loop {
                candidate.clear();
                candidate.push_str(mark);
                candidate.push_str(&rest[..end]);
                if let Some(id) = self.pieces.get(&candidate) {
                    break Some(*id);
                }
                match rest[..end].char_indices().next_back() {
                    Some((0, _)) | None => break None,
                    Some((shorter, _)) => end = shorter,
                }
            };
            let Some(id) = found else { break };
            ids.push(id);
            rest = &rest[end..];
        }
        if !rest.is_empty() {
            ids.truncate(n_before);
            ids.push(self.unknown);
        }
    }
}

/// `chunk` cut so that every punctuation character stands alone.
fn split_punctuation(chunk: &str) -> impl Iterator<Item = &str> {
    let mut rest = chunk;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = if is_punctuation(first) {
            first.len_utf8()
        } else {
            rest.find(is_punctuation).unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || GeneralCategoryGroup::Punctuation.contains(CATEGORIES.get(c))
}

fn is_accent(c: char) -> bool {
    !c.is_ascii() && CATEGORIES.get(c) == GeneralCategory::NonspacingMark
}

/// Control, format, private and unassigned characters, which BERT drops.
fn is_other(c: char) -> bool {
    c.is_control() || (!c.is_ascii() && GeneralCategoryGroup::Other.contains(CATEGORIES.get(c)))
}

/// The blocks that BERT's preparation calls Chinese; kana and Hangul are not among them.
fn is_ideograph(c: char) -> bool {
    matches!(
        u32::from(c),
        0x3400..=0x4dbf
            | 0x4e00..=0x9fff
            | 0xf900..=0xfaff
            | 0x20000..=0x2a6df
            | 0x2a700..=0x2b73f
            | 0x2b740..=0x2b81f
            | 0x2b820..=0x2ceaf
            | 0x2f800..=0x2fa1f
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[u32]) {
        let known =
            ["[UNK]", "reset", "##ting", "my", "wh", "##-", "-", "1000", "cafe", "重", "##s", "!"];
        let word_piece = WordPiece {
            pieces: (0..).zip(known).map(|(id, text)| (text.to_owned(), id)).collect(),
            unknown: 0,
            continuation: "##".into(),
            max_word: 20,
            folding: Folding::LowerBare,
        };
        assert_eq!(word_piece.ids(text), expected);
    }

    #[test]
    fn words_are_cut_into_the_longest_pieces() {
        check("Resetting my WH-1000s!", &[1, 2, 3, 4, 6, 7, 10, 11]);
        check("Café\u{200b}s 重重", &[8, 10, 9, 9]);
    }

    #[test]
    fn a_word_without_a_cut_is_unknown_as_a_whole() {
        check("resetx my", &[0, 3]);
        check("resettingtingtingtingting my", &[0, 3]);
        check(" \t ", &[]);
    }
}
