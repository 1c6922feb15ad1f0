//! The heart: what to do with a question, given what was found. Pure: no I/O, no clock.

use superfan_index::{Found, Hit, LISTED};

use crate::products::Subject;
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

/// Chooses what to do with a question, given what was found for it.
///
/// `subject` is what the question is about. An answer is sent only if it clears the line, may be
/// sent to a stranger, is about the same product and version, and is in the customer's language;
/// never a runner-up in place of a surer hit that may not be sent. Where the surest is about
/// another product, others may still be offered.
pub fn decide(found: &Found, subject: &Subject, policy: &Policy) -> Decision {
    let asked = Asked { lang: &found.lang, subject };
    let Some(best) = found.hits.first() else {
        return Decision::without_answer(Action::Escalate, Reason::NothingFound);
    };
    let unfit = asked.unfit(best);
    let is_sure = confidence(best) >= policy.answer_at;
    match unfit {
        None if is_sure => {
            return Decision { action: Action::Answer, reason: Reason::Confident, picks: vec![0] };
        }
        Some(reason) if is_sure && reason != Reason::OtherProduct => {
            return Decision::without_answer(Action::Escalate, reason);
        }
        _ => {}
    }
    let picks = short_list(found, &asked, policy);
    if !picks.is_empty() {
        return Decision { action: Action::Choices, reason: Reason::Confident, picks };
    }
    let is_other = unfit == Some(Reason::OtherProduct);
    let would_do = is_sure || f64::from(found.together.get()) >= policy.choices_at;
    let reason = if is_other && would_do { Reason::OtherProduct } else { Reason::LowConfidence };
    Decision::without_answer(Action::Escalate, reason)
}

/// What an answer has to fit.
struct Asked<'a> {
    lang: &'a str,
    subject: &'a Subject,
}

/// The first hits that may be sent, no two of which say the same, if they hold the right answer
/// with the asked probability: what is known of the first three together, less the share of those
/// that may not be sent.
///
/// What is about another product cannot be the right answer and takes no share of the others',
/// unless it stands first and clears the line by itself: then the likeness is its own.
fn short_list(found: &Found, asked: &Asked<'_>, policy: &Policy) -> Vec<usize> {
    let is_other = |hit: &&Hit| asked.unfit(hit) == Some(Reason::OtherProduct);
    let is_fit = |hit: &&Hit| asked.unfit(hit).is_none();
    let first = || found.hits.iter().filter(|hit| !is_other(hit)).take(LISTED);
    let leading_other = found.hits.first().filter(is_other).map_or(0.0, confidence);
    let leading_other = if leading_other < policy.answer_at { 0.0 } else { leading_other };
    let all: f64 = leading_other + first().map(confidence).sum::<f64>();
    let fit: f64 = first().filter(is_fit).map(confidence).sum();
    let together = f64::from(found.together.get()) * fit / all.max(f64::MIN_POSITIVE);
    let listed = found.hits.iter().enumerate().filter(|(_, hit)| !hit.is_twin && is_fit(hit));
    let picks: Vec<usize> = listed.map(|(at, _)| at).take(LISTED).collect();
    // One is a list only because the others were found to be about something else.
    let fewest = if found.hits.iter().any(|hit| is_other(&hit)) { 1 } else { 2 };
    if picks.len() >= fewest && together >= policy.choices_at { picks } else { Vec::new() }
}

impl Asked<'_> {
    /// Why a hit may not be sent, if so.
    fn unfit(&self, hit: &Hit) -> Option<Reason> {
        if !hit.sendable {
            Some(Reason::NotSendable)
        } else if !same_language(&hit.lang, self.lang) {
            Some(Reason::LowConfidence)
        } else if !self.subject.fits(&Subject::from_written(hit.product.as_deref())) {
            Some(Reason::OtherProduct)
        } else {
            None
        }
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

    /// Hits that hold the right answer among the first three with probability `together`.
    fn found(hits: &[Hit], together: f32) -> Found {
        Found {
            lang: "en".to_owned(),
            language_path: String::new(),
            terms: Vec::new(),
            hits: hits.to_vec(),
            together: Confidence::new(together),
            generation: 1,
        }
    }

    /// A question about a Halo 3.
    fn asked() -> Subject {
        Subject::from_written(Some("p:halo=3"))
    }

    #[track_caller]
    fn check(hits: &[Hit], together: f32, expected: &str) {
        let decision = decide(&found(hits, together), &asked(), &POLICY);
        let picks = decision.picks;
        assert_eq!(format!("{} {} {picks:?}", decision.action, decision.reason), expected);
    }

    #[test]
    fn answers_from_the_line_on() {
        check(&[hit(0.75)], 0.75, "answer confident [0]");
        check(&[hit(0.74)], 0.9, "escalate low_confidence []");
        check(&[], 0.0, "escalate nothing_found []");
    }

    #[test]
    fn offers_a_list_only_when_it_clears_its_line_together() {
        check(&[hit(0.5), hit(0.31)], 0.81, "choices confident [0, 1]");
        check(&[hit(0.5), hit(0.31)], 0.79, "escalate low_confidence []");
        check(&[hit(0.4), hit(0.3), hit(0.2), hit(0.1)], 0.9, "choices confident [0, 1, 2]");
    }

    #[test]
    fn a_list_counts_only_what_it_may_show() {
        let unfit = Hit { sendable: false, ..hit(0.1) };
        check(&[hit(0.5), unfit.clone(), hit(0.4)], 0.9, "choices confident [0, 2]");
        let surest = Hit { sendable: false, ..hit(0.5) };
        check(&[surest, hit(0.4), hit(0.1)], 0.95, "escalate low_confidence []");
    }

    #[test]
    fn never_offers_the_same_twice() {
        let twin = Hit { is_twin: true, ..hit(0.4) };
        check(&[hit(0.45), twin.clone(), hit(0.4)], 0.95, "choices confident [0, 2]");
        check(&[hit(0.45), twin], 0.95, "escalate low_confidence []");
    }

    #[test]
    fn never_sends_what_is_not_sendable_nor_a_runner_up_in_its_place() {
        let unfit = Hit { sendable: false, ..hit(0.9) };
        check(&[unfit, hit(0.8)], 0.95, "escalate not_sendable []");
    }

    #[test]
    fn an_answer_about_another_product_is_for_people_only() {
        let about = |subject: &str, confidence| Hit {
            product: Some(subject.to_owned()),
            ..hit(confidence)
        };
        check(&[about("p:halo=3", 0.9)], 0.9, "answer confident [0]");
        check(&[about("p:halo=2", 0.9), hit(0.1)], 0.95, "escalate other_product []");
        check(&[about("p:halo=2", 0.5)], 0.95, "escalate other_product []");
        check(&[about("p:halo=2", 0.5), hit(0.1)], 0.1, "escalate low_confidence []");
        let others = [about("p:halo=2", 0.1), hit(0.5), hit(0.4)];
        check(&others, 0.95, "choices confident [1, 2]");
        let left = [hit(0.5), about("p:halo=2", 0.4)];
        check(&left, 0.8, "choices confident [0]");
        let between = [hit(0.5), about("p:halo=2", 0.4), hit(0.1)];
        check(&between, 0.8, "choices confident [0, 2]");
    }

    #[test]
    fn never_sends_an_answer_in_another_language() {
        let other = Hit { lang: "de".to_owned(), ..hit(0.9) };
        check(&[other], 0.9, "escalate low_confidence []");
        let hits = [Hit { lang: "zh-Hant".to_owned(), ..hit(0.9) }];
        let chinese = Found { lang: "zh".to_owned(), ..found(&hits, 0.9) };
        assert_eq!(decide(&chinese, &asked(), &POLICY).action, Action::Answer);
    }
}
