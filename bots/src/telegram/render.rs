//! From a reply to Telegram's HTML: escaped, split at 4096, buttons under the last part.
//! <https://core.telegram.org/bots/api#html-style>

use serde::{Deserialize, Serialize};

use crate::text::{Style, Styled, defuse_mentions, split, whole_text};
use crate::{Button, Part, Reply, ReplyKind};

/// `sendMessage` takes 4096 characters after markup is read; counted in UTF-16 units, the
/// strictest reading of "characters".
const LIMIT: usize = 4096;

/// `callback_data` holds at most this many bytes.
const BUTTON_ID_BYTES: usize = 64;

/// Longer labels get a row of their own.
const SHORT_LABEL: usize = 16;

/// What is stored for one part and sent as it is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    /// Telegram HTML.
    pub(super) html: String,
    /// The same without markup, should Telegram not be able to read it.
    pub(super) plain: String,
    /// The message that is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reply_to: Option<String>,
    /// Rows of buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) buttons: Vec<Vec<Button>>,
}

/// Renders a reply; the parts are in order and never none.
pub(super) fn render(reply: &Reply) -> Vec<Part> {
    let quiet = reply.kind != ReplyKind::Human;
    let parts = split(&whole_text(reply), |part| length(part, quiet) <= LIMIT);
    let last = parts.len() - 1;
    let parts = parts.iter().enumerate().map(|(n, part)| {
        let payload = Payload {
            html: html(part, quiet),
            plain: shown(&part.plain(), quiet),
            reply_to: reply.in_reply_to.clone().filter(|_| n == 0),
            buttons: if n == last { rows(&reply.buttons) } else { Vec::new() },
        };
        Part {
            text: part.plain(),
            weight: weight(length(part, quiet)),
            payload: serde_json::to_value(payload).expect("strings and lists are JSON"),
        }
    });
    parts.collect()
}

/// Telegram counts long texts heavier.
fn weight(length: usize) -> u32 {
    match length {
        0..=500 => 1,
        501..=2000 => 2,
        _ => 3,
    }
}

fn length(part: &Styled, quiet: bool) -> usize {
    let units = |text: &str| text.encode_utf16().count();
    let runs = part.runs().iter();
    runs.map(|(style, text)| if style.is_code() { units(text) } else { units(&shown(text, quiet)) })
        .sum()
}

/// Quoted names must not ping; a person who writes may.
fn shown(text: &str, quiet: bool) -> String {
    if quiet { defuse_mentions(text) } else { text.to_owned() }
}

fn html(part: &Styled, quiet: bool) -> String {
    let runs = part.runs().iter();
    runs.map(|(style, text)| match style {
        Style::Plain => escape(&shown(text, quiet)),
        Style::Bold => format!("<b>{}</b>", escape(&shown(text, quiet))),
        Style::Code => format!("<code>{}</code>", escape(text)),
        Style::Fence(language) if is_language(language) => {
            format!("<pre><code class=\"language-{language}\">{}</code></pre>", escape(text))
        }
        Style::Fence(_) => format!("<pre>{}</pre>", escape(text)),
    })
    .collect()
}

fn is_language(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "+-#_.".contains(c))
}

/// Telegram decodes only these names; quotes matter only inside attributes, where we put none.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Short labels share rows of three, a long one stands alone.
fn rows(buttons: &[Button]) -> Vec<Vec<Button>> {
    let mut rows: Vec<Vec<Button>> = Vec::new();
    let is_short = |button: &Button| button.label.chars().count() <= SHORT_LABEL;
    let usable = |button: &&Button| {
        !button.label.trim().is_empty() && (1..=BUTTON_ID_BYTES).contains(&button.id.len())
    };
    for button in buttons.iter().filter(usable) {
        match rows.last_mut() {
            Some(row) if row.len() < 3 && is_short(button) && row.iter().all(is_short) => {
                row.push(button.clone());
            }
            _ => rows.push(vec![button.clone()]),
        }
    }
    rows
}
