//! From evidence to a probability: a logistic function whose terms can be read one by one.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::found::{Confidence, Evidence};

/// A fitted function from evidence to confidence, and what precision its levels reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    #[serde(flatten)]
    pub(crate) words: Judgement,
    /// In force for questions that a sentence model of one language has placed.
    pub(crate) with_model: Option<Judgement>,
    /// In force for questions that a model of many languages has placed; such a model reaches
    /// answers in all of them, but tells apart less in each.
    #[serde(default)]
    pub(crate) with_multilingual: Option<Judgement>,
    /// Precision reached above each line on sets left out of the fit, ascending by line.
    pub(crate) curve: Vec<Line>,
}

/// How hits are ranked and judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Judgement {
    /// What one unit of each evidence adds to the score that hits are ranked by.
    ranking: Vec<Weight>,
    /// Logit of a hit without any evidence.
    pub(crate) intercept: f32,
    /// What one unit of each evidence adds to the logit.
    pub(crate) weights: Vec<Weight>,
    /// That the right hit is among the first three.
    list: Logit,
}

/// A probability by its logit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Logit {
    /// Without any evidence.
    intercept: f32,
    /// What one unit of each evidence adds.
    weights: Vec<Weight>,
}

/// Weight of one kind of evidence, counted from a value on; several of one name make a curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Weight {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) above: f32,
    #[serde(rename = "weight")]
    pub(crate) adds: f32,
}

/// The confidence above which automatic answers reach a precision.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Answer automatically from this confidence on; above 1 means never.
    pub answer: f32,
    /// Precision expected of what is answered, lower end of its 95 % interval.
    pub precision: f32,
    /// Share of questions expected to be answered automatically.
    pub coverage: f32,
}

/// A calibration could not be read.
#[derive(Debug, thiserror::Error)]
#[error("could not read the calibration")]
pub struct CalibrationError(#[from] serde_json::Error);

/// Evidence that a hit has when a sentence model placed the question.
pub(crate) const MEANING: &str = "meaning_asked";

/// Evidence that a hit has when that model knows many languages.
pub(crate) const ABROAD: &str = "meaning_abroad";

/// What a question is judged on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basis {
    /// Words alone.
    Words,
    /// Words, and a sentence model of one language.
    Model,
    /// Words, and a sentence model of many languages.
    Multilingual,
}

impl Basis {
    pub(crate) const ALL: [Self; 3] = [Self::Words, Self::Model, Self::Multilingual];

    /// Told by the names of a hit's evidence.
    pub(crate) fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut basis = Self::Words;
        for name in names {
            match name {
                ABROAD => return Self::Multilingual,
                MEANING => basis = Self::Model,
                _ => {}
            }
        }
        basis
    }
}

/// Evidence of how near a hit is in meaning, and from where on it says nearly the same.
pub(crate) const CLOSEST: &str = "meaning_best";
const SAME_MEANING: f32 = 0.7;

/// Evidence of how far a hit is above what strangers get.
pub(crate) const STANDING: &str = "standing";

const SHIPPED: &str = include_str!("calibration.json");

impl Calibration {
    /// The calibration that comes with this crate, fitted on the evaluation sets.
    pub fn shipped() -> Self {
        Self::from_json(SHIPPED).expect("a test reads the embedded file")
    }

    /// Reads what [`Self::to_json`] wrote.
    pub fn from_json(json: &str) -> Result<Self, CalibrationError> {
        Ok(serde_json::from_str(json)?)
    }

    /// The calibration as JSON, weights and curve in a stable order.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("numbers and names are always JSON")
    }

    /// The lowest line whose conservative precision reaches `target_precision` (0..=1).
    ///
    /// Nothing reaches it: a line above 1, that is, nothing is answered automatically.
    pub fn line(&self, target_precision: f64) -> Line {
        let reaches = |line: &&Line| f64::from(line.precision) >= target_precision;
        let never = Line { answer: 1.01, precision: 1.0, coverage: 0.0 };
        self.curve.iter().find(reaches).copied().unwrap_or(never)
    }

    /// Tells rankings apart: what was measured by one says nothing of another.
    pub(crate) fn ranking_key(&self) -> u64 {
        let rankings = Basis::ALL.map(|basis| &self.on(basis).ranking);
        let rankings = serde_json::to_vec(&rankings).unwrap_or_default();
        let digest = Sha256::digest(&rankings);
        digest.iter().take(8).fold(0, |key, byte| (key << 8) | u64::from(*byte))
    }

    /// The score that a hit with the evidence `values` is ranked by.
    pub(crate) fn rank(&self, values: &[(&'static str, f32)]) -> f32 {
        let own = self.judgement(values);
        values.iter().map(|(name, value)| contribution(&own.ranking, name, *value)).sum()
    }

    /// The confidence that the evidence `values` give, and each one's contribution.
    pub(crate) fn judge(&self, values: &[(&'static str, f32)]) -> (Confidence, Vec<Evidence>) {
        let own = self.judgement(values);
        let start = ("start", 1.0, own.intercept);
        let weighed = values
            .iter()
            .map(|(name, value)| (*name, *value, contribution(&own.weights, name, *value)));
        let evidence: Vec<Evidence> = weighed
            .chain([start])
            .map(|(name, value, contribution)| Evidence {
                name,
                value,
                contribution,
                text: in_words(name, value),
            })
            .collect();
        let logit: f32 = evidence.iter().map(|e| e.contribution).sum();
        (Confidence::new(probability(logit)), evidence)
    }
}

impl Calibration {
    /// How surely the right answer is among hits with the evidence `listed`: the most that any of
    /// them has of each kind counts. 0 where none of them stands above strangers or means nearly
    /// the same.
    pub(crate) fn judge_list(&self, listed: &[Vec<(&'static str, f32)>]) -> Confidence {
        let Some(first) = listed.first() else { return Confidence::default() };
        let list = &self.judgement(first).list;
        let most = |name: &str| {
            let values = listed.iter().flatten().filter(|(other, _)| *other == name);
            values.map(|(_, value)| *value).fold(f32::MIN, f32::max)
        };
        if most(STANDING) <= 0.0 && most(CLOSEST) < SAME_MEANING {
            return Confidence::default();
        }
        let weighed = first.iter().map(|(name, _)| contribution(&list.weights, name, most(name)));
        Confidence::new(probability(list.intercept + weighed.sum::<f32>()))
    }

    fn judgement(&self, values: &[(&'static str, f32)]) -> &Judgement {
        self.on(Basis::of(values.iter().map(|(name, _)| *name)))
    }

    /// The judgement for questions on this basis, or the next plainer one that was fitted.
    pub(crate) fn on(&self, basis: Basis) -> &Judgement {
        let own = match self.serving(basis) {
            Basis::Words => None,
            Basis::Model => self.with_model.as_ref(),
            Basis::Multilingual => self.with_multilingual.as_ref(),
        };
        own.unwrap_or(&self.words)
    }

    /// The judgement that [`Self::on`] gives, to be changed.
    pub(crate) fn on_mut(&mut self, basis: Basis) -> &mut Judgement {
        let own = match self.serving(basis) {
            Basis::Words => None,
            Basis::Model => self.with_model.as_mut(),
            Basis::Multilingual => self.with_multilingual.as_mut(),
        };
        own.unwrap_or(&mut self.words)
    }

    /// The basis whose judgement serves `basis`.
    pub(crate) fn serving(&self, basis: Basis) -> Basis {
        match basis {
            Basis::Multilingual if self.with_multilingual.is_some() => basis,
            Basis::Model | Basis::Multilingual if self.with_model.is_some() => Basis::Model,
            _ => Basis::Words,
        }
    }
}

fn probability(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// What `value` adds: a straight line from 0 and a bend at every other `above`.
fn contribution(weights: &[Weight], name: &str, value: f32) -> f32 {
    let own = weights.iter().filter(|weight| weight.name == name);
    own.map(|w| if w.above == 0.0 { w.adds * value } else { w.adds * (value - w.above).max(0.0) })
        .sum()
}

/// An evidence as a person would say it.
fn in_words(name: &str, value: f32) -> String {
    let share = format!("{:.0} %", value * 100.0);
    match name {
        "start" => "where every hit starts".to_owned(),
        "coverage" => format!("it holds {share} of what the question's words say"),
        "title" => format!("its title holds {share} of them"),
        "title_fit" => format!("its title is {share} like the question"),
        "focus_fit" => format!("… {share} like the likest sentence of the question"),
        "often_asked" => format!("its three likest sentences are {share} like it"),
        "passage" => format!("two neighbouring sentences of the answer hold {share}"),
        "pairs" => format!("{share} of neighbouring words stand near each other in it"),
        "frequency" => format!("it speaks of them often: {share} of the most possible"),
        "unasked_coverage" => format!("… as an article that nobody asked for in words: {share}"),
        "unasked_frequency" => format!("… and nobody asked for it in words: {share}"),
        "phrasing_frequency" => format!("… in customers' phrasings: {share}"),
        "answer_frequency" => format!("… in the answer: {share}"),
        "surprise" => format!("more than chance would bring: {value:.2}"),
        "top_words" => format!("it holds {share} of the three most telling words"),
        "language" if value >= 1.0 => "it is in the language of the question".to_owned(),
        "language" => "it is in another language or script".to_owned(),
        "standing" if value < 0.0 => {
            format!("it stands {:.0} % below what unrelated questions get here", value * -100.0)
        }
        "standing" => format!("it stands {share} above what unrelated questions get here"),
        "margin" if value < 0.0 => format!("it stands behind the best hit by {share}"),
        "margin" => format!("it stands before the runner-up by {share}"),
        "meaning_asked" => format!("what was asked means nearly the same: {share}"),
        "meaning_answered" => format!("the answer speaks of the same: {share}"),
        "meaning_title" => format!("the title or a phrasing means nearly the same: {share}"),
        "meaning_best" => format!("the closest of them means the same: {share}"),
        "meaning_abroad" => format!("it means the same in another language: {share}"),
        other => format!("{other}: {value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_calibration_survives_its_own_format() {
        let shipped = Calibration::shipped();
        assert_eq!(Calibration::from_json(&shipped.to_json()).unwrap(), shipped);
    }

    #[test]
    fn a_higher_target_never_lowers_the_line() {
        let shipped = Calibration::shipped();
        let lines: Vec<f32> = [0.5, 0.8, 0.9, 0.95, 0.999].map(|t| shipped.line(t).answer).to_vec();
        assert!(lines.is_sorted(), "{lines:?}");
    }
}
