//! A request for a person inside a longer message: "… the third time now, let me talk to a human".
//!
//! In: the text. Out: whether such a request stands in it. A run of listed phrases counts if it
//! opens with a wish ("let me", "I want"), names a person, and ends where a clause ends or where
//! the reason begins ("because"): "when I talk to a person on the phone" is no request. Must not
//! know: what follows from it.

use super::lexicon::{self, Kind, Lexicon};
use crate::answerer::folding;

/// Longer runs are stories; a token is a character in Thai and Chinese.
const MAX_RUN: usize = 40;

/// What a run may be made of.
const IN_A_RUN: [Kind; 5] = [Kind::Wish, Kind::Human, Kind::Asking, Kind::Polite, Kind::Thanks];

/// Whether a person is asked for anywhere in the text, in any of our languages.
pub(super) fn asks_for_person(text: &str) -> bool {
    let clauses = Clauses::of(text);
    lexicon::starting_with("en").any(|lexicon| {
        (0..clauses.tokens.len()).any(|start| clauses.has_request_at(lexicon, start))
    })
}

/// The last sentence of a text that has several.
pub(super) fn last_sentence(text: &str) -> Option<&str> {
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let (_, last) = text.rsplit_once(ends_sentence)?;
    Some(last)
}

/// A text's tokens and where its clauses begin.
struct Clauses {
    tokens: Vec<String>,
    /// Token numbers, ascending; the number of all tokens is the last.
    starts: Vec<usize>,
}

impl Clauses {
    fn of(text: &str) -> Self {
        let mut clauses = Self { tokens: Vec::new(), starts: vec![0] };
        for clause in text.split(ends_clause) {
            for part in parts(clause) {
                clauses.tokens.extend(folding::tokens(part));
                clauses.starts.push(clauses.tokens.len());
            }
        }
        clauses
    }

    fn has_request_at(&self, lexicon: &Lexicon, start: usize) -> bool {
        if !lexicon.phrases_at(&self.tokens, start).any(|(_, kind)| kind == Kind::Wish)
            || self.is_negated(lexicon, start)
        {
            return false;
        }
        // Where a run can have got to, and whether it has named a person by then.
        let mut reached = vec![(start, false)];
        let mut next = 0;
        while let Some(&(at, named)) = reached.get(next) {
            next += 1;
            if named && self.may_end(lexicon, at) {
                return true;
            }
            for (n_tokens, kind) in lexicon.phrases_at(&self.tokens, at) {
                let step = (at + n_tokens, named || kind == Kind::Human);
                let is_short = step.0 - start <= MAX_RUN;
                if IN_A_RUN.contains(&kind) && is_short && !reached.contains(&step) {
                    reached.push(step);
                }
            }
        }
        false
    }

    fn may_end(&self, lexicon: &Lexicon, at: usize) -> bool {
        self.starts.binary_search(&at).is_ok()
            || lexicon.phrases_at(&self.tokens, at).any(|(_, kind)| kind == Kind::Reason)
    }

    /// Whether "not" stands right before, in the same clause.
    fn is_negated(&self, lexicon: &Lexicon, start: usize) -> bool {
        self.starts.binary_search(&start).is_err()
            && (start.saturating_sub(4)..start).any(|before| {
                lexicon
                    .phrases_at(&self.tokens, before)
                    .any(|(n_tokens, kind)| kind == Kind::Not && before + n_tokens == start)
            })
    }
}

fn ends_sentence(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '。' | '！' | '？' | '؟' | '\n')
}

fn ends_clause(c: char) -> bool {
    ends_sentence(c)
        || matches!(
            c,
            ',' | ';'
                | ':'
                | '，'
                | '、'
                | '；'
                | '：'
                | '،'
                | '؛'
                | '('
                | ')'
                | '（'
                | '）'
                | '–'
                | '—'
                | '…'
        )
}

/// A clause cut at the spaces of a script that has none between words: there they part sentences.
fn parts(clause: &str) -> impl Iterator<Item = &str> {
    let is_unspaced = clause.contains(folding::is_unspaced);
    clause.split(move |c: char| is_unspaced && c.is_whitespace())
}
