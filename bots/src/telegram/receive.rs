//! From a Telegram update to what somebody did: one update is at most one message.

mod body;
mod poll;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::verify::VerifiedBody;
use super::wire::{CallbackQuery, Chat, MemberUpdate, Message, Update, User};
use crate::{
    Author, AuthorKind, Content, InboundMessage, Place, ReceiveError, Received, ReplyAddress,
};
pub(super) use poll::listen;

/// Who we are, as far as it is known yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Me<'a> {
    /// Our user id.
    pub(super) id: Option<i64>,
    /// Our name without `@`.
    pub(super) username: Option<&'a str>,
}

/// What an update turned out to be.
#[derive(Debug)]
pub(super) enum Decoded {
    /// Something to store.
    Message(Box<InboundMessage>),
    /// Nothing for us, and why.
    Ignored(&'static str),
}

/// Decodes a verified delivery.
pub(super) fn decode_delivery(
    body: &VerifiedBody,
    me: &Me<'_>,
    now: Timestamp,
) -> Result<Received, ReceiveError> {
    let value = serde_json::from_slice(body.bytes()).map_err(undecodable)?;
    Ok(match decode(value, me, Some(now))? {
        Decoded::Message(message) => Received { messages: vec![*message], ..Received::default() },
        Decoded::Ignored(reason) => {
            Received { ignored: Some(reason.to_owned()), ..Received::default() }
        }
    })
}

/// Decodes one update. `now` dates what Telegram leaves undated (a pressed button); without it the
/// message with the button does.
pub(super) fn decode(
    value: Value,
    me: &Me<'_>,
    now: Option<Timestamp>,
) -> Result<Decoded, ReceiveError> {
    let update: Update = read(value)?;
    tracing::debug!(update.id = update.update_id, "decoding update {}", update.update_id);
    let Some((kind, value)) = update.kinds.into_iter().find(|(_, value)| value.is_object()) else {
        return Ok(Decoded::Ignored("an update without a kind"));
    };
    match kind.as_str() {
        "message" => message(&read(value)?, me),
        "edited_message" => edited(&read(value)?, me),
        "callback_query" => press(read(value)?, now),
        "my_chat_member" => member(&read(value)?),
        "channel_post" | "edited_channel_post" => Ok(Decoded::Ignored("a channel post")),
        "business_connection"
        | "business_message"
        | "edited_business_message"
        | "deleted_business_messages" => Ok(Decoded::Ignored("a business account's message")),
        _ => Ok(Decoded::Ignored("unknown update kind")),
    }
}

fn message(message: &Message, me: &Me<'_>) -> Result<Decoded, ReceiveError> {
    let Some(author) = author_of(message, me) else {
        return Ok(Decoded::Ignored("a message without an author"));
    };
    let spot = Spot::of(&message.chat, message.message_thread_id, message.is_topic_message);
    if message.chat.kind == "channel" || message.is_automatic_forward {
        return Ok(Decoded::Ignored("a channel post"));
    }
    let (content, addressed) = if let Some(new_chat) = message.migrate_to_chat_id {
        let conversation = new_chat.to_string();
        let address = address(&conversation);
        (Content::Moved { conversation, address }, false)
    } else {
        match body::read(message, me, spot.private) {
            Ok(body) => (body.content, body.addressed),
            Err(reason) => return Ok(Decoded::Ignored(reason)),
        }
    };
    Ok(Decoded::from(InboundMessage {
        event_key: format!("msg:{}:{}", message.chat.id, message.message_id),
        place: spot.place(addressed || replies_to_us(message, me)),
        address: address(&spot.conversation),
        conversation: spot.conversation,
        author,
        message_id: Some(message.message_id.to_string()),
        reply_to: replied(message),
        content,
        sent_at: timestamp(message.date)?,
    }))
}

fn edited(message: &Message, me: &Me<'_>) -> Result<Decoded, ReceiveError> {
    let Some(author) = author_of(message, me) else {
        return Ok(Decoded::Ignored("an edit without an author"));
    };
    let Some((text, addressed)) = body::text_of(message, me) else {
        return Ok(Decoded::Ignored("an edit without text"));
    };
    let spot = Spot::of(&message.chat, message.message_thread_id, message.is_topic_message);
    let edit_date = message.edit_date.unwrap_or(message.date);
    let message_id = message.message_id.to_string();
    Ok(Decoded::from(InboundMessage {
        event_key: format!("edit:{}:{message_id}:{edit_date}", message.chat.id),
        place: spot.place(addressed || replies_to_us(message, me)),
        address: address(&spot.conversation),
        conversation: spot.conversation,
        author,
        message_id: Some(message_id.clone()),
        reply_to: replied(message),
        content: Content::Edited { text, message_id },
        sent_at: timestamp(edit_date)?,
    }))
}

fn press(query: CallbackQuery, now: Option<Timestamp>) -> Result<Decoded, ReceiveError> {
    let Some(message) = query.message else {
        return Ok(Decoded::Ignored("a button outside our conversations"));
    };
    let Some(button) = query.data else {
        return Ok(Decoded::Ignored("a button without data"));
    };
    let spot = Spot::of(&message.chat, message.message_thread_id, message.is_topic_message);
    Ok(Decoded::from(InboundMessage {
        event_key: format!("press:{}", query.id),
        place: spot.place(true),
        address: address(&spot.conversation),
        conversation: spot.conversation,
        author: person(&query.from),
        message_id: None,
        reply_to: Some(message.message_id.to_string()),
        content: Content::Press { button },
        sent_at: now.map_or_else(|| timestamp(message.date), Ok)?,
    }))
}

fn member(update: &MemberUpdate) -> Result<Decoded, ReceiveError> {
    if update.chat.kind == "channel" {
        return Ok(Decoded::Ignored("a channel's member list"));
    }
    let may_write = |member: &super::wire::Member| match member.status.as_str() {
        "left" | "kicked" => false,
        "restricted" => member.is_member != Some(false) && member.can_send_messages != Some(false),
        _ => true,
    };
    let spot = Spot::of(&update.chat, None, false);
    let content = match (may_write(&update.old_chat_member), may_write(&update.new_chat_member)) {
        (_, false) => Content::Closed {
            reason: match update.new_chat_member.status.as_str() {
                _ if spot.private => "the customer blocked the bot",
                "kicked" | "left" => "the bot was removed from the group",
                _ => "the bot may not write in the group",
            }
            .to_owned(),
        },
        (false, true) => Content::Opened,
        (true, true) => return Ok(Decoded::Ignored("only our rights changed")),
    };
    Ok(Decoded::from(InboundMessage {
        event_key: format!(
            "member:{}:{}:{}",
            update.chat.id, update.date, update.new_chat_member.status
        ),
        place: spot.place(false),
        address: address(&spot.conversation),
        conversation: spot.conversation,
        author: person(&update.from),
        message_id: None,
        reply_to: None,
        content,
        sent_at: timestamp(update.date)?,
    }))
}

/// A chat, or one topic of it.
struct Spot {
    conversation: String,
    private: bool,
}

impl Spot {
    /// Outside topics Telegram also sets the thread id (of a chain of replies): not a topic.
    fn of(chat: &Chat, thread: Option<i64>, is_topic: bool) -> Self {
        let conversation = match thread.filter(|_| is_topic) {
            Some(topic) => format!("{}/{topic}", chat.id),
            None => chat.id.to_string(),
        };
        Self { conversation, private: chat.kind == "private" }
    }

    fn place(&self, addressed: bool) -> Place {
        if self.private {
            Place::Private
        } else {
            Place::Group { id: self.conversation.clone(), addressed }
        }
    }
}

/// An address is written like the conversation's public id: `chat` or `chat/topic`.
pub(super) fn address(conversation: &str) -> ReplyAddress {
    ReplyAddress { value: conversation.to_owned(), expires_at: None }
}

/// Anonymous admins and people who write as a channel come with a stand-in bot as `from` and the
/// chat they write as in `sender_chat`: people all the same.
fn author_of(message: &Message, me: &Me<'_>) -> Option<Author> {
    let is_ours = |user: &User| me.id == Some(user.id);
    if let Some(chat) = &message.sender_chat {
        let name = chat.title.clone();
        let kind = AuthorKind::Person;
        return Some(Author { id: chat.id.to_string(), name, lang: None, kind });
    }
    let from = message.from.as_ref()?;
    let kind = if is_ours(from) {
        AuthorKind::Own
    } else if from.is_bot || message.via_bot.as_ref().is_some_and(|bot| !is_ours(bot)) {
        AuthorKind::Bot
    } else {
        AuthorKind::Person
    };
    Some(Author { kind, ..person(from) })
}

fn person(user: &User) -> Author {
    let name = [Some(user.first_name.as_str()), user.last_name.as_deref()];
    let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Author {
        id: user.id.to_string(),
        name: Some(name.trim().to_owned()).filter(|name| !name.is_empty()),
        lang: user.language_code.clone(),
        kind: AuthorKind::Person,
    }
}

fn replied(message: &Message) -> Option<String> {
    let replied = message.reply_to_message.as_ref()?;
    replied.forum_topic_created.is_none().then(|| replied.message_id.to_string())
}

fn replies_to_us(message: &Message, me: &Me<'_>) -> bool {
    message.reply_to_message.as_ref().is_some_and(|replied| {
        let from = replied.from.as_ref().map(|from| from.id);
        replied.forum_topic_created.is_none() && from.is_some() && from == me.id
    })
}

impl From<InboundMessage> for Decoded {
    fn from(message: InboundMessage) -> Self {
        Self::Message(Box::new(message))
    }
}

fn timestamp(seconds: i64) -> Result<Timestamp, ReceiveError> {
    Timestamp::from_second(seconds).map_err(undecodable)
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, ReceiveError> {
    serde_json::from_value(value).map_err(undecodable)
}

fn undecodable(error: impl std::fmt::Display) -> ReceiveError {
    ReceiveError::Undecodable(error.to_string())
}
