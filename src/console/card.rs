//! The match card: what the bot found, how sure it was, and what spoke for and against it.
//!
//! In: the object that `POST /ask` answers, as kept with a decision or fresh. Out: a view. Fields
//! that an older decision does not have stay empty.

use std::collections::HashMap;

use serde::Deserialize;

use super::words::percent;
use crate::store::answers::AnswerRow;
use crate::store::{StoreError, Tx};

/// How many answers a card shows.
const SHOWN: usize = 3;
/// Half the width of an evidence bar's drawing, in its own units.
const HALF: f64 = 100.0;

/// What the bot found.
#[derive(Clone, Debug, Default)]
pub(super) struct CardView {
    /// Best first, at most three.
    pub answers: Vec<Candidate>,
    /// The question's words that were found.
    pub terms: Vec<Term>,
    /// What speaks for and against the best answer.
    pub evidence: Vec<EvidenceBar>,
    /// How the language was settled.
    pub language_path: String,
    /// How sure the bot was of the best answer, in words.
    pub confidence: String,
    /// What it had to reach, in words.
    pub line: String,
    /// The index generation that was searched.
    pub generation: u64,
}

/// An answer that may fit.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidate {
    /// The key that takes it: 1, 2, 3.
    pub number: usize,
    /// Public id.
    pub id: String,
    /// The question's title.
    pub title: String,
    /// The answer.
    pub text: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// Its address, if it is one of the web.
    pub url: Option<String>,
    /// Its licence.
    pub licence: Option<String>,
    /// Votes there.
    pub votes: i64,
    /// How sure it fits, in words.
    pub confidence: String,
    /// The same for a drawing, 0..=100.
    pub share: f64,
    /// Why the bot may not send it, if it may not.
    pub obstacle: Option<&'static str>,
}

/// A word of the question that was found.
#[derive(Clone, Debug)]
pub(super) struct Term {
    /// The word.
    pub word: String,
    /// Where the best answer has it.
    pub places: String,
}

/// One piece of evidence, drawn.
#[derive(Clone, Debug)]
pub(super) struct EvidenceBar {
    /// In words.
    pub text: String,
    /// `+1.24`.
    pub amount: String,
    /// Where the bar starts, 0..=200.
    pub x: f64,
    /// How long it is.
    pub width: f64,
    /// Whether it speaks for the answer.
    pub is_for: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Kept {
    confidence: f64,
    line: f64,
    generation: u64,
    hits: Vec<KeptHit>,
    card: KeptCard,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KeptHit {
    id: String,
    title: String,
    answer: String,
    author: Option<String>,
    url: Option<String>,
    licence: Option<String>,
    votes: i64,
    confidence: f64,
    sendable: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KeptCard {
    terms: Vec<KeptTerm>,
    evidence: Vec<KeptEvidence>,
    language_path: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KeptTerm {
    term: String,
    fields: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct KeptEvidence {
    contribution: f64,
    text: String,
}

impl CardView {
    /// Reads a card; one that cannot be read is empty.
    pub(super) fn new(card: &serde_json::Value) -> Self {
        let kept = Kept::deserialize(card).unwrap_or_default();
        let answers = kept.hits.iter().take(SHOWN).enumerate();
        Self {
            answers: answers.map(|(at, hit)| candidate(at + 1, hit)).collect(),
            terms: kept.card.terms.into_iter().map(term).collect(),
            evidence: bars(&kept.card.evidence),
            language_path: kept.card.language_path,
            confidence: percent(kept.confidence),
            line: percent(kept.line),
            generation: kept.generation,
        }
    }

    /// Takes over what the answers are by now: whole texts, new wordings, retirements.
    pub(super) async fn refresh(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let ids: Vec<String> = self.answers.iter().map(|answer| answer.id.clone()).collect();
        let rows = tx.answers_by_id(&ids).await?;
        let rows: HashMap<&str, &AnswerRow> =
            rows.iter().map(|row| (row.id.as_str(), row)).collect();
        for answer in &mut self.answers {
            let Some(row) = rows.get(answer.id.as_str()) else {
                answer.obstacle = Some("no longer in the base");
                continue;
            };
            answer.title.clone_from(&row.title);
            answer.text.clone_from(&row.answer);
            answer.obstacle = match (row.live, row.may_be_sent()) {
                (false, _) => Some("retired since"),
                (true, false) => Some("not fit to send"),
                (true, true) => None,
            };
        }
        Ok(())
    }
}

fn candidate(number: usize, hit: &KeptHit) -> Candidate {
    Candidate {
        number,
        id: hit.id.clone(),
        title: hit.title.clone(),
        text: hit.answer.clone(),
        author: hit.author.clone(),
        url: hit.url.clone().filter(|url| is_web(url)),
        licence: hit.licence.clone(),
        votes: hit.votes,
        confidence: percent(hit.confidence),
        share: (hit.confidence * 100.0).clamp(0.0, 100.0),
        obstacle: (!hit.sendable).then_some("not fit to send"),
    }
}

/// Whether an address can be linked to: content never brings another scheme into a page.
pub(super) fn is_web(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

fn term(kept: KeptTerm) -> Term {
    Term { word: kept.term, places: kept.fields.join(", ") }
}

/// Bars from the middle to both sides, the longest as long as there is room.
fn bars(evidence: &[KeptEvidence]) -> Vec<EvidenceBar> {
    let longest = evidence.iter().map(|e| e.contribution.abs()).fold(0.0, f64::max);
    let bar = |e: &KeptEvidence| {
        let width = if longest > 0.0 { e.contribution.abs() / longest * HALF } else { 0.0 };
        let is_for = e.contribution >= 0.0;
        EvidenceBar {
            text: e.text.clone(),
            amount: format!("{:+.2}", e.contribution),
            x: if is_for { HALF } else { HALF - width },
            width,
            is_for,
        }
    };
    evidence.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_grow_from_the_middle_in_proportion() {
        let of = |contribution| KeptEvidence { contribution, text: String::new() };
        let bars = bars(&[of(2.0), of(-1.0), of(0.0)]);
        let drawn: Vec<(f64, f64)> = bars.iter().map(|bar| (bar.x, bar.width)).collect();
        assert_eq!(drawn, [(100.0, 100.0), (50.0, 50.0), (100.0, 0.0)]);
    }

    #[test]
    fn an_unreadable_card_is_an_empty_one() {
        for broken in [serde_json::json!(null), serde_json::json!({"hits": 5})] {
            assert!(CardView::new(&broken).answers.is_empty());
        }
    }

    #[test]
    fn only_addresses_of_the_web_become_links() {
        assert!(is_web("https://community.example/t/1"));
        assert!(!is_web("javascript:alert(1)"));
        assert!(!is_web("/t/1"));
    }
}
