//! Topics that a person must take: smoke and battery danger, injury, legal threats, minors,
//! account theft, and what the brand adds.
//!
//! In: a customer's text and the brand's own phrases. Out: the [`Topic`]. The phrases are one file
//! per language beside this module; all are tried on every text, because missing one is worse than
//! looking twice. Must not know: what the bot says then.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::folding;

/// A topic on which nothing is answered automatically.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Smoke, fire, a swollen or hot battery.
    Danger,
    /// Somebody was hurt.
    Injury,
    /// Lawyers, courts, authorities.
    Legal,
    /// A child is concerned, or the customer is one.
    Minor,
    /// Somebody else is in the customer's account.
    AccountTheft,
    /// A phrase that the brand added.
    Brand,
}

/// The topic of `text` that a person must take, the most dangerous first; `None` if there is none.
///
/// `extra` are the brand's phrases; a word ending in `*` stands for all words that begin so.
pub fn sensitive_topic(text: &str, extra: &[String]) -> Option<Topic> {
    let text = Text::read(text);
    let listed = TOPICS.iter().find(|(_, rules)| rules.iter().any(|rules| rules.hold(&text)));
    listed.map(|(topic, _)| *topic).or_else(|| {
        let added = extra.iter().map(|phrase| Phrase::parse(phrase));
        added.into_iter().any(|phrase| phrase.stands_in(&text)).then_some(Topic::Brand)
    })
}

/// A customer's words, folded, and where each stands: most phrases are ruled out by their first word.
struct Text {
    tokens: Vec<String>,
    places: HashMap<String, Vec<usize>>,
}

impl Text {
    fn read(text: &str) -> Self {
        let tokens: Vec<String> =
            folding::tokens(text).iter().map(|token| bare(token).to_owned()).collect();
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, token) in tokens.iter().enumerate() {
            places.entry(token.clone()).or_default().push(at);
        }
        Self { tokens, places }
    }

    /// How far apart the two phrases of a pair may begin: about one clause.
    fn window(&self, at: usize) -> usize {
        if self.tokens[at].starts_with(folding::is_unspaced) { 16 } else { 7 }
    }
}

/// What marks one topic in one language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    /// Enough by themselves.
    #[serde(default)]
    phrases: Vec<Phrase>,
    /// One phrase of the first list close to one of the second, in either order.
    #[serde(default)]
    pairs: Vec<[Vec<Phrase>; 2]>,
}

impl Rules {
    fn hold(&self, text: &Text) -> bool {
        self.phrases.iter().any(|phrase| phrase.stands_in(text))
            || self.pairs.iter().any(|[things, events]| {
                let events: Vec<usize> = events.iter().flat_map(|p| p.places(text)).collect();
                !events.is_empty()
                    && things
                        .iter()
                        .flat_map(|phrase| phrase.places(text))
                        .any(|at| events.iter().any(|other| at.abs_diff(*other) <= text.window(at)))
            })
    }
}

/// Folded words in a row.
#[derive(Deserialize)]
#[serde(from = "String")]
struct Phrase(Vec<Word>);

enum Word {
    Exactly(String),
    /// Every word that begins so; written `word*`.
    Beginning(String),
    /// The age of a child, 4 to 17; written `{age}`.
    Age,
}

impl From<String> for Phrase {
    fn from(phrase: String) -> Self {
        Self::parse(&phrase)
    }
}

impl Phrase {
    fn parse(phrase: &str) -> Self {
        let mut words = Vec::new();
        for word in phrase.split_whitespace() {
            if word == "{age}" {
                words.push(Word::Age);
                continue;
            }
            words.extend(
                folding::tokens(word).iter().map(|token| Word::Exactly(bare(token).to_owned())),
            );
            if let (true, Some(Word::Exactly(last))) = (word.ends_with('*'), words.last_mut()) {
                let beginning = std::mem::take(last);
                words.pop();
                words.push(Word::Beginning(beginning));
            }
        }
        Self(words)
    }

    fn stands_in(&self, text: &Text) -> bool {
        !self.places(text).is_empty()
    }

    /// Where the phrase begins; nowhere if it has no words.
    fn places(&self, text: &Text) -> Vec<usize> {
        let Some(first) = self.0.first() else { return Vec::new() };
        let candidates: Vec<usize> = match first {
            Word::Exactly(word) => text.places.get(word).cloned().unwrap_or_default(),
            _ => (0..text.tokens.len()).filter(|at| first.matches(&text.tokens[*at])).collect(),
        };
        let stands = |at: &usize| {
            let here = text.tokens.get(*at..at + self.0.len());
            here.is_some_and(|here| {
                here.iter().zip(&self.0).all(|(token, word)| word.matches(token))
            })
        };
        candidates.into_iter().filter(stands).collect()
    }
}

impl Word {
    fn matches(&self, token: &str) -> bool {
        match self {
            Self::Exactly(word) => token == word,
            Self::Beginning(word) => token.starts_with(word.as_str()),
            Self::Age => token.parse().is_ok_and(|age: u32| (4..=17).contains(&age)),
        }
    }
}

/// An Arabic word without the article and the letters written onto it; others as they are.
fn bare(token: &str) -> &str {
    ["وال", "بال", "فال", "كال", "لل", "ال"]
        .iter()
        .find_map(|prefix| token.strip_prefix(prefix))
        .filter(|rest| rest.chars().count() >= 3)
        .unwrap_or(token)
}

/// The rules of every topic in every language, the most dangerous topic first.
static TOPICS: LazyLock<BTreeMap<Topic, Vec<Rules>>> = LazyLock::new(|| {
    let mut topics: BTreeMap<Topic, Vec<Rules>> = BTreeMap::new();
    for source in SOURCES {
        let lists: BTreeMap<Topic, Rules> =
            toml::from_str(source).expect("the lists are read in a test");
        for (topic, rules) in lists {
            topics.entry(topic).or_default().push(rules);
        }
    }
    topics
});

const SOURCES: [&str; 9] = [
    include_str!("en.toml"),
    include_str!("es.toml"),
    include_str!("fr.toml"),
    include_str!("de.toml"),
    include_str!("el.toml"),
    include_str!("ar.toml"),
    include_str!("th.toml"),
    include_str!("zh.toml"),
    include_str!("zh-Hant.toml"),
];
