//! Whether an accepted answer may be sent by itself: does it tell a stranger what to do?
//!
//! Accepted is not enough. Thank-yous, "it just started working", questions back and pointers
//! elsewhere stay for people. A logistic model over signs and words that can be read aloud
//! (`weights.tsv`); the guideline and the labels it was fitted on are
//! `index/tests/sendable_guideline.md` and `sendable_labels.tsv`. Outside of a talk, and in languages
//! without labelled answers, signs alone decide, and what shows no sign against it passes.

mod features;
#[cfg(test)]
mod fit;
mod lexicon;
mod shape;
#[cfg(test)]
mod tests;
mod weights;
mod words;

use self::features::{NAMES, features, is_guide};
use self::weights::model;
use super::read::SourceAnswer;

/// Judges one answer. No I/O, no clock: the same answer is always judged alike.
pub fn judge(answer: &SourceAnswer) -> Verdict {
    let features = features(answer);
    let model = model(answer.lang.as_deref(), answer.asker.is_some());
    let mut sum = model.bias;
    let mut reasons = Vec::new();
    let wording = model.wording(&answer.answer, answer.is_self_answer());
    if wording != 0.0 {
        sum += wording;
        reasons.push(Reason { name: WORDING, contribution: wording, text: wording_text(wording) });
    }
    for ((value, weight), (name, text)) in features.iter().zip(model.signs).zip(NAMES) {
        let contribution = value * weight;
        sum += contribution;
        if contribution != 0.0 {
            reasons.push(Reason { name, contribution, text });
        }
    }
    reasons.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
    let score = 1.0 / (1.0 + (-sum).exp());
    // Announced steps in an order are instructions, whoever wrote them.
    Verdict { sendable: score >= model.line || is_guide(&answer.answer), score, reasons }
}

/// The name of the reason that sums up all words.
const WORDING: &str = "wording";

fn wording_text(wording: f32) -> &'static str {
    if wording < 0.0 {
        "its words are those of a report, thanks or a question"
    } else {
        "its words are those of instructions"
    }
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
    /// The heaviest sign against sending, in words for the admin; the wording as a whole only where
    /// no sign can be named, and `None` without either.
    pub fn against(&self) -> Option<&'static str> {
        let mut against = self.reasons.iter().filter(|reason| reason.contribution < 0.0);
        let first = against.next()?;
        let named = if first.name == WORDING { against.next() } else { None };
        Some(named.unwrap_or(first).text)
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
