//! The few labels of the public pages (web chat, help page), in nine languages.
//!
//! In: a tag of [`LANGUAGES`](crate::words::LANGUAGES). Out: the labels. What the bot says is in
//! `words`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The labels of one language.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublicWords {
    /// Title of the chat.
    pub(crate) chat: String,
    /// In the empty field.
    pub(crate) write_here: String,
    /// Button.
    pub(crate) send: String,
    /// An answer is being looked for.
    pub(crate) typing: String,
    /// An escalation waits.
    pub(crate) waiting: String,
    /// A person has it.
    pub(crate) human: String,
    /// The customer said stop.
    pub(crate) stopped: String,
    /// No connection.
    pub(crate) offline: String,
    /// Under a message that did not leave.
    pub(crate) not_sent: String,
    /// Where scripts are off.
    pub(crate) needs_script: String,
    /// Begins a new session.
    pub(crate) new_chat: String,
    /// Before the licence's name.
    pub(crate) licence: String,
    /// Link to where the answer stands.
    pub(crate) original: String,
    /// Title of the help page.
    pub(crate) help: String,
    /// In the empty search field.
    pub(crate) search_hint: String,
    /// Button.
    pub(crate) search: String,
    /// Before the languages.
    pub(crate) language: String,
    /// No hits.
    pub(crate) nothing: String,
    /// Link into the chat.
    pub(crate) ask_team: String,
    /// Link to the search.
    pub(crate) back: String,
    /// The page of those who solved the most.
    pub(crate) fans: FansWords,
}

/// The labels of the page of those who solved the most.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FansWords {
    /// Its title, and the link to it.
    pub(crate) title: String,
    /// What it shows.
    pub(crate) about: String,
    /// Before the periods.
    pub(crate) period: String,
    /// Column.
    pub(crate) author: String,
    /// Column.
    pub(crate) solved: String,
    /// Column.
    pub(crate) people: String,
    /// Column.
    pub(crate) languages: String,
    /// Column.
    pub(crate) channels: String,
    /// Nothing was solved.
    pub(crate) nobody: String,
    /// Period.
    pub(crate) all_time: String,
    /// Period.
    pub(crate) year: String,
    /// Period, 90 days.
    pub(crate) quarter: String,
    /// Period, 30 days.
    pub(crate) month: String,
}

static WORDS: LazyLock<BTreeMap<String, PublicWords>> = LazyLock::new(|| {
    toml::from_str(include_str!("public_words.toml")).expect("the labels are read in a test")
});

/// The labels of a language we speak; English for any other.
pub(crate) fn public_words(lang: &str) -> &'static PublicWords {
    WORDS.get(lang).unwrap_or_else(|| &WORDS["en"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::LANGUAGES;

    #[test]
    fn every_language_has_its_labels() {
        let ours: Vec<&str> = LANGUAGES.iter().map(|language| language.tag).collect();
        let found: Vec<&str> = WORDS.keys().map(String::as_str).collect();
        assert_eq!(found.len(), ours.len());
        assert!(ours.iter().all(|tag| found.contains(tag)), "{found:?}");
    }
}
