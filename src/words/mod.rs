//! Every sentence the bot says, in nine languages.
//!
//! In: a language tag, a [`Key`] and the values for its placeholders. Out: the sentence. The texts
//! are one file per language beside this module. Must not know: channels, markup, the store.

mod keys;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::LazyLock;

pub use keys::Key;

/// Says the sentence `key` in `lang`, its `{name}` placeholders filled from `args`.
///
/// `lang` is any language tag; one we do not speak is answered in English ([`spoken`]). Values are
/// put in as they are and never searched for placeholders; a placeholder without a value stays.
pub fn say(lang: &str, key: Key, args: &[(&str, &str)]) -> String {
    fill(template(lang, key), args)
}

/// The first greeting: who runs the bot, that it is automatic, how to reach a person.
///
/// `brand` is the name to show; `our` or an empty one gives the wording without a name.
pub fn greeting(lang: &str, brand: &str) -> String {
    let brand = brand.trim();
    if brand.is_empty() || brand.eq_ignore_ascii_case("our") {
        return say(lang, Key::GreetingOwn, &[]);
    }
    say(lang, Key::Greeting, &[("brand", brand)])
}

/// The line under an answer: whose it is and how often it was confirmed.
///
/// `author` without `@`; `n_solved` counts confirmations, 0 leaves the count out.
pub fn credit(lang: &str, author: Option<&str>, n_solved: u64) -> String {
    let key = match (author, n_solved) {
        (Some(_), 0) => Key::Credit,
        (Some(_), 1) => Key::CreditOnce,
        (Some(_), _) => Key::CreditTimes,
        (None, 0) => Key::CreditNobody,
        (None, 1) => Key::CreditNobodyOnce,
        (None, _) => Key::CreditNobodyTimes,
    };
    let author = author.unwrap_or_default();
    say(lang, key, &[("author", author), ("n", &n_solved.to_string())])
}

/// Thanks for *Helped*, naming the credited `author` where there is one.
pub fn thanks_helped(lang: &str, author: Option<&str>) -> String {
    match author {
        Some(author) => say(lang, Key::ThanksHelped, &[("author", author)]),
        None => say(lang, Key::ThanksHelpedNobody, &[]),
    }
}

/// A language the bot speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    /// Our tag, also the name of its files: `en`, `zh-Hant`.
    pub tag: &'static str,
    /// Its name in itself, for the choice of languages.
    pub name: &'static str,
    /// Its name in English, which customers type as well.
    pub english_name: &'static str,
}

/// The languages the bot speaks, English first.
pub const LANGUAGES: [Language; 9] = [
    language("en", "English", "English"),
    language("es", "Español", "Spanish"),
    language("fr", "Français", "French"),
    language("de", "Deutsch", "German"),
    language("el", "Ελληνικά", "Greek"),
    language("ar", "العربية", "Arabic"),
    language("th", "ไทย", "Thai"),
    language("zh", "简体中文", "Chinese"),
    language("zh-Hant", "繁體中文", "Traditional Chinese"),
];

const fn language(tag: &'static str, name: &'static str, english_name: &'static str) -> Language {
    Language { tag, name, english_name }
}

/// The tag of [`LANGUAGES`] that a language tag means; `None` if we do not speak it.
///
/// Case and `_` do not matter: `de_AT` is `de`; `zh-TW`, `zh-HK`, `zh-MO` and `zh-Hant-…` are
/// `zh-Hant`, every other `zh` is `zh`.
pub fn supported(lang: &str) -> Option<&'static str> {
    let lang = lang.trim().to_ascii_lowercase().replace('_', "-");
    let mut subtags = lang.split('-');
    let primary = subtags.next()?;
    if primary == "zh" {
        let rest: Vec<&str> = subtags.collect();
        let traditional = rest.iter().any(|tag| ["hant", "tw", "hk", "mo"].contains(tag));
        let simplified = rest.contains(&"hans");
        return Some(if traditional && !simplified { "zh-Hant" } else { "zh" });
    }
    LANGUAGES.iter().map(|language| language.tag).find(|tag| *tag == primary)
}

/// The tag of the language the bot answers in when the customer's is `lang`: English if unknown.
pub fn spoken(lang: &str) -> &'static str {
    supported(lang).unwrap_or("en")
}

/// The language a person typed after `/language`: a tag, its own name or its English name.
pub fn language_named(text: &str) -> Option<Language> {
    let text = text.trim().to_lowercase();
    let named = LANGUAGES.iter().find(|language| {
        language.name.to_lowercase() == text || language.english_name.to_lowercase() == text
    });
    let tagged = || {
        let tag = supported(&text).filter(|_| text.is_ascii())?;
        LANGUAGES.iter().find(|language| language.tag == tag)
    };
    named.or_else(tagged).copied()
}

type Sentences = BTreeMap<Key, String>;

/// The texts of one language.
static FILES: LazyLock<BTreeMap<&'static str, Sentences>> = LazyLock::new(|| {
    SOURCES
        .iter()
        .map(|(tag, source)| {
            (*tag, toml::from_str(source).expect("the language files are read in a test"))
        })
        .collect()
});

const SOURCES: [(&str, &str); 9] = [
    ("en", include_str!("en.toml")),
    ("es", include_str!("es.toml")),
    ("fr", include_str!("fr.toml")),
    ("de", include_str!("de.toml")),
    ("el", include_str!("el.toml")),
    ("ar", include_str!("ar.toml")),
    ("th", include_str!("th.toml")),
    ("zh", include_str!("zh.toml")),
    ("zh-Hant", include_str!("zh-Hant.toml")),
];

fn template(lang: &str, key: Key) -> &'static str {
    FILES[spoken(lang)].get(&key).expect("a test holds that every language has every key")
}

/// Puts the values in, reading the template once from left to right.
fn fill(template: &str, args: &[(&str, &str)]) -> String {
    let mut said = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        said.push_str(before);
        let value = after.split_once('}').and_then(|(name, tail)| {
            let (_, value) = args.iter().find(|(given, _)| *given == name)?;
            Some((*value, tail))
        });
        if let Some((value, tail)) = value {
            said.push_str(value);
            rest = tail;
        } else {
            said.push('{');
            rest = after;
        }
    }
    said.push_str(rest);
    said
}
