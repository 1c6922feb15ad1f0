//! The words of an answer, singly and in pairs, as the table of weights names them.
//!
//! A pair ends where a clause ends. `^` stands before the first word, `|` before the first word of
//! each later clause, and `?` after the last word of a question; `{link}` stands for an address.
//! Numbers are left out.

use std::collections::BTreeSet;

use super::features::own_words;

/// The words and pairs of `answer`, each once. Quoted lines are other people's words.
pub(super) fn words(answer: &str) -> BTreeSet<String> {
    let text = with_marked_links(&own_words(answer)).to_lowercase();
    let mut found = BTreeSet::new();
    let mut before = "^".to_owned();
    let mut word = String::new();
    for c in text.chars().chain(['\n']).filter(|c| !matches!(c, '\'' | '’')) {
        if c.is_alphanumeric() || matches!(c, '_' | '{' | '}') {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            let word = std::mem::take(&mut word);
            if word.chars().all(char::is_numeric) {
                "0".clone_into(&mut before);
            } else {
                if before != "0" {
                    found.insert(format!("{before} {word}"));
                }
                found.insert(word.clone());
                before = word;
            }
        }
        if c == '?' && !matches!(before.as_str(), "^" | "|" | "0") {
            found.insert(format!("{before} ?"));
        }
        if !(c.is_whitespace() && c != '\n') {
            "|".clone_into(&mut before);
        }
    }
    found
}

fn with_marked_links(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("http") {
        marked.push_str(&rest[..at]);
        let link = &rest[at..];
        let is_link = link.starts_with("http://") || link.starts_with("https://");
        let end = link.find(|c: char| c.is_whitespace() || matches!(c, ')' | '>' | '"'));
        let length = if is_link { end.unwrap_or(link.len()) } else { "http".len() };
        marked.push_str(if is_link { " {link} " } else { "http" });
        rest = &link[length..];
    }
    marked.push_str(rest);
    marked
}

#[cfg(test)]
mod tests {
    use super::words;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<String> = words(text).into_iter().collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn words_and_pairs_within_a_clause_are_found_once() {
        let expected = ["^ click", "click", "click it", "dont", "dont click", "it", "| dont"];
        check("Click it, don't click", &expected);
        check("Is it?", &["^ is", "is", "is it", "it", "it ?"]);
        check("> quoted\nsee https://a.example/b?c", &["^ see", "see", "see {link}", "{link}"]);
        check("port 993 now", &["^ port", "now", "port"]);
    }
}
