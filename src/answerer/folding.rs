//! Folding of short texts, so that lists of phrases match what people type.
//!
//! In: any text. Out: tokens in lower case, without accents, apostrophes and stretched letters.
//! Must not know: which phrases there are.

use unicode_normalization::UnicodeNormalization;

/// The folded tokens of `text`, in order; punctuation, emoji and symbols leave nothing.
///
/// A token is a run of letters and digits; in Thai and Chinese, which write without spaces, every
/// character is a token of its own.
pub(crate) fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    // Apostrophes go first: many people leave them out, and `´` would decompose into a space.
    let text = text.chars().filter(|c| !"'’‘`´ʼ".contains(*c));
    for c in text.nfkd().flat_map(char::to_lowercase).filter_map(fold_char) {
        if is_unspaced(c) {
            finish(&mut word, &mut tokens);
            if tokens.last().is_none_or(|last| !is_stretched(last, c, &tokens)) {
                tokens.push(c.to_string());
            }
        } else if c.is_alphanumeric() {
            word.push(c);
        } else {
            finish(&mut word, &mut tokens);
        }
    }
    finish(&mut word, &mut tokens);
    tokens
}

/// Whether this character belongs to a script that writes without spaces between words.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{0e00}'..='\u{0e7f}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// One character folded; `None` if it is a mark that people leave out as they like.
fn fold_char(c: char) -> Option<char> {
    match c {
        // Latin and Greek accents, Arabic vowel marks and hamza on its seat, tatweel, joiners.
        '\u{0300}'..='\u{036f}'
        | '\u{0610}'..='\u{061a}'
        | '\u{064b}'..='\u{065f}'
        | '\u{0670}'
        | '\u{06d6}'..='\u{06ed}'
        | '\u{0640}'
        | '\u{200b}'..='\u{200f}'
        | '\u{feff}' => None,
        'ς' => Some('σ'),
        'ى' => Some('ي'),
        'ة' => Some('ه'),
        // Thai repeats a word with this sign; nothing is lost without it.
        'ๆ' => Some(' '),
        _ => Some(c),
    }
}

/// Whether `c` would be the third of its kind in a row.
fn is_stretched(last: &str, c: char, tokens: &[String]) -> bool {
    let before = tokens.len().checked_sub(2).map(|at| tokens[at].as_str());
    last.starts_with(c) && last.chars().count() == 1 && before == Some(last)
}

/// Ends the word at hand, three or more of the same letter in a row made one ("thanksss").
fn finish(word: &mut String, tokens: &mut Vec<String>) {
    if word.is_empty() {
        return;
    }
    let letters: Vec<char> = word.drain(..).collect();
    let mut folded = String::new();
    for run in letters.chunk_by(|a, b| a == b) {
        let n_kept = if run.len() > 2 && run[0].is_alphabetic() { 1 } else { run.len() };
        folded.extend(run.iter().take(n_kept));
    }
    tokens.push(folded);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(tokens(text), expected, "{text}");
    }

    #[test]
    fn spelling_habits_fold_away() {
        check("Helloooo, it DOESN’T work!!", &["hello", "it", "doesnt", "work"]);
        check("it doesn´t, doesn`t", &["it", "doesnt", "doesnt"]);
        check("Überprüft, naïve", &["uberpruft", "naive"]);
        check("ΣΤΑΜΆΤΑ ευχαριστώ πολλούς", &["σταματα", "ευχαριστω", "πολλουσ"]);
        check("شُكـــراً جزيلاً أريد مساعدة", &["شكرا", "جزيلا", "اريد", "مساعده"]);
        check("👍 … !!", &[]);
    }

    #[test]
    fn unspaced_scripts_give_characters() {
        check("谢谢ok", &["谢", "谢", "ok"]);
        check("มากกกก ok", &["ม", "า", "ก", "ก", "ok"]);
    }
}
