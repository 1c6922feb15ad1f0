//! What a card says: whose question, why it waits, what was found, and who has it.

use serde_json::Value;
use superfan_bots::Button;

use crate::store::escalations::EscalationRow;
use crate::vocabulary::EscalationState;

/// How many of the answers that were found are named.
const FOUND: usize = 2;
/// The longest title of one, in characters.
const TITLE: usize = 80;

/// Everything that a card tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    /// The escalation.
    pub(super) row: &'a EscalationRow,
    /// Whose question it is.
    pub(super) customer: &'a str,
    /// Who has it, or had it last.
    pub(super) owner: Option<&'a str>,
    /// The kept card of the decision behind it.
    pub(super) found: &'a Value,
}

/// The card's text; of the question at most so many characters.
pub(super) fn text(facts: &Facts<'_>, longest: usize) -> String {
    let Facts { row, customer, .. } = facts;
    let urgent = if row.priority <= 1 { " · urgent" } else { "" };
    let question = start_of(&row.question, longest);
    format!(
        "**#{} · {customer} on {}**{urgent}\n\n{question}\n\n**Why it waits:** {}\n**Found:** {}\n\n{}",
        row.number,
        row.channel,
        row.reason.in_words(),
        found(facts.found),
        standing(facts),
    )
}

/// What can be done about it, by whom.
pub(super) fn buttons(row: &EscalationRow) -> Vec<Button> {
    let button = |verb: &str, label: &str| Button {
        id: format!("{verb}:{}", row.id),
        label: label.to_owned(),
    };
    match row.state {
        EscalationState::Open => {
            vec![button("staff-claim", "Claim"), button("staff-close", "Close")]
        }
        EscalationState::Claimed => {
            vec![button("staff-later", "In an hour"), button("staff-close", "Close")]
        }
        EscalationState::Closed => Vec::new(),
    }
}

fn standing(facts: &Facts<'_>) -> String {
    let owner = facts.owner.unwrap_or("Somebody");
    match (facts.row.state, facts.row.snoozed_until) {
        (EscalationState::Open, _) => "Nobody has it yet.".to_owned(),
        (EscalationState::Claimed, None) => format!("{owner} has it."),
        (EscalationState::Claimed, Some(until)) => {
            format!("{owner} has put it aside until {}.", until.strftime("%-d %b, %H:%M UTC"))
        }
        (EscalationState::Closed, _) => {
            let outcome = facts.row.outcome.map_or("done", |outcome| outcome.as_str());
            let by = facts.owner.map(|owner| format!(" ({owner})")).unwrap_or_default();
            format!("Closed: {}{by}.", outcome.replace('_', " "))
        }
    }
}

/// The best answers that were found, how sure each is, and what it would have taken.
fn found(card: &Value) -> String {
    let hits = card.get("hits").and_then(Value::as_array).into_iter().flatten();
    let named = hits.take(FOUND).filter_map(|hit| {
        let title = hit.get("title")?.as_str()?;
        let confidence = hit.get("confidence")?.as_f64()?;
        Some(format!("{} ({:.0} %)", start_of(title, TITLE), confidence * 100.0))
    });
    let named: Vec<String> = named.collect();
    if named.is_empty() {
        return "nothing".to_owned();
    }
    let line = card.get("line").and_then(Value::as_f64).unwrap_or_default();
    format!("{}; sure enough is {:.0} %", named.join(", "), line * 100.0)
}

fn start_of(text: &str, n: usize) -> String {
    match text.char_indices().nth(n) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}
