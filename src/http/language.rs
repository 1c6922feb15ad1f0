//! The language of a browser's own words.

use axum::http::{HeaderMap, header};

use crate::words::supported;

/// The language to show labels in: the one asked for, else the browser's best, else English.
pub(crate) fn preferred_language(asked: &str, headers: &HeaderMap) -> &'static str {
    supported(asked).or_else(|| accepted(headers).find_map(supported)).unwrap_or("en")
}

/// The browser's first language as it names it, if it says so.
pub(crate) fn first_language(headers: &HeaderMap) -> Option<&str> {
    accepted(headers).next()
}

/// Tags of `Accept-Language` in the order written, which browsers keep by preference.
fn accepted(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let value = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let tags = value.unwrap_or_default().split(',');
    tags.map(|tag| tag.split(';').next().unwrap_or_default().trim())
        .filter(|tag| !tag.is_empty() && *tag != "*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(asked: &str, accepted: &str, expected: &str) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, accepted.parse().unwrap());
        assert_eq!(preferred_language(asked, &headers), expected);
    }

    #[test]
    fn the_best_language_we_speak_is_used() {
        check("", "pt-BR,de-AT;q=0.8,en;q=0.5", "de");
        check("el", "de", "el");
        check("xx", "zh-TW", "zh-Hant");
        check("", "*", "en");
    }
}
