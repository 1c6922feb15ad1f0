//! From a verified delivery to the one message it carries.

use jiff::Timestamp;

use super::verify::VerifiedBody;
use super::wire::{Incoming, Said};
use crate::text::said;
use crate::{
    Author, AuthorKind, Content, InboundMessage, Place, ReceiveError, Received, ReplyAddress,
};

/// Decodes a verified delivery; the body carries no time, so it happened now.
pub(super) fn decode(body: &VerifiedBody, now: Timestamp) -> Result<Received, ReceiveError> {
    let incoming = Incoming::read(body.bytes())?;
    let content = match incoming.said {
        Said::Text(text) => said(text),
        Said::Press(button) => Content::Press { button },
    };
    // Commands and presses are meant for us without a mention.
    let addressed = incoming.addressed || !matches!(content, Content::Text { .. });
    let place = if incoming.public {
        Place::Group { id: incoming.conversation_id.clone(), addressed }
    } else {
        Place::Private
    };
    let message = InboundMessage {
        event_key: format!("msg:{}:{}", incoming.conversation_id, incoming.message_id),
        address: ReplyAddress { value: incoming.conversation_id.clone(), expires_at: None },
        conversation: incoming.conversation_id,
        place,
        author: Author {
            id: incoming.customer.id,
            name: incoming.customer.name,
            lang: incoming.customer.lang,
            kind: if incoming.customer.bot { AuthorKind::Bot } else { AuthorKind::Person },
        },
        message_id: Some(incoming.message_id),
        reply_to: None,
        content,
        sent_at: now,
    };
    Ok(Received { messages: vec![message], ..Received::default() })
}
