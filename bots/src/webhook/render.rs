//! A reply as structured JSON, whole: the receiver decides how to show it, so there is no limit
//! and no markup of ours.

use serde::{Deserialize, Serialize};

use crate::{Button, Part, Reply, ReplyKind};

/// What is stored for a reply; [`super::send`] adds id, address and time.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    in_reply_to: Option<String>,
    kind: ReplyKind,
    text: String,
    /// The answer's author, or the person who wrote the reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    licence: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    buttons: Vec<Button>,
}

/// Renders a reply as one part.
pub(super) fn render(reply: &Reply) -> Part {
    let credit = reply.credit.as_ref();
    let payload = Payload {
        in_reply_to: reply.in_reply_to.clone(),
        kind: reply.kind,
        text: reply.text.clone(),
        author: credit.and_then(|credit| credit.author.clone()).or_else(|| reply.human.clone()),
        url: credit.and_then(|credit| credit.url.clone()),
        licence: credit.and_then(|credit| credit.licence.clone()),
        answer_id: reply.answer_id.clone(),
        confidence: reply.confidence,
        buttons: reply.buttons.clone(),
    };
    Part {
        text: reply.text.clone(),
        payload: serde_json::to_value(payload).expect("strings, lists and numbers are JSON"),
        weight: 1,
    }
}
