//! What is handled together: a burst of free text from one person is one question.

use superfan_bots::{Content, Place};

use crate::store::inbox::StoredMessage;

/// Messages that are handled together, in order; never empty.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// The messages.
    pub(super) messages: Vec<StoredMessage>,
}

impl Unit {
    /// The first unit of a conversation's new messages; `bursts` joins free text.
    pub(super) fn first_of(messages: Vec<StoredMessage>, bursts: bool) -> Option<Self> {
        let mut waiting = messages.into_iter();
        let mut unit = vec![waiting.next()?];
        if bursts && is_said(&unit[0]) {
            unit.extend(waiting.take_while(|next| belongs(&unit[0], next)).collect::<Vec<_>>());
        }
        Some(Self { messages: unit })
    }

    /// The message that is answered: the last.
    pub(super) fn last(&self) -> &StoredMessage {
        self.messages.last().expect("a unit is never empty")
    }

    /// The words of the unit, edits applied, joined by line breaks.
    pub(super) fn text(&self) -> String {
        let mut lines: Vec<(Option<&str>, &str)> = Vec::new();
        for stored in &self.messages {
            let id = stored.message.message_id.as_deref();
            match &stored.message.content {
                Content::Text { text } | Content::Command { text, .. } => lines.push((id, text)),
                Content::Edited { text, message_id } => {
                    let edited = lines.iter_mut().find(|(id, _)| *id == Some(message_id));
                    match edited {
                        Some(line) => line.1 = text,
                        None => lines.push((Some(message_id), text)),
                    }
                }
                _ => {}
            }
        }
        lines.iter().map(|(_, text)| *text).collect::<Vec<_>>().join("\n")
    }
}

fn is_said(stored: &StoredMessage) -> bool {
    // A picture beside words is part of what is said: an album with a caption is one question.
    matches!(
        stored.message.content,
        Content::Text { .. } | Content::Edited { .. } | Content::Unreadable { .. }
    )
}

fn belongs(first: &StoredMessage, next: &StoredMessage) -> bool {
    is_said(next)
        && next.customer_id == first.customer_id
        && addressed(&next.message.place) == addressed(&first.message.place)
}

/// Whether a message was said to us.
pub(super) fn addressed(place: &Place) -> bool {
    match place {
        Place::Private => true,
        Place::Group { addressed, .. } => *addressed,
        Place::Staff { .. } => false,
    }
}
