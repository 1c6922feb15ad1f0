//! Words that frame a question: `how can I`, `wie kann ich`, `请问`.

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::analysis::{analyse, analysis_key};
use crate::payload::{hash, term};
use crate::vocabulary::Identity;

const LISTS: &str = include_str!("frame.txt");

/// How much a word that only frames the question counts.
pub(crate) const FRAME: f32 = 0.5;

/// 1 for a word that tells something, less for one that only frames questions; by the hash of
/// its term.
pub(crate) fn framing(hash: u32) -> f32 {
    if frames().contains(&hash) { FRAME } else { 1.0 }
}

/// The hashes of all words that frame questions.
pub(crate) fn frames() -> &'static HashSet<u32, Identity> {
    static TABLE: OnceLock<HashSet<u32, Identity>> = OnceLock::new();
    TABLE.get_or_init(read)
}

fn read() -> HashSet<u32, Identity> {
    let mut hashes = HashSet::default();
    for line in LISTS.lines().filter(|line| !line.starts_with('#')) {
        let Some((lang, words)) = line.split_once(' ') else { continue };
        let key = analysis_key(lang);
        for word in words.split(' ') {
            if let [token] = analyse(word, key).as_slice() {
                hashes.insert(hash(term(key, &token.stem).as_bytes()));
            }
        }
    }
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_frames_by_stem() {
        let frames = |term: &str| framing(hash(term.as_bytes())) < 1.0;
        assert!(frames("en:how") && frames("de:wie") && frames("zh:什么"));
        assert!(!frames("en:camera") && !frames("ja:how"));
    }
}
