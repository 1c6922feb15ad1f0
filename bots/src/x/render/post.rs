//! What fits into a post: the sentences that say what to do, whose they are, and how to react.

use unicode_segmentation::UnicodeSegmentation;

use super::super::weight::{self, JOINER, defused, is_charged};
use super::super::words::instead_of;
use super::{Style280, plain};
use crate::text::{Style, Styled, defuse_mentions, split};
use crate::{Reply, ReplyKind};

/// Kept free for the `@name ` before every reply, should X count it all the same, and for the ` ·`
/// that makes a text another one.
const NAME: usize = 19;
/// The longest line of credit; longer ones are cut.
const CREDIT: usize = 90;
/// Openings up to this weight say hello rather than what to do.
const OPENING: usize = 40;

/// Whether an automatic reply is said in full within what the style allows.
pub(super) fn fits(reply: &Reply, style: Style280) -> bool {
    let text = prepared(&plain(&reply.text), style);
    let tail = weight::weight(&tail(reply, style, None));
    if weight::weight(&text) <= weight::LIMIT - NAME - tail - 2 {
        return true;
    }
    let posts = parts(&text, weight::LIMIT - NAME);
    let has_room =
        posts.last().is_some_and(|last| weight::weight(last) + tail + 2 <= weight::LIMIT - NAME);
    posts.len() + usize::from(!has_room) <= style.thread
}

/// The posts of an automatic reply: as many as the style allows, the last with credit and words,
/// and with a word on where the rest is.
pub(super) fn of_the_bot(reply: &Reply, style: Style280, more: Option<&str>) -> Vec<String> {
    let text = prepared(&plain(&reply.text), style);
    let tail = tail(reply, style, more);
    let room_beside_tail = weight::LIMIT - NAME - weight::weight(&tail) - 2;
    let is_list = reply.kind == ReplyKind::Choices;
    if style.thread <= 1 || weight::weight(&text) <= room_beside_tail {
        let body = if is_list {
            shortened_lines(&text, room_beside_tail)
        } else {
            best_sentences(&text, room_beside_tail)
        };
        return vec![joined(&body, &tail)];
    }
    let mut posts = parts(&text, weight::LIMIT - NAME);
    let last = posts.pop().unwrap_or_default();
    if weight::weight(&last) <= room_beside_tail {
        posts.push(joined(&last, &tail));
    } else {
        posts.push(last);
        posts.push(tail.clone());
    }
    if posts.len() > style.thread {
        // The thread is cut like a single post: its last one is what still fits beside the tail.
        let rest = posts.drain(style.thread - 1..).collect::<Vec<_>>().join(" ");
        let rest = rest.strip_suffix(tail.as_str()).unwrap_or(&rest).trim();
        posts.push(joined(&in_order(&sentences(rest), room_beside_tail), &tail));
    }
    posts
}

/// The posts of a person's words: all of them.
pub(super) fn of_a_person(reply: &Reply) -> Vec<String> {
    let mut text = plain(&reply.text);
    if let Some(name) = reply.human.as_deref().filter(|name| !name.is_empty()) {
        text = format!("{text}\n{JOINER}– {name}");
    }
    if let Some(words) = instead_of(&reply.buttons, &reply.lang) {
        text = format!("{text}\n{words}");
    }
    parts(&text, weight::LIMIT - NAME)
}

/// Whether X will find an address in a text.
pub(super) fn has_link(text: &str) -> bool {
    text.split_whitespace().any(is_charged)
}

/// Credit, the answer's address where wanted, and the words to react with.
fn tail(reply: &Reply, style: Style280, more: Option<&str>) -> String {
    let mut lines: Vec<String> = more.map(str::to_owned).into_iter().collect();
    if let Some(credit) = &reply.credit {
        lines.push(cut(&prepared(&credit.line, style), CREDIT));
        lines.extend(credit.url.clone().filter(|_| style.links));
    }
    lines.extend(instead_of(&reply.buttons, &reply.lang));
    lines.retain(|line| !line.is_empty());
    let whole = lines.join("\n");
    if weight::weight(&whole) <= weight::LIMIT / 2 + NAME { whole } else { cut(&whole, CREDIT) }
}

fn joined(body: &str, tail: &str) -> String {
    let parts = [body.trim(), tail.trim()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Names and shares of others must not be found, and no addresses where they are not wanted.
fn prepared(text: &str, style: Style280) -> String {
    let mut out = String::with_capacity(text.len());
    for word in defuse_mentions(text).split_inclusive(char::is_whitespace) {
        if !style.links && word.contains("://") {
            continue;
        }
        let word = if style.links { word.to_owned() } else { defused(word) };
        let mut before = ' ';
        for c in word.chars() {
            if before == '$' && c.is_ascii_alphabetic() {
                out.push(JOINER);
            }
            out.push(c);
            before = c;
        }
    }
    out.trim().to_owned()
}

/// The whole text if it fits; else whole sentences in order, without the hello before them.
fn best_sentences(text: &str, room: usize) -> String {
    if weight::weight(text) <= room {
        return text.to_owned();
    }
    let mut sentences = sentences(text);
    let is_hello = |sentence: &&str| {
        let sentence = sentence.trim();
        sentence.ends_with(['!', ',', '！', '，']) && weight::weight(sentence) <= OPENING
    };
    let n_hellos = sentences.iter().take_while(|sentence| is_hello(sentence)).count();
    if n_hellos < sentences.len() {
        sentences.drain(..n_hellos);
    }
    in_order(&sentences, room)
}

/// Sentences from the first on while they fit, and a sign where something is left out.
fn in_order(sentences: &[&str], room: usize) -> String {
    let whole = sentences.concat();
    if weight::weight(whole.trim()) <= room {
        return whole.trim().to_owned();
    }
    let room = room.saturating_sub(2);
    let mut taken = String::new();
    for sentence in sentences {
        let longer = format!("{taken}{sentence}");
        if weight::weight(longer.trim()) > room {
            break;
        }
        taken = longer;
    }
    if taken.trim().is_empty() {
        let first = sentences.iter().find(|sentence| !sentence.trim().is_empty());
        return cut(first.map_or("", |first| first.trim()), room);
    }
    format!("{} …", taken.trim())
}

/// A list keeps all its lines; they become shorter together until they fit.
fn shortened_lines(text: &str, room: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let mut longest = room;
    loop {
        let shorter: Vec<String> = lines.iter().map(|line| cut(line.trim(), longest)).collect();
        let list = shorter.join("\n");
        if weight::weight(&list) <= room || longest < 8 {
            return if weight::weight(&list) <= room { list } else { cut(&list, room) };
        }
        longest -= 4;
    }
}

/// Cuts at a word, never inside a letter with its accents, and shows that something is missing.
fn cut(text: &str, room: usize) -> String {
    if weight::weight(text) <= room {
        return text.to_owned();
    }
    let ends = text.grapheme_indices(true).map(|(at, _)| at).collect::<Vec<_>>();
    let fits = |end: &usize| weight::weight(&text[..*end]) + 2 <= room;
    let n_fitting = ends.partition_point(fits);
    let end = n_fitting.checked_sub(1).map_or(0, |last| ends[last]);
    let head = &text[..end];
    let at_word = head.rfind(char::is_whitespace).filter(|at| *at >= end / 2).unwrap_or(end);
    let mut head = head[..at_word].trim_end();
    // A shorter text can weigh more where the cut leaves something like an address.
    while weight::weight(head) + 2 > room && !head.is_empty() {
        head = &head[..head.grapheme_indices(true).next_back().map_or(0, |(at, _)| at)];
    }
    format!("{head}…")
}

fn sentences(text: &str) -> Vec<&str> {
    text.split_sentence_bounds().collect()
}

fn parts(text: &str, room: usize) -> Vec<String> {
    let mut styled = Styled::default();
    styled.push(Style::Plain, text);
    let fits = |part: &Styled| weight::weight(&part.plain()) <= room;
    split(&styled, fits).iter().map(Styled::plain).collect()
}
