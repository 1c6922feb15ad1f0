//! From a cut word to its tokens: stems for words, whole and parts for codes and hashtags.

use super::TokenKind;
use super::normalise::{fold, shorten_elongation};
use super::segment::Word;
use super::stem::StemmerFor;

/// Longer runs of letters are noise, not words.
const LONGEST_WORD: usize = 48;

type Emit<'e> = dyn FnMut(String, String, TokenKind) + 'e;

/// Calls `emit` with stem, surface and kind for each token of `word`.
pub(super) fn expand(word: &Word<'_>, key: &str, stemmer: &StemmerFor, emit: &mut Emit<'_>) {
    if word.text.chars().count() > LONGEST_WORD {
        return;
    }
    let lower = word.text.to_lowercase();
    let has_digit = lower.bytes().any(|b| b.is_ascii_digit());
    if has_digit && is_version(&lower) {
        version(&lower, emit);
    } else if has_digit || lower.contains('-') {
        code(&lower, stemmer, has_digit, emit);
    } else {
        let surface = plain(&lower, key);
        emit(stemmer.stem(&surface), surface, TokenKind::Word);
        if word.hashtag {
            for part in camel_parts(word.text) {
                let part = plain(&part.to_lowercase(), key);
                emit(stemmer.stem(&part), part, TokenKind::Part);
            }
        }
    }
}

/// Lower-case word without apostrophes, elongations and English endings after an apostrophe.
fn plain(lower: &str, key: &str) -> String {
    let base = match lower.split_once('\'') {
        Some((head, "s")) if key == "en" => head.to_owned(),
        _ => lower.replace(['\'', '.', '_'], ""),
    };
    shorten_elongation(&base)
}

/// `115.6.0`, `v2.1`: digits and dots, perhaps after a `v`.
fn is_version(lower: &str) -> bool {
    let digits = lower.strip_prefix('v').unwrap_or(lower);
    digits.contains('.') && digits.split('.').all(|n| !n.is_empty() && n.bytes().all(is_digit))
        || lower.starts_with('v') && !digits.is_empty() && digits.bytes().all(is_digit)
}

fn version(lower: &str, emit: &mut Emit<'_>) {
    let whole = lower.strip_prefix('v').unwrap_or(lower);
    emit(whole.to_owned(), whole.to_owned(), TokenKind::Code);
    for (dot, _) in whole.match_indices('.') {
        emit(whole[..dot].to_owned(), whole[..dot].to_owned(), TokenKind::Part);
    }
}

fn code(lower: &str, stemmer: &StemmerFor, has_digit: bool, emit: &mut Emit<'_>) {
    let joined: String = fold(lower).chars().filter(|c| c.is_alphanumeric()).collect();
    let whole = if has_digit { joined.clone() } else { stemmer.stem(&joined) };
    let mut seen = vec![joined.clone()];
    emit(whole, joined, TokenKind::Code);
    let separated = lower.split(|c: char| !c.is_alphanumeric());
    let parts: Vec<&str> = separated.filter(|part| !part.is_empty()).collect();
    for part in parts.iter().copied().chain(model_numbers(&parts)) {
        let part = fold(part);
        if seen.contains(&part) {
            continue;
        }
        let has_digit = part.bytes().any(is_digit);
        let stem = if has_digit { part.clone() } else { stemmer.stem(&part) };
        emit(stem, part.clone(), TokenKind::Part);
        seen.push(part);
    }
}

/// The `xm4` of `1000xm4`: letters with the digits after them, at the end of a part.
fn model_numbers<'a>(parts: &[&'a str]) -> impl Iterator<Item = &'a str> {
    parts
        .iter()
        .filter_map(|part| {
            let letters_end = part.trim_end_matches(|c: char| c.is_ascii_digit()).len();
            let head = &part[..letters_end];
            let start = head.trim_end_matches(|c: char| c.is_alphabetic()).len();
            let found = &part[start..];
            (letters_end < part.len() && start < letters_end && start > 0).then_some(found)
        })
        .collect::<Vec<_>>()
        .into_iter()
}

/// `NoiseCancelling` → `Noise`, `Cancelling`; nothing when there is one part.
fn camel_parts(text: &str) -> Vec<&str> {
    let mut starts = vec![0];
    let mut before_lower = false;
    for (at, c) in text.char_indices() {
        if c.is_uppercase() && before_lower {
            starts.push(at);
        }
        before_lower = c.is_lowercase();
    }
    if starts.len() < 2 {
        return Vec::new();
    }
    starts.push(text.len());
    starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

fn is_digit(b: u8) -> bool {
    b.is_ascii_digit()
}
