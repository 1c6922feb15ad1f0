//! Answers that say the same: of a group the best stands first, and its members are no rivals.
//!
//! In: the best candidates of a search, best first. Out: who is whose twin, and who stands first.
//! Compared are the analysed words of title and answer, as they are stored, so that a change is
//! seen at once; texts stay outside.

use crate::payload::{Part, Payload};

/// How many of the best candidates are compared; a twin further down steals nothing.
const COMPARED: usize = 10;

/// What is looked at in a candidate.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) payload: &'a Payload,
    /// Share of the question's words that it holds.
    pub(crate) coverage: f32,
}

/// For each candidate the place of the first that says the same: its own, where none does.
pub(crate) fn groups(said: &[Said<'_>]) -> Vec<usize> {
    let words: Vec<Vec<u32>> = said.iter().take(COMPARED).map(|it| words(it.payload)).collect();
    let mut groups: Vec<usize> = (0..said.len()).collect();
    for place in 1..words.len() {
        let twin = (0..place).find(|first| {
            let (one, other) = (said[*first].payload, said[place].payload);
            groups[*first] == *first
                && one.product == other.product
                && resemble(&words[*first], &words[place])
        });
        groups[place] = twin.unwrap_or(place);
    }
    groups
}

/// Whether two answers say the same, whatever they are about.
pub(crate) fn say_the_same(one: &Payload, other: &Payload) -> bool {
    resemble(&words(one), &words(other))
}

/// Pairs of places to swap, so that the best of each group stands where its first stood.
///
/// Only an answer that holds no less of the question takes the first one's place: the same words
/// under another question may be about another thing.
pub(crate) fn swaps(said: &[Said<'_>], groups: &[usize]) -> Vec<(usize, usize)> {
    let worth = |place: &usize| {
        let it = said[*place].payload;
        let verdicts = i64::from(it.confirmations) - i64::from(it.refusals);
        (it.sendable, verdicts, it.votes, std::cmp::Reverse(*place))
    };
    let best = |first: usize| {
        let members = (first..said.len()).filter(|place| groups[*place] == first);
        members.filter(|place| said[*place].coverage >= said[first].coverage).max_by_key(worth)
    };
    let heads = (0..said.len()).filter(|place| groups[*place] == *place);
    heads.filter_map(|first| Some((first, best(first)?))).filter(|(a, b)| a != b).collect()
}

/// The different words of title and answer, in order.
fn words(payload: &Payload) -> Vec<u32> {
    let parts = [Part::Title, Part::Answer];
    let mut words: Vec<u32> =
        parts.iter().flat_map(|part| payload.words[*part as usize].iter().copied()).collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// Whether four in five of all words are shared.
fn resemble(one: &[u32], other: &[u32]) -> bool {
    let (shorter, longer) = (one.len().min(other.len()), one.len().max(other.len()));
    if 5 * shorter < 4 * longer {
        return false;
    }
    let shared = one.iter().filter(|word| other.binary_search(word).is_ok()).count();
    5 * shared >= 4 * (one.len() + other.len() - shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::IndexedAnswer;
    use crate::payload::Prepared;

    fn payload(title: &str, answer: &str, votes: i64) -> Payload {
        let (lang, title, answer) = ("en".to_owned(), title.to_owned(), answer.to_owned());
        let sendable = votes >= 0;
        let answer =
            IndexedAnswer { lang, title, answer, votes, sendable, ..IndexedAnswer::default() };
        Prepared::from_answer(&answer).payload
    }

    #[track_caller]
    fn check(answers: &[(&str, &str, i64, f32)], expected: (&[usize], &[(usize, usize)])) {
        let payloads: Vec<Payload> = answers.iter().map(|a| payload(a.0, a.1, a.2)).collect();
        let said =
            |(payload, answer): (_, &(&str, &str, i64, f32))| Said { payload, coverage: answer.3 };
        let said: Vec<Said<'_>> = payloads.iter().zip(answers).map(said).collect();
        let groups = groups(&said);
        assert_eq!((groups.as_slice(), swaps(&said, &groups).as_slice()), expected);
    }

    const TITLE: &str = "Speaker does not turn on";
    const TEXT: &str = "Hold the power button for ten seconds until the light turns green.";

    #[test]
    fn the_best_of_those_that_say_the_same_stands_first() {
        let same = (TITLE, TEXT, 1, 1.0);
        check(
            &[same, ("Battery drains", "Charge it at home.", 9, 1.0), (TITLE, TEXT, 5, 1.0)],
            (&[0, 1, 0], &[(0, 2)]),
        );
        check(&[(TITLE, TEXT, -1, 1.0), same], (&[0, 0], &[(0, 1)]));
        check(&[same, same], (&[0, 0], &[]));
    }

    #[test]
    fn the_same_words_under_a_question_that_fits_less_stay_behind() {
        check(&[(TITLE, TEXT, 1, 1.0), (TITLE, TEXT, 5, 0.9)], (&[0, 0], &[]));
    }

    #[test]
    fn what_says_something_else_is_no_twin() {
        let other = "Hold the volume button for two minutes and then press mute.";
        check(&[(TITLE, TEXT, 1, 1.0), (TITLE, other, 5, 1.0)], (&[0, 1], &[]));
    }
}
