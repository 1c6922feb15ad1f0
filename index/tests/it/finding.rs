//! What is found, and how sure the index is of it.

use superfan_index::{Change, Index, IndexedAnswer, Question};

use crate::support::{answer, ids, put};

fn base() -> Index {
    let index = Index::in_ram();
    let answers = [
        answer("reset", "How do I reset the speaker?", "Hold the power key for ten seconds."),
        answer("pair", "Pairing the headphones with a laptop", "Open the menu and pick Bluetooth."),
        answer("noise", "Wind noise in video calls", "Turn on the wind filter in the app."),
        answer("xm4", "WH-1000XM4 does not charge", "Clean the contacts of the charging port."),
        answer("xm5", "WH-1000XM5 does not charge", "Use another cable."),
    ];
    put(&index, &answers, 1);
    index
}

#[track_caller]
fn check(text: &str, best: &str) {
    assert_eq!(ids(&base(), text).first().map(String::as_str), Some(best));
}

#[test]
fn a_slip_of_the_finger_does_not_hide_the_answer() {
    check("how to resset my speakr", "reset");
    check("headphnoes pairing", "pair");
    check("paring my laptop", "pair");
    check("xideo calls", "noise");
    check("rset", "reset");
}

#[test]
fn a_mistyped_common_word_is_no_more_telling_than_the_word_it_stands_for() {
    let index = Index::in_ram();
    let mut answers: Vec<IndexedAnswer> = (0..30)
        .map(|n| answer(&format!("other{n}"), &format!("The speaker number {n}"), "Turn it round."))
        .collect();
    answers.push(answer("hum", "Hum at night", "Ground it."));
    put(&index, &answers, 1);
    for text in ["speaker hum", "speakre hum", "apeaker hum", "spesker hum", "peaker hum"] {
        assert_eq!(ids(&index, text)[0], "hum", "{text}");
    }
}

#[test]
fn a_missing_space_does_not_hide_the_answer() {
    check("windnoise", "noise");
}

#[test]
fn a_product_code_is_known_in_every_spelling() {
    check("wh1000xm4 charging problem", "xm4");
    check("WH-1000XM5 charging problem", "xm5");
    check("my xm4 will not charge", "xm4");
}

#[test]
fn contributions_sum_to_the_logit() {
    let question = Question { text: "reset speaker".to_owned(), lang: None };
    let found = base().search(&question, 5).unwrap();
    for hit in &found.hits {
        let logit: f32 = hit.evidence.iter().map(|evidence| evidence.contribution).sum();
        let confidence = 1.0 / (1.0 + (-logit).exp());
        assert!((confidence - hit.confidence.get()).abs() < 1e-4, "{hit:?}");
    }
    assert!(found.hits.is_sorted_by(|a, b| a.score >= b.score));
}

#[test]
fn a_question_about_nothing_in_the_base_is_not_answered() {
    let line = Index::in_ram().calibration().line(0.95).answer;
    for text in ["how do I cook pizza", "cómo cocino una pizza", "怎么做披萨", "what is it"] {
        let question = Question { text: text.to_owned(), lang: None };
        let found = base().search(&question, 3).unwrap();
        let sure = found.hits.first().map_or(0.0, |hit| hit.confidence.get());
        assert!(sure < line / 2.0, "{text}: {sure}");
    }
}

#[test]
fn texts_without_words_find_nothing() {
    for text in ["", "  \n", "???", "🙂🙂", "https://example.com @someone", "\0"] {
        assert!(ids(&base(), text).is_empty(), "{text:?}");
    }
}

#[test]
fn a_learned_phrasing_finds_its_answer() {
    let index = base();
    assert!(ids(&index, "box went mute").is_empty());
    let mut reset = answer("reset", "How do I reset the speaker?", "Hold the power key.");
    reset.phrasings = vec!["box went mute".to_owned()];
    index.apply(&[Change::Put(Box::new(reset))], 2).unwrap();
    assert_eq!(ids(&index, "my box went mute")[0], "reset");
}

#[test]
fn the_customer_reads_the_answer_in_their_own_language() {
    let index = base();
    let german =
        IndexedAnswer { lang: "de".to_owned(), ..answer("de", "WH-1000XM4 lädt nicht", "") };
    put(&index, &[german], 2);
    assert_eq!(ids(&index, "Warum lädt mein WH-1000XM4 nicht mehr auf?")[0], "de");
}
