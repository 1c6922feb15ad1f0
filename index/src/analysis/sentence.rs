//! Sentence boundaries: rough ones for analysis, careful ones for cutting a reply.

use icu_segmenter::SentenceSegmenter;
use icu_segmenter::options::SentenceBreakInvariantOptions;

/// The sentences and lines of cleaned text. Rough on purpose: analysis only needs neighbours.
pub(super) fn pieces(clean: &str) -> impl Iterator<Item = &str> {
    clean.split_inclusive('\n').flat_map(line_pieces).filter(|piece| !piece.trim().is_empty())
}

fn line_pieces(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, tail) = rest.split_at(end_of_sentence(rest));
        rest = tail;
        Some(piece)
    })
}

fn end_of_sentence(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let before_space = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        match c {
            '。' | '؟' | '؛' => return end,
            '.' | '!' | '?' | ';' if before_space => return end,
            _ => {}
        }
    }
    text.len()
}

/// Where `text` may be cut: byte offsets after each sentence, the last one being its length.
///
/// Follows Unicode's sentence rules, which know the full stops of every script; Thai, which
/// writes none, is cut at its line ends only. `lang` is BCP 47 and kept for rules to come.
pub fn sentences(text: &str, lang: &str) -> Vec<usize> {
    let _ = lang;
    let segmenter = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
    segmenter.segment_str(text).filter(|end| *end > 0).collect()
}
