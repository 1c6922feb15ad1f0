//! How much each sign and each word weighs, read once from `weights.tsv`.
//!
//! Two models: one with words for the languages that the labelled forum is written in, one of
//! signs alone for all others. `fit.rs` writes the first and says how.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::features::{N_SIGNS, NAMES};
use super::words::words;

/// The languages whose words were learned: those with hundreds of labelled answers' neighbours.
pub(super) const WORDED: [&str; 3] = ["en", "it", "nl"];

/// Of the signs alone: the score from which an answer may be sent.
const SIGNS_PASS_AT: f32 = 0.475;

/// Of the signs alone: what an answer without any starts from, above the line so that it passes.
const SIGNS_BIAS: f32 = 0.3;

/// Of the signs alone: the weights in the order of [`NAMES`]; above zero speaks for sending.
const SIGNS: [f32; N_SIGNS] = [
    -2.94, // self_answer
    -1.88, // thanks_first
    -2.89, // thanks
    -1.07, // works_now
    -1.92, // unexplained
    -1.50, // closed
    -5.85, // asks_back
    -1.24, // ends_in_question
    -2.37, // all_questions
    -3.51, // pointer
    -1.53, // only_link
    -3.30, // own_story
    -1.42, // very_short
    -0.72, // bare_reply
    2.33,  // acts
    1.76,  // commands
    0.81,  // interface
    1.64,  // addressed
    1.97,  // path
    0.95,  // steps
    1.01,  // exact
    0.64,  // long
    -0.54, // only_a_story
];

/// Everything that a judgement adds up, above zero for sending.
#[derive(Debug)]
pub(super) struct Model {
    /// The score from which an answer may be sent.
    pub(super) line: f32,
    /// Where the sum starts.
    pub(super) bias: f32,
    /// In the order of [`NAMES`].
    pub(super) signs: [f32; NAMES.len()],
    /// Words and pairs, in anybody's answer.
    pub(super) words: HashMap<&'static str, f32>,
    /// Words that weigh more or less where the asker wrote them.
    pub(super) asker_words: HashMap<&'static str, f32>,
}

/// The model for an answer in `lang`, in a talk that somebody began or not.
///
/// Words were learned in talks; a base of short facts has no askers and is judged by the signs.
pub(super) fn model(lang: Option<&str>, is_talk: bool) -> &'static Model {
    let is_worded = is_talk && lang.is_some_and(|lang| WORDED.contains(&lang));
    if is_worded { &WITH_WORDS } else { &SIGNS_ALONE }
}

static SIGNS_ALONE: LazyLock<Model> = LazyLock::new(|| {
    let mut model = Model::new(SIGNS_PASS_AT, SIGNS_BIAS);
    model.signs[..N_SIGNS].copy_from_slice(&SIGNS);
    model
});

static WITH_WORDS: LazyLock<Model> =
    LazyLock::new(|| Model::read(include_str!("weights.tsv")).expect("a test reads the table"));

impl Model {
    fn new(line: f32, bias: f32) -> Self {
        let (words, asker_words) = (HashMap::new(), HashMap::new());
        Self { line, bias, signs: [0.0; NAMES.len()], words, asker_words }
    }

    /// Reads lines of kind, name and weight; `None` where a line is not of that form.
    pub(super) fn read(table: &'static str) -> Option<Self> {
        let mut model = Self::new(0.5, 0.0);
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let [kind, name, weight] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
            let weight: f32 = weight.parse().ok()?;
            match kind {
                "line" => model.line = weight,
                "bias" => model.bias = weight,
                "sign" => {
                    let at = NAMES.iter().position(|(known, _)| *known == name)?;
                    model.signs[at] = weight;
                }
                "word" => _ = model.words.insert(name, weight),
                "asker" => _ = model.asker_words.insert(name, weight),
                _ => return None,
            }
        }
        Some(model)
    }

    /// What the words of an answer add up to.
    pub(super) fn wording(&self, answer: &str, is_self: bool) -> f32 {
        if self.words.is_empty() {
            return 0.0;
        }
        let weight = |table: &HashMap<&'static str, f32>, word: &str| {
            table.get(word).copied().unwrap_or_default()
        };
        let of_asker = |word: &str| if is_self { weight(&self.asker_words, word) } else { 0.0 };
        words(answer).iter().map(|word| weight(&self.words, word) + of_asker(word)).sum()
    }
}
