//! What a short customer text means, when it is not a question: greetings, thanks, "human please".
//!
//! In: the text and its supposed language. Out: an [`Intent`], whether it is a follow-up, and its
//! [`Mood`]. The phrases are one file per language beside this module. A message counts as small
//! talk only if the listed phrases cover every word of it, so that a real question is never
//! mistaken; only a request for a person is found inside a longer one. Must not know: conversations, the index, the store.

mod lexicon;
mod mood;
#[cfg(test)]
mod tests;
mod wish;

pub use mood::{Feeling, Mood, urgency};

use lexicon::{Kind, Kinds};

use super::folding;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Anything that has to be looked up.
    Question,
    /// A bare greeting.
    Greeting,
    /// Bare thanks.
    Thanks,
    /// Wants a person.
    Human,
    /// Wants no more automatic replies.
    Stop,
    /// Wants them again.
    Start,
    /// Says that the answer helped.
    Helped,
    /// Says that it did not.
    DidntHelp,
    /// A bare yes.
    Yes,
    /// A bare no.
    No,
    /// A bare goodbye.
    Bye,
    /// Nothing that can be read: emoji or punctuation only.
    Empty,
}

/// Longer messages are stories with a question in them, whatever they are made of.
const MAX_TOKENS: usize = 60;

/// Understands a message; [`Intent::Question`] unless every word of it is small talk, or it asks
/// for a person.
///
/// `lang` is the supposed language; the others are tried after it. A thumbs-up alone is thanks.
pub fn understand(text: &str, lang: &str) -> Intent {
    let tokens = folding::tokens(text);
    if tokens.is_empty() {
        return if text.contains(['👍', '🙏', '❤', '👌']) {
            Intent::Thanks
        } else {
            Intent::Empty
        };
    }
    match short(text, &tokens, lang) {
        Intent::Question if asks_for_person(text, lang) => Intent::Human,
        intent => intent,
    }
}

/// Whether a longer message asks for a person, in passing or in a last sentence of its own.
fn asks_for_person(text: &str, lang: &str) -> bool {
    wish::asks_for_person(text)
        || wish::last_sentence(text)
            .is_some_and(|last| short(last, &folding::tokens(last), lang) == Intent::Human)
}

/// The meaning of a message that consists of listed phrases alone.
fn short(text: &str, tokens: &[String], lang: &str) -> Intent {
    if tokens.is_empty() || tokens.len() > MAX_TOKENS {
        return Intent::Question;
    }
    let asks = text.contains(['?', '？', '؟', ';']);
    lexicon::starting_with(lang)
        .flat_map(|lexicon| [Kind::Asking, Kind::Pointing].map(|kind| lexicon.cover(tokens, kind)))
        .flatten()
        .map(|kinds| intent(kinds, asks))
        .find(|intent| *intent != Intent::Question)
        .unwrap_or(Intent::Question)
}

/// Whether a message only makes sense together with the question before it.
///
/// True for a short message that rejects the answer or points back ("and on android?").
pub fn is_follow_up(text: &str, lang: &str) -> bool {
    let tokens = folding::tokens(text);
    let n_wide: usize = tokens.iter().map(|token| width(token)).sum();
    if tokens.is_empty() || n_wide > MAX_FOLLOW_UP_WIDTH {
        return false;
    }
    if understand(text, lang) == Intent::DidntHelp {
        return true;
    }
    let skipped =
        [Kind::Greeting, Kind::Thanks, Kind::Yes, Kind::No, Kind::Okay, Kind::Polite, Kind::Helped];
    lexicon::starting_with(lang).any(|lexicon| {
        lexicon.starts_with(&tokens, Kind::FollowUpStart, &skipped)
            || lexicon.contains(&tokens, Kind::FollowUp)
            || (n_wide <= MAX_FOLLOW_UP_WIDTH / 2 && lexicon.ends_with(&tokens, Kind::FollowUpEnd))
    })
}

/// Follow-ups are short: ten words, or thirty characters where words are not spaced.
const MAX_FOLLOW_UP_WIDTH: usize = 30;

/// How much of the allowed length a token takes: a word counts as three characters.
fn width(token: &str) -> usize {
    if token.starts_with(folding::is_unspaced) { 1 } else { 3 }
}

/// The one meaning of a message made of these kinds of phrases, the weightiest first.
///
/// `asks`: with a question mark a verdict is a question ("it works?"), a call is not ("human?").
fn intent(kinds: Kinds, asks: bool) -> Intent {
    const BY_WEIGHT: [(Kind, Intent); 11] = [
        (Kind::Human, Intent::Human),
        (Kind::Stop, Intent::Stop),
        (Kind::DidntHelp, Intent::DidntHelp),
        (Kind::Helped, Intent::Helped),
        (Kind::Start, Intent::Start),
        (Kind::No, Intent::No),
        (Kind::Yes, Intent::Yes),
        (Kind::Thanks, Intent::Thanks),
        (Kind::Bye, Intent::Bye),
        (Kind::Greeting, Intent::Greeting),
        (Kind::Okay, Intent::Yes),
    ];
    let Some((kind, intent)) = BY_WEIGHT.iter().find(|(kind, _)| kinds.has(*kind)) else {
        return Intent::Question;
    };
    let (asking, pointing) = (kinds.has(Kind::Asking), kinds.has(Kind::Pointing));
    let fits = match kind {
        Kind::Human => true,
        Kind::Stop | Kind::DidntHelp | Kind::Helped => !asking && !asks,
        Kind::Greeting | Kind::Thanks | Kind::Bye => !asking && !pointing,
        _ => !asking && !pointing && !asks,
    };
    if fits { *intent } else { Intent::Question }
}
