//! What is asked and what is found.

/// How many of the first hits a short list may show; [`Found::together`] is about so many.
pub const LISTED: usize = 3;

/// A customer's question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// The text as written; read up to [`crate::analysis::ANALYSED_CHARS`] characters.
    pub text: String,
    /// Language to expect, BCP 47; overruled when the script says otherwise.
    pub lang: Option<String>,
}

/// The result of a search, with what is needed to explain it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Language the question was analysed in, BCP 47.
    pub lang: String,
    /// How the language was settled, in words: `detected es by words; analysed as es`.
    pub language_path: String,
    /// The question's words that some hit shares, most telling first.
    pub terms: Vec<MatchedTerm>,
    /// Best first: confidence descending, ties by id.
    pub hits: Vec<Hit>,
    /// Calibrated probability that the right answer is among the first [`LISTED`] hits.
    pub together: Confidence,
    /// Generation that was searched.
    pub generation: u64,
}

/// A word of the question and where the best hit has it.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchedTerm {
    /// The word as the customer wrote it, normalised.
    pub term: String,
    /// Places of the best hit that hold it: `title`, `question`, `phrasing`, `answer`.
    pub fields: Vec<&'static str>,
    /// How telling the word is in this base: its inverse document frequency, 0 and up.
    pub weight: f32,
}

/// An accepted answer that may fit, and how sure the index is.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Id of the answer.
    pub id: String,
    /// Language of the answer, BCP 47.
    pub lang: String,
    /// Ranking score, comparable within one search only.
    pub score: f32,
    /// Calibrated probability that this answer is right.
    pub confidence: Confidence,
    /// Whether the answer may be sent to a stranger.
    pub sendable: bool,
    /// What the answer is about, in the application's own words.
    pub product: Option<String>,
    /// Whether a hit before it says the same.
    pub is_twin: bool,
    /// Why; the contributions sum to the logit of the confidence.
    pub evidence: Vec<Evidence>,
}

/// How sure the index is that an accepted answer fits the question.
///
/// Range 0.0..=1.0, higher is surer; 0.7 means about 7 in 10 such replies were judged right on
/// sets that were left out of the fit. Not comparable with a BM25 score.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Confidence(f32);

impl Confidence {
    /// Wraps a probability; what lies outside 0..=1 is clamped, NaN is 0.
    pub fn new(probability: f32) -> Self {
        Self(if probability.is_nan() { 0.0 } else { probability.clamp(0.0, 1.0) })
    }

    /// The probability, 0.0..=1.0.
    pub fn get(self) -> f32 {
        self.0
    }
}

/// One reason for or against a hit.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Stable name of the feature.
    pub name: &'static str,
    /// Its value for this hit.
    pub value: f32,
    /// What it adds to the logit of the confidence; negative speaks against.
    pub contribution: f32,
    /// The same in words for people.
    pub text: String,
}
