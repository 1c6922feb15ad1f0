//! Where a reply stands, in plain words, and what a person can do about it.

use jiff::Timestamp;
use superfan_bots::ChannelKind;

use super::words::span;
use crate::channels::Channels;
use crate::store::channels::ChannelRow;
use crate::store::outbox::DeliveryRow;
use crate::vocabulary::DeliveryState;

/// Where one part of a reply stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DeliveryView {
    /// Its id.
    pub id: String,
    /// Our word for it, for the style sheet.
    pub state: DeliveryState,
    /// The same in words: `held 34 s by Telegram`.
    pub words: String,
    /// What to do, if anything.
    pub advice: Option<&'static str>,
}

impl DeliveryView {
    /// What a row and the state of its channel say.
    pub(super) fn new(row: &DeliveryRow, channel: &ChannelContext, now: Timestamp) -> Self {
        let (words, advice) = match row.state {
            DeliveryState::Due => (due(row, channel, now), None),
            DeliveryState::Sending => ("being sent".to_owned(), None),
            DeliveryState::Sent => ("sent".to_owned(), None),
            DeliveryState::Uncertain => (
                with_reason("nobody knows whether it arrived", row.reason.as_deref()),
                Some("Look into the conversation there. If it is missing, send it again."),
            ),
            DeliveryState::Dead => {
                (with_reason("not sent", row.reason.as_deref()), Some(dead_advice(row, channel)))
            }
        };
        Self { id: row.id.to_string(), state: row.state, words, advice }
    }

    /// Whether a person may send it again.
    pub(super) fn may_retry(&self) -> bool {
        matches!(self.state, DeliveryState::Uncertain | DeliveryState::Dead)
    }

    /// Whether a person may say that it arrived.
    pub(super) fn may_confirm(&self) -> bool {
        self.state == DeliveryState::Uncertain
    }
}

/// What the channel's state means for its replies.
#[derive(Clone, Debug)]
pub(super) struct ChannelContext {
    /// As people call it.
    pub label: String,
    /// What is durable about it.
    pub row: ChannelRow,
}

impl ChannelContext {
    /// A channel with what is known of it.
    pub(super) fn new(channels: &Channels, name: &str, row: ChannelRow) -> Self {
        Self { label: label(channels, name), row }
    }
}

/// A channel account as people call it: `Telegram`, `Discord (shop-eu)`.
pub(super) fn label(channels: &Channels, name: &str) -> String {
    let Some(kind) = channels.kind(name) else {
        return name.to_owned();
    };
    let kind_name = match kind {
        ChannelKind::Telegram => "Telegram",
        ChannelKind::Discord => "Discord",
        ChannelKind::X => "X",
        ChannelKind::Webhook => "Webhook",
        ChannelKind::Webchat => "Web chat",
    };
    if name == kind.as_str() { kind_name.to_owned() } else { format!("{kind_name} ({name})") }
}

fn due(row: &DeliveryRow, channel: &ChannelContext, now: Timestamp) -> String {
    let state = &channel.row;
    if let Some(until) = state.held_until.filter(|until| *until > now) {
        return format!("held {} by {}", span(until.duration_since(now)), channel.label);
    }
    if let Some(reason) = &state.stopped_reason {
        return format!("queued: {} is stopped ({reason})", channel.label);
    }
    if row.is_draft {
        return "drafted: waits for somebody to release it".to_owned();
    }
    let is_bots = row.priority > 0 && row.author.is_none();
    if is_bots && state.paused {
        return "queued: automatic replies are paused".to_owned();
    }
    let wait = row.due_at.duration_since(now);
    // The platform asked for one conversation only; what is left counts, not what it once was.
    let is_held = row.reason.as_deref().is_some_and(|reason| reason.starts_with("held "));
    if is_held && wait.is_positive() {
        return format!("held {} by {}", span(wait), channel.label);
    }
    let words = with_reason("queued", row.reason.as_deref());
    if wait.is_positive() { format!("{words}, next try in {}", span(wait)) } else { words }
}

fn with_reason(words: &str, reason: Option<&str>) -> String {
    match reason {
        Some(reason) if !reason.is_empty() => format!("{words}: {reason}"),
        _ => words.to_owned(),
    }
}

fn dead_advice(row: &DeliveryRow, channel: &ChannelContext) -> &'static str {
    if row.reason.as_deref() == Some("a person answered first") {
        return "Nothing to do: a person's reply took its place.";
    }
    if channel.row.stopped_reason.is_some() {
        return "Repair the channel first, then send it again.";
    }
    "Remove the cause and send it again, or reach the customer another way."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_millis;
    use crate::console::tests::samples;

    #[track_caller]
    fn check(row: &DeliveryRow, channel: ChannelRow, expected: &str) {
        let channel = ChannelContext { label: "Telegram".to_owned(), row: channel };
        assert_eq!(DeliveryView::new(row, &channel, from_millis(0)).words, expected);
    }

    #[test]
    fn a_wait_says_why_and_how_long() {
        let due = samples::delivery(DeliveryState::Due);
        check(&due, ChannelRow::default(), "queued");
        let held = ChannelRow { held_until: Some(from_millis(34_000)), ..ChannelRow::default() };
        check(&due, held, "held 34 s by Telegram");
        let paused = ChannelRow { paused: true, ..ChannelRow::default() };
        check(&due, paused.clone(), "queued: automatic replies are paused");
        let persons = DeliveryRow { priority: 0, author: Some("Lee".to_owned()), ..due.clone() };
        check(&persons, paused, "queued");
        let held = DeliveryRow {
            due_at: from_millis(9_000),
            reason: Some("held 34 s by telegram".to_owned()),
            ..due.clone()
        };
        check(&held, ChannelRow::default(), "held 9 s by Telegram");
        let paced = DeliveryRow {
            due_at: from_millis(2_000),
            reason: Some("paced: at most 1 in 1 s in one conversation".to_owned()),
            ..due
        };
        let expected = "queued: paced: at most 1 in 1 s in one conversation, next try in 2 s";
        check(&paced, ChannelRow::default(), expected);
    }

    #[test]
    fn only_an_unknown_outcome_can_be_confirmed() {
        let channel = ChannelContext { label: String::new(), row: ChannelRow::default() };
        for state in DeliveryState::ALL {
            let view = DeliveryView::new(&samples::delivery(*state), &channel, from_millis(0));
            assert_eq!(view.may_confirm(), *state == DeliveryState::Uncertain);
            assert_eq!(view.advice.is_some(), view.may_retry());
        }
    }
}
