//! What a message says: its text without mentions of us, a command, or something without text.

use super::View;
use crate::discord::wire::{Attachment, Message, User};
use crate::text::said;
use crate::{Command, Content};

/// What was said, and whether it names us.
pub(super) struct Body {
    pub(super) content: Content,
    pub(super) mentioned: bool,
}

/// The longest name of a thread that we give, in characters.
const TITLE: usize = 80;
/// Written by somebody: an ordinary message, or a reply.
const WRITTEN: [u8; 2] = [0, 19];

impl Body {
    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<String> {
        match &self.content {
            Content::Text { text } | Content::Command { command: Command::Ask, text } => {
                Some(text.clone())
            }
            _ => None,
        }
    }

    /// What a thread about it is called: its first words.
    pub(super) fn title(&self) -> &str {
        let text = match &self.content {
            Content::Text { text } | Content::Command { text, .. } => text.as_str(),
            _ => "",
        };
        let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
        line.char_indices().nth(TITLE).map_or(line, |(end, _)| line[..end].trim_end())
    }
}

/// Reads a message; `Err` says why it is ignored.
pub(super) fn read(message: &Message, view: &View<'_>) -> Result<Body, &'static str> {
    if !WRITTEN.contains(&message.kind) {
        return Err("a system message");
    }
    let (text, mentioned) = without_mentions(message, view.me);
    let title = title_of_post(message, view);
    let text = match &title {
        Some(title) if !text.starts_with(title) => format!("{title}\n{text}").trim().to_owned(),
        _ => text,
    };
    if !text.is_empty() {
        // A post is a whole question; nothing more is waited for.
        let asks = title.is_some() && view.listens_to(&message.channel_id);
        let content =
            if asks { Content::Command { command: Command::Ask, text } } else { said(text) };
        return Ok(Body { content, mentioned });
    }
    if let Some(what) = unreadable(message) {
        let content = Content::Unreadable { what: what.to_owned() };
        return Ok(Body { content, mentioned });
    }
    if mentioned {
        // Called by name and nothing else: says what we can do.
        let content = Content::Command { command: Command::Help, text };
        return Ok(Body { content, mentioned });
    }
    Err("a message whose text we may not read")
}

/// What a forum's post is called: its first message has the thread's own id, and often says only
/// half of the question.
fn title_of_post(message: &Message, view: &View<'_>) -> Option<String> {
    (message.id == message.channel_id).then(|| view.places.title(&message.id)).flatten()
}

/// The text without mentions of us and with other people's names, and whether it mentions us.
fn without_mentions(message: &Message, me: Option<&str>) -> (String, bool) {
    let mut text = message.content.clone();
    let mut mentioned = false;
    for user in &message.mentions {
        let ours = me == Some(user.id.as_str());
        for written in [format!("<@{}>", user.id), format!("<@!{}>", user.id)] {
            if !text.contains(&written) {
                continue;
            }
            if ours {
                mentioned = true;
                text = without(&text, &written);
            } else {
                text = text.replace(&written, &format!("@{}", shown(user)));
            }
        }
    }
    (text.trim().to_owned(), mentioned)
}

/// Takes a mention out with what belongs to it: "@bot: how do I …".
fn without(text: &str, mention: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for (n, piece) in text.split(mention).enumerate() {
        let opens = n > 0 && kept.trim().is_empty();
        let piece = if opens { piece.trim_start_matches([',', ':', ' ']) } else { piece };
        let doubled = kept.ends_with(' ') && piece.starts_with(' ');
        kept.push_str(if doubled { &piece[1..] } else { piece });
    }
    kept
}

fn shown(user: &User) -> &str {
    user.global_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&user.username)
}

fn unreadable(message: &Message) -> Option<&'static str> {
    if let Some(attachment) = message.attachments.first() {
        return Some(kind_of(attachment));
    }
    let others = [
        (!message.sticker_items.is_empty(), "sticker"),
        (message.poll.is_some(), "poll"),
        (!message.message_snapshots.is_empty(), "forwarded message"),
    ];
    others.into_iter().find(|(is_there, _)| *is_there).map(|(_, what)| what)
}

fn kind_of(attachment: &Attachment) -> &'static str {
    let kind = attachment.content_type.as_deref().unwrap_or_default();
    match kind.split('/').next() {
        _ if attachment.waveform.is_some() => "voice",
        Some("image") => "picture",
        Some("video") => "video",
        Some("audio") => "audio",
        _ => "file",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(content: &str, expected: &str, mentioned: bool) {
        let people = json!([{ "id": "9", "username": "bot" }, { "id": "5", "username": "lee" }]);
        let message = json!({
            "id": "1", "channel_id": "2", "content": content, "mentions": people,
        });
        let message: Message = serde_json::from_value(message).unwrap();
        assert_eq!(without_mentions(&message, Some("9")), (expected.to_owned(), mentioned));
    }

    #[test]
    fn our_name_leaves_the_text_and_other_names_are_read() {
        check("<@9>: how?", "how?", true);
        check("<@!9> how do I <@9> pair it", "how do I pair it", true);
        check("ask <@5> or <@9>", "ask @lee or", true);
        check("<@9>", "", true);
        check("@everyone how?", "@everyone how?", false);
        check("<@&9> how?", "<@&9> how?", false);
    }
}
