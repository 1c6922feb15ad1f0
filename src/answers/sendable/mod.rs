//! Whether an accepted answer may be sent by itself: does it tell a stranger what to do?
//!
//! Accepted is not enough. Thank-yous, "it just started working", questions back and pointers
//! elsewhere stay for people. A small logistic model over features that can be read aloud; the
//! guideline and the labels it was fitted on are `index/tests/sendable_guideline.md` and
//! `sendable_labels.tsv`. What shows no sign against it passes.

mod features;
mod lexicon;
#[cfg(test)]
mod tests;
mod weights;

use self::features::{NAMES, features};
use self::weights::{BIAS, PASSES_AT, WEIGHTS};
use super::read::SourceAnswer;

/// Judges one answer. No I/O, no clock: the same answer is always judged alike.
pub fn judge(answer: &SourceAnswer) -> Verdict {
    let features = features(answer);
    let mut sum = BIAS;
    let mut reasons = Vec::new();
    for ((value, weight), (name, text)) in features.iter().zip(WEIGHTS).zip(NAMES) {
        let contribution = value * weight;
        sum += contribution;
        if contribution != 0.0 {
            reasons.push(Reason { name, contribution, text });
        }
    }
    reasons.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
    let score = 1.0 / (1.0 + (-sum).exp());
    Verdict { sendable: score >= PASSES_AT, score, reasons }
}

/// Whether an answer may be sent, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether it may be sent without a person having read it.
    pub sendable: bool,
    /// How much it looks like instructions, 0.0..=1.0; not a calibrated probability.
    pub score: f32,
    /// What it was judged by, the heaviest first.
    pub reasons: Vec<Reason>,
}

impl Verdict {
    /// The heaviest sign against sending, in words for the admin; `None` without any.
    pub fn against(&self) -> Option<&'static str> {
        self.reasons.iter().find(|reason| reason.contribution < 0.0).map(|reason| reason.text)
    }
}

/// One sign for or against sending.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reason {
    /// The feature's name, stable.
    pub name: &'static str,
    /// How much it moved the judgement: above zero for sending, below against.
    pub contribution: f32,
    /// The sign in words.
    pub text: &'static str,
}
