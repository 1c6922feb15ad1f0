//! How long X finds a text: 280 units, where most of the world's letters weigh two.
//! <https://docs.x.com/fundamentals/counting-characters>
//!
//! Where X's own reading cannot be known from outside (is `setup.md` an address?), the heavier
//! reading counts, so that nothing of ours is ever too long.

mod domains;

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

pub(super) use domains::{JOINER, defused, is_charged};
use domains::{Link, link};

/// The weight of a post, at most.
pub(super) const LIMIT: usize = 280;

/// What every address weighs, whatever its length: X puts its own short one in its place.
const ADDRESS: usize = 23;
/// How much heavier a word can get by an address in it: the shortest is `a.co`.
const HEAVIER: usize = ADDRESS - 4;

/// The weight of a text.
pub(super) fn weight(text: &str) -> usize {
    let text: String = text.nfc().collect();
    text.split_inclusive(char::is_whitespace).map(of_word).sum()
}

fn of_word(word: &str) -> usize {
    let written = of_graphemes(word);
    match link(word) {
        // Whatever stands around an address in the same word counts as it is written.
        Link::Certain { start, end } => {
            of_graphemes(&word[..start]) + ADDRESS + of_graphemes(&word[end..])
        }
        Link::Possible(n) => written + n * HEAVIER,
        Link::No => written,
    }
}

fn of_graphemes(text: &str) -> usize {
    text.graphemes(true).map(of_grapheme).sum()
}

/// An emoji weighs two however many characters it is made of; anything else is the sum of them.
fn of_grapheme(grapheme: &str) -> usize {
    let sum: usize = grapheme.chars().map(of_char).sum();
    if is_emoji(grapheme) { 2 } else { sum }
}

/// `weightedLengthRanges` of the third version of the rules.
fn of_char(c: char) -> usize {
    match u32::from(c) {
        0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247 => 1,
        _ => 2,
    }
}

/// Whether X takes a whole sequence for one emoji; only what certainly is one.
fn is_emoji(grapheme: &str) -> bool {
    let is_pictogram = |c: char| matches!(u32::from(c), 0x1F300..=0x1FAFF | 0x2600..=0x27BF);
    let is_flag = |c: char| matches!(u32::from(c), 0x1F1E6..=0x1F1FF);
    let joins =
        |c: char| matches!(u32::from(c), 0x200D | 0xFE0F | 0x2640 | 0x2642 | 0xE0020..=0xE007F);
    let mut chars = grapheme.chars();
    let Some(first) = chars.next() else { return false };
    if is_flag(first) {
        return grapheme.chars().count() == 2 && grapheme.chars().all(is_flag);
    }
    is_pictogram(first) && chars.all(|c| joins(c) || is_pictogram(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: usize) {
        assert_eq!(weight(text), expected, "{text:?}");
    }

    #[test]
    fn letters_weigh_one_and_most_of_asia_two() {
        check("", 0);
        check("Hello, world", 12);
        check("Ünïcödé", 7);
        check("Ελληνικά", 8);
        check("ภาษาไทย", 7);
        check("重启路由器", 10);
        check("こんにちは", 10);
        check("안녕", 4);
        check("“quoted” – yes", 14);
        check("e\u{301}", 1);
    }

    #[test]
    fn an_emoji_weighs_two_however_it_is_made() {
        check("😀", 2);
        check("👍🏽", 2);
        check("👨‍👩‍👧‍👦", 2);
        check("🇬🇷", 2);
        check("❤️", 2);
        check("😀😀 ok", 7);
    }

    #[test]
    fn an_address_weighs_twenty_three() {
        check("https://help.example.com/a/very/long/way/down/to/the/answer?x=1#there", 23);
        check("https://x.com", 23);
        check("see https://x.com/a, ok", 4 + 23 + 1 + 3);
        check("(https://x.com/a)", 2 + 23);
        check("x.com", 5 + 19);
    }

    #[test]
    fn what_may_or_may_not_be_an_address_weighs_the_more() {
        check("http://localhost:8080/path/that/is/longer/than/that", 51 + 19);
        check("1.5 GB", 6);
        check("e.g. this", 9);
    }
}
