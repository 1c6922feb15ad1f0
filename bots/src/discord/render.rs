//! From a reply to Discord's dialect: escaped, split at 2,000 characters, buttons under the last
//! part. <https://discord.com/developers/docs/resources/message#create-message>

use serde::{Deserialize, Serialize};

use super::Style as Look;
use super::receive::{Quoted, quoted};
use crate::text::{Style, Styled, credit_lines, split, spoken_text, whole_text};
use crate::{Button, Part, Reply, ReplyKind};

/// The longest `content`; counted in UTF-16 units, the strictest reading of "characters".
const LIMIT: usize = 2000;
/// The longest description of an embed; all of an embed may be 6,000.
const EMBED_LIMIT: usize = 3800;
/// The longest title; Discord takes 256.
const TITLE: usize = 250;
/// The longest footer that we write.
const FOOTER: usize = 1000;
/// The longest label of a button.
const LABEL: usize = 80;
/// A row holds so many buttons, and we write one row.
const BUTTONS: usize = 5;

/// What is stored for one part and sent as it is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    /// Discord's Markdown; empty where an embed says it all.
    pub(super) content: String,
    /// The same in a frame, where the admin wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) embed: Option<Embed>,
    /// What is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reply_to: Option<String>,
    /// Takes the place of the message that waits for an answer to a command.
    #[serde(default)]
    pub(super) fills: bool,
    /// At most five.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) buttons: Vec<Button>,
}

/// <https://discord.com/developers/docs/resources/message#embed-object>
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Embed {
    /// What the question is called; Discord's Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    /// Where the title leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    /// Discord's Markdown.
    pub(super) description: String,
    /// Whose answer it is; no markup. Empty where there is none.
    pub(super) footer: String,
}

/// Renders a reply; the parts are in order and never none.
pub(super) fn render(reply: &Reply, look: Look) -> Vec<Part> {
    let framed = look == Look::Embed && reply.kind == ReplyKind::Answer;
    let (whole, limit) =
        if framed { (with_link(reply), EMBED_LIMIT) } else { (titled(reply), LIMIT) };
    let parts = split(&whole, |part| markdown(part).encode_utf16().count() <= limit);
    let last = parts.len() - 1;
    let interaction = |id: &String| matches!(quoted(id), Quoted::Interaction(_));
    let parts = parts.iter().enumerate().map(|(n, part)| {
        // A message is quoted once; through a command's token every part may have to go.
        let quotes = |id: &String| n == 0 || interaction(id);
        let mut payload = Payload {
            content: markdown(part),
            embed: None,
            reply_to: reply.in_reply_to.clone().filter(quotes),
            fills: n == 0 && !matches!(reply.kind, ReplyKind::Greeting | ReplyKind::Human),
            buttons: if n == last { buttons(&reply.buttons) } else { Vec::new() },
        };
        if framed {
            let footer = if n == last { footer(reply) } else { String::new() };
            let title = title(reply).filter(|_| n == 0).map(|title| cut_title(&title));
            let credit = reply.credit.as_ref().filter(|_| title.is_some());
            let url = credit.and_then(|credit| credit.url.clone());
            let description = std::mem::take(&mut payload.content);
            payload.embed = Some(Embed { title, url, description, footer });
        }
        Part {
            text: part.plain(),
            weight: 1,
            payload: serde_json::to_value(payload).expect("strings and lists are JSON"),
        }
    });
    parts.collect()
}

/// What the question is called that an answer of the community is to, in one line.
fn title(reply: &Reply) -> Option<String> {
    let credit = reply.credit.as_ref().filter(|_| reply.kind == ReplyKind::Answer)?;
    let words: Vec<&str> = credit.title.as_deref()?.split_whitespace().collect();
    Some(words.join(" ")).filter(|title| !title.is_empty())
}

/// The title in a frame, which its escapes must not push over the limit.
fn cut_title(title: &str) -> String {
    let mut kept: String = title.chars().take(TITLE).collect();
    loop {
        let mut shown = String::new();
        escape_onto(&mut shown, &kept);
        if shown.encode_utf16().count() <= TITLE {
            return shown;
        }
        kept.pop();
    }
}

/// The title in a line of its own, then everything else.
fn titled(reply: &Reply) -> Styled {
    let mut text = Styled::default();
    if let Some(title) = title(reply) {
        text.push(Style::Bold, &title);
        text.push(Style::Plain, "\n");
    }
    text.append(&whole_text(reply));
    text
}

/// In a frame the author goes below, the link stays where it can be followed.
fn with_link(reply: &Reply) -> Styled {
    let mut text = spoken_text(reply);
    if let Some(url) = reply.credit.as_ref().and_then(|credit| credit.url.as_deref()) {
        text.push(Style::Plain, "\n\n");
        text.push(Style::Plain, url);
    }
    text
}

fn footer(reply: &Reply) -> String {
    let Some(credit) = &reply.credit else { return String::new() };
    let url = credit.url.as_deref();
    let lines: Vec<&str> = credit_lines(credit).filter(|line| Some(*line) != url).collect();
    lines.join(" · ").chars().take(FOOTER).collect()
}

fn markdown(part: &Styled) -> String {
    let mut out = String::new();
    for (style, text) in part.runs() {
        match style {
            Style::Plain => escape_onto(&mut out, text),
            Style::Bold => {
                out.push_str("**");
                escape_onto(&mut out, text);
                out.push_str("**");
            }
            Style::Code => out.extend(["`", &text.replace('`', "\u{2cb}"), "`"]),
            Style::Fence(language) => {
                let language = if is_language(language) { language } else { "" };
                // Three in a row would end the block.
                let text = text.replace("``", "`\u{200b}`");
                out.extend(["```", language, "\n", &text, "\n```"]);
            }
        }
    }
    out
}

fn is_language(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_alphanumeric() || "+-#_.".contains(c))
}

/// Escapes what Discord would read as markup; web addresses stay as they are, or they would not
/// work.
fn escape_onto(out: &mut String, text: &str) {
    let mut rest = text;
    while !rest.is_empty() {
        let address = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min();
        let (before, from) = rest.split_at(address.unwrap_or(rest.len()));
        escape_words_onto(out, before);
        let ends = |c: char| c.is_whitespace() || "<>`|\\*[]\"".contains(c);
        let (address, after) = from.split_at(from.find(ends).unwrap_or(from.len()));
        out.push_str(address);
        rest = after;
    }
}

fn escape_words_onto(out: &mut String, text: &str) {
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let is_markup = match c {
            '\\' | '*' | '_' | '~' | '`' | '|' | '[' | ']' => true,
            '#' | '>' => opens_line(out),
            '-' => next == Some('#') && opens_line(out),
            // Mentions, emoji, times, links to commands and pages.
            '<' => next.is_some_and(|next| !next.is_whitespace() && !next.is_numeric()),
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
    }
}

fn opens_line(written: &str) -> bool {
    written.rsplit('\n').next().is_none_or(|line| line.trim().is_empty())
}

fn buttons(buttons: &[Button]) -> Vec<Button> {
    let usable = buttons.iter().filter(|button| {
        !button.label.trim().is_empty() && (1..=100).contains(&button.id.chars().count())
    });
    let short = |button: &Button| Button {
        label: button.label.chars().take(LABEL).collect(),
        id: button.id.clone(),
    };
    usable.take(BUTTONS).map(short).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(markdown(&Styled::from_markdown(text)), expected);
    }

    #[test]
    fn markup_of_ours_is_kept_and_markup_of_theirs_is_shown() {
        check("Hold **power** for `10 s`.", "Hold **power** for `10 s`.");
        check("2 * 3 * 4 and snake_case ~x~", r"2 \* 3 \* 4 and snake\_case \~x\~");
        check("# no title\n> no quote\n-# no small", "\\# no title\n\\> no quote\n\\-# no small");
        check("- one\n- two\n1. first", "- one\n- two\n1. first");
        check("see https://a.example/b_c_d (x)", "see https://a.example/b_c_d (x)");
        check("[click](x) ||secret||", r"\[click\](x) \|\|secret\|\|");
        check("<@123> <#4> <:e:5> a < b, 3 <4", r"\<@123> \<#4> \<:e:5> a < b, 3 <4");
        check("C# and a > b", "C# and a > b");
        check("```sh\nls *\n```", "```sh\nls *\n```");
    }

    proptest! {
        #[test]
        fn no_part_is_too_long_and_every_block_is_closed(
            text in "(?s)([a-z_*`\\\\<>#|\\[\\] .\n!👍🏽é。กำ]|```|https://a_b){0,900}",
            embed in any::<bool>(),
        ) {
            let reply = Reply {
                kind: ReplyKind::Answer,
                text,
                credit: None,
                buttons: Vec::new(),
                lang: "en".to_owned(),
                answer_id: None,
                confidence: None,
                human: None,
                in_reply_to: None,
            };
            let look = if embed { Look::Embed } else { Look::Plain };
            for part in render(&reply, look) {
                let payload: Payload = serde_json::from_value(part.payload).unwrap();
                let said = payload.embed.map_or(payload.content, |embed| embed.description);
                let limit = if embed { EMBED_LIMIT } else { LIMIT };
                prop_assert!(said.encode_utf16().count() <= limit);
                let plain = said.replace("\\`", "");
                prop_assert_eq!(plain.matches("```").count() % 2, 0);
            }
        }
    }
}
