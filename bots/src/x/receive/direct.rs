//! Direct messages, as webhooks deliver them and as the list has them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::super::wire::{DmEvent, Includes, OldMessage, User};
use super::{Decoded, Me, author, read, time_in_ms, unescaped, without_short_addresses};
use crate::text::said;
use crate::{Content, InboundMessage, Place, ReceiveError, ReplyAddress};

/// What both ways of hearing it say of a message.
struct Direct<'a> {
    id: &'a str,
    sender: &'a str,
    user: Option<&'a User>,
    text: &'a str,
    has_media: bool,
    at: Timestamp,
}

/// A direct message in a webhook delivery.
pub(super) fn delivered_message(
    message: &OldMessage,
    users: &BTreeMap<String, Value>,
    me: &Me<'_>,
    now: Timestamp,
) -> Decoded {
    if message.kind != "message_create" {
        return Decoded::Ignored("not a message");
    }
    let (Some(id), Some(create)) = (&message.id, &message.message_create) else {
        return Decoded::Ignored("a message without an id");
    };
    let Some(sender) = create.sender_id.as_deref() else {
        return Decoded::Ignored("a message without an author");
    };
    if me.is(Some(sender)) {
        return Decoded::Ignored("our own message");
    }
    let recipient = create.target.recipient_id.as_deref();
    if recipient.is_some() && me.id.is_some() && !me.is(recipient) {
        return Decoded::Ignored("a message to another account");
    }
    // The Activity API wraps each person in `data`.
    let user = users.get(sender).map(|user| user.get("data").unwrap_or(user).clone());
    let user: Option<User> = user.and_then(|user| serde_json::from_value(user).ok());
    Decoded::from(decode(&Direct {
        id,
        sender,
        user: user.as_ref(),
        text: &create.message_data.text,
        has_media: create.message_data.attachment.is_some(),
        at: time_in_ms(message.created_timestamp.as_deref()).unwrap_or(now),
    }))
}

/// A direct message in the list of version 2.
pub(in crate::x) fn listed_message(
    value: Value,
    includes: &Includes,
    me: &Me<'_>,
    now: Timestamp,
) -> Result<Decoded, ReceiveError> {
    let event: DmEvent = read(value)?;
    if !event.event_type.is_empty() && event.event_type != "MessageCreate" {
        return Ok(Decoded::Ignored("not a message"));
    }
    let (Some(id), Some(sender)) = (&event.id, event.sender_id.as_deref()) else {
        return Ok(Decoded::Ignored("a message without an author"));
    };
    if me.is(Some(sender)) {
        return Ok(Decoded::Ignored("our own message"));
    }
    // Between two it is named after both.
    if event.dm_conversation_id.as_deref().is_some_and(|id| !id.contains('-')) {
        return Ok(Decoded::Ignored("a group's message"));
    }
    Ok(Decoded::from(decode(&Direct {
        id,
        sender,
        user: includes.users.iter().find(|user| user.key() == Some(sender)),
        text: &event.text,
        has_media: event.attachments.is_some(),
        at: event.created_at.as_deref().and_then(|at| at.parse().ok()).unwrap_or(now),
    })))
}

fn decode(direct: &Direct<'_>) -> InboundMessage {
    let text = without_short_addresses(&unescaped(direct.text));
    let content = if text.is_empty() && direct.has_media {
        Content::Unreadable { what: "picture".to_owned() }
    } else {
        said(text)
    };
    let conversation = format!("dm:{}", direct.sender);
    InboundMessage {
        event_key: format!("dm:{}", direct.id),
        address: ReplyAddress { value: conversation.clone(), expires_at: None },
        conversation,
        place: Place::Private,
        author: author(direct.sender, direct.user, None),
        message_id: Some(direct.id.to_owned()),
        reply_to: None,
        content,
        sent_at: direct.at,
    }
}
