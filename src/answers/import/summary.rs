//! What an import found, counted and with examples.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::prepare::PreparedAnswer;

/// Skipped rows that are listed; all are counted.
const LISTED: usize = 10_000;
/// Answers shown as examples.
const SAMPLES: usize = 3;
/// How much of an example is shown, in characters.
const SAMPLE_CHARS: usize = 200;
/// How a licence is counted that the source does not name.
const NO_LICENCE: &str = "not stated";

/// What an import found and did, or (dry run) would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Rows read: kept and skipped ones.
    pub seen: u64,
    /// Answers taken.
    pub kept: u64,
    /// Of these, as they were.
    pub unchanged: u64,
    /// Of these, new or different.
    pub changed: u64,
    /// Answers that left because the source no longer has them.
    pub retired: u64,
    /// Of the kept ones, those that are not sent automatically.
    pub not_sendable: u64,
    /// Rows left out.
    pub skipped: Vec<SkippedRow>,
    /// Skipped rows beyond those listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skipped_more: u64,
    /// Kept answers by language, BCP 47.
    pub languages: BTreeMap<String, u64>,
    /// Kept answers by licence.
    pub licences: BTreeMap<String, u64>,
    /// The first few.
    pub samples: Vec<Sample>,
}

/// A row left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedRow {
    /// Its line in the file.
    pub line: u64,
    /// Its id, where it could be read.
    pub id: Option<String>,
    /// Why.
    pub reason: String,
}

/// An answer as an example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Its id in the source.
    pub id: String,
    /// BCP 47.
    pub lang: String,
    /// The question's title, or its beginning.
    pub title: String,
    /// The answer's beginning.
    pub answer: String,
    /// Who wrote it.
    pub author: Option<String>,
}

impl Summary {
    pub(super) fn skip(&mut self, row: SkippedRow) {
        self.seen += 1;
        if self.skipped.len() < LISTED {
            self.skipped.push(row);
        } else {
            self.skipped_more += 1;
        }
    }

    pub(super) fn count(&mut self, answer: &PreparedAnswer, is_unchanged: bool) {
        self.seen += 1;
        self.kept += 1;
        self.unchanged += u64::from(is_unchanged);
        self.changed += u64::from(!is_unchanged);
        self.not_sendable += u64::from(!answer.sendable);
        *self.languages.entry(answer.sample.lang.clone()).or_default() += 1;
        let licence = answer.licence.as_deref().unwrap_or(NO_LICENCE);
        *self.licences.entry(licence.to_owned()).or_default() += 1;
        if self.samples.len() < SAMPLES {
            let mut sample = answer.sample.clone();
            sample.title = beginning(&sample.title);
            sample.answer = beginning(&sample.answer);
            self.samples.push(sample);
        }
    }
}

fn beginning(text: &str) -> String {
    match text.char_indices().nth(SAMPLE_CHARS) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}
