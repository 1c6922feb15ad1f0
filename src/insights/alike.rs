//! Whether two questions ask the same: by their telling words.

use std::collections::BTreeSet;

use superfan_index::groups::telling_words;

/// How much of the shorter question's words the longer one must share.
const SHARED: f64 = 0.6;

/// Whether two questions of one language ask the same, by their stems. Two that share a single
/// word do not, unless it is all that either says.
pub(super) fn alike(one: &str, other: &str, lang: &str) -> bool {
    let (one, other) = (stems(one, lang), stems(other, lang));
    let n_shared = one.intersection(&other).count();
    let (shorter, longer) = (one.len().min(other.len()), one.len().max(other.len()));
    if n_shared < 2 {
        return n_shared == 1 && longer == 1;
    }
    ratio(n_shared, shorter) >= SHARED && ratio(n_shared, longer) >= SHARED / 2.0
}

fn stems(text: &str, lang: &str) -> BTreeSet<String> {
    telling_words(text, lang).into_keys().collect()
}

#[expect(clippy::cast_precision_loss, reason = "words of a question")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_in_other_words_is_the_same_question() {
        let asked = "How do I reset my password?";
        assert!(alike(asked, "how do i reset the password", "en"));
        assert!(alike(asked, "reset my password, how do I do it please", "en"));
        assert!(!alike(asked, "How do I pair my headphones?", "en"));
        assert!(!alike(asked, "", "en"));
        assert!(alike("电池充不进电了怎么办", "电池充不进电怎么办", "zh"));
    }
}
