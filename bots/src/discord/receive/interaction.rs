//! Slash commands, commands on messages and pressed buttons, over the gateway or over HTTP.
//!
//! An interaction is answered at once with "later" and in full through its token, which works for
//! fifteen minutes. The token travels as the message id of what was asked, so that the reply to
//! exactly this interaction finds it; nobody else reads that id.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{View, name_of, read, staff};
use crate::discord::verify::VerifiedBody;
use crate::discord::wire::{Interaction, InteractionData};
use crate::{
    Author, AuthorKind, Command, Content, InboundMessage, Place, ReceiveError, Received,
    ReplyAddress,
};

/// How long a token is used: Discord's fifteen minutes, less what a call may take.
const TOKEN_WORKS: SignedDuration = SignedDuration::from_secs(14 * 60 + 30);
/// <https://discord.com/developers/docs/resources/message#message-object-message-flags>
pub(in crate::discord) const EPHEMERAL: u64 = 1 << 6;

/// How the reply to an interaction reaches the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::discord) enum Way {
    /// A "thinking" message that everybody sees becomes the reply.
    Public,
    /// A "thinking" message that only the asker sees becomes the reply.
    Ephemeral,
    /// Nothing waits; the message with the pressed button stays as it is.
    Quiet,
}

/// The token of an interaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::discord) struct Token {
    /// How to reply.
    pub(in crate::discord) way: Way,
    /// When it stops working.
    pub(in crate::discord) expires_at: Timestamp,
    /// The application it was made for.
    pub(in crate::discord) application: String,
    /// Who alone sees the reply, for [`Way::Ephemeral`].
    pub(in crate::discord) asker: Option<String>,
    /// The token itself.
    pub(in crate::discord) value: String,
}

/// What a reply answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::discord) enum Quoted {
    /// A message, shown above the reply.
    Message(String),
    /// An interaction.
    Interaction(Token),
}

/// Reads the id of what is answered.
pub(in crate::discord) fn quoted(id: &str) -> Quoted {
    Token::read(id).map_or_else(|| Quoted::Message(id.to_owned()), Quoted::Interaction)
}

/// Whether "thinking" stands where the reply to this goes.
pub(in crate::discord) fn keeps_waiting(id: &str) -> bool {
    matches!(quoted(id), Quoted::Interaction(token) if token.way != Way::Quiet)
}

impl Token {
    fn write(&self) -> String {
        let way = match self.way {
            Way::Public => "public",
            Way::Ephemeral => "ephemeral",
            Way::Quiet => "quiet",
        };
        let expires = self.expires_at.as_second();
        let asker = self.asker.as_ref().map_or_else(String::new, |asker| format!("-{asker}"));
        format!("interaction:{way}{asker}:{expires}:{}:{}", self.application, self.value)
    }

    fn read(text: &str) -> Option<Self> {
        let mut fields = text.strip_prefix("interaction:")?.splitn(4, ':');
        let way = fields.next()?;
        let (way, asker) = way.split_once('-').map_or((way, None), |(way, id)| (way, Some(id)));
        let way = match way {
            "public" => Way::Public,
            "ephemeral" => Way::Ephemeral,
            _ => Way::Quiet,
        };
        let expires_at = Timestamp::from_second(fields.next()?.parse().ok()?).ok()?;
        let application = fields.next()?.to_owned();
        let (asker, value) = (asker.map(str::to_owned), fields.next()?.to_owned());
        Some(Self { way, expires_at, application, asker, value })
    }
}

/// What an interaction turned out to be.
#[derive(Debug, PartialEq)]
pub(super) struct Interacted {
    /// What to store; nothing for what we do not act on.
    pub(super) message: Option<InboundMessage>,
    /// What Discord is answered within three seconds.
    pub(super) answer: Value,
    /// Where the answer goes if it is not the response itself: id and token.
    pub(super) callback: (String, String),
}

/// Decodes a verified delivery of the interactions endpoint.
pub(in crate::discord) fn decode_delivery(
    body: &VerifiedBody,
    view: &View<'_>,
) -> Result<Received, ReceiveError> {
    let value = serde_json::from_slice(body.bytes())
        .map_err(|error| ReceiveError::Undecodable(error.to_string()))?;
    let interacted = decode(value, view)?;
    let ignored = interacted.message.is_none().then(|| "nothing to act on".to_owned());
    if interacted.answer["type"] != 1 {
        body.require_fresh()?;
    }
    Ok(Received {
        messages: interacted.message.into_iter().collect(),
        ignored,
        body: Some(interacted.answer),
        ..Received::default()
    })
}

/// Decodes one interaction.
pub(super) fn decode(value: Value, view: &View<'_>) -> Result<Interacted, ReceiveError> {
    let interaction: Interaction = read(value)?;
    let callback = (interaction.id.clone(), interaction.token.clone());
    let only = |answer| Ok(Interacted { message: None, answer, callback: callback.clone() });
    match interaction.kind {
        1 => only(json!({ "type": 1 })),
        2 => command(&interaction, view),
        3 => press(&interaction, view),
        4 => only(json!({ "type": 8, "data": { "choices": [] } })),
        _ => only(json!({ "type": 6 })),
    }
}

fn command(interaction: &Interaction, view: &View<'_>) -> Result<Interacted, ReceiveError> {
    let data = interaction.data.as_ref().ok_or_else(|| missing("data"))?;
    let (command, text) = match data.kind {
        Some(3) => (Command::Ask, text_of_target(data)),
        _ => (command_named(&data.name), argument(data)),
    };
    let content = Content::Command { command, text: text.trim().to_owned() };
    let mut message = message(interaction, content, view)?;
    let alone = view.ephemeral || matches!(message.place, Place::Staff { .. });
    let way = if alone { Way::Ephemeral } else { Way::Public };
    message.event_key = format!("command:{}", interaction.id);
    let asker = message.author.id.clone();
    message.message_id = Some(token(interaction, (way, asker), view.now).write());
    Ok(deferred(interaction, message, way))
}

fn press(interaction: &Interaction, view: &View<'_>) -> Result<Interacted, ReceiveError> {
    let data = interaction.data.as_ref().ok_or_else(|| missing("data"))?;
    let button = data.custom_id.clone().ok_or_else(|| missing("data.custom_id"))?;
    let pressed = interaction.message.as_ref();
    // What only the asker sees can be followed only by what only the asker sees.
    let hidden = pressed.is_some_and(|message| message.flags & EPHEMERAL != 0);
    let mut message = message(interaction, Content::Press { button }, view)?;
    // Whoever presses under a card is told what came of it; the others need not read that.
    let among_staff = matches!(message.place, Place::Staff { .. });
    let way = if hidden || among_staff { Way::Ephemeral } else { Way::Quiet };
    if let Some(card) = pressed.filter(|_| among_staff) {
        view.places.call(&card.id, &staff::title(&card.content));
    }
    message.event_key = format!("press:{}", interaction.id);
    let asker = message.author.id.clone();
    message.message_id = Some(token(interaction, (way, asker), view.now).write());
    message.reply_to = pressed.map(|message| message.id.clone());
    Ok(deferred(interaction, message, way))
}

fn deferred(interaction: &Interaction, message: InboundMessage, way: Way) -> Interacted {
    let answer = match way {
        Way::Public => json!({ "type": 5 }),
        Way::Ephemeral => json!({ "type": 5, "data": { "flags": EPHEMERAL } }),
        Way::Quiet => json!({ "type": 6 }),
    };
    let callback = (interaction.id.clone(), interaction.token.clone());
    Interacted { message: Some(message), answer, callback }
}

fn message(
    interaction: &Interaction,
    content: Content,
    view: &View<'_>,
) -> Result<InboundMessage, ReceiveError> {
    let member = interaction.member.as_ref();
    let user = member.and_then(|member| member.user.as_ref()).or(interaction.user.as_ref());
    let user = user.ok_or_else(|| missing("user"))?;
    let channel = interaction.channel.as_ref().map(|channel| channel.id.clone());
    let channel = interaction.channel_id.clone().or(channel);
    let channel = channel.ok_or_else(|| missing("channel_id"))?;
    let private = interaction.guild_id.is_none() && member.is_none();
    let around = interaction.channel.as_ref().filter(|channel| channel.is_thread());
    let around = around.and_then(|channel| channel.parent_id.clone());
    let around = around.or_else(|| view.places.thread(&channel).map(|thread| thread.parent));
    let staff = view.staff_place(around.as_ref().unwrap_or(&channel), member);
    let place = match (staff, around) {
        (Some(staff), _) => staff,
        _ if private => Place::Private,
        (None, Some(parent)) => Place::Group { id: format!("{parent}/{channel}"), addressed: true },
        (None, None) => Place::Group { id: channel.clone(), addressed: true },
    };
    let value = if private { format!("dm:{channel}") } else { channel.clone() };
    Ok(InboundMessage {
        event_key: String::new(),
        conversation: channel,
        address: ReplyAddress { value, expires_at: None },
        place,
        author: Author {
            id: user.id.clone(),
            name: name_of(user, member.and_then(|member| member.nick.as_deref())),
            lang: interaction.locale.clone(),
            kind: if user.bot { AuthorKind::Bot } else { AuthorKind::Person },
        },
        message_id: None,
        reply_to: None,
        content,
        sent_at: view.now,
    })
}

fn token(interaction: &Interaction, (way, asker): (Way, String), now: Timestamp) -> Token {
    Token {
        way,
        asker: Some(asker).filter(|_| way == Way::Ephemeral),
        expires_at: now.checked_add(TOKEN_WORKS).unwrap_or(now),
        application: interaction.application_id.clone(),
        value: interaction.token.clone(),
    }
}

fn command_named(name: &str) -> Command {
    match name.to_lowercase().as_str() {
        "ask" => Command::Ask,
        "human" => Command::Human,
        "language" => Command::Language,
        "forget" => Command::Forget,
        "stop" => Command::Stop,
        "start" => Command::Start,
        "link" => Command::Link,
        _ => Command::Help,
    }
}

/// The option by its name, or whatever text there is.
fn argument(data: &InteractionData) -> String {
    let named = |wanted: &str| data.options.iter().find(|option| option.name == wanted);
    let option = named("question").or_else(|| named("language")).or(data.options.first());
    option.and_then(|option| option.value.as_str()).unwrap_or_default().to_owned()
}

fn text_of_target(data: &InteractionData) -> String {
    let target = data.target_id.as_deref().unwrap_or_default();
    let said = data.resolved.as_ref().and_then(|resolved| resolved.messages.get(target));
    said.map(|said| said.content.clone()).unwrap_or_default()
}

fn missing(field: &str) -> ReceiveError {
    ReceiveError::Undecodable(format!("an interaction without {field}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let token = Token {
            way: Way::Ephemeral,
            expires_at: Timestamp::from_second(1_767_603_600).unwrap(),
            application: "9".to_owned(),
            asker: Some("5".to_owned()),
            value: "aW50:ZXI=".to_owned(),
        };
        assert_eq!(quoted(&token.write()), Quoted::Interaction(token.clone()));
        let token = Token { way: Way::Public, asker: None, ..token };
        assert_eq!(quoted(&token.write()), Quoted::Interaction(token));
        assert_eq!(quoted("12345"), Quoted::Message("12345".to_owned()));
        assert_eq!(quoted("interaction:quiet"), Quoted::Message("interaction:quiet".to_owned()));
    }
}
