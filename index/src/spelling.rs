//! What an unknown word may have meant: a slip of the finger, or two words without a space.
//!
//! Only words the base does not hold come here, so a rare but right word is never bent.

use tantivy::Searcher;
use tantivy::schema::Field;

use crate::analysis::{fold, stem_of};
use crate::payload::term;

/// Respellings kept for one word.
const MOST: usize = 3;

/// How much a word resembling the one asked counts.
const ONE_SLIP: f32 = 0.85;
const TWO_SLIPS: f32 = 0.6;
const HALF: f32 = 0.7;

/// Stems of the base nearest to the unknown word `surface`, with their strength.
pub(crate) fn nearest(
    surface: &str,
    key: &'static str,
    searcher: &Searcher,
    body: Field,
) -> tantivy::Result<Vec<(String, f32)>> {
    let word: Vec<char> = fold(surface).chars().collect();
    if word.len() < 4 || word.iter().any(|c| !c.is_alphabetic()) {
        return Ok(Vec::new());
    }
    let stem: Vec<char> = stem_of(surface, key).chars().collect();
    let mut near = Vec::new();
    let prefix = term(key, &word[0].to_string());
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(body)?;
        let mut terms = inverted.terms().range().ge(prefix.as_bytes()).into_stream()?;
        while let Some((known, info)) = terms.next() {
            if !known.starts_with(prefix.as_bytes()) {
                break;
            }
            let Some(text) = std::str::from_utf8(&known[key.len() + 1..]).ok() else { continue };
            if let Some(slips) = slips(&word, &stem, text) {
                near.push((slips, std::cmp::Reverse(info.doc_freq), text.to_owned()));
            }
        }
    }
    near.sort();
    near.dedup_by(|a, b| a.2 == b.2);
    let fewest = near.first().map_or(0, |best| best.0);
    let strength = if fewest < 2 { ONE_SLIP } else { TWO_SLIPS };
    let respelled = near.into_iter().filter(|found| found.0 == fewest).take(MOST);
    let respelled: Vec<(String, f32)> = respelled.map(|found| (found.2, strength)).collect();
    if respelled.is_empty() { split(&word, key, searcher, body) } else { Ok(respelled) }
}

/// Slips between the word asked (or its stem) and a known stem, if they are few enough.
fn slips(word: &[char], stem: &[char], known: &str) -> Option<usize> {
    let known: Vec<char> = known.chars().collect();
    if known.len() < 3 {
        return None;
    }
    let most = if stem.len() >= 8 { 2 } else { 1 };
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

/// Two known words written as one: `resetpassword`, and compounds as German makes them.
fn split(
    word: &[char],
    key: &'static str,
    searcher: &Searcher,
    body: Field,
) -> tantivy::Result<Vec<(String, f32)>> {
    let mut best: Option<(u64, String, String)> = None;
    for at in 3..word.len().saturating_sub(2) {
        let halves = [&word[..at], &word[at..]].map(|half| {
            let half: String = half.iter().collect();
            stem_of(&half, key)
        });
        let mut rarest = u64::MAX;
        for half in &halves {
            let known = tantivy::Term::from_field_text(body, &term(key, half));
            rarest = rarest.min(searcher.doc_freq(&known)?);
        }
        if rarest > best.as_ref().map_or(0, |best| best.0) {
            let [left, right] = halves;
            best = Some((rarest, left, right));
        }
    }
    Ok(best.map_or_else(Vec::new, |(_, left, right)| vec![(left, HALF), (right, HALF)]))
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
}
