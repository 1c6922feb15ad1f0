//! How like two answers are, and how like two unrelated ones usually are.
//!
//! An estimate, nothing more: texts that share their rare words usually tell the same. Where
//! "usually" begins is learned from the base itself, from pairs that have nothing in common but
//! the base. Memory is fixed, whatever the base holds.

use std::collections::BTreeMap;

use superfan_index::analysis::{analyse, analysis_key};

/// Counters of words; words that share one are counted together.
const SLOTS: usize = 1 << 18;
/// Steps in which likeness is counted.
const STEPS: usize = 1000;
/// The share of unrelated pairs that is less alike than what counts as the same.
const UNRELATED: f64 = 0.99;
/// Fewer unrelated pairs than this teach nothing.
const ENOUGH: u64 = 100;
/// What counts as the same where nothing was learned, and the least that ever does.
const UNLEARNED: f64 = 0.3;
const LEAST: f64 = 0.15;

/// The distinct words of a text, as counters, ascending.
pub(super) type Terms = Vec<usize>;

/// What was learned of the answers so far.
pub(super) struct Likeness {
    frequency: Vec<u32>,
    n_texts: u32,
    latest: BTreeMap<&'static str, Terms>,
    unrelated: Vec<u64>,
}

impl Default for Likeness {
    fn default() -> Self {
        Self {
            frequency: vec![0; SLOTS],
            n_texts: 0,
            latest: BTreeMap::new(),
            unrelated: vec![0; STEPS + 1],
        }
    }
}

impl Likeness {
    /// Learns from an answer: its words, and how little it is like the one before it.
    pub(super) fn learn(&mut self, text: &str, lang: &str) {
        let words = terms(text, lang);
        for slot in &words {
            self.frequency[*slot] += 1;
        }
        self.n_texts += 1;
        if let Some(before) = self.latest.get(analysis_key(lang)) {
            let likeness = self.between(before, &words);
            self.unrelated[step(likeness)] += 1;
        }
        self.latest.insert(analysis_key(lang), words);
    }

    /// How like two texts are: the cosine between their words, rare ones weighing more.
    ///
    /// 0.0 nothing shared ..= 1.0 the same words.
    pub(super) fn between(&self, one: &Terms, other: &Terms) -> f64 {
        let mass = |terms: &Terms| terms.iter().map(|slot| self.weight(*slot)).sum::<f64>();
        let shared = one.iter().filter(|slot| other.binary_search(slot).is_ok());
        let shared: f64 = shared.map(|slot| self.weight(*slot)).sum();
        let most = (mass(one) * mass(other)).sqrt();
        if most > 0.0 { (shared / most).min(1.0) } else { 0.0 }
    }

    /// From which likeness on two texts count as saying the same: hardly any unrelated pair of
    /// this base is so alike.
    pub(super) fn alike_at(&self) -> f64 {
        let n: u64 = self.unrelated.iter().sum();
        if n < ENOUGH {
            return UNLEARNED;
        }
        let mut below = 0;
        let at = self.unrelated.iter().position(|count| {
            below += count;
            share(below, n) >= UNRELATED
        });
        let at = at.map_or(1.0, |at| share(at as u64 + 1, STEPS as u64));
        at.clamp(LEAST, 1.0)
    }

    /// The square of a word's inverse document frequency.
    fn weight(&self, slot: usize) -> f64 {
        let idf = (f64::from(self.n_texts + 1) / (f64::from(self.frequency[slot]) + 0.5)).ln();
        idf.max(0.0).powi(2)
    }
}

/// The distinct words of a text.
pub(super) fn terms(text: &str, lang: &str) -> Terms {
    let mut terms: Terms = analyse(text, lang).iter().map(|token| slot(&token.stem)).collect();
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// The counter of a word (FNV-1a).
fn slot(word: &str) -> usize {
    let hash = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    usize::try_from((hash >> 32) % SLOTS as u64).unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "between 0 and STEPS"
)]
fn step(likeness: f64) -> usize {
    ((likeness * STEPS as f64) as usize).min(STEPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_advice_in_other_words_is_liker_than_other_advice() {
        let mut likeness = Likeness::default();
        let texts = [
            "Hold the power button for ten seconds until the light blinks, then pair again.",
            "Charge it with the cable from the box; a fast charger heats the battery.",
            "Update the firmware in the app, under Settings.",
            "Send it in: the warranty covers a torn cushion.",
        ];
        for text in texts {
            likeness.learn(text, "en");
        }
        let between = |one, other| likeness.between(&terms(one, "en"), &terms(other, "en"));
        let again = "Press and hold power ten seconds till the light is blinking and pair it anew.";
        assert!(between(texts[0], again) > 0.3, "{}", between(texts[0], again));
        assert!(between(texts[1], again) < 0.1, "{}", between(texts[1], again));
        assert!((between(texts[0], texts[0]) - 1.0).abs() < 1e-9);
        assert!(between("", again).abs() < 1e-9);
    }

    #[test]
    fn what_counts_as_the_same_is_learned_from_what_is_not() {
        let mut likeness = Likeness::default();
        assert!((likeness.alike_at() - UNLEARNED).abs() < 1e-9);
        for n in 0..400 {
            likeness.learn(&format!("Usual words of house {n} and its {} corner", n % 7), "en");
        }
        let learned = likeness.alike_at();
        assert!((LEAST..1.0).contains(&learned), "{learned}");
    }
}
