//! Segmentation by a unigram model: of all ways to cut a text into known pieces, the likeliest.

/// What `SentencePiece` puts between words.
pub(super) const SPACE: char = '\u{2581}';

/// How much less likely than the rarest piece an unknown character is, in natural logarithm.
const UNKNOWN_PENALTY: f32 = 10.0;

/// A vocabulary of pieces with their log-probabilities.
#[derive(Debug)]
pub(super) struct Unigram {
    /// Sorted by text, so that the pieces with a common beginning lie side by side.
    pieces: Vec<Piece>,
    /// Where the pieces that start with each byte lie in `pieces`.
    by_first: Vec<(usize, usize)>,
    unknown: u32,
    unknown_score: f32,
    /// Whether a run of unknown characters is one token.
    fuse_unknown: bool,
}

#[derive(Debug)]
struct Piece {
    text: Box<str>,
    id: u32,
    score: f32,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    score: f32,
    from: usize,
    id: u32,
}

impl Unigram {
    /// From (text, id, log-probability) triples without the control pieces.
    pub(super) fn new(
        pieces: impl Iterator<Item = (String, u32, f32)>,
        unknown: u32,
        fuse_unknown: bool,
    ) -> Self {
        let mut pieces: Vec<Piece> = pieces
            .filter(|(text, _, _)| !text.is_empty())
            .map(|(text, id, score)| Piece { text: text.into_boxed_str(), id, score })
            .collect();
        pieces.sort_by(|a, b| a.text.cmp(&b.text));
        let starts = |byte: u8| pieces.partition_point(|piece| piece.text.as_bytes()[0] < byte);
        let by_first = (0..=255_u8)
            .map(|byte| {
                let end = byte.checked_add(1).map_or(pieces.len(), starts);
                (starts(byte), end)
            })
            .collect();
        let lowest = pieces.iter().map(|piece| piece.score).fold(0.0, f32::min);
        Self { by_first, pieces, unknown, unknown_score: lowest - UNKNOWN_PENALTY, fuse_unknown }
    }

    /// The ids of the likeliest cut of `text`; on equal score the piece that starts earlier wins.
    pub(super) fn ids(&self, text: &str) -> Vec<u32> {
        let nowhere = Step { score: f32::NEG_INFINITY, from: 0, id: self.unknown };
        let mut best = vec![nowhere; text.len() + 1];
        best[0].score = 0.0;
        for (start, first) in text.char_indices() {
            let so_far = best[start].score;
            let mut whole_char = false;
            self.beginnings(&text.as_bytes()[start..], |length, piece| {
                whole_char |= length == first.len_utf8();
                improve(&mut best[start + length], so_far + piece.score, start, piece.id);
            });
            if !whole_char {
                let end = &mut best[start + first.len_utf8()];
                improve(end, so_far + self.unknown_score, start, self.unknown);
            }
        }
        let mut ids = Vec::new();
        let mut end = text.len();
        while end > 0 {
            let step = best[end];
            let repeated = step.id == self.unknown && ids.last() == Some(&self.unknown);
            if !(self.fuse_unknown && repeated) {
                ids.push(step.id);
            }
            end = step.from;
        }
        ids.reverse();
        ids
    }

    /// Calls `found` with every piece that `bytes` begins with, shortest first.
    fn beginnings(&self, bytes: &[u8], mut found: impl FnMut(usize, &Piece)) {
        let Some(&first) = bytes.first() else { return };
        let (low, high) = self.by_first[usize::from(first)];
        let mut range = &self.pieces[low..high];
        for length in 1..=bytes.len() {
            if length > 1 {
                let byte = bytes[length - 1];
                let at = |piece: &Piece| piece.text.as_bytes()[length - 1];
                let low = range.partition_point(|piece| at(piece) < byte);
                let high = low + range[low..].partition_point(|piece| at(piece) == byte);
                range = &range[low..high];
            }
            // The piece that ends here sorts first; past it, every piece has a next byte.
            if let Some(piece) = range.first().filter(|piece| piece.text.len() == length) {
                found(length, piece);
                range = &range[1..];
            }
            if range.is_empty() {
                return;
            }
        }
    }
}

fn improve(step: &mut Step, score: f32, from: usize, id: u32) {
    if score > step.score {
        *step = Step { score, from, id };
    }
}

/// `text` with white space collapsed, and [`SPACE`] before every word.
pub(super) fn mark_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for word in text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()) {
        out.push(SPACE);
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, fuse_unknown: bool, expected: &[u32]) {
        let pieces = [
            ("▁", 1, -4.0),
            ("▁re", 2, -3.0),
            ("▁reset", 3, -5.0),
            ("set", 4, -3.5),
            ("s", 5, -6.0),
            ("é", 6, -6.0),
        ];
        let pieces = pieces.map(|(text, id, score)| (text.to_owned(), id, score));
        let unigram = Unigram::new(pieces.into_iter(), 0, fuse_unknown);
        assert_eq!(unigram.ids(&mark_words(text)), expected);
    }

    #[test]
    fn the_likeliest_cut_wins() {
        check("reset", true, &[3]);
        check("  resets ", true, &[3, 5]);
        check("resets set", true, &[3, 5, 1, 4]);
        check("ré", true, &[1, 0, 6]);
        check("", true, &[]);
    }

    #[test]
    fn unknown_characters_are_fused_only_when_asked() {
        check("xyz", true, &[1, 0]);
        check("xyz", false, &[1, 0, 0, 0]);
    }
}
