//! What goes out: a reply before any dialect, and the parts a channel makes of it.

use serde::{Deserialize, Serialize};

/// What we say, before any platform's dialect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// What kind of reply it is.
    pub kind: ReplyKind,
    /// Light Markdown: paragraphs, `- ` and `1. ` lists, `**bold**`, `` `code` ``, fenced code, bare
    /// links.
    pub text: String,
    /// Who the answer is by.
    pub credit: Option<Credit>,
    /// At most five; ids are at most 64 bytes.
    pub buttons: Vec<Button>,
    /// BCP 47 tag of the text.
    pub lang: String,
    /// Public id of the answer that was used.
    pub answer_id: Option<String>,
    /// Calibrated probability that it is right, 0.0..=1.0.
    pub confidence: Option<f64>,
    /// Display name of the person who wrote it, for [`ReplyKind::Human`].
    pub human: Option<String>,
    /// The platform's id of the message that is answered.
    pub in_reply_to: Option<String>,
}

/// Kinds of replies, the generic webhook's `kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyKind {
    /// The first words in a private conversation.
    Greeting,
    /// An accepted answer.
    Answer,
    /// Two or three answers to choose from.
    Choices,
    /// A question back.
    Question,
    /// Anything else the bot says.
    Notice,
    /// Written by a person.
    Human,
}

impl ReplyKind {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Answer => "answer",
            Self::Choices => "choices",
            Self::Question => "question",
            Self::Notice => "notice",
            Self::Human => "human",
        }
    }
}

/// Attribution: part of every answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The whole line in the customer's language: "answer by @author, solved 12 times".
    pub line: String,
    /// The author's name.
    pub author: Option<String>,
    /// What the question is called that it answered, where that is worth saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The answer's address.
    pub url: Option<String>,
    /// Its licence.
    pub licence: Option<String>,
}

/// One button under a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What a press sends back, at most 64 bytes of `[A-Za-z0-9_:-]`.
    pub id: String,
    /// What people read.
    pub label: String,
}

/// One sendable piece of a reply: stored as it is, so every repeat is identical.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What a person would read, plain; shown in console and API.
    pub text: String,
    /// The adapter's own payload, opaque to everybody else.
    pub payload: serde_json::Value,
    /// How much of the quota it uses; 1 for ordinary parts.
    pub weight: u32,
}
