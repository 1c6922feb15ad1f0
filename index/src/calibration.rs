//! From evidence to a probability: a logistic function whose terms can be read one by one.

use serde::{Deserialize, Serialize};

use crate::found::{Confidence, Evidence};

/// A fitted function from evidence to confidence, and what precision its levels reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Logit of a hit without any evidence.
    intercept: f32,
    /// What one unit of each evidence adds to the logit.
    weights: Vec<Weight>,
    /// Precision reached above each line on sets left out of the fit, ascending by line.
    curve: Vec<Line>,
}

/// Weight of one kind of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Weight {
    name: String,
    weight: f32,
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

    /// The confidence that `evidence` (name, value, text) gives, and each one's contribution.
    pub(crate) fn judge(
        &self,
        evidence: Vec<(&'static str, f32, String)>,
    ) -> (Confidence, Vec<Evidence>) {
        let mut logit = self.intercept;
        let mut judged = Vec::with_capacity(evidence.len() + 1);
        for (name, value, text) in evidence {
            let weight = self.weights.iter().find(|w| w.name == name).map_or(0.0, |w| w.weight);
            let contribution = weight * value;
            logit += contribution;
            judged.push(Evidence { name, value, contribution, text });
        }
        let text = "where every hit starts".to_owned();
        let start = self.intercept;
        judged.push(Evidence { name: "start", value: 1.0, contribution: start, text });
        (Confidence::new(1.0 / (1.0 + (-logit).exp())), judged)
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
