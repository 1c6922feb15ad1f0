//! Questions that nobody here can answer, brought to the forum, and their answers brought back.
//!
//! In: escalations, consent of their customers, what a topic says. Out: topics to open, replies in
//! the outbox, escalations closed. Nothing of a customer is posted without their yes, and what is
//! posted carries no personal data. Must not know: forums' JSON, pages.

mod acts;
mod alike;
mod consent;
mod keep;
mod rule;
mod tell;
mod wording;

pub(crate) use acts::stands_in;
pub use acts::{Place, ask, join, link, post, withdraw};
pub use alike::{alike, others_waiting, topics_there};
pub use consent::settle_consent;
pub use keep::keep_up;
pub(crate) use rule::may_be_posted;
pub(crate) use tell::{answered, gone};
pub use wording::{Wording, kept_or_proposed, proposed};

/// Counts a step of questions on their way to the forum and back.
pub(crate) fn count(step: &'static str) {
    metrics::counter!("superfan_bridge_total", "step" => step).increment(1);
}

/// The cause under which a customer is asked.
pub fn consent_cause(escalation: crate::ids::EscalationId) -> String {
    format!("consent:{escalation}")
}

/// The cause under which a customer gets an answer; `round` counts them.
pub fn answer_cause(escalation: crate::ids::EscalationId, round: i64) -> String {
    format!("forum:{escalation}:{round}")
}
