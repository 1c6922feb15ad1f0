//! Whom a waiting question suits: by language, by the skill it was passed on to, by its topics.
//!
//! In: a person and an escalation. Out: [`Fit`]. Pure. Must not know: pages, the store's SQL.

use jiff::Timestamp;

use crate::store::escalations::EscalationRow;
use crate::store::people::PersonRow;

/// How well a question suits a person, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is theirs, or about what they know.
    Skilled,
    /// They can answer it as well as anybody.
    Able,
    /// It is in a language they do not answer in, or was passed on to a skill they do not have.
    Unfit,
}

/// How well a question suits a person.
///
/// Who names no languages answers in all, who names no skills knows everything. A topic is one
/// of what was found, or a skill that the question itself names.
pub fn fit(person: &PersonRow, escalation: &EscalationRow) -> Fit {
    if escalation.claimed_by == Some(person.id) {
        return Fit::Skilled;
    }
    let langs = listed(&person.langs);
    if !langs.is_empty() && !langs.contains(&escalation.lang.to_lowercase()) {
        return Fit::Unfit;
    }
    let skills = listed(&person.skills);
    if let Some(asked) = escalation.skill.as_deref().map(str::to_lowercase) {
        return match skills.contains(&asked) {
            true => Fit::Skilled,
            false if skills.is_empty() => Fit::Able,
            false => Fit::Unfit,
        };
    }
    let topics = listed(&escalation.topics);
    let question = escalation.question.to_lowercase();
    let knows = |skill: &String| topics.contains(skill) || question.contains(skill.as_str());
    if skills.iter().any(knows) { Fit::Skilled } else { Fit::Able }
}

/// What suits a person and is not put aside: most urgent first, then what they know, then who
/// waits longest.
pub fn for_person(
    person: &PersonRow,
    rows: Vec<EscalationRow>,
    now: Timestamp,
) -> Vec<EscalationRow> {
    let is_due = |row: &EscalationRow| row.snoozed_until.is_none_or(|until| until <= now);
    let fits = |row: &EscalationRow| fit(person, row) != Fit::Unfit;
    let mut mine: Vec<EscalationRow> =
        rows.into_iter().filter(|row| is_due(row) && fits(row)).collect();
    mine.sort_by_key(|row| (row.priority, fit(person, row), row.id));
    mine
}

/// The parts of a comma-separated list, in lower case.
pub fn listed(list: &str) -> Vec<String> {
    let parts = list.split(',').map(|part| part.trim().to_lowercase());
    parts.filter(|part| !part.is_empty()).collect()
}
