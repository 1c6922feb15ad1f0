//! From a reply to posts and direct messages: plain text, cut at sentences, words for buttons.
//!
//! A post of the bot says what matters within 280 units and no more; what a person wrote is never
//! cut, it becomes a thread.

mod post;

use serde::{Deserialize, Serialize};

use super::words::{instead_of, more_in_direct};
use crate::text::{Style, Styled, split};
use crate::{Part, Reply, ReplyKind};

/// A direct message takes 10,000 characters; counted in UTF-16 units, the strictest reading.
const DIRECT_LIMIT: usize = 10_000;

/// How the brand wants its posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style280 {
    /// Whether a post may carry addresses, which X charges twenty times as much for.
    pub links: bool,
    /// How many posts an automatic reply may take, at least 1.
    pub thread: usize,
    /// Whether an answer that does not fit goes on in direct messages, with who ever wrote one.
    pub more_in_direct: bool,
}

impl Default for Style280 {
    fn default() -> Self {
        Self { links: false, thread: 1, more_in_direct: false }
    }
}

/// What is stored for one part and sent as it is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    /// The text, final.
    pub(super) text: String,
    /// The post that is answered; none in direct messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reply_to: Option<String>,
    /// Which post of a thread, from 0.
    #[serde(default)]
    pub(super) number: usize,
    /// Whether X will find an address in it and charge for that.
    #[serde(default)]
    pub(super) has_link: bool,
}

/// Renders a reply as public posts, in order and never none.
pub(super) fn render_posts(reply: &Reply, style: Style280) -> Vec<Part> {
    let posts = if reply.kind == ReplyKind::Human {
        post::of_a_person(reply)
    } else {
        post::of_the_bot(reply, style, None)
    };
    as_parts(posts, reply)
}

/// The same for an answer that goes on in private, saying so; `None` if it fits as it is.
pub(super) fn render_teaser(reply: &Reply, style: Style280) -> Option<Vec<Part>> {
    if reply.kind != ReplyKind::Answer || post::fits(reply, style) {
        return None;
    }
    let one = Style280 { thread: 1, ..style };
    Some(as_parts(post::of_the_bot(reply, one, Some(more_in_direct(&reply.lang))), reply))
}

fn as_parts(posts: Vec<String>, reply: &Reply) -> Vec<Part> {
    let posts = posts.into_iter().enumerate().map(|(number, text)| {
        let has_link = post::has_link(&text);
        let payload = Payload { text, reply_to: reply.in_reply_to.clone(), number, has_link };
        part(payload)
    });
    posts.collect()
}

/// Renders a reply as direct messages, in order and never none.
pub(super) fn render_direct(reply: &Reply) -> Vec<Part> {
    let mut whole = String::new();
    if let Some(human) = reply.human.as_deref().filter(|_| reply.kind == ReplyKind::Human) {
        whole.push_str(human);
        whole.push_str(":\n");
    }
    whole.push_str(&plain(&reply.text));
    if let Some(credit) = &reply.credit {
        let lines = [Some(&credit.line), credit.url.as_ref(), credit.licence.as_ref()];
        let lines = lines.into_iter().flatten().filter(|line| !line.is_empty());
        for (n, line) in lines.enumerate() {
            whole.push_str(if n == 0 { "\n\n" } else { "\n" });
            whole.push_str(line);
        }
    }
    if let Some(words) = instead_of(&reply.buttons, &reply.lang) {
        whole.push_str("\n\n");
        whole.push_str(&words);
    }
    let mut styled = Styled::default();
    styled.push(Style::Plain, &whole);
    let fits = |part: &Styled| part.plain().encode_utf16().count() <= DIRECT_LIMIT;
    let parts = split(&styled, fits).into_iter().enumerate().map(|(number, text)| {
        let payload = Payload { text: text.plain(), reply_to: None, number, has_link: false };
        part(payload)
    });
    parts.collect()
}

/// Text without markup.
fn plain(markdown: &str) -> String {
    Styled::from_markdown(markdown).plain().trim().to_owned()
}

fn part(payload: Payload) -> Part {
    Part {
        text: payload.text.clone(),
        payload: serde_json::to_value(payload).expect("strings and numbers are JSON"),
        weight: 1,
    }
}
