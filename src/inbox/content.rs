//! What a message says, as it is stored.

use std::sync::Arc;

use superfan_bots::{Content, InboundMessage, Place};

/// The word a message is stored under.
pub(super) fn kind(content: &Content) -> &'static str {
    match content {
        Content::Text { .. } => "text",
        Content::Edited { .. } => "edited",
        Content::Command { .. } => "command",
        Content::Press { .. } => "press",
        Content::Unreadable { .. } => "unreadable",
        Content::Deleted { .. } => "deleted",
        Content::Closed { .. } => "closed",
        Content::Opened => "opened",
        Content::Moved { .. } => "moved",
    }
}

/// What a person would read; nothing for what is not said.
pub(super) fn readable(content: &Content) -> Option<String> {
    match content {
        Content::Text { text } | Content::Edited { text, .. } => Some(text.clone()),
        Content::Command { command, text } => {
            let name = serde_json::to_value(command).ok()?;
            Some(format!("/{} {text}", name.as_str()?).trim_end().to_owned())
        }
        Content::Unreadable { what } => Some(format!("[{what}]")),
        _ => None,
    }
}

/// The databases cannot keep U+0000 in text; it becomes U+FFFD wherever a person wrote it.
pub(super) fn cleaned(mut shared: Arc<InboundMessage>) -> Arc<InboundMessage> {
    let message = Arc::make_mut(&mut shared);
    let clean = |text: &mut String| {
        if text.contains('\0') {
            *text = text.replace('\0', "\u{FFFD}");
        }
    };
    match &mut message.content {
        Content::Text { text } | Content::Edited { text, .. } | Content::Command { text, .. } => {
            clean(text);
        }
        _ => {}
    }
    if let Place::Group { id, .. } | Place::Staff { id, .. } = &mut message.place {
        clean(id);
    }
    let author = &mut message.author;
    clean(&mut message.address.value);
    for text in [&mut author.id, &mut message.conversation, &mut message.event_key] {
        clean(text);
    }
    for text in [&mut author.name, &mut author.lang, &mut message.message_id].into_iter().flatten()
    {
        clean(text);
    }
    shared
}
