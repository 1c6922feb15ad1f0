//! The heart: what to do with a question, given what was found. Pure: no I/O, no clock.

use superfan_index::Hit;

use crate::vocabulary::{Action, Reason};

/// What the admin's target precision asks of a reply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Answer automatically from this confidence on.
    pub answer_at: f64,
    /// Offer a short list when it holds the right answer with at least this probability.
    pub choices_at: f64,
}

/// What is done, why, and with which hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// Positions of the hits that are sent or offered, best first.
    pub picks: Vec<usize>,
}

impl Decision {
    /// A decision that sends no answer.
    pub fn without_answer(action: Action, reason: Reason) -> Self {
        Self { action, reason, picks: Vec::new() }
    }
}

/// How many answers a short list shows at most.
const LIST: usize = 3;

/// Chooses what to do with a question in `lang` for which `hits` were found, best first.
///
/// An answer is sent only if it clears the line, may be sent to a stranger, and is in the
/// customer's language; never a runner-up in place of a surer hit that may not be sent.
pub fn decide(hits: &[Hit], lang: &str, policy: &Policy) -> Decision {
    let Some(best) = hits.first() else {
        return Decision::without_answer(Action::Escalate, Reason::NothingFound);
    };
    if confidence(best) >= policy.answer_at {
        return match fitness(best, lang) {
            None => Decision { action: Action::Answer, reason: Reason::Confident, picks: vec![0] },
            Some(reason) => Decision::without_answer(Action::Escalate, reason),
        };
    }
    let picks = short_list(hits, lang, policy);
    if picks.is_empty() {
        return Decision::without_answer(Action::Escalate, Reason::LowConfidence);
    }
    Decision { action: Action::Choices, reason: Reason::Confident, picks }
}

/// The fewest hits that together hold the right answer with the asked probability; none if three
/// do not.
fn short_list(hits: &[Hit], lang: &str, policy: &Policy) -> Vec<usize> {
    let mut picks = Vec::new();
    let mut together = 0.0;
    for (position, hit) in hits.iter().enumerate().take(LIST + 1) {
        if hit.is_twin || fitness(hit, lang).is_some() {
            continue;
        }
        picks.push(position);
        together += confidence(hit);
        if picks.len() == LIST {
            break;
        }
    }
    if picks.len() >= 2 && together >= policy.choices_at { picks } else { Vec::new() }
}

/// Why a hit may not be sent, if so.
fn fitness(hit: &Hit, lang: &str) -> Option<Reason> {
    if !hit.sendable {
        Some(Reason::NotSendable)
    } else if !same_language(&hit.lang, lang) {
        Some(Reason::LowConfidence)
    } else {
        None
    }
}

/// Whether a reader of `lang` reads `other`: the written forms of Chinese count as one.
fn same_language(other: &str, lang: &str) -> bool {
    let base = |tag: &str| tag.split('-').next().unwrap_or_default().to_lowercase();
    base(other) == base(lang)
}

fn confidence(hit: &Hit) -> f64 {
    f64::from(hit.confidence.get())
}

#[cfg(test)]
mod tests {
    use superfan_index::Confidence;

    use super::*;

    const POLICY: Policy = Policy { answer_at: 0.75, choices_at: 0.8 };

    fn hit(confidence: f32) -> Hit {
        Hit {
            id: "a".to_owned(),
            lang: "en".to_owned(),
            score: 1.0,
            confidence: Confidence::new(confidence),
            sendable: true,
            product: None,
            is_twin: false,
            evidence: Vec::new(),
        }
    }

    #[track_caller]
    fn check(hits: &[Hit], expected: &str) {
        let decision = decide(hits, "en", &POLICY);
        let picks = decision.picks;
        assert_eq!(format!("{} {} {picks:?}", decision.action, decision.reason), expected);
    }

    #[test]
    fn answers_from_the_line_on() {
        check(&[hit(0.75)], "answer confident [0]");
        check(&[hit(0.74)], "escalate low_confidence []");
        check(&[], "escalate nothing_found []");
    }

    #[test]
    fn offers_a_list_only_when_it_clears_its_line_together() {
        check(&[hit(0.5), hit(0.31)], "choices confident [0, 1]");
        check(&[hit(0.5), hit(0.2), hit(0.05)], "escalate low_confidence []");
        check(&[hit(0.4), hit(0.3), hit(0.2)], "choices confident [0, 1, 2]");
    }

    #[test]
    fn never_offers_the_same_twice() {
        let twin = Hit { is_twin: true, ..hit(0.4) };
        check(&[hit(0.45), twin.clone(), hit(0.4)], "choices confident [0, 2]");
        check(&[hit(0.45), twin], "escalate low_confidence []");
    }

    #[test]
    fn never_sends_what_is_not_sendable_nor_a_runner_up_in_its_place() {
        let unfit = Hit { sendable: false, ..hit(0.9) };
        check(&[unfit, hit(0.8)], "escalate not_sendable []");
    }

    #[test]
    fn never_sends_an_answer_in_another_language() {
        let other = Hit { lang: "de".to_owned(), ..hit(0.9) };
        check(&[other], "escalate low_confidence []");
        let hits = [Hit { lang: "zh-Hant".to_owned(), ..hit(0.9) }];
        assert_eq!(decide(&hits, "zh", &POLICY).action, Action::Answer);
    }
}
