//! What an unknown word may have meant: a slip of the finger, or two words without a space.
//!
//! Only words the base does not hold come here, so a rare but right word is never bent. Every word
//! that one slip turns into the one written is looked up, which takes as long in a large base as in
//! a small one; only where the base knows none of them are its own words compared with a long one.

use std::collections::BTreeMap;

use tantivy::schema::Field;
use tantivy::{Searcher, Term};

use crate::analysis::{StemmerFor, fold};
use crate::payload::term;

/// Letters of the shortest word that is looked up.
const SHORTEST: usize = 4;

/// Letters of a stem from which on two slips are forgiven.
const LONG: usize = 8;

/// Respellings kept for one word.
const MOST: usize = 3;

/// How much a word resembling the one asked counts, and one of two that were written as one.
const RESEMBLING: f32 = 0.6;
const HALF: f32 = 0.7;

/// A stem of the base that an unknown word may stand for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Respelling {
    pub(crate) stem: String,
    /// How much it counts, below 1.
    pub(crate) strength: f32,
    /// The whole word, where one slip explains the one written.
    pub(crate) word: Option<String>,
}

/// Where words are looked up: one analysis of the base.
pub(crate) struct Speller<'a> {
    pub(crate) key: &'static str,
    pub(crate) searcher: &'a Searcher,
    pub(crate) body: Field,
}

impl Speller<'_> {
    /// What the unknown word `surface` may stand for.
    pub(crate) fn nearest(&self, surface: &str) -> tantivy::Result<Vec<Respelling>> {
        let word: Vec<char> = surface.chars().collect();
        if word.len() < SHORTEST || word.iter().any(|c| !c.is_alphabetic()) {
            return Ok(Vec::new());
        }
        let stemmer = StemmerFor::new(self.key);
        let near = self.one_slip(&word, &stemmer)?;
        if !near.is_empty() {
            return Ok(near);
        }
        let word: Vec<char> = fold(surface).chars().collect();
        let far = self.resembling(&word, &stemmer.stem(surface))?;
        if far.is_empty() { self.split(&word, &stemmer) } else { Ok(far) }
    }

    /// Answers that hold `stem`.
    fn frequency(&self, stem: &str) -> tantivy::Result<u64> {
        self.searcher.doc_freq(&Term::from_field_text(self.body, &term(self.key, stem)))
    }

    /// The most frequent stems of all words that one slip would have turned into `word`.
    ///
    /// The slip is undone before the word is stemmed: one in an ending hides it from the stemmer.
    fn one_slip(&self, word: &[char], stemmer: &StemmerFor) -> tantivy::Result<Vec<Respelling>> {
        let mut stems: BTreeMap<String, (u64, String)> = BTreeMap::new();
        let mut failed = None;
        slips_undone(word, &mut |meant| {
            let stem = stemmer.stem(meant);
            if stem.chars().count() < 2 || stems.contains_key(&stem) {
                return;
            }
            match self.frequency(&stem) {
                Ok(frequency) => drop(stems.insert(stem, (frequency, meant.to_owned()))),
                Err(error) => failed = Some(error),
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        stems.retain(|_, (frequency, _)| *frequency > 0);
        let mut known: Vec<(String, (u64, String))> = stems.into_iter().collect();
        known.sort_by_key(|(_, (frequency, _))| std::cmp::Reverse(*frequency));
        known.truncate(MOST);
        let respelling = |(stem, (_, word)): (String, (u64, String))| Respelling {
            stem,
            strength: RESEMBLING,
            word: Some(word),
        };
        Ok(known.into_iter().map(respelling).collect())
    }

    /// The stems nearest to a long word with two slips, or to a word with an ending.
    fn resembling(&self, word: &[char], stem: &str) -> tantivy::Result<Vec<Respelling>> {
        let stem: Vec<char> = stem.chars().collect();
        let mut near = Vec::new();
        let prefix = term(self.key, &word[0].to_string());
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.body)?;
            let mut terms = inverted.terms().range().ge(prefix.as_bytes()).into_stream()?;
            while let Some((known, info)) = terms.next() {
                if !known.starts_with(prefix.as_bytes()) {
                    break;
                }
                let known = std::str::from_utf8(&known[self.key.len() + 1..]);
                let Some(text) = known.ok() else { continue };
                if let Some(slips) = slips(word, &stem, text) {
                    near.push((slips, std::cmp::Reverse(info.doc_freq), text.to_owned()));
                }
            }
        }
        near.sort();
        near.dedup_by(|a, b| a.2 == b.2);
        let fewest = near.first().map_or(0, |best| best.0);
        let near = near.into_iter().filter(|found| found.0 == fewest).take(MOST);
        let respelling = |stem| Respelling { stem, strength: RESEMBLING, word: None };
        Ok(near.map(|(.., stem)| respelling(stem)).collect())
    }

    /// Two known words written as one: `resetpassword`, and compounds as German makes them.
    fn split(&self, word: &[char], stemmer: &StemmerFor) -> tantivy::Result<Vec<Respelling>> {
        let mut best: Option<(u64, [String; 2])> = None;
        for at in 3..word.len().saturating_sub(2) {
            let halves = [&word[..at], &word[at..]]
                .map(|half| stemmer.stem(&half.iter().collect::<String>()));
            let mut rarest = u64::MAX;
            for half in &halves {
                rarest = rarest.min(self.frequency(half)?);
            }
            if rarest > best.as_ref().map_or(0, |best| best.0) {
                best = Some((rarest, halves));
            }
        }
        let halves = best.into_iter().flat_map(|(_, halves)| halves);
        let respelling = |stem| Respelling { stem, strength: HALF, word: None };
        Ok(halves.map(respelling).collect())
    }
}

/// Calls `emit` with every word that one slip turns into `word`: a letter left out, put in, or
/// changed, or two neighbours swapped.
fn slips_undone(word: &[char], emit: &mut impl FnMut(&str)) {
    let alphabet = alphabet(word);
    let mut meant = String::with_capacity(4 * (word.len() + 1));
    let mut say = |parts: [&[char]; 3]| {
        meant.clear();
        meant.extend(parts.into_iter().flatten());
        emit(&meant);
    };
    for at in 0..=word.len() {
        let (before, after) = word.split_at(at);
        if let [skipped, rest @ ..] = after {
            say([before, &[], rest]);
            for letter in alphabet.iter().filter(|letter| *letter != skipped) {
                say([before, &[*letter], rest]);
            }
        }
        if let [first, second, rest @ ..] = after {
            say([before, &[*second, *first], rest]);
        }
        for letter in &alphabet {
            say([before, &[*letter], after]);
        }
    }
}

/// The letters that a slip in `word` may have hit: those of its script.
fn alphabet(word: &[char]) -> Vec<char> {
    let ranges: &[_] = match word[0] {
        'Ͱ'..='Ͽ' => &['α'..='ω'],
        'Ѐ'..='ӿ' => &['а'..='я'],
        '\u{0600}'..='\u{06ff}' => &['ء'..='غ', 'ف'..='ي'],
        '\u{00}'..='\u{024f}' => &['a'..='z'],
        _ => &[],
    };
    let letters = ranges.iter().flat_map(Clone::clone);
    let own = word.iter().copied().filter(|letter| !ranges.iter().any(|r| r.contains(letter)));
    letters.chain(own).collect()
}

/// Slips between the word asked (or its stem) and a known stem, if they are few enough.
fn slips(word: &[char], stem: &[char], known: &str) -> Option<usize> {
    let known: Vec<char> = known.chars().collect();
    if known.len() < 3 {
        return None;
    }
    let most = if stem.len() >= LONG { 2 } else { 1 };
    let by_stem = distance(stem, &known, most);
    // A slip in the ending hides it from the stemmer: compare with the word's beginning too.
    let ending = word.len().saturating_sub(known.len());
    let by_start = ((1..=3).contains(&ending) && known.len() >= 4)
        .then(|| distance(&word[..known.len()], &known, 0))
        .flatten()
        .map(|_| 1);
    by_stem.or(by_start)
}

/// Edits between `a` and `b` (a swap of neighbours is one), if at most `most`.
fn distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + changed);
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if swapped {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        if row.iter().all(|edits| *edits > most) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(asked: &str, known: &str, expected: Option<usize>) {
        let word: Vec<char> = asked.chars().collect();
        assert_eq!(slips(&word, &word, known), expected);
    }

    #[test]
    fn counts_slips() {
        check("conect", "connect", Some(1));
        check("conenct", "connect", Some(1));
        check("connectign", "connect", Some(1));
        check("headphnoe", "headphone", Some(1));
        check("camera", "connect", None);
    }

    #[test]
    fn undoes_every_kind_of_slip() {
        let undone = |written: &str, meant: &str| {
            let word: Vec<char> = written.chars().collect();
            let mut is_met = false;
            slips_undone(&word, &mut |word| is_met |= word == meant);
            is_met
        };
        for written in
            ["attery", "vattery", "abttery", "battery2", "xbattery", "batterry", "batery"]
        {
            assert!(undone(written, "battery"), "{written}");
        }
        assert!(undone("σύνδση", "σύνδεση") && undone("بطاريه", "بطارية"));
        assert!(!undone("atery", "battery"));
    }
}
