//! Cutting a sentence into words: by spaces where writers use them, by dictionary elsewhere.

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

use super::normalise::is_han;

/// A piece of text that is one word or one code.
pub(super) struct Word<'a> {
    /// The piece, with its case.
    pub(super) text: &'a str,
    /// It came after `#`.
    pub(super) hashtag: bool,
}

/// Calls `emit` for each word of `sentence`.
pub(super) fn words<'a>(sentence: &'a str, key: &str, emit: &mut dyn FnMut(Word<'a>)) {
    for chunk in sentence.split_whitespace() {
        if is_set_aside(chunk) {
            continue;
        }
        let mut rest = chunk;
        while !rest.is_empty() {
            let complex = rest.chars().next().is_some_and(needs_dictionary);
            let end = rest.find(|c| needs_dictionary(c) != complex).unwrap_or(rest.len());
            let (run, tail) = rest.split_at(end);
            if complex {
                dictionary_words(run, emit);
            } else {
                plain_words(run, key, emit);
            }
            rest = tail;
        }
    }
}

/// Links, mail addresses and names of people say nothing about the problem.
fn is_set_aside(chunk: &str) -> bool {
    let bare = chunk.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '@');
    bare.contains("://")
        || bare.starts_with("www.")
        || (bare.starts_with('@') && bare.len() > 1)
        || (bare.contains('@') && bare.contains('.') && !bare.ends_with('@'))
}

/// Scripts written without spaces between words.
pub(crate) fn needs_dictionary(c: char) -> bool {
    is_han(c)
        || matches!(c, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            | '\u{3040}'..='\u{30ff}')
}

fn dictionary_words<'a>(run: &'a str, emit: &mut dyn FnMut(Word<'a>)) {
    const SEGMENTER: fn() -> WordSegmenterBorrowed<'static> =
        || WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
    thread_local! {
        static WORDS: WordSegmenterBorrowed<'static> = SEGMENTER();
    }
    WORDS.with(|segmenter| {
        let mut start = 0;
        for end in segmenter.segment_str(run) {
            let piece = &run[start..end];
            if piece.chars().any(char::is_alphanumeric) {
                emit(Word { text: piece, hashtag: false });
            }
            start = end;
        }
    });
}

fn plain_words<'a>(run: &'a str, key: &str, emit: &mut dyn FnMut(Word<'a>)) {
    let separators = |c: char| !c.is_alphanumeric() && !matches!(c, '-' | '.' | '_' | '\'' | '#');
    for piece in run.split(separators) {
        let hashtag = piece.starts_with('#');
        let piece = piece.trim_matches(|c: char| !c.is_alphanumeric());
        if piece.is_empty() {
            continue;
        }
        let piece = without_elision(piece, key);
        let has_digit = piece.bytes().any(|b| b.is_ascii_digit());
        if has_digit || (is_compound(piece) && !is_inverted(piece, key)) {
            emit(Word { text: piece, hashtag });
        } else {
            let parts = piece.split(|c: char| !c.is_alphanumeric() && c != '\'');
            for part in parts.filter(|part| part.chars().any(char::is_alphanumeric)) {
                emit(Word { text: part, hashtag });
            }
        }
    }
}

/// `Wi-Fi`, `e-mail`: short enough with a hyphen to be written in one word as well.
fn is_compound(piece: &str) -> bool {
    let mut parts = piece.split('-');
    let (Some(first), Some(second), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let letters = |part: &str| !part.is_empty() && part.chars().all(char::is_alphanumeric);
    letters(first) && letters(second) && piece.chars().count() <= 16
}

/// French asks by turning verb and subject round, with a hyphen: `doit-il`, `est-ce`.
fn is_inverted(piece: &str, key: &str) -> bool {
    const SUBJECTS: [&str; 12] =
        ["je", "tu", "il", "elle", "on", "nous", "vous", "ils", "elles", "ce", "moi", "toi"];
    let subject = piece.rsplit('-').next().unwrap_or("").to_lowercase();
    key == "fr" && SUBJECTS.contains(&subject.as_str())
}

/// French and its neighbours glue small words to the next one: `l'écran`, `qu'il`.
fn without_elision<'a>(piece: &'a str, key: &str) -> &'a str {
    if !matches!(key, "fr" | "it" | "ca") {
        return piece;
    }
    match piece.split_once('\'') {
        Some((head, tail)) if !tail.is_empty() && is_elided(head) => tail,
        _ => piece,
    }
}

fn is_elided(head: &str) -> bool {
    const LONG: [&str; 10] =
        ["qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "quelqu", "dell", "all", "nell", "un"];
    let head = head.to_lowercase();
    head.chars().count() == 1 || LONG.contains(&head.as_str())
}
