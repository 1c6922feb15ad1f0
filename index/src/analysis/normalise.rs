//! Character-level cleaning, before and after words are cut.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use zhconv::Variant;

/// The first `limit` characters of `text` in one form: NFKC, plain quotes, no invisible
/// characters, no Arabic vowel marks, Chinese in simplified letters.
pub(super) fn clean(text: &str, limit: usize) -> String {
    // ASCII is in its normal form already, which is dear to find out letter by letter.
    if text.is_ascii() {
        let letters = text.chars().take(limit);
        let plain = letters.map(|c| match c {
            '`' => '\'',
            '\0' => ' ',
            c => c,
        });
        return plain.collect();
    }
    let plain: String = text
        .chars()
        .take(limit)
        .nfkc()
        .filter_map(|c| match c {
            '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{00b4}' | '`' => Some('\''),
            '\u{2010}'..='\u{2014}' | '\u{2212}' => Some('-'),
            '\u{00ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{064b}'..='\u{065f}'
            | '\u{0670}'
            | '\u{0640}' => None,
            '\0' => Some(' '),
            c => Some(c),
        })
        .collect();
    if plain.chars().any(is_han) { zhconv::zhconv(&plain, Variant::ZhHans) } else { plain }
}

/// Folds what writers leave out: accents, Greek final sigma, Arabic letter variants.
pub(crate) fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    let mut folded = String::with_capacity(word.len());
    for c in word.nfd().filter(|c| !is_foldable_mark(*c)) {
        match c {
            'ß' => folded.push_str("ss"),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            'أ' | 'إ' | 'آ' | 'ٱ' => folded.push('ا'),
            'ى' | 'ی' => folded.push('ي'),
            'ک' => folded.push('ك'),
            'ة' => folded.push('ه'),
            c => folded.push(c),
        }
    }
    folded.nfc().collect()
}

/// Letters written three times or more, as in `sooooo`, are written twice.
pub(super) fn shorten_elongation(word: &str) -> String {
    let mut short = String::with_capacity(word.len());
    let mut last = None;
    let mut run = 0;
    for c in word.chars() {
        run = if last == Some(c) { run + 1 } else { 1 };
        last = Some(c);
        if run < 3 || !c.is_alphabetic() || is_han(c) {
            short.push(c);
        }
    }
    short
}

/// A Chinese character.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Marks that carry an accent. Thai, Indic and kana marks carry meaning and stay.
fn is_foldable_mark(c: char) -> bool {
    is_combining_mark(c)
        && matches!(c, '\u{0300}'..='\u{036f}' | '\u{0610}'..='\u{061a}' | '\u{0653}'..='\u{0655}')
}
