//! Which language a text is written in: script first, then words.

use whatlang::{Detector, Lang};

use crate::analysis::{is_han, needs_dictionary};

/// The language of a text and how it was settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// BCP 47; `xx` when nothing can be said.
    pub lang: String,
    /// Whether to rely on it; short Latin texts often do not settle it.
    pub reliable: bool,
    /// How it was settled, in words: `detected th by script`.
    pub path: String,
}

/// Settles the language of `text`; `hint` (BCP 47) wins unless the script contradicts it.
pub fn detect_language(text: &str, hint: Option<&str>) -> Detected {
    let script = by_script(text);
    if let Some(lang) = script {
        let lang = match hint {
            Some(hint) if same_primary(hint, lang) => hint,
            _ => lang,
        };
        return detected(lang, true, "script");
    }
    if let Some(hint) = hint.filter(|hint| !is_own_script(hint)) {
        return detected(hint, true, "hint");
    }
    by_words(text)
}

fn detected(lang: &str, reliable: bool, how: &str) -> Detected {
    let path = match how {
        "hint" => format!("told {lang}"),
        how => format!("detected {lang} by {how}"),
    };
    Detected { lang: lang.to_owned(), reliable, path }
}

fn same_primary(a: &str, b: &str) -> bool {
    a.split('-').next() == b.split('-').next()
}

/// Languages that are never written in Latin letters.
fn is_own_script(lang: &str) -> bool {
    let primary = lang.split('-').next().unwrap_or("");
    matches!(primary, "ar" | "el" | "ja" | "ko" | "ru" | "th" | "zh")
}

/// Whether texts of both languages could be written in the same letters.
pub(crate) fn shares_script(a: &str, b: &str) -> bool {
    same_primary(a, b) || !(is_own_script(a) || is_own_script(b))
}

fn by_script(text: &str) -> Option<&'static str> {
    let (mut latin, mut han, mut kana, mut thai, mut arabic, mut greek) = (0, 0, 0, 0, 0, 0);
    for c in text.chars().take(2_000) {
        match c {
            'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => latin += 1,
            '\u{3040}'..='\u{30ff}' => kana += 1,
            '\u{e00}'..='\u{e7f}' => thai += 1,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => arabic += 1,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => greek += 1,
            c if is_han(c) => han += 1,
            _ => {}
        }
    }
    // Product names bring Latin letters into every script, hence the uneven weights.
    let scripts = [("zh", han * 4), ("th", thai * 2), ("ar", arabic * 2), ("el", greek * 2)];
    let (lang, weight) = scripts.into_iter().max_by_key(|(_, weight)| *weight)?;
    match lang {
        _ if weight == 0 || weight < latin => None,
        "zh" if kana * 4 > han => Some("ja"),
        "zh" if is_traditional(text) => Some("zh-Hant"),
        lang => Some(lang),
    }
}

/// More letters that only Traditional Chinese writes than letters only Simplified writes.
fn is_traditional(text: &str) -> bool {
    let sample: String = text.chars().filter(|c| is_han(*c)).take(400).collect();
    let simplified = zhconv::zhconv(&sample, zhconv::Variant::ZhHans);
    sample.chars().zip(simplified.chars()).filter(|(a, b)| a != b).count() * 20
        >= sample.chars().count()
}

fn by_words(text: &str) -> Detected {
    let sample: String =
        text.chars().filter(|c| !needs_dictionary(*c) && !c.is_ascii_digit()).take(1_000).collect();
    let first_class = vec![Lang::Eng, Lang::Spa, Lang::Fra, Lang::Deu];
    let any = whatlang::detect(&sample);
    if let Some(info) = any.filter(whatlang::Info::is_reliable) {
        return detected(bcp47(info.lang()), true, "words");
    }
    let known = Detector::with_allowlist(first_class).detect(&sample);
    match known {
        Some(info) => detected(bcp47(info.lang()), false, "words, unsure"),
        None => detected("xx", false, "nothing"),
    }
}

fn bcp47(lang: Lang) -> &'static str {
    match lang {
        Lang::Eng => "en",
        Lang::Spa => "es",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Ara => "ar",
        Lang::Tha => "th",
        Lang::Cmn => "zh",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Nld => "nl",
        Lang::Rus => "ru",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Nob => "no",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Hun => "hu",
        Lang::Ron => "ro",
        Lang::Cat => "ca",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        _ => "xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, hint: Option<&str>, expected: &str) {
        assert_eq!(detect_language(text, hint).lang, expected);
    }

    #[test]
    fn knows_scripts() {
        check("หูฟัง WH-1000 ไม่มีเสียง", None, "th");
        check("سماعة لا تعمل", None, "ar");
        check("Τα ακουστικά δεν ανάβουν", None, "el");
        check("耳机没有声音", None, "zh");
        check("耳機沒有聲音", None, "zh-Hant");
    }

    #[test]
    fn the_script_overrules_the_hint() {
        check("หูฟังไม่มีเสียง", Some("en"), "th");
        check("no sound", Some("th"), "en");
        check("耳机", Some("zh-Hant"), "zh-Hant");
    }

    #[test]
    fn knows_the_words_of_latin_languages() {
        check("My headphones do not connect to the laptop any more", None, "en");
        check("¿Cómo puedo conectar los auriculares con el teléfono?", None, "es");
        check("Pourquoi mon casque ne se connecte plus à la télévision ?", None, "fr");
        check("Warum verbindet sich mein Kopfhörer nicht mehr mit dem Laptop?", None, "de");
    }
}
