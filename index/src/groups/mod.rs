//! Questions that mean the same, as groups: by their telling words and, where there is a model,
//! by meaning.
//!
//! In: questions, as words and vectors. Out: which group each belongs to, and words that name it.
//! Pure and deterministic: the same questions give the same groups. Knows neither answers nor who
//! asked.

mod average;
mod words;

use std::collections::{BTreeMap, HashMap};

use average::average_linkage;
pub use words::telling_words;

/// From which average likeness on questions are one group, by words alone.
const ALIKE_BY_WORDS: f32 = 0.2;
/// The same with a sentence model.
const ALIKE_BY_MEANING: f32 = 0.45;
/// How much of the likeness is the words' where there is a model.
const WORDS_SHARE: f32 = 0.3;
/// At most so many words name a group.
const NAMED_BY: usize = 4;

/// A question to be grouped.
#[derive(Clone, Debug, Default)]
pub struct Grouping {
    /// Its telling words by stem, each as it was written ([`telling_words`]).
    pub words: BTreeMap<String, String>,
    /// Its vector of unit length, if a model covers its language.
    pub vector: Option<Vec<f32>>,
}

impl Grouping {
    /// A question by its words alone.
    pub fn by_words(text: &str, lang: &str) -> Self {
        Self { words: telling_words(text, lang), vector: None }
    }
}

/// The groups that questions fall into: for each its group, named by its first member.
///
/// Words count by how rare they are among these questions. Two questions of which both have a
/// vector are compared by meaning too. Takes time in the square of the number of questions: meant
/// for a few thousand.
pub fn group(questions: &[Grouping]) -> Vec<usize> {
    let has_vectors = questions.iter().any(|question| question.vector.is_some());
    let least = if has_vectors { ALIKE_BY_MEANING } else { ALIKE_BY_WORDS };
    average_linkage(questions.len(), &likenesses(questions), least)
}

/// How alike questions are, 0..=1, for pairs that are alike at all.
pub fn likenesses(questions: &[Grouping]) -> Vec<(usize, usize, f32)> {
    let by_words = by_words(questions);
    if questions.iter().all(|question| question.vector.is_none()) {
        let mut pairs: Vec<_> =
            by_words.into_iter().map(|((one, other), likeness)| (one, other, likeness)).collect();
        pairs.sort_by_key(|(one, other, _)| (*one, *other));
        return pairs;
    }
    let mut pairs = Vec::new();
    for (one, question) in questions.iter().enumerate() {
        for (other, against) in questions.iter().enumerate().skip(one + 1) {
            let words = by_words.get(&(one, other)).copied().unwrap_or(0.0);
            let likeness = match (&question.vector, &against.vector) {
                (Some(a), Some(b)) => {
                    WORDS_SHARE * words + (1.0 - WORDS_SHARE) * dot(a, b).clamp(0.0, 1.0)
                }
                // Where the model does not reach, the words' scale is brought onto the other's.
                _ => words * ALIKE_BY_MEANING / ALIKE_BY_WORDS,
            };
            if likeness > 0.0 {
                pairs.push((one, other, likeness.min(1.0)));
            }
        }
    }
    pairs
}

/// The cosine of the questions' words, each as heavy as it is rare.
fn by_words(questions: &[Grouping]) -> HashMap<(usize, usize), f32> {
    let mut holders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, question) in questions.iter().enumerate() {
        for stem in question.words.keys() {
            holders.entry(stem).or_default().push(at);
        }
    }
    let mut lengths = vec![0.0_f32; questions.len()];
    for at_word in holders.values() {
        let weight = rarity(at_word.len(), questions.len());
        for at in at_word {
            lengths[*at] += weight * weight;
        }
    }
    let mut likenesses: HashMap<(usize, usize), f32> = HashMap::new();
    for at_word in holders.values() {
        let weight = rarity(at_word.len(), questions.len());
        for (place, one) in at_word.iter().enumerate() {
            for other in &at_word[place + 1..] {
                let length = (lengths[*one] * lengths[*other]).sqrt().max(f32::MIN_POSITIVE);
                *likenesses.entry((*one, *other)).or_default() += weight * weight / length;
            }
        }
    }
    likenesses
}

/// The words that name a group: those most of its questions share and others do not, most telling
/// first, each as it was first written. `members` are places in `questions`.
pub fn name(members: &[usize], questions: &[Grouping]) -> Vec<String> {
    let mut counts: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for member in members {
        for (stem, written) in &questions[*member].words {
            counts.entry(stem).or_insert((0, written)).0 += 1;
        }
    }
    let n_with = |stem: &str| questions.iter().filter(|q| q.words.contains_key(stem)).count();
    let mut named: Vec<(f32, &str)> = counts
        .into_iter()
        .filter(|(_, (n, _))| n * 3 >= members.len())
        .map(|(stem, (n, written))| (amount(n) * rarity(n_with(stem), questions.len()), written))
        .collect();
    named.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    named.into_iter().take(NAMED_BY).map(|(_, written)| written.to_owned()).collect()
}

fn rarity(n_with: usize, n: usize) -> f32 {
    (1.0 + amount(n) / amount(n_with.max(1))).ln()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand questions")]
fn amount(n: usize) -> f32 {
    n as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(texts: &[&str]) -> Vec<Grouping> {
        texts.iter().map(|text| Grouping::by_words(text, "en")).collect()
    }

    #[test]
    fn the_same_in_other_words_is_one_group_and_named_by_them() {
        let questions = asked(&[
            "How do I pair the Halo with a laptop?",
            "My camera freezes at once",
            "Pairing my Halo and a laptop does not work",
            "the camera freezes again",
            "Where is my parcel?",
        ]);
        assert_eq!(group(&questions), [0, 1, 0, 1, 4]);
        let name = name(&[0, 2], &questions);
        assert_eq!(name[..3], ["Halo", "laptop", "pair"].map(str::to_lowercase));
    }

    #[test]
    fn without_questions_there_are_no_groups_and_without_words_no_likeness() {
        assert_eq!(group(&[]), Vec::<usize>::new());
        assert_eq!(group(&asked(&["?", "?"])), [0, 1]);
    }
}
