//! What a message says: its text without mentions of us, a command, or something without text.

use super::Me;
use crate::telegram::wire::{Entity, Message};
use crate::text::slash;
use crate::{Command, Content};

/// What was said, and whether it was said to us.
pub(super) struct Body {
    pub(super) content: Content,
    /// By mention or by command; replies are seen elsewhere.
    pub(super) addressed: bool,
}

/// Fields that hold something without text, and the word we use for it; the first that is present
/// counts (an animation also comes as a document).
const UNREADABLE: [(&str, &str); 16] = [
    ("voice", "voice"),
    ("audio", "audio"),
    ("photo", "picture"),
    ("sticker", "sticker"),
    ("animation", "animation"),
    ("video", "video"),
    ("video_note", "video"),
    ("document", "file"),
    ("contact", "contact"),
    ("venue", "place"),
    ("location", "place"),
    ("poll", "poll"),
    ("dice", "dice"),
    ("story", "story"),
    ("paid_media", "picture"),
    ("checklist", "checklist"),
];

/// Reads a message; `Err` says why it is ignored.
pub(super) fn read(message: &Message, me: &Me<'_>, private: bool) -> Result<Body, &'static str> {
    let Some((text, mentioned)) = text_of(message, me) else {
        let known = UNREADABLE.iter().find(|(field, _)| message.others.contains_key(*field));
        let (_, what) = known.ok_or("a service message")?;
        let content = Content::Unreadable { what: (*what).to_owned() };
        return Ok(Body { content, addressed: false });
    };
    if text.is_empty() && mentioned {
        // Called by name and nothing else: says what we can do.
        let content = Content::Command { command: Command::Help, text };
        return Ok(Body { content, addressed: true });
    }
    let Some(slash) = slash(&text) else {
        return Ok(Body { content: Content::Text { text }, addressed: mentioned });
    };
    let for_us = match (slash.target, me.username) {
        (None, _) => None,
        (Some(target), Some(ours)) => Some(target.eq_ignore_ascii_case(ours)),
        (Some(_), None) => Some(private),
    };
    if for_us == Some(false) && !private && me.username.is_some() {
        return Err("a command to another bot");
    }
    let addressed = mentioned || for_us == Some(true);
    Ok(match slash.command() {
        Some(command) => Body {
            content: Content::Command { command, text: slash.rest.to_owned() },
            addressed: addressed || for_us.is_none(),
        },
        None => Body { content: Content::Text { text }, addressed },
    })
}

/// Text or caption without mentions of us, trimmed, and whether we were mentioned.
pub(super) fn text_of(message: &Message, me: &Me<'_>) -> Option<(String, bool)> {
    let (text, entities) = match (&message.text, &message.caption) {
        (Some(text), _) => (text, &message.entities),
        (None, Some(caption)) => (caption, &message.caption_entities),
        (None, None) => return None,
    };
    Some(without_mentions(text, entities, me))
}

fn without_mentions(text: &str, entities: &[Entity], me: &Me<'_>) -> (String, bool) {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    let mut mentioned = false;
    for entity in entities {
        let Some((start, end)) = bytes_of(text, entity) else { continue };
        if start < from || !names_us(&text[start..end], entity, me) {
            continue;
        }
        mentioned = true;
        kept.push_str(&text[from..start]);
        from = end;
        let opens = kept.trim().is_empty();
        if opens {
            // "@bot: how do I …"
            let rest = &text[from..];
            from += rest.len() - rest.trim_start_matches([',', ':', ' ']).len();
        } else if kept.ends_with(' ') && text[from..].starts_with(' ') {
            from += 1;
        }
    }
    kept.push_str(&text[from..]);
    (kept.trim().to_owned(), mentioned)
}

fn names_us(written: &str, entity: &Entity, me: &Me<'_>) -> bool {
    match entity.kind.as_str() {
        "mention" => {
            let name = written.strip_prefix('@');
            name.zip(me.username).is_some_and(|(name, ours)| name.eq_ignore_ascii_case(ours))
        }
        "text_mention" => {
            let user = entity.user.as_ref().map(|user| user.id);
            user.is_some() && user == me.id
        }
        _ => false,
    }
}

/// UTF-16 offsets to byte offsets; `None` if they do not fall between characters.
fn bytes_of(text: &str, entity: &Entity) -> Option<(usize, usize)> {
    let end = entity.offset.checked_add(entity.length)?;
    Some((byte_at(text, entity.offset)?, byte_at(text, end)?))
}

fn byte_at(text: &str, utf16_offset: usize) -> Option<usize> {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        if units >= utf16_offset {
            return (units == utf16_offset).then_some(at);
        }
        units += c.len_utf16();
    }
    (units == utf16_offset).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: Me<'static> = Me { id: Some(7), username: Some("brand_bot") };

    fn mention(offset: usize, length: usize) -> Entity {
        Entity { kind: "mention".to_owned(), offset, length, user: None }
    }

    #[track_caller]
    fn check(text: &str, entities: &[Entity], expected: &str, mentioned: bool) {
        assert_eq!(without_mentions(text, entities, &ME), (expected.to_owned(), mentioned));
    }

    #[test]
    fn our_name_leaves_the_text_and_other_names_stay() {
        check("@brand_bot: how?", &[mention(0, 10)], "how?", true);
        check("😀 @Brand_Bot how?", &[mention(3, 10)], "😀 how?", true);
        check("ask @ana or @brand_bot", &[mention(4, 4), mention(12, 10)], "ask @ana or", true);
        check("@brand_bot", &[mention(0, 10)], "", true);
        check("@brand_bot", &[], "@brand_bot", false);
    }

    #[test]
    fn offsets_that_make_no_sense_are_passed_over() {
        check("😀", &[mention(1, 1), mention(5, 9), mention(usize::MAX, 2)], "😀", false);
    }
}
