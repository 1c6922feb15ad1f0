//! How an answer is built, whatever its words: how many questions, who is spoken of, how long.

use super::features::{N_SIGNS, part, yes};

/// How many numbers [`shape`] gives.
pub(super) const N_SHAPES: usize = 19;

/// Who speaks, in the languages that the forum of the labels is written in.
const FIRST_PERSON: [&str; 22] = [
    "i", "my", "me", "mine", "myself", "ive", "im", "id", "ill", "we", "our", "us", "ik", "mijn",
    "wij", "ho", "mi", "mio", "mia", "sono", "abbiamo", "yo",
];

/// Who is spoken to.
const SECOND_PERSON: [&str; 16] = [
    "you", "your", "yours", "youre", "youll", "youve", "u", "uw", "je", "jij", "jouw", "ti", "tuo",
    "tua", "tuoi", "puoi",
];

/// Places in the signs that weigh otherwise when the asker wrote them.
const BY_THE_ASKER: [usize; 7] = [11, 14, 15, 17, 18, 19, 21];

/// The numbers, each 0.0..=1.0, in the order of the names after the signs.
///
/// `signs` are the values that were found before, the first of them whether the asker wrote it. The
/// last two places are left to the caller, who knows the words of acts.
pub(super) fn shape(
    prose: &str,
    n_links: usize,
    (n_questions, n_sentences): (usize, usize),
    signs: &[f32; N_SIGNS],
) -> [f32; N_SHAPES] {
    let plain = prose.to_lowercase().replace(['\'', '’'], "");
    let (mut n_words, mut n_first, mut n_first_sentences, mut n_second_sentences) = (0, 0, 0, 0);
    for sentence in plain.split(['.', '!', '?', '\n', '。', '？', '！']) {
        let (mut first, mut second) = (0, 0);
        for word in sentence.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            n_words += 1;
            first += usize::from(FIRST_PERSON.contains(&word));
            second += usize::from(SECOND_PERSON.contains(&word));
        }
        n_first += first;
        n_first_sentences += usize::from(first > 0);
        n_second_sentences += usize::from(second > 0);
    }
    let numbers = [
        part(n_questions, 4),
        share(n_questions, n_sentences),
        share(n_first_sentences, n_sentences),
        share(n_second_sentences, n_sentences),
        share(10 * n_first, n_words),
        yes(prose.contains('!')),
        part(n_sentences, 10),
        yes(n_words < 20),
        yes(n_words < 40),
        yes(n_links > 0),
    ];
    let mut all = [0.0; N_SHAPES];
    all[..numbers.len()].copy_from_slice(&numbers);
    for (value, at) in all[numbers.len()..].iter_mut().zip(BY_THE_ASKER) {
        *value = signs[0] * signs[at];
    }
    all
}

/// How large a part of `whole` is, at most 1.0; nothing of nothing.
fn share(n: usize, whole: usize) -> f32 {
    let n = u16::try_from(n.min(whole)).unwrap_or(u16::MAX);
    f32::from(n) / f32::from(u16::try_from(whole.max(1)).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::{N_SIGNS, shape};

    #[test]
    fn who_speaks_and_what_is_asked_is_counted() {
        let mut signs = [0.0; N_SIGNS];
        (signs[0], signs[14]) = (1.0, 0.5);
        let shape = shape("I did it. Do you see it?", 0, (1, 2), &signs);
        assert_eq!(shape[..5], [0.25, 0.5, 0.5, 0.5, 1.0]);
        assert_eq!(shape[10..13], [0.0, 0.5, 0.0], "acts count apart where the asker wrote them");
    }
}
