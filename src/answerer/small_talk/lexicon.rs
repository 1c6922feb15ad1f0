//! The lists of phrases and how a message is covered by them.
//!
//! In: folded tokens. Out: which kinds of phrases cover them wholly, or where one stands. Must not
//! know: what follows from it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::answerer::folding;

/// What a phrase of the lists is for; the names are those of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Greeting,
    Thanks,
    Human,
    Stop,
    Start,
    Helped,
    DidntHelp,
    Yes,
    No,
    Bye,
    /// "ok": means yes only when nothing else is said.
    Okay,
    /// Says nothing by itself and may stand anywhere ("please").
    Polite,
    /// Stands around a request for a person ("can I talk to").
    Asking,
    /// Stands around a verdict on an answer, or a stop ("it", "for me").
    Pointing,
    /// Opens a follow-up ("and on").
    FollowUpStart,
    /// Marks a follow-up anywhere ("the other one").
    FollowUp,
    /// Closes a follow-up ("呢").
    FollowUpEnd,
    /// Opens a request for a person inside a longer message ("let me").
    Wish,
    /// Follows such a request and begins its reason ("because").
    Reason,
    /// Turns a wish into its opposite ("not").
    Not,
    Angry,
    Worried,
    Happy,
    Urgent,
}

/// The kinds met in one message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds(u32);

impl Kinds {
    /// Whether `kind` was met.
    pub(super) fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }

    fn with(self, kind: Kind) -> Self {
        Self(self.0 | (1 << kind as u32))
    }
}

/// The phrases of one language, by their first token.
pub(super) struct Lexicon {
    tag: &'static str,
    by_first: BTreeMap<String, Vec<Phrase>>,
}

struct Phrase {
    tokens: Vec<String>,
    kind: Kind,
}

/// The lexicons, that of `lang` first; all are tried because short texts are detected badly.
pub(super) fn starting_with(lang: &str) -> impl Iterator<Item = &'static Lexicon> {
    let first = crate::words::spoken(lang);
    let is_first = move |lexicon: &&Lexicon| lexicon.tag == first;
    LEXICONS.iter().filter(is_first).chain(LEXICONS.iter().filter(move |l| !is_first(l)))
}

impl Lexicon {
    /// The kinds of the fewest phrases, none of the kind `without`, that together are the whole
    /// message; `None` if a word is left over.
    pub(super) fn cover(&self, tokens: &[String], without: Kind) -> Option<Kinds> {
        let mut best: Vec<Option<(usize, Kinds)>> = vec![None; tokens.len() + 1];
        best[tokens.len()] = Some((0, Kinds::default()));
        for at in (0..tokens.len()).rev() {
            best[at] = self
                .phrases_at(tokens, at)
                .filter(|(_, kind)| !kind.is_only_a_marker() && *kind != without)
                .filter_map(|(n_tokens, kind)| {
                    let (n_phrases, kinds) = best[at + n_tokens]?;
                    Some((n_phrases + 1, kinds.with(kind)))
                })
                .min_by_key(|(n_phrases, _)| *n_phrases);
        }
        best[0].map(|(_, kinds)| kinds)
    }

    /// Whether a phrase of `kind` stands anywhere in the message.
    pub(super) fn contains(&self, tokens: &[String], kind: Kind) -> bool {
        (0..tokens.len()).any(|at| self.phrases_at(tokens, at).any(|(_, met)| met == kind))
    }

    /// Whether the message ends with a phrase of `kind`.
    pub(super) fn ends_with(&self, tokens: &[String], kind: Kind) -> bool {
        (0..tokens.len()).any(|at| {
            self.phrases_at(tokens, at)
                .any(|(n_tokens, met)| met == kind && at + n_tokens == tokens.len())
        })
    }

    /// Whether the message starts with a phrase of `kind`, after any of the `skipped` kinds.
    pub(super) fn starts_with(&self, tokens: &[String], kind: Kind, skipped: &[Kind]) -> bool {
        let mut at = 0;
        loop {
            if self.phrases_at(tokens, at).any(|(_, met)| met == kind) {
                return true;
            }
            let longest = self
                .phrases_at(tokens, at)
                .filter(|(_, met)| skipped.contains(met))
                .map(|(n_tokens, _)| n_tokens)
                .max();
            match longest {
                Some(n_tokens) => at += n_tokens,
                None => return false,
            }
        }
    }

    /// The phrases that begin with the token `at`: how many tokens each has, and what it is for.
    pub(super) fn phrases_at(
        &self,
        tokens: &[String],
        at: usize,
    ) -> impl Iterator<Item = (usize, Kind)> {
        let rest = tokens.get(at..).unwrap_or_default();
        let candidates = rest.first().and_then(|first| self.by_first.get(first));
        let here = candidates.into_iter().flatten();
        here.filter(move |phrase| rest.starts_with(&phrase.tokens))
            .map(|phrase| (phrase.tokens.len(), phrase.kind))
    }

    fn read(tag: &'static str, source: &str) -> Self {
        let mut by_first: BTreeMap<String, Vec<Phrase>> = BTreeMap::new();
        for source in [source, include_str!("shared.toml")] {
            let lists: BTreeMap<Kind, Vec<String>> =
                toml::from_str(source).expect("the lists are read in a test");
            for (kind, phrases) in lists {
                for phrase in phrases {
                    let tokens = folding::tokens(&phrase);
                    if let Some(first) = tokens.first().cloned() {
                        by_first.entry(first).or_default().push(Phrase { tokens, kind });
                    }
                }
            }
        }
        Self { tag, by_first }
    }
}

impl Kind {
    /// Markers are looked for in a message but never cover a part of it.
    fn is_only_a_marker(self) -> bool {
        self >= Self::FollowUpStart
    }
}

static LEXICONS: LazyLock<Vec<Lexicon>> = LazyLock::new(|| {
    vec![
        Lexicon::read("en", include_str!("en.toml")),
        Lexicon::read("es", include_str!("es.toml")),
        Lexicon::read("fr", include_str!("fr.toml")),
        Lexicon::read("de", include_str!("de.toml")),
        Lexicon::read("el", include_str!("el.toml")),
        Lexicon::read("ar", include_str!("ar.toml")),
        Lexicon::read("th", include_str!("th.toml")),
        Lexicon::read("zh", include_str!("zh.toml")),
        Lexicon::read("zh-Hant", include_str!("zh-Hant.toml")),
    ]
});
