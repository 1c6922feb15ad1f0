//! Text into tokens: the same code for what is indexed and for what is asked.
//!
//! In goes text of any language, out come [`Token`]s with a normalised surface and a stem.
//! Nothing here knows an index; [`analyse`] is a pure function of text and language.

mod code;
mod normalise;
mod segment;
mod sentence;
mod stem;

pub(crate) use normalise::{fold, is_han};
pub(crate) use segment::needs_dictionary;
pub use sentence::sentences;

pub(crate) use stem::{KEYS, StemmerFor};

/// Text is analysed up to this many characters; the rest is stored but cannot be found.
pub const ANALYSED_CHARS: usize = 20_000;

/// One word of a text, ready for matching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What is matched: the folded stem, or a product code without its separators.
    pub stem: String,
    /// The word as written, normalised and in lower case; for people and for exact comparison.
    pub surface: String,
    /// Place in the text, counted in words; parts of a code share the place of the whole.
    pub position: u32,
    /// Sentence or line of the text, from 0.
    pub sentence: u32,
    /// What kind of word it is.
    pub kind: TokenKind,
}

/// What kind of word a [`Token`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// An ordinary word.
    Word,
    /// A product code, version or number kept whole, such as `wh1000xm4` or `115.6.0`.
    Code,
    /// A part of the [`TokenKind::Code`] or of the hashtag before it.
    Part,
}

/// Cuts `text` into tokens with the analysis of language `lang` (BCP 47).
///
/// Links, addresses and `@names` are left out; hashtags are split; codes come whole and in
/// parts. At most [`ANALYSED_CHARS`] characters are read. Never fails: an unknown language gets
/// the generic analysis.
pub fn analyse(text: &str, lang: &str) -> Vec<Token> {
    let key = analysis_key(lang);
    let stemmer = StemmerFor::new(key);
    let clean = normalise::clean(text, ANALYSED_CHARS);
    let mut tokens = Vec::with_capacity(clean.len() / 5);
    let mut position = 0;
    for (number, sentence) in sentence::pieces(&clean).enumerate() {
        let sentence_number = u32::try_from(number).unwrap_or(u32::MAX);
        segment::words(sentence, key, &mut |word| {
            code::expand(&word, key, &stemmer, &mut |stem, surface, kind| {
                if kind != TokenKind::Part {
                    position += 1;
                }
                tokens.push(Token { stem, surface, position, sentence: sentence_number, kind });
            });
        });
    }
    tokens
}

/// The analysis that serves language `lang`: `zh` and `zh-Hant` share one, as all unknown
/// languages do (`xx`).
pub fn analysis_key(lang: &str) -> &'static str {
    let primary = lang.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
    KEYS.iter().copied().find(|key| *key == primary).unwrap_or("xx")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lang: &str, text: &str, expected: &str) {
        let stems: Vec<String> = analyse(text, lang).into_iter().map(|token| token.stem).collect();
        assert_eq!(stems.join(" "), expected);
    }

    #[test]
    fn folds_case_accents_and_width() {
        check("xx", "Ｗｉ－Ｆｉ CAFÉ Straße", "wifi wi fi cafe strasse");
    }

    #[test]
    fn keeps_codes_whole_and_in_parts() {
        check("en", "WH-1000XM4", "wh1000xm4 wh 1000xm4 xm4");
        check("en", "wh1000xm4", "wh1000xm4 xm4");
        check("en", "v115.6.0", "115.6.0 115 115.6");
    }

    #[test]
    fn sets_names_and_links_aside_and_splits_hashtags() {
        check(
            "en",
            "@brand see https://a.example/x #NoiseCancelling",
            "see noisecancel nois cancel",
        );
    }

    #[test]
    fn shortens_elongations_but_not_numbers() {
        check("en", "sooooo 1000", "soo 1000");
    }

    #[test]
    fn splits_french_elision() {
        check("fr", "l'écran n’est pas", "ecran est pas");
    }

    #[test]
    fn splits_french_inversion_but_no_compound() {
        check("fr", "Doit-il, faut-on wi-fi", "doit il faut on wif wi fi");
    }

    #[test]
    fn strips_arabic_marks_and_folds_letters() {
        assert_eq!(analyse("السَّمَّاعَة", "ar"), analyse("السماعة", "ar"));
    }

    #[test]
    fn cuts_thai_and_chinese_into_words() {
        assert!(analyse("หูฟังไม่ทำงาน", "th").len() >= 2);
        assert_eq!(analyse("耳機無法連接", "zh-Hant"), analyse("耳机无法连接", "zh"));
    }

    #[test]
    fn reads_no_more_than_the_limit() {
        let text = "word ".repeat(10_000);
        assert_eq!(analyse(&text, "en").len(), ANALYSED_CHARS / 5);
    }

    #[test]
    fn numbers_sentences() {
        let tokens = analyse("No sound. Why?\nHelp", "en");
        let numbers: Vec<u32> = tokens.iter().map(|token| token.sentence).collect();
        assert_eq!(numbers, [0, 0, 1, 2]);
    }
}
