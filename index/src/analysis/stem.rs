//! Stemmers by language, with folding after them.

use frostem::{Algorithm, Stemmer};

use super::normalise::fold;

/// Languages with an analysis of their own. Everything else shares `xx`.
pub(crate) const KEYS: [&str; 22] = [
    "ar", "ca", "da", "de", "el", "en", "es", "fi", "fr", "hu", "it", "ja", "nl", "no", "pt", "ro",
    "ru", "sv", "th", "tr", "zh", "xx",
];

/// Brings the forms of a word together.
pub(crate) struct StemmerFor {
    own: Option<Stemmer>,
    /// Latin words inside a text of another script are mostly English.
    latin: Option<Stemmer>,
    key: &'static str,
}

impl StemmerFor {
    pub(crate) fn new(key: &'static str) -> Self {
        let latin = matches!(key, "ar" | "el" | "ja" | "ru" | "th" | "zh");
        let latin = latin.then(|| Stemmer::new(Algorithm::English));
        Self { own: algorithm(key).map(Stemmer::new), latin, key }
    }

    /// The folded stem of a word in lower case.
    pub(crate) fn stem(&self, word: &str) -> String {
        let stemmer = if word.is_ascii() {
            self.latin.as_ref().or(self.own.as_ref())
        } else {
            self.own.as_ref()
        };
        let Some(stemmer) = stemmer else { return fold(word) };
        let restored = if self.key == "es" { restore_spanish_accent(word) } else { None };
        let word = if self.key == "ar" { without_arabic_prefix(word) } else { word };
        let stem = stemmer.stem(restored.as_deref().unwrap_or(word));
        if stem.is_empty() { fold(word) } else { fold(&stem) }
    }
}

/// Hurried writers drop the accent the stemmer needs: `configuracion`.
fn restore_spanish_accent(word: &str) -> Option<String> {
    let head = word.strip_suffix("ion").filter(|head| head.ends_with(['c', 's', 'x']))?;
    Some(format!("{head}ión"))
}

/// Arabic writes *and*, *the*, *with the*, *like the*, *for the* onto the word.
fn without_arabic_prefix(word: &str) -> &str {
    const PREFIXES: [&str; 8] = ["وال", "بال", "كال", "فال", "ولل", "لل", "ال", "و"];
    let rest = PREFIXES.iter().find_map(|prefix| word.strip_prefix(prefix));
    rest.filter(|rest| rest.chars().count() >= 3).unwrap_or(word)
}

fn algorithm(key: &str) -> Option<Algorithm> {
    Some(match key {
        "ar" => Algorithm::Arabic,
        "ca" => Algorithm::Catalan,
        "da" => Algorithm::Danish,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "nl" => Algorithm::Dutch,
        "no" => Algorithm::Norwegian,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sv" => Algorithm::Swedish,
        "tr" => Algorithm::Turkish,
        _ => return None,
    })
}
