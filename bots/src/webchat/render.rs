//! A reply as the structured JSON that our page's script shows.

use serde::Serialize;

use crate::{Button, Credit, Part, Reply, ReplyKind};

/// What the page gets; it escapes everything itself.
#[derive(Serialize)]
struct Payload<'a> {
    kind: ReplyKind,
    /// Light Markdown, as in [`Reply::text`].
    text: &'a str,
    lang: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    credit: Option<&'a Credit>,
    /// Display name of the person who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    human: Option<&'a str>,
    buttons: &'a [Button],
    #[serde(skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<&'a str>,
}

/// Renders a reply as one part.
pub(super) fn render(reply: &Reply) -> Part {
    let payload = Payload {
        kind: reply.kind,
        text: &reply.text,
        lang: &reply.lang,
        credit: reply.credit.as_ref(),
        human: reply.human.as_deref(),
        buttons: &reply.buttons,
        in_reply_to: reply.in_reply_to.as_deref(),
    };
    Part {
        text: reply.text.clone(),
        payload: serde_json::to_value(payload).expect("strings and lists are JSON"),
        weight: 1,
    }
}
