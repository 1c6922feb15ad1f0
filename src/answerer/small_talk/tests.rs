//! Utterances in nine languages and what they mean.

use super::*;
use crate::words::LANGUAGES;

/// The lines of `utterances.txt`: language, intent, text.
fn utterances() -> Vec<(&'static str, &'static str, &'static str)> {
    include_str!("utterances.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let mut parts = line.splitn(3, '|');
            (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap())
        })
        .collect()
}

/// Utterances that are understood otherwise than they were meant, with `lang` given.
fn misunderstood(lang_given: impl Fn(&'static str) -> &'static str) -> Vec<String> {
    utterances()
        .into_iter()
        .filter_map(|(lang, intent, text)| {
            let understood = format!("{:?}", understand(text, lang_given(lang)));
            (understood != intent).then(|| format!("{lang}: {text} → {understood}, not {intent}"))
        })
        .collect()
}

#[test]
fn every_utterance_is_understood_in_its_language() {
    assert_eq!(misunderstood(|lang| lang), Vec::<String>::new());
}

#[test]
fn every_utterance_is_understood_whatever_the_language_was_taken_for() {
    for language in LANGUAGES {
        assert_eq!(misunderstood(|_| language.tag), Vec::<String>::new(), "as {}", language.tag);
    }
}

#[test]
fn every_language_has_25_utterances_and_each_intent() {
    for language in LANGUAGES {
        let own: Vec<_> =
            utterances().into_iter().filter(|(tag, ..)| *tag == language.tag).collect();
        assert!(own.len() >= 25, "{}: {}", language.tag, own.len());
        for intent in ["Greeting", "Thanks", "Human", "Stop", "Start", "Helped", "DidntHelp"] {
            assert!(own.iter().any(|(_, meant, _)| *meant == intent), "{} {intent}", language.tag);
        }
    }
}

#[test]
fn a_request_for_a_person_is_found_inside_a_longer_message_and_nowhere_else() {
    let lines = include_str!("requests.txt").lines().filter(|line| !line.starts_with('#'));
    let mut wrong = Vec::new();
    for line in lines {
        let [lang, asks, text] = line.splitn(3, '|').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        for taken_for in [lang, "en", "zh"] {
            if (understand(text, taken_for) == Intent::Human) != (asks == "yes") {
                wrong.push(format!("{lang} as {taken_for}: {text}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_request_stands_at_the_end_of_a_story_of_any_length() {
    let story = "The light blinks red and then it goes dark. ".repeat(40);
    assert_eq!(understand(&story, "en"), Intent::Question);
    assert_eq!(understand(&format!("{story}I want to talk to a human"), "en"), Intent::Human);
}

#[test]
fn a_long_story_is_a_question() {
    assert_eq!(understand(&"thanks ".repeat(61), "en"), Intent::Question);
}

#[test]
fn a_follow_up_is_told_from_a_question_of_its_own() {
    let follow_ups = [
        ("en", "that did not work"),
        ("en", "and on android?"),
        ("en", "ok, and on android?"),
        ("en", "what about the other one"),
        ("en", "still the same"),
        ("es", "¿y en Android?"),
        ("es", "gracias, ¿y el otro?"),
        ("fr", "et sur iPhone ?"),
        ("fr", "toujours pareil"),
        ("de", "und auf Android?"),
        ("de", "was ist mit dem anderen"),
        ("el", "και στο iPhone;"),
        ("el", "ακόμα το ίδιο"),
        ("ar", "وماذا عن أندرويد؟"),
        ("ar", "نفس المشكلة"),
        ("th", "แล้วบนแอนดรอยด์ล่ะ"),
        ("th", "ยังเหมือนเดิมครับ"),
        ("zh", "那安卓呢？"),
        ("zh", "还是不行"),
        ("zh-Hant", "那另一隻呢？"),
        ("zh-Hant", "還是一樣"),
    ];
    for (lang, text) in follow_ups {
        assert!(is_follow_up(text, lang), "{lang}: {text}");
    }
    let questions = [
        ("en", "How do I pair my headphones with a second phone?"),
        ("en", "thanks"),
        ("es", "¿Cómo conecto los auriculares al portátil?"),
        ("fr", "Comment réinitialiser mon casque ?"),
        ("de", "Wie setze ich meinen Lautsprecher zurück?"),
        ("el", "Πώς συνδέω τα ακουστικά με το κινητό;"),
        ("ar", "كيف أعيد ضبط السماعة؟"),
        ("th", "รีเซ็ตหูฟังยังไง"),
        ("zh", "为什么我的耳机左边没有声音而且充不进电呢？"),
        ("zh-Hant", "如何重設喇叭？"),
    ];
    for (lang, text) in questions {
        assert!(!is_follow_up(text, lang), "{lang}: {text}");
    }
    assert!(!is_follow_up(&format!("and {}", "then it did this ".repeat(5)), "en"));
}

#[test]
fn the_mood_follows_words_capitals_and_exclamations() {
    let cases = [
        ("This is unacceptable, I am furious", Feeling::Angry, false),
        ("MY SPEAKER IS DEAD AGAIN", Feeling::Angry, false),
        ("why is it broken again!!!", Feeling::Angry, false),
        ("I'm worried about my photos", Feeling::Worried, false),
        ("I love these, thank you so much!!!", Feeling::Happy, false),
        ("How do I pair my XM4 QC45?", Feeling::Neutral, false),
        ("I need this fixed asap", Feeling::Neutral, true),
        ("Das ist eine Frechheit, ich brauche das dringend", Feeling::Angry, true),
        ("es urgente, por favor", Feeling::Neutral, true),
        ("c'est scandaleux", Feeling::Angry, false),
        ("ανησυχώ πολύ", Feeling::Worried, false),
        ("الأمر عاجل", Feeling::Neutral, true),
        ("แย่มาก ด่วนครับ", Feeling::Angry, true),
        ("太差了，请尽快处理", Feeling::Angry, true),
        ("我很擔心", Feeling::Worried, false),
    ];
    for (text, feeling, urgent) in cases {
        assert_eq!(urgency(text), Mood { mood: feeling, urgent }, "{text}");
    }
}

#[test]
fn the_words_that_stand_for_buttons_on_x_are_understood() {
    for language in crate::words::LANGUAGES {
        let [yes, no, human] = superfan_bots::x::reply_words(language.tag);
        for (word, intent) in [(yes, Intent::Yes), (no, Intent::No), (human, Intent::Human)] {
            assert_eq!(understand(word, language.tag), intent, "{word} in {}", language.tag);
        }
    }
}
