//! Cutting a long text into parts that fit: at a paragraph, a line, a sentence, a word, in that
//! order of liking, and never inside a letter with its accents or an emoji sequence.

use unicode_segmentation::UnicodeSegmentation;

use super::Styled;

/// Splits `text` into parts for which `fits` holds, in order; one empty part for a blank text.
///
/// `fits` must hold for every prefix of a text that fits. Only white space at the cuts is dropped.
pub(crate) fn split(text: &Styled, fits: impl Fn(&Styled) -> bool) -> Vec<Styled> {
    let mut parts = Vec::new();
    let mut rest = text.trimmed();
    while !fits(&rest) {
        let plain = rest.plain();
        let longest = longest_fitting(&rest, &plain, &fits);
        let (head, tail) = rest.split_at(liked_break(&plain, longest));
        let head = head.trimmed();
        if !head.runs().is_empty() {
            parts.push(head);
        }
        rest = tail.trimmed();
    }
    if !rest.runs().is_empty() || parts.is_empty() {
        parts.push(rest);
    }
    parts
}

/// The largest offset whose prefix fits: between graphemes, or between characters where a single
/// grapheme is too long by itself; at least one character, so that every cut moves on.
fn longest_fitting(rest: &Styled, plain: &str, fits: &impl Fn(&Styled) -> bool) -> usize {
    let prefix_fits = |offset: &usize| fits(&rest.split_at(*offset).0);
    let last_fitting = |offsets: Vec<usize>| {
        let n_fitting = offsets.partition_point(prefix_fits);
        n_fitting.checked_sub(1).map(|last| offsets[last])
    };
    let graphemes = plain.grapheme_indices(true).skip(1).map(|(at, _)| at).collect();
    last_fitting(graphemes)
        .or_else(|| last_fitting(plain.char_indices().skip(1).map(|(at, _)| at).collect()))
        .unwrap_or_else(|| plain.chars().next().map_or(0, char::len_utf8))
}

/// The best place to cut at or before `longest`, without making the part needlessly short.
fn liked_break(plain: &str, longest: usize) -> usize {
    let prefix = &plain[..longest];
    let after = |found: Option<usize>, width: usize| found.map(|at| at + width);
    let sentence = || {
        // The sentence that is cut may end right at the cut, so look one character further.
        let further = plain[longest..].chars().next().map_or(0, char::len_utf8);
        let bounds = plain[..longest + further].split_sentence_bound_indices();
        bounds.map(|(at, _)| at).take_while(|at| *at <= longest).last()
    };
    let word = || prefix.char_indices().rev().find(|(_, c)| c.is_whitespace()).map(|(at, _)| at);
    let long_enough = |share: usize| move |at: &usize| *at > 0 && *at >= longest / share;
    after(prefix.rfind("\n\n"), 2)
        .filter(long_enough(2))
        .or_else(|| after(prefix.rfind('\n'), 1).filter(long_enough(2)))
        .or_else(|| sentence().filter(long_enough(3)))
        .or_else(|| word().filter(long_enough(3)))
        .unwrap_or(longest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn units(text: &Styled) -> usize {
        text.plain().encode_utf16().count()
    }

    #[track_caller]
    fn check(markdown: &str, limit: usize, expected: &[&str]) {
        let parts = split(&Styled::from_markdown(markdown), |part| units(part) <= limit);
        assert_eq!(parts.iter().map(Styled::plain).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn cuts_where_a_reader_would_pause() {
        check("short", 20, &["short"]);
        check("One line.\n\nAnother one here.", 18, &["One line.", "Another one here."]);
        check("First thing. Second thing follows.", 24, &["First thing.", "Second thing follows."]);
        check("alpha beta gamma", 11, &["alpha beta", "gamma"]);
        check("请先长按电源键。然后松开。", 9, &["请先长按电源键。", "然后松开。"]);
        check("unbreakable", 4, &["unbr", "eaka", "ble"]);
        check("   ", 4, &[""]);
    }

    #[test]
    fn letters_that_belong_together_stay_together() {
        check("ab👨‍👩‍👧", 9, &["ab", "👨‍👩‍👧"]);
        check("e\u{301}e\u{301}", 3, &["e\u{301}", "e\u{301}"]);
    }

    proptest! {
        #[test]
        fn no_part_is_too_long_and_no_text_is_lost(text in "(?s)[a-z`* .\n!👍🏽é。กำ]{0,300}", limit in 3usize..80) {
            let styled = Styled::from_markdown(&text);
            let parts = split(&styled, |part| units(part) <= limit);
            prop_assert!(!parts.is_empty());
            let bare = |text: String| text.split_whitespace().collect::<String>();
            let joined: String = parts.iter().map(|part| bare(part.plain())).collect();
            prop_assert_eq!(joined, bare(styled.plain()));
            for part in &parts {
                prop_assert!(units(part) <= limit);
            }
        }
    }
}
