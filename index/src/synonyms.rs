//! Other words for the same thing, where the base cannot teach them.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::analysis::{KEYS, analyse};

const GROUPS: &str = include_str!("synonyms.txt");

/// Stems that may be said instead of `stem` in the analysis `key`, without itself.
pub(crate) fn synonyms(key: &str, stem: &str) -> &'static [String] {
    static TABLE: OnceLock<HashMap<(&'static str, String), Vec<String>>> = OnceLock::new();
    let table = TABLE.get_or_init(read);
    let key = KEYS.iter().find(|known| **known == key);
    let found = key.and_then(|key| table.get(&(*key, stem.to_owned())));
    found.map_or(&[], Vec::as_slice)
}

fn read() -> HashMap<(&'static str, String), Vec<String>> {
    let mut table: HashMap<(&'static str, String), Vec<String>> = HashMap::new();
    for line in GROUPS.lines().filter(|line| !line.starts_with('#')) {
        let Some((lang, words)) = line.split_once(' ') else { continue };
        let Some(key) = KEYS.iter().find(|key| **key == lang) else { continue };
        let words = words.split(' ').map(|word| analyse(word, key));
        let stems: Vec<String> =
            words.filter(|tokens| tokens.len() == 1).map(|mut t| t.remove(0).stem).collect();
        for stem in &stems {
            let others = stems.iter().filter(|other| *other != stem).cloned();
            table.entry((key, stem.clone())).or_default().extend(others);
        }
    }
    for others in table.values_mut() {
        others.sort();
        others.dedup();
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_read_by_stem() {
        assert!(synonyms("en", "delet").contains(&"remov".to_owned()));
        assert!(synonyms("zh", "删除").contains(&"清除".to_owned()));
        assert!(synonyms("en", "speaker").is_empty());
    }

    #[test]
    fn every_line_names_a_language_and_at_least_a_word() {
        for line in GROUPS.lines().filter(|line| !line.starts_with('#')) {
            let (lang, words) = line.split_once(' ').unwrap();
            assert!(KEYS.contains(&lang) && !words.trim().is_empty(), "{line}");
        }
    }
}
