//! From what people said to judged hits: was the best hit of a decision right?

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use superfan_index::Judged;

use crate::ids::CustomerId;
use crate::store::calibrations::JudgedRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{Action, Verdict};

/// Decisions that are looked at, the newest.
const NEWEST: i64 = 20_000;
/// What one customer's judgements count together, however many they are.
const MOST_OF_ONE: f32 = 3.0;
/// So much of an answer's start a reply must hold to be that answer.
const START: usize = 120;

/// What people said, as judged hits.
#[derive(Clone, Debug, Default)]
pub struct Feedback {
    /// The best hit of each judged decision.
    pub judged: Vec<Judged>,
    /// How many of them moderators judged, by what they replied.
    pub n_by_people: usize,
}

/// Reads the feedback in the store.
pub async fn feedback(tx: &mut Tx) -> Result<Feedback, StoreError> {
    Ok(collect(tx.judged_decisions(NEWEST).await?))
}

fn collect(rows: Vec<JudgedRow>) -> Feedback {
    let mut seen = BTreeSet::new();
    let mut of_customer: BTreeMap<CustomerId, u32> = BTreeMap::new();
    let mut kept: Vec<(CustomerId, Judged)> = Vec::new();
    let mut n_by_people = 0;
    // Oldest first: what was sent first is what the best hit's evidence belongs to.
    for row in rows.into_iter().rev() {
        let Some((evidence, right)) = best_hit(&row) else { continue };
        if !seen.insert((row.conversation_id, row.question)) {
            continue;
        }
        if row.said.is_none() {
            n_by_people += 1;
        } else {
            *of_customer.entry(row.customer_id).or_default() += 1;
        }
        kept.push((row.customer_id, Judged { evidence, right, weight: 1.0 }));
    }
    let weigh = |(customer, judged): (CustomerId, Judged)| {
        #[expect(clippy::cast_precision_loss, reason = "presses of one person")]
        let n = of_customer.get(&customer).copied().unwrap_or(0) as f32;
        Judged { weight: (MOST_OF_ONE / n.max(1.0)).min(1.0), ..judged }
    };
    Feedback { judged: kept.into_iter().map(weigh).collect(), n_by_people }
}

#[derive(Deserialize)]
struct Card {
    hits: Vec<CardHit>,
    card: Why,
}

#[derive(Deserialize)]
struct CardHit {
    id: String,
    answer: String,
    confidence: f64,
}

#[derive(Deserialize)]
struct Why {
    evidence: Vec<CardEvidence>,
}

#[derive(Deserialize)]
struct CardEvidence {
    name: String,
    value: f32,
}

/// The evidence of a decision's best hit, and whether it was right; `None` if nobody can tell.
fn best_hit(row: &JudgedRow) -> Option<(Vec<(String, f32)>, bool)> {
    let card: Card = serde_json::from_value(row.card.clone()).ok()?;
    let best = card.hits.first()?;
    let own = card.hits.iter().map(|hit| hit.confidence).fold(0.0, f64::max);
    // Of a list that left the best hit out, the evidence is another hit's.
    if (own - best.confidence).abs() > 1e-6 || card.card.evidence.is_empty() {
        return None;
    }
    let right = match (row.said, row.action) {
        (Some(said), Action::Answer) => {
            let is_best = row.answer_ids.first() == Some(&best.id);
            match (said, is_best) {
                (Verdict::Helped, _) => is_best,
                (Verdict::Refused, true) => false,
                _ => return None,
            }
        }
        (None, Action::Escalate) => {
            let reply = row.reply.as_deref()?;
            let used = card.hits.iter().find(|hit| holds(reply, &hit.answer))?;
            used.id == best.id
        }
        _ => return None,
    };
    let evidence = card.card.evidence.into_iter().map(|e| (e.name, e.value)).collect();
    Some((evidence, right))
}

/// Whether a person's reply is an accepted answer, as it was or with words around it.
fn holds(reply: &str, answer: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let answer = words(answer.trim_end_matches('…'));
    let start: String = answer.chars().take(START).collect();
    !start.is_empty() && words(reply).contains(&start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ConversationId;

    fn row(action: Action, said: Option<Verdict>, sent: &str) -> JudgedRow {
        JudgedRow {
            conversation_id: ConversationId(1),
            customer_id: CustomerId(1),
            question: "q".to_owned(),
            action,
            confidence: 0.9,
            answer_ids: vec![sent.to_owned()],
            card: serde_json::json!({
                "hits": [{"id": "a", "answer": "Plug it in.", "confidence": 0.9},
                         {"id": "b", "answer": "Charge it.", "confidence": 0.2}],
                "card": {"evidence": [{"name": "fit", "value": 0.5, "contribution": 1.0}]},
            }),
            said,
            reply: None,
        }
    }

    #[track_caller]
    fn check(row: &JudgedRow, expected: Option<bool>) {
        assert_eq!(best_hit(row).map(|(_, right)| right), expected);
    }

    #[test]
    fn a_press_judges_the_answer_that_was_sent() {
        check(&row(Action::Answer, Some(Verdict::Helped), "a"), Some(true));
        check(&row(Action::Answer, Some(Verdict::Refused), "a"), Some(false));
        // The runner-up helped, so the best was not it; that it was refused says nothing new.
        check(&row(Action::Answer, Some(Verdict::Helped), "b"), Some(false));
        check(&row(Action::Answer, Some(Verdict::Refused), "b"), None);
        check(&row(Action::Escalate, Some(Verdict::Helped), "a"), None);
    }

    #[test]
    fn a_moderators_reply_judges_what_the_bot_did_not_dare_to_send() {
        let replied = |text: &str| JudgedRow {
            reply: Some(text.to_owned()),
            ..row(Action::Escalate, None, "")
        };
        check(&replied("Hi!\nPlug  it in.\nanswer by @ana"), Some(true));
        check(&replied("Charge it. answer by @bo"), Some(false));
        check(&replied("I do not know either."), None);
    }

    #[test]
    fn one_customer_counts_no_more_than_a_few() {
        let presses = |customer, n| {
            (0..n).map(move |at| JudgedRow {
                customer_id: CustomerId(customer),
                question: format!("question {at}"),
                ..row(Action::Answer, Some(Verdict::Refused), "a")
            })
        };
        let feedback = collect(presses(1, 30).collect());
        let together: f32 = feedback.judged.iter().map(|judged| judged.weight).sum();
        assert!((together - MOST_OF_ONE).abs() < 1e-4, "{together}");
        assert!((collect(presses(2, 2).collect()).judged[0].weight - 1.0).abs() < 1e-6);
    }
}
