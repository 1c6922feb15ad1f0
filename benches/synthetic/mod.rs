//! Answers of made-up words, as common and as rare as words of a language are.
//!
//! The same number is the same text on every machine.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use superfan_index::IndexedAnswer;

/// Different words there are.
const WORDS: usize = 60_000;
/// Words of a title, of a question's text and of an answer: about 480 bytes of question and answer.
const TITLE: usize = 8;
const TEXT: usize = 36;

/// A language of made-up words.
pub(crate) struct Language {
    words: Vec<String>,
    /// Sum of the frequencies up to each word.
    cumulative: Vec<f64>,
}

impl Language {
    /// Frequencies fall as the inverse of the rank, as in every natural language.
    pub(crate) fn new() -> Self {
        let words = (0..WORDS).map(word).collect();
        let mut sum = 0.0;
        #[expect(clippy::cast_precision_loss, reason = "ranks are small")]
        let frequencies = (0..WORDS).map(|rank| 1.0 / (rank as f64 + 2.7));
        let cumulative = frequencies.map(|frequency| {
            sum += frequency;
            sum
        });
        Self { words, cumulative: cumulative.collect() }
    }

    /// So many words, each as likely as it is common.
    pub(crate) fn text(&self, chance: &mut SmallRng, n_words: usize) -> Vec<&str> {
        let all = self.cumulative.last().copied().unwrap_or_default();
        let pick = |at: f64| self.cumulative.partition_point(|sum| *sum < at).min(WORDS - 1);
        (0..n_words).map(|_| self.words[pick(chance.random_range(0.0..all))].as_str()).collect()
    }

    /// Answer number `n`.
    pub(crate) fn answer(&self, n: u64) -> IndexedAnswer {
        let mut chance = SmallRng::seed_from_u64(n);
        let mut text = |n_words| sentences(&self.text(&mut chance, n_words));
        IndexedAnswer {
            id: n.to_string(),
            lang: "en".to_owned(),
            title: text(TITLE),
            question: text(TEXT),
            answer: text(TEXT),
            sendable: true,
            ..IndexedAnswer::default()
        }
    }
}

/// Twelve words to a sentence.
fn sentences(words: &[&str]) -> String {
    words.chunks(12).map(|words| words.join(" ") + ".").collect::<Vec<_>>().join(" ")
}

/// The word of a rank: the more common, the shorter.
fn word(rank: usize) -> String {
    const STARTS: [&str; 16] =
        ["b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "br", "st", "pl"];
    const MIDDLES: [&str; 8] = ["a", "e", "i", "o", "u", "ai", "ou", "ea"];
    const ENDS: [&str; 4] = ["n", "r", "t", "m"];
    let mut left = rank;
    let mut word = String::new();
    loop {
        word.push_str(STARTS[left % 16]);
        word.push_str(MIDDLES[left / 16 % 8]);
        left /= 128;
        if left == 0 {
            word.push_str(ENDS[rank % 4]);
            return word;
        }
        left -= 1;
    }
}
