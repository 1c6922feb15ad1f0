//! How a message sounds, for the moderator's card. Few rules, each one readable.
//!
//! In: the text. Out: [`Mood`]. Must not know: who decides what from it.

use serde::Serialize;

use super::lexicon::{self, Kind};
use crate::answerer::folding;

/// How a message sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mood {
    /// The feeling that stands out.
    pub mood: Feeling,
    /// Whether the customer says that it cannot wait.
    pub urgent: bool,
}

/// The feelings that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Feeling {
    /// Strong words, capital letters throughout, or three exclamation marks without kind words.
    Angry,
    /// Words of worry.
    Worried,
    /// None of the others.
    Neutral,
    /// Words of joy or praise.
    Happy,
}

/// Reads feeling and urgency from words, capital letters and exclamation marks, in any of our
/// languages.
pub fn urgency(text: &str) -> Mood {
    let tokens = folding::tokens(text);
    let says = |kind| lexicon::starting_with("en").any(|lexicon| lexicon.contains(&tokens, kind));
    let n_exclamations = text.matches(['!', '！']).count();
    let happy = says(Kind::Happy);
    let mood = if says(Kind::Angry) || is_shouted(text) || (n_exclamations >= 3 && !happy) {
        Feeling::Angry
    } else if says(Kind::Worried) {
        Feeling::Worried
    } else if happy {
        Feeling::Happy
    } else {
        Feeling::Neutral
    };
    Mood { mood, urgent: says(Kind::Urgent) }
}

/// Whether nearly every letter is a capital, in a text long enough not to be a product's name.
fn is_shouted(text: &str) -> bool {
    let n_upper = text.chars().filter(|c| c.is_uppercase()).count();
    let n_lower = text.chars().filter(|c| c.is_lowercase()).count();
    n_upper >= 12 && n_lower * 5 <= n_upper
}
