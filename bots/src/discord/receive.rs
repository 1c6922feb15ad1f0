//! From what happens on Discord to what somebody did to us.

mod body;
mod gateway;
mod history;
mod interaction;
mod staff;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Staff;
use super::places::{Places, number};
use super::wire::{Channel, Deleted, Guild, Message, User};
use crate::{Author, AuthorKind, Content, InboundMessage, Place, ReceiveError, ReplyAddress};
pub(super) use gateway::listen;
pub(super) use interaction::{Quoted, Token, Way, decode_delivery, keeps_waiting, quoted};

/// Everything decoding needs to know beside the event itself.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// Our user id, once it is known.
    pub(super) me: Option<&'a str>,
    /// What we know of channels and threads.
    pub(super) places: &'a Places,
    /// Whether questions in channels are answered in threads.
    pub(super) threads: bool,
    /// Channels where every question is listened to.
    pub(super) support: &'a [String],
    /// Whether only the asker sees what a command is answered with.
    pub(super) ephemeral: bool,
    /// The channel of the brand's own people.
    pub(super) staff: Option<&'a Staff>,
    /// Now.
    pub(super) now: Timestamp,
}

impl View<'_> {
    /// Whether every question in a channel or thread is listened to.
    fn listens_to(&self, channel: &str) -> bool {
        let parent = self.places.thread(channel).map(|thread| thread.parent);
        self.support.iter().any(|one| one == channel || Some(one) == parent.as_ref())
    }
}

/// What an event turned out to be.
#[derive(Debug, PartialEq)]
pub(super) enum Decoded {
    /// Something to store, in order.
    Messages(Vec<InboundMessage>),
    /// Nothing for us, and why.
    Ignored(&'static str),
}

/// Decodes one dispatch of the gateway, interactions excepted.
pub(super) fn decode(name: &str, data: Value, view: &View<'_>) -> Result<Decoded, ReceiveError> {
    match name {
        "MESSAGE_CREATE" => Ok(created(&read(data)?, view)),
        "MESSAGE_UPDATE" => Ok(edited(&read(data)?, view)),
        "MESSAGE_DELETE" | "MESSAGE_DELETE_BULK" => Ok(deleted(&read(data)?, view)),
        "THREAD_CREATE" | "THREAD_UPDATE" => {
            view.places.learn(&read(data)?, view.me);
            Ok(Decoded::Ignored("a thread that we learnt about"))
        }
        "GUILD_CREATE" | "GUILD_UPDATE" | "THREAD_LIST_SYNC" => {
            learn_server(&data, view);
            Ok(Decoded::Ignored("a server that we learnt about"))
        }
        "CHANNEL_DELETE" | "THREAD_DELETE" => {
            let channel: Channel = read(data)?;
            Ok(closed(&[channel.id], "the channel was deleted", view))
        }
        "GUILD_DELETE" => {
            let guild: Guild = read(data)?;
            if guild.unavailable {
                return Ok(Decoded::Ignored("a server that is down"));
            }
            let places = view.places.of_guild(&guild.id);
            Ok(closed(&places, "the bot was removed from the server", view))
        }
        _ => Ok(Decoded::Ignored("an event of no interest")),
    }
}

/// A message, live or read afterwards.
pub(super) fn created(message: &Message, view: &View<'_>) -> Decoded {
    let Some(author) = author_of(message, view) else {
        return Decoded::Ignored("a message without an author");
    };
    if author.kind == AuthorKind::Own {
        return Decoded::Ignored("our own message");
    }
    let body = match body::read(message, view) {
        Ok(body) => body,
        Err(reason) => return Decoded::Ignored(reason),
    };
    let is_person = author.kind == AuthorKind::Person;
    let addressed = is_person && (body.mentioned || replies_to_us(message, view));
    if view.is_staff_room(&message.channel_id) {
        return Decoded::Ignored("what staff say to each other");
    }
    let spot = Spot::of(message, addressed, view);
    if is_person && let Some(parent) = spot.opens_in.as_deref() {
        let parent = (parent, message.guild_id.as_deref());
        view.places.will_open(&message.id, parent, body.title());
    }
    let sent_at =
        time(message.timestamp.as_deref()).or_else(|| time_of(&message.id)).unwrap_or(view.now);
    let mut messages = Vec::new();
    if is_person && view.places.set_closed(&message.channel_id, false) {
        messages.push(InboundMessage {
            event_key: format!("opened:{}:{}", message.channel_id, message.id),
            content: Content::Opened,
            ..event(&spot, sent_at)
        });
    }
    messages.push(InboundMessage {
        event_key: format!("msg:{}:{}", message.channel_id, message.id),
        author,
        message_id: Some(message.id.clone()),
        reply_to: replied(message).map(str::to_owned),
        content: body.content,
        ..event(&spot, sent_at)
    });
    Decoded::Messages(messages)
}

fn edited(message: &Message, view: &View<'_>) -> Decoded {
    let Some(edited_at) = time(message.edited_timestamp.as_deref()) else {
        return Decoded::Ignored("an update that nobody wrote");
    };
    let Some(author) = author_of(message, view) else {
        return Decoded::Ignored("an edit without an author");
    };
    let body = match body::read(message, view) {
        Ok(body) => body,
        Err(reason) => return Decoded::Ignored(reason),
    };
    let Some(text) = body.text() else {
        return Decoded::Ignored("an edit without text");
    };
    let is_person = author.kind == AuthorKind::Person;
    let addressed = is_person && (body.mentioned || replies_to_us(message, view));
    if view.is_staff_room(&message.channel_id) {
        return Decoded::Ignored("what staff say to each other");
    }
    let spot = Spot::of(message, addressed, view);
    Decoded::Messages(vec![InboundMessage {
        event_key: format!(
            "edit:{}:{}:{}",
            message.channel_id,
            message.id,
            edited_at.as_millisecond()
        ),
        author,
        message_id: Some(message.id.clone()),
        reply_to: replied(message).map(str::to_owned),
        content: Content::Edited { text, message_id: message.id.clone() },
        ..event(&spot, edited_at)
    }])
}

fn deleted(gone: &Deleted, view: &View<'_>) -> Decoded {
    if view.places.known(&gone.channel_id).is_none() {
        return Decoded::Ignored("deleted where we never listened");
    }
    let ids = gone.id.iter().chain(&gone.ids);
    let messages = ids.map(|id| {
        let own_thread = view.places.thread(id).is_some_and(|t| t.parent == gone.channel_id);
        let spot = if own_thread {
            Spot::thread_of(&gone.channel_id, id)
        } else {
            Spot::named(&gone.channel_id, view)
        };
        InboundMessage {
            event_key: format!("delete:{}:{id}", gone.channel_id),
            content: Content::Deleted { message_id: id.clone() },
            ..event(&spot, view.now)
        }
    });
    Decoded::Messages(messages.collect())
}

fn closed(places: &[String], reason: &str, view: &View<'_>) -> Decoded {
    let known = places.iter().filter(|id| view.places.set_closed(id, true));
    let messages: Vec<InboundMessage> = known
        .map(|id| InboundMessage {
            event_key: format!("closed:{id}:{}", view.now.as_millisecond()),
            content: Content::Closed { reason: reason.to_owned() },
            ..event(&Spot::named(id, view), view.now)
        })
        .collect();
    if messages.is_empty() {
        return Decoded::Ignored("closed where we never listened");
    }
    Decoded::Messages(messages)
}

fn learn_server(data: &Value, view: &View<'_>) {
    let guild = data.get("guild_id").or(data.get("id")).and_then(Value::as_str).map(str::to_owned);
    let language = data.get("preferred_locale").and_then(Value::as_str);
    if let Some((guild, language)) = guild.as_deref().zip(language) {
        view.places.speaks(guild, language);
    }
    let threads = data.get("threads").and_then(Value::as_array);
    for thread in threads.into_iter().flatten() {
        let Ok(mut thread) = read::<Channel>(thread.clone()) else { continue };
        thread.guild_id = thread.guild_id.take().or(guild.clone());
        // A server has many threads; only those that we may have to answer in are of interest.
        let ours = view.me.is_some() && thread.owner_id.as_deref() == view.me;
        let listened = thread.parent_id.as_ref().is_some_and(|id| view.support.contains(id));
        let is_of_interest = ours || listened || view.places.known(&thread.id).is_some();
        if is_of_interest && view.places.learn(&thread, view.me) {
            view.places.leave_unread(&thread.id);
        }
    }
}

/// A conversation, as far as the place tells it.
struct Spot {
    conversation: String,
    address: String,
    place: Place,
    /// The channel in which our reply will open a thread.
    opens_in: Option<String>,
}

impl Spot {
    fn of(message: &Message, addressed: bool, view: &View<'_>) -> Self {
        let channel = message.channel_id.as_str();
        if let Some(thread) = view.places.thread(channel) {
            if view.is_staff_room(&thread.parent) {
                return Self::staff(channel, message, view);
            }
            return Self::group(
                channel,
                &format!("{}/{channel}", thread.parent),
                addressed || thread.own,
            );
        }
        // Asked after the threads: what is read afterwards may not say which server it is from.
        if message.guild_id.is_none() {
            return Self::private(channel);
        }
        let has_thread = |id: &str| view.places.thread(id).is_some_and(|t| t.parent == channel);
        let root = [Some(message.id.as_str()), replied(message)].into_iter().flatten();
        if let Some(root) = root.into_iter().find(|id| has_thread(id)) {
            return Self::thread_of(channel, root).addressed(addressed);
        }
        let in_thread = message.channel_type.is_some_and(|kind| (10..=12).contains(&kind));
        let listened = view.support.iter().any(|id| id == channel);
        if view.threads && !in_thread && (addressed || listened) {
            let spot = Self::thread_of(channel, &message.id).addressed(addressed);
            return Self { opens_in: Some(channel.to_owned()), ..spot };
        }
        Self::group(channel, channel, addressed)
    }

    /// A place of which only the id is at hand.
    fn named(id: &str, view: &View<'_>) -> Self {
        let known = view.places.known(id).unwrap_or_default();
        match (known.guild, known.parent) {
            (None, None) => Self::private(id),
            (_, Some(parent)) => Self::group(id, &format!("{parent}/{id}"), false),
            (Some(_), None) => Self::group(id, id, false),
        }
    }

    fn private(channel: &str) -> Self {
        Self {
            conversation: channel.to_owned(),
            address: format!("dm:{channel}"),
            place: Place::Private,
            opens_in: None,
        }
    }

    fn group(channel: &str, place: &str, addressed: bool) -> Self {
        Self {
            conversation: channel.to_owned(),
            address: channel.to_owned(),
            place: Place::Group { id: place.to_owned(), addressed },
            opens_in: None,
        }
    }

    /// The thread under a message: it has the message's id, whether it is open yet or not.
    fn thread_of(channel: &str, message: &str) -> Self {
        let place = format!("{channel}/{message}");
        Self { address: format!("thread:{place}"), ..Self::group(message, &place, false) }
    }

    fn addressed(mut self, to_us: bool) -> Self {
        if let Place::Group { addressed, .. } = &mut self.place {
            *addressed = to_us;
        }
        self
    }
}

/// Something that happened in a place, by nobody in particular.
fn event(spot: &Spot, sent_at: Timestamp) -> InboundMessage {
    InboundMessage {
        event_key: String::new(),
        conversation: spot.conversation.clone(),
        address: ReplyAddress { value: spot.address.clone(), expires_at: None },
        place: spot.place.clone(),
        author: Author { id: "discord".to_owned(), name: None, lang: None, kind: AuthorKind::Bot },
        message_id: None,
        reply_to: None,
        content: Content::Opened,
        sent_at,
    }
}

fn author_of(message: &Message, view: &View<'_>) -> Option<Author> {
    let user = message.author.as_ref()?;
    let kind = if view.me == Some(user.id.as_str()) {
        AuthorKind::Own
    } else if user.bot || message.webhook_id.is_some() {
        AuthorKind::Bot
    } else {
        AuthorKind::Person
    };
    let nick = message.member.as_ref().and_then(|member| member.nick.as_deref());
    // A message does not say its author's language; most of Discord is set to English.
    let here = message.guild_id.as_deref().and_then(|guild| view.places.language(guild));
    let lang = Some(here.unwrap_or_else(|| "en".to_owned()));
    Some(Author { id: user.id.clone(), name: name_of(user, nick), lang, kind })
}

/// The name people see: the one in this server, the one everywhere, the account's.
fn name_of(user: &User, nick: Option<&str>) -> Option<String> {
    let names = [nick, user.global_name.as_deref(), Some(user.username.as_str())];
    names.into_iter().flatten().find(|name| !name.is_empty()).map(str::to_owned)
}

fn replied(message: &Message) -> Option<&str> {
    let reference = message.message_reference.as_ref().filter(|reference| reference.kind == 0)?;
    reference.message_id.as_deref()
}

fn replies_to_us(message: &Message, view: &View<'_>) -> bool {
    let replied_to = message.referenced_message.as_ref().and_then(|one| one.author.as_ref());
    let is_reply = replied(message).is_some();
    is_reply && replied_to.is_some_and(|user| view.me == Some(user.id.as_str()))
}

fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok()
}

/// The time in an id. <https://discord.com/developers/docs/reference#snowflakes>
fn time_of(id: &str) -> Option<Timestamp> {
    let since_2015 = i64::try_from(number(id) >> 22).ok()?;
    Timestamp::from_millisecond(since_2015 + 1_420_070_400_000).ok()
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, ReceiveError> {
    serde_json::from_value(value).map_err(|error| ReceiveError::Undecodable(error.to_string()))
}
