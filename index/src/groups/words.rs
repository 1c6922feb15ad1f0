//! The words of a question that tell what it is about.

use std::collections::BTreeMap;

use crate::analysis::{TokenKind, analyse, analysis_key};
use crate::frame::frames;
use crate::payload::{hash, term};

/// The telling words of a text by their stems, each with the word as it was first written: those
/// that only frame a question (`how can I`) are left out, and so are parts of codes.
pub fn telling_words(text: &str, lang: &str) -> BTreeMap<String, String> {
    let key = analysis_key(lang);
    let frames = frames();
    let mut words = BTreeMap::new();
    for token in analyse(text, lang) {
        let is_frame = frames.contains(&hash(term(key, &token.stem).as_bytes()));
        if token.kind != TokenKind::Part && !is_frame {
            words.entry(token.stem).or_insert(token.surface);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_frames_a_question_does_not_tell() {
        let words = |text, lang| telling_words(text, lang).into_values().collect::<Vec<_>>();
        assert_eq!(words("How can I pair my headphones?", "en"), ["headphones", "pair"]);
        assert_eq!(words("How do I?", "en"), Vec::<String>::new());
    }
}
