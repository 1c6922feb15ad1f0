//! From what X sends to what somebody did: posts, direct messages, deletions, blocks.
//!
//! A conversation is one person: their user id for posts, `dm:` before it for direct messages.

mod direct;
mod poll;
mod post;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::verify::VerifiedBody;
use super::wire::{Activity, Block, DeletedPost, Delivery, User};
use crate::{
    Author, AuthorKind, Content, InboundMessage, Place, ReceiveError, Received, ReplyAddress,
};
pub(super) use direct::listed_message;
pub(super) use poll::{listen, poll_once};
pub(super) use post::listed_post;

/// All public posts together, where a place needs a name.
const PUBLIC_PLACE: &str = "posts";

/// Who we are, as far as it is known yet.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Me<'a> {
    /// Our user id.
    pub(super) id: Option<&'a str>,
    /// Our name without `@`.
    pub(super) username: Option<&'a str>,
}

impl Me<'_> {
    fn is(&self, id: Option<&str>) -> bool {
        self.id.is_some() && self.id == id
    }
}

/// What one event turned out to be.
#[derive(Debug)]
pub(super) enum Decoded {
    /// Something to store.
    Message(Box<InboundMessage>),
    /// Nothing for us, and why.
    Ignored(&'static str),
}

impl From<InboundMessage> for Decoded {
    fn from(message: InboundMessage) -> Self {
        Self::Message(Box::new(message))
    }
}

/// Decodes a verified delivery, in either envelope.
pub(super) fn decode_delivery(
    body: &VerifiedBody,
    me: &Me<'_>,
    now: Timestamp,
) -> Result<Received, ReceiveError> {
    let value: Value = serde_json::from_slice(body.bytes()).map_err(undecodable)?;
    if !value.is_object() {
        return Err(undecodable("not an object"));
    }
    let delivery: Delivery = read(value)?;
    // Until X was asked, the delivery itself says whom it is for.
    let told = delivery.data.as_ref().map_or(&delivery.for_user_id, |data| &data.filter.user_id);
    let me = &Me { id: me.id.or(told.as_deref()), ..*me };
    let mut found = Found { received: Received::default(), me, now, unread: None };
    match &delivery.data {
        Some(activity) => found.activity(activity)?,
        None => found.account_activity(&delivery),
    }
    let Found { mut received, unread, .. } = found;
    if let Some(error) = unread.filter(|_| received.messages.is_empty()) {
        return Err(error);
    }
    if !received.messages.is_empty() {
        received.ignored = None;
    } else if received.ignored.is_none() && received.stopped.is_none() {
        received.ignored = Some("unknown event type".to_owned());
    }
    Ok(received)
}

/// What has been found in a delivery so far.
struct Found<'a> {
    received: Received,
    me: &'a Me<'a>,
    now: Timestamp,
    /// Why an event beside others could not be decoded.
    unread: Option<ReceiveError>,
}

impl Found<'_> {
    fn add(&mut self, decoded: Decoded) {
        match decoded {
            Decoded::Message(message) => self.received.messages.push(*message),
            Decoded::Ignored(reason) => self.received.ignored = Some(reason.to_owned()),
        }
    }

    /// One event that cannot be decoded must not take those beside it along.
    fn add_if_readable(&mut self, decoded: Result<Decoded, ReceiveError>) {
        match decoded {
            Ok(decoded) => self.add(decoded),
            Err(error) => {
                tracing::warn!(%error, "skipped an event that cannot be decoded");
                self.unread = Some(error);
            }
        }
    }

    fn activity(&mut self, activity: &Activity) -> Result<(), ReceiveError> {
        let payload = activity.payload.clone();
        match activity.event_type.as_str() {
            "post.mention.create" | "post.reply.create" | "post.quote.create" | "post.create" => {
                let mentioned = activity.event_type == "post.mention.create";
                let post = post::read_new(read(payload)?, &activity.includes)?;
                self.add(post.decode(self.me, mentioned, self.now));
            }
            "post.delete" => {
                let post: DeletedPost = read(payload)?;
                self.add(deleted(&post, self.me, self.now));
            }
            "dm.received" => {
                let delivery: Delivery = read(payload)?;
                self.direct_messages(&delivery);
            }
            "dm.sent" => self.add(Decoded::Ignored("our own message")),
            "oauth.revoke" => {
                let of: DeletedPost = read(payload)?;
                let user = of.user_id.or_else(|| activity.filter.user_id.clone());
                self.revoked(user.as_deref());
            }
            "chat.received" => self.add(Decoded::Ignored("an encrypted message")),
            _ => self.add(Decoded::Ignored("unknown event type")),
        }
        Ok(())
    }

    fn account_activity(&mut self, delivery: &Delivery) {
        if let Some(revoke) = delivery.user_event.as_ref().and_then(|event| event.revoke.as_ref()) {
            self.revoked(revoke.pointer("/source/user_id").and_then(Value::as_str));
            return;
        }
        let of_another = delivery.for_user_id.as_deref().is_some_and(|id| !self.me.is(Some(id)));
        if of_another {
            self.add(Decoded::Ignored("an event of another account"));
            return;
        }
        for value in &delivery.tweet_create_events {
            if delivery.user_has_blocked {
                self.add(Decoded::Ignored("a post of somebody we blocked"));
                continue;
            }
            let post = read(value.clone()).and_then(post::read_old);
            self.add_if_readable(post.map(|post| post.decode(self.me, false, self.now)));
        }
        for deletion in &delivery.tweet_delete_events {
            let at = time_in_ms(deletion.timestamp_ms.as_deref()).unwrap_or(self.now);
            self.add(deleted(&deletion.status, self.me, at));
        }
        for (blocks, closed) in [(&delivery.block_events, true), (&delivery.unblock_events, false)]
        {
            for block in blocks {
                self.add(blocked(block, closed, self.me, self.now));
            }
        }
        self.direct_messages(delivery);
    }

    fn direct_messages(&mut self, delivery: &Delivery) {
        for value in &delivery.direct_message_events {
            let (users, me, now) = (&delivery.users, self.me, self.now);
            let message = read(value.clone());
            self.add_if_readable(
                message.map(|message| direct::delivered_message(&message, users, me, now)),
            );
        }
    }

    fn revoked(&mut self, user: Option<&str>) {
        if user.is_some() && self.me.id.is_some() && !self.me.is(user) {
            self.add(Decoded::Ignored("an event of another account"));
            return;
        }
        let reason = "the account revoked our application's access on X; authorise it again";
        self.received.stopped = Some(reason.to_owned());
    }
}

/// A deletion: what we keep of the post goes too.
fn deleted(post: &DeletedPost, me: &Me<'_>, at: Timestamp) -> Decoded {
    let (Some(id), Some(author)) = (&post.id, post.user_id.as_deref()) else {
        return Decoded::Ignored("a deletion without an author");
    };
    if me.is(Some(author)) {
        return Decoded::Ignored("our own post was deleted");
    }
    let content = Content::Deleted { message_id: id.clone() };
    event(author, format!("delete:{id}"), content, at)
}

/// We blocked somebody, or took it back.
fn blocked(block: &Block, closed: bool, me: &Me<'_>, now: Timestamp) -> Decoded {
    let (Some(target), source) = (block.target.key(), block.source.key()) else {
        return Decoded::Ignored("a block without a person");
    };
    if !me.is(source) {
        return Decoded::Ignored("a block that is not ours");
    }
    let at = time_in_ms(block.created_timestamp.as_deref()).unwrap_or(now);
    let (word, content) = if closed {
        ("block", Content::Closed { reason: "we blocked this person on X".to_owned() })
    } else {
        ("unblock", Content::Opened)
    };
    event(target, format!("{word}:{target}:{}", at.as_millisecond()), content, at)
}

/// Something that happened in somebody's public conversation without words.
fn event(person: &str, event_key: String, content: Content, at: Timestamp) -> Decoded {
    Decoded::from(InboundMessage {
        event_key,
        conversation: person.to_owned(),
        address: ReplyAddress { value: person.to_owned(), expires_at: None },
        place: Place::Group { id: PUBLIC_PLACE.to_owned(), addressed: false },
        author: author(person, None, None),
        message_id: None,
        reply_to: None,
        content,
        sent_at: at,
    })
}

fn author(id: &str, user: Option<&User>, lang: Option<&str>) -> Author {
    let name = user.and_then(|user| user.name.clone().or_else(|| user.username.clone()));
    // X writes `und`, `zxx`, `qme` … where it does not know.
    let lang = lang.filter(|lang| lang.len() == 2 || lang.contains('-')).map(str::to_owned);
    Author { id: id.to_owned(), name, lang, kind: AuthorKind::Person }
}

/// X escapes three characters in texts. <https://docs.x.com/fundamentals/counting-characters>
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Without the addresses X puts in for pictures and quoted posts: they say nothing.
fn without_short_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        if !word.starts_with("https://t.co/") {
            out.push_str(word);
        }
    }
    out.trim().to_owned()
}

/// Whether X shows the same words, however it wrote them.
pub(super) fn same_words(theirs: &str, ours: &str) -> bool {
    unescaped(theirs).split_whitespace().eq(ours.split_whitespace())
}

fn time_in_ms(text: Option<&str>) -> Option<Timestamp> {
    Timestamp::from_millisecond(text?.parse().ok()?).ok()
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, ReceiveError> {
    serde_json::from_value(value).map_err(undecodable)
}

fn undecodable(error: impl std::fmt::Display) -> ReceiveError {
    ReceiveError::Undecodable(error.to_string())
}
