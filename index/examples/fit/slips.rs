//! One slip of the finger in one word of a question, the same one for the same seed.

/// Letters of a word from which on a slip is looked for in it first.
const WORD: usize = 4;

/// `text` with one character of one of its words changed, left out, put in, or swapped with its
/// neighbour; the text itself if it has no two letters in a row.
///
/// A word is what stands between spaces, so Thai and Chinese get their slip anywhere. A letter that
/// comes in is a Latin one in a Latin word and one of the question's own elsewhere.
pub(crate) fn slipped(text: &str, seed: u64) -> String {
    let mut dice = Dice(seed);
    let letters: Vec<char> = text.chars().collect();
    let words = |least: usize| -> Vec<(usize, usize)> {
        let runs = runs(&letters);
        runs.into_iter().filter(|(start, end)| end - start >= least).collect()
    };
    let words = [words(WORD), words(2)].into_iter().find(|words| !words.is_empty());
    let Some(words) = words else { return text.to_owned() };
    let (start, end) = words[dice.below(words.len())];
    let own: Vec<char> = letters.iter().copied().filter(|c| c.is_alphabetic()).collect();
    loop {
        let mut slipped = letters.clone();
        let at = start + dice.below(end - start);
        let other = match letters[start] {
            c if c.is_ascii() => char::from(b'a' + u8::try_from(dice.below(26)).unwrap_or(0)),
            _ => own[dice.below(own.len())],
        };
        match dice.below(4) {
            0 => slipped[at] = other,
            1 => drop(slipped.remove(at)),
            2 => slipped.insert(at, other),
            _ if at + 1 < end => slipped.swap(at, at + 1),
            _ => {}
        }
        // Most alphabets have more than one letter, so a draw soon changes something.
        if slipped != letters || own.iter().all(|c| *c == own[0]) {
            return slipped.into_iter().collect();
        }
    }
}

/// Where letters stand in a row.
fn runs(letters: &[char]) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = None;
    for (at, c) in letters.iter().chain([&' ']).enumerate() {
        match start {
            None if c.is_alphabetic() => start = Some(at),
            Some(begun) if !c.is_alphabetic() => {
                runs.push((begun, at));
                start = None;
            }
            _ => {}
        }
    }
    runs
}

/// Numbers that look random, by the generator `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % n as u64).unwrap_or(0)
    }
}
