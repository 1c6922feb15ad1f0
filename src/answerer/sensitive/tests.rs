//! Sensitive messages in nine languages, and ordinary ones beside them.

use superfan_index::{Confidence, Found, Hit};

use super::*;
use crate::answerer::Policy;
use crate::answerer::ask::decide_text;
use crate::config::{Rules, Settings};
use crate::vocabulary::{Action, Reason};
use crate::words::LANGUAGES;

/// The lines of `examples.txt`: language, topic or `none`, text.
fn examples() -> Vec<(&'static str, &'static str, &'static str)> {
    include_str!("examples.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let mut parts = line.splitn(3, '|');
            (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap())
        })
        .collect()
}

#[test]
fn every_example_has_its_topic() {
    let wrong: Vec<String> = examples()
        .into_iter()
        .filter_map(|(lang, expected, text)| {
            let found = sensitive_topic(text, &[]);
            let found = found.map_or_else(|| "none".to_owned(), |topic| format!("{topic:?}"));
            (found != expected).then(|| format!("{lang}: {text} → {found}, not {expected}"))
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_language_has_examples_of_every_topic() {
    let n_sensitive = examples().iter().filter(|(_, topic, _)| *topic != "none").count();
    assert!(n_sensitive >= 200, "{n_sensitive}");
    for language in LANGUAGES {
        for topic in ["Danger", "Injury", "Legal", "Minor", "AccountTheft", "none"] {
            let has = examples().iter().any(|(tag, is, _)| *tag == language.tag && *is == topic);
            assert!(has, "{} {topic}", language.tag);
        }
    }
}

#[test]
fn the_brand_adds_its_own_phrases() {
    let extra = ["recall*".to_owned(), "Press Inquiry".to_owned(), String::new()];
    assert_eq!(sensitive_topic("Is there a recalled batch?", &extra), Some(Topic::Brand));
    assert_eq!(sensitive_topic("a press   inquiry", &extra), Some(Topic::Brand));
    assert_eq!(sensitive_topic("press the button", &extra), None);
    assert_eq!(sensitive_topic("it is smoking, recall it", &extra), Some(Topic::Danger));
}

#[test]
fn the_words_of_a_pair_must_be_close() {
    let far = "The battery is fine. I use it every day on the train to work and back, and in \
               summer the weather is hot here.";
    assert_eq!(sensitive_topic(far, &[]), None);
}

/// However sure an answer is.
#[test]
fn none_of_them_is_answered_automatically() {
    let rules = Rules::read(&Settings::from_pairs([])).unwrap();
    let policy = Policy { answer_at: 0.5, choices_at: 0.1 };
    let mut n_asked = 0;
    for (lang, _, text) in examples().into_iter().filter(|(_, topic, _)| *topic != "none") {
        let hit = Hit {
            id: "a".to_owned(),
            lang: lang.to_owned(),
            score: 1.0,
            confidence: Confidence::new(1.0),
            sendable: true,
            product: None,
            is_twin: false,
            evidence: Vec::new(),
        };
        let found = Found {
            lang: lang.to_owned(),
            language_path: String::new(),
            terms: Vec::new(),
            hits: vec![hit.clone(), hit],
            together: Confidence::new(1.0),
            generation: 1,
        };
        let decision = decide_text(text, &found, &policy, &rules);
        let found = (decision.action, decision.reason);
        assert_eq!(found, (Action::Escalate, Reason::SensitiveTopic), "{lang}: {text}");
        n_asked += 1;
    }
    assert!(n_asked >= 200, "{n_asked}");
}
