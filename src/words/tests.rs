//! What holds for the words in every language.

use std::collections::BTreeSet;

use super::*;

/// The placeholders of a template, `{name}` without braces.
fn placeholders(template: &str) -> BTreeSet<&str> {
    template
        .split('{')
        .skip(1)
        .map(|part| part.split_once('}').expect("every brace is closed").0)
        .collect()
}

/// A template without its placeholders and commands.
fn prose(template: &str) -> String {
    let mut prose = String::new();
    let mut skipping = false;
    for c in template.chars() {
        match c {
            '{' | '/' => skipping = true,
            _ if skipping => skipping = c.is_ascii_alphabetic(),
            _ => prose.push(c),
        }
    }
    prose
}

#[test]
fn every_language_has_every_key_and_no_other() {
    for language in LANGUAGES {
        let sentences = &FILES[language.tag];
        for key in Key::ALL {
            let text = sentences.get(key).map(|text| text.trim()).unwrap_or_default();
            assert!(!text.is_empty(), "{} has no {key:?}", language.tag);
        }
        assert_eq!(sentences.len(), Key::ALL.len());
    }
}

#[test]
fn every_language_uses_the_same_placeholders() {
    for key in Key::ALL {
        let english = placeholders(template("en", *key));
        for language in LANGUAGES {
            let own = placeholders(template(language.tag, *key));
            assert_eq!(own, english, "{} {key:?}", language.tag);
        }
    }
}

#[test]
fn no_sentence_is_english_in_another_language() {
    let english_words =
        ["the", "your", "you", "this", "with", "answer", "please", "write", "is", "of"];
    for language in LANGUAGES.iter().filter(|language| language.tag != "en") {
        for key in Key::ALL {
            let text = prose(template(language.tag, *key)).to_lowercase();
            assert_ne!(text, prose(template("en", *key)).to_lowercase(), "{}", language.tag);
            let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
            for english in english_words {
                assert!(!words.contains(&english), "{} {key:?}: {english}", language.tag);
            }
            if !["es", "fr", "de"].contains(&language.tag) {
                let latin = text.chars().find(char::is_ascii_alphabetic);
                assert_eq!(latin, None, "{} {key:?} has Latin letters", language.tag);
            }
        }
    }
}

#[test]
fn the_two_chinese_scripts_are_not_mixed() {
    for key in Key::ALL {
        let simplified = template("zh", *key);
        let traditional = template("zh-Hant", *key);
        assert!(!traditional.contains(['们', '请', '这', '队', '问', '题', '复', '写']));
        assert!(!simplified.contains(['們', '請', '這', '隊', '問', '題', '覆', '寫', '語']));
    }
}

#[test]
fn the_bot_does_not_shout() {
    for language in LANGUAGES {
        for key in Key::ALL {
            let text = template(language.tag, *key);
            assert!(!text.contains(['!', '！', '¡']), "{} {key:?}", language.tag);
        }
    }
}

#[test]
fn every_escalation_names_its_number() {
    let keys = [
        Key::Escalated,
        Key::EscalatedAgain,
        Key::EscalatedOnRequest,
        Key::EscalatedRefused,
        Key::EscalatedSensitive,
        Key::Late,
        Key::ForumAsk,
        Key::Incident,
    ];
    for language in LANGUAGES {
        for key in keys {
            let text = say(language.tag, key, &[("number", "4821")]);
            assert!(text.contains("#4821"), "{} {key:?}: {text}", language.tag);
        }
    }
}

#[test]
fn the_greeting_names_the_commands_and_the_brand() {
    for language in LANGUAGES {
        let named = greeting(language.tag, "Kestrane");
        let own = greeting(language.tag, "our");
        assert!(named.contains("Kestrane"), "{named}");
        for command in ["/human", "/stop", "/forget", "/language"] {
            assert!(named.contains(command) && own.contains(command), "{named}\n{own}");
        }
        assert!(!own.split_whitespace().any(|word| word == "our") || language.tag == "en");
        assert!(!own.contains('{'), "{own}");
    }
    assert!(greeting("en", "our").contains("our automatic support assistant"));
}

#[test]
fn buttons_are_short_enough_for_every_channel() {
    let buttons =
        [Key::Helped, Key::DidntHelp, Key::Human, Key::NoneOfThese, Key::ForgetYes, Key::ForgetNo];
    for language in LANGUAGES {
        for key in buttons {
            let n_chars = template(language.tag, key).chars().count();
            assert!(n_chars <= 20, "{} {key:?} has {n_chars} characters", language.tag);
        }
    }
}

#[test]
fn a_language_tag_finds_its_file() {
    let cases = [
        ("en", "en"),
        ("EN-gb", "en"),
        ("de-AT", "de"),
        ("de_CH", "de"),
        ("pt-BR", "en"),
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh-Hans-HK", "zh"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-hant-tw", "zh-Hant"),
        ("zh_Hant", "zh-Hant"),
        ("elv", "en"),
    ];
    for (lang, expected) in cases {
        assert_eq!(spoken(lang), expected, "{lang}");
    }
    assert_eq!(supported("pt-BR"), None);
}

#[test]
fn a_language_is_known_by_its_names() {
    let tag = |text| language_named(text).map(|language| language.tag);
    assert_eq!(tag("Deutsch"), Some("de"));
    assert_eq!(tag(" german "), Some("de"));
    assert_eq!(tag("ΕΛΛΗΝΙΚΆ"), Some("el"));
    assert_eq!(tag("繁體中文"), Some("zh-Hant"));
    assert_eq!(tag("zh-tw"), Some("zh-Hant"));
    assert_eq!(tag("klingon"), None);
}

#[test]
fn the_credit_counts_without_a_wrong_plural() {
    assert_eq!(credit("en", Some("mara"), 0), "answer by @mara");
    assert_eq!(credit("en", Some("mara"), 1), "answer by @mara, solved once");
    assert_eq!(credit("en", Some("mara"), 14), "answer by @mara, solved 14 times");
    assert_eq!(credit("en", None, 3), "accepted answer, solved 3 times");
    assert_eq!(credit("xx", None, 0), "accepted answer");
}

#[test]
fn a_value_is_never_read_as_a_placeholder() {
    assert_eq!(credit("en", Some("{n}{author}"), 2), "answer by @{n}{author}, solved 2 times");
    assert_eq!(say("en", Key::Credit, &[]), "answer by @{author}");
    assert_eq!(fill("a { b {x} }", &[("x", "1")]), "a { b 1 }");
}
