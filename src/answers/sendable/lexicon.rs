//! The words by which answers are judged, read once from `lexicon.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

/// One kind of sign, each with its list of phrases in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Sign {
    Thanks,
    Works,
    Unknown,
    Closed,
    Ask,
    Pointer,
    Past,
    Act,
    Ui,
    You,
}

const N_SIGNS: usize = Sign::You as usize + 1;

#[derive(Deserialize)]
struct Entry {
    /// Whether phrases are found anywhere rather than at the beginning of a word.
    glued: bool,
    #[serde(flatten)]
    phrases: HashMap<Sign, Vec<String>>,
}

/// The phrases of one language, ready for being found in one pass.
pub(super) struct Lexicon {
    glued: bool,
    signs: Vec<Sign>,
    finder: AhoCorasick,
}

impl Lexicon {
    fn new(entry: Entry) -> Self {
        let mut signs = Vec::new();
        let mut patterns = Vec::new();
        for (sign, phrases) in entry.phrases {
            for phrase in phrases {
                signs.push(sign);
                patterns.push(if entry.glued { phrase } else { format!(" {phrase}") });
            }
        }
        let finder = AhoCorasick::new(patterns).expect("a bundled list is far below the limits");
        Self { glued: entry.glued, signs, finder }
    }
}

static LEXICONS: LazyLock<HashMap<String, Lexicon>> = LazyLock::new(|| {
    let entries: HashMap<String, Entry> =
        toml::from_str(include_str!("lexicon.toml")).expect("a test reads the bundled file");
    entries.into_iter().map(|(lang, entry)| (lang, Lexicon::new(entry))).collect()
});

/// The lexicons to read an answer with: its language's and English, which foreign boards are full
/// of; all of them where the language is unknown or has none.
pub(super) fn lexicons(lang: Option<&str>) -> Vec<&'static Lexicon> {
    let lexicons = &*LEXICONS;
    match lang.filter(|lang| lexicons.contains_key(*lang)) {
        Some("en") => lexicons.get("en").into_iter().collect(),
        Some(lang) => [lang, "en"].into_iter().filter_map(|lang| lexicons.get(lang)).collect(),
        None => lexicons.values().collect(),
    }
}

/// A text made ready for finding phrases.
pub(super) struct Text {
    /// Lower case, nothing else changed.
    plain: String,
    /// Lower case words with one space around each, and `|` where a clause begins.
    words: String,
}

/// What was found in a text.
#[derive(Debug, Default)]
pub(super) struct Found {
    n_phrases: [usize; N_SIGNS],
    /// Clauses that begin with an act: "Click …", "then open …".
    pub(super) n_commands: usize,
}

impl Found {
    /// How many different phrases of this kind are there.
    pub(super) fn n(&self, sign: Sign) -> usize {
        self.n_phrases[sign as usize]
    }
}

impl Text {
    pub(super) fn new(text: &str) -> Self {
        let plain = text.to_lowercase();
        let mut words = " | ".to_owned();
        let mut word = String::new();
        for c in plain.chars().chain(['\n']).filter(|c| !matches!(c, '\'' | '’')) {
            if c.is_alphanumeric() {
                word.push(c);
                continue;
            }
            let is_filler = words.ends_with("| ") && FILLERS.contains(&word.as_str());
            if !word.is_empty() && !is_filler {
                words.push_str(&word);
                words.push(' ');
            }
            word.clear();
            let ends_clause = !c.is_whitespace() || c == '\n';
            if ends_clause && !words.ends_with("| ") {
                words.push_str("| ");
            }
        }
        Self { plain, words }
    }

    pub(super) fn find(&self, lexicons: &[&Lexicon]) -> Found {
        let mut found = Found::default();
        for lexicon in lexicons {
            let text = if lexicon.glued { &self.plain } else { &self.words };
            let mut is_found = vec![false; lexicon.signs.len()];
            for one in lexicon.finder.find_overlapping_iter(text.as_str()) {
                let pattern = one.pattern().as_usize();
                let sign = lexicon.signs[pattern];
                if !std::mem::replace(&mut is_found[pattern], true) {
                    found.n_phrases[sign as usize] += 1;
                }
                let begins = lexicon.glued || text[..one.start()].ends_with('|');
                found.n_commands += usize::from(begins && sign == Sign::Act);
            }
        }
        found
    }

    /// Words, where the language parts them; two letters of Thai or Chinese count as one.
    pub(super) fn n_words(&self) -> usize {
        let length =
            |word: &str| if is_unparted(word) { word.chars().count().div_ceil(2) } else { 1 };
        self.words.split(' ').filter(|word| !matches!(*word, "" | "|")).map(length).sum()
    }
}

/// Words before the verb of a command.
const FILLERS: [&str; 34] = [
    "please", "then", "and", "now", "first", "just", "next", "also", "so", "or", "to", "simply",
    "ok", "okay", "hi", "hello", "hola", "ciao", "bonjour", "hallo", "dann", "und", "bitte",
    "einfach", "puis", "et", "ensuite", "y", "luego", "poi", "quindi", "e", "en", "dan",
];

fn is_unparted(word: &str) -> bool {
    word.chars().any(|c| matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{9fff}'))
}

#[cfg(test)]
mod tests {
    use super::{LEXICONS, Sign, Text, lexicons};

    #[test]
    fn every_first_class_language_has_words() {
        for lang in ["en", "es", "fr", "de", "el", "ar", "th", "zh", "zh-Hant", "it", "nl", "cs"] {
            let lexicon = &LEXICONS[lang];
            for sign in [Sign::Thanks, Sign::Works, Sign::Ask, Sign::Act, Sign::Ui] {
                let n = lexicon.signs.iter().filter(|found| **found == sign).count();
                assert!(n > 3, "{lang} {sign:?}");
            }
        }
    }

    #[test]
    fn phrases_are_found_at_word_beginnings() {
        let found = |text: &str| Text::new(text).find(&lexicons(Some("en")));
        assert_eq!(found("Thank you, thx, bethank").n(Sign::Thanks), 2);
        assert_eq!(found("I clicked it, then click Open").n_commands, 1);
        assert_eq!(Text::new("Don't re-open it.").n_words(), 4);
        assert_eq!(Text::new("点击设置").n_words(), 2);
    }
}
