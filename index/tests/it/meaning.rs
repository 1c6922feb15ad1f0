//! Finding by meaning: with a model that knows three topics in a few words of three languages.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use superfan_index::semantic::{ModelError, SentenceModel};
use superfan_index::{Change, Index, IndexedAnswer, Question};
use tempfile::TempDir;

use crate::support::{answer, ids, put};

const TOPICS: [&[&str]; 3] = [
    &["password", "sign in", "locked out", "รหัสผ่าน"],
    &["battery", "charge", "runs flat", "แบตเตอรี่"],
    &["refund", "money back", "returned", "คืนเงิน"],
];

/// Counts the texts it was given.
#[derive(Default)]
struct Topics {
    embedded: Arc<AtomicUsize>,
}

impl SentenceModel for Topics {
    fn name(&self) -> &'static str {
        "topics-4"
    }

    fn dims(&self) -> usize {
        TOPICS.len() + 1
    }

    fn covers(&self, lang: &str) -> bool {
        ["en", "th"].contains(&lang)
    }

    fn knows(&self, word: &str) -> bool {
        word == "defund"
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, ModelError> {
        self.embedded.fetch_add(texts.len(), Ordering::Relaxed);
        let embed = |text: &&str| {
            let text = text.to_lowercase();
            let about = |words: &&[&str]| words.iter().any(|word| text.contains(word));
            let mut vector: Vec<f32> =
                TOPICS.iter().map(|words| f32::from(u8::from(about(words)))).collect();
            vector.push(0.1);
            let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
            vector.iter().map(|v| v / length).collect()
        };
        Ok(texts.iter().map(embed).collect())
    }
}

fn answers() -> Vec<IndexedAnswer> {
    vec![
        answer("password", "How do I reset my password?", "Open Settings, then Security."),
        answer("battery", "The battery is empty after an hour", "Hold both keys for a minute."),
        answer("refund", "How long does a refund take?", "Five working days."),
    ]
}

fn build(index: &Index, answers: Vec<IndexedAnswer>) {
    let number = index.build(&mut answers.into_iter(), 1, &|_| {}).expect("the answers build");
    index.swap_to(number).expect("the build is there");
}

/// An index in `dir` with the model attached, and how many texts it embedded so far.
fn open(dir: &TempDir) -> (Index, Arc<AtomicUsize>) {
    let model = Topics::default();
    let embedded = model.embedded.clone();
    let index = Index::open(dir.path()).expect("the index opens");
    index.set_models(vec![Arc::new(model)]).expect("the vectors open");
    embedded.store(0, Ordering::Relaxed);
    (index, embedded)
}

#[track_caller]
fn check(index: &Index, text: &str, best: &str) {
    assert_eq!(ids(index, text).first().map(String::as_str), Some(best), "{text}");
}

#[test]
fn an_answer_is_found_without_a_common_word() {
    let index = Index::in_ram();
    index.set_models(vec![Arc::new(Topics::default())]).unwrap();
    build(&index, answers());
    check(&index, "I am locked out of everything", "password");
    check(&index, "it always runs flat", "battery");
}

#[test]
fn an_answer_is_found_across_languages() {
    let index = Index::in_ram();
    index.set_models(vec![Arc::new(Topics::default())]).unwrap();
    build(&index, answers());
    check(&index, "ลืมรหัสผ่านแล้วทำอย่างไร", "password");
}

#[test]
fn a_language_no_model_covers_is_searched_by_words() {
    let index = Index::in_ram();
    index.set_models(vec![Arc::new(Topics::default())]).unwrap();
    let greek = IndexedAnswer {
        lang: "el".to_owned(),
        ..answer("el", "Πώς αλλάζω τον κωδικό;", "Από τις ρυθμίσεις.")
    };
    build(&index, [answers(), vec![greek]].concat());
    check(&index, "αλλαγή κωδικού, πώς αλλάζω;", "el");
}

#[test]
fn live_changes_are_found_by_meaning_and_removed_answers_are_not() {
    let index = Index::in_ram();
    index.set_models(vec![Arc::new(Topics::default())]).unwrap();
    put(&index, &answers(), 1);
    check(&index, "I want my money back", "refund");
    index.apply(&[Change::Remove("refund".to_owned())], 2).unwrap();
    assert!(!ids(&index, "I want my money back").contains(&"refund".to_owned()));
}

#[test]
fn a_learned_phrasing_is_found_by_its_meaning() {
    let index = Index::in_ram();
    index.set_models(vec![Arc::new(Topics::default())]).unwrap();
    let mut taught = answer("desk", "Opening hours", "Nine to five.");
    taught.phrasings = vec!["when is the refund desk open".to_owned()];
    put(&index, &[taught, answer("other", "Colours", "Blue and red.")], 1);
    check(&index, "where are returned things taken", "desk");
}

#[test]
fn a_slip_is_undone_before_the_model_reads() {
    let index = Index::in_ram();
    index.set_models(vec![Arc::new(Topics::default())]).unwrap();
    build(&index, answers());
    let meant = |text: &str| {
        let question = Question { text: text.to_owned(), lang: Some("en".to_owned()) };
        let found = index.search(&question, 1).unwrap();
        let evidence = found.hits[0].evidence.iter();
        evidence.filter(|e| e.name == "meaning_title").map(|e| e.value).sum::<f32>()
    };
    let right = meant("How long does the refund take?");
    assert!(right > 0.9, "{right}");
    assert!((meant("How long does the REFNUD take?") - right).abs() < 1e-6);
    let known = meant("How long does the defund take?");
    assert!(known < 0.5, "a word the model knows is left alone: {known}");
}

#[test]
fn nothing_is_embedded_twice() {
    let dir = tempfile::tempdir().unwrap();
    let (index, embedded) = open(&dir);
    build(&index, answers());
    let first = embedded.load(Ordering::Relaxed);
    assert_eq!(first, 6, "a title without a question is one text, an answer another");
    build(&index, answers());
    drop(index);
    let (index, embedded) = open(&dir);
    check(&index, "I am locked out of everything", "password");
    assert_eq!(embedded.load(Ordering::Relaxed), 1, "only the question");
    let mut changed = answers();
    changed[0].answer = "Ask support for a new password.".to_owned();
    build(&index, changed);
    assert_eq!(embedded.load(Ordering::Relaxed), 2, "only what changed");
}

#[test]
fn without_models_everything_is_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let (index, _) = open(&dir);
    build(&index, answers());
    index.set_models(Vec::new()).unwrap();
    check(&index, "reset my password", "password");
    assert!(ids(&index, "locked out").is_empty());
}

#[test]
fn a_model_that_is_new_to_an_index_asks_for_a_build() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path()).unwrap();
    build(&index, answers());
    assert!(!index.needs_build());
    index.set_models(vec![Arc::new(Topics::default())]).unwrap();
    assert!(index.needs_build());
    build(&index, answers());
    assert!(!index.needs_build());
    assert_eq!(index.models(), ["topics-4"]);
}

#[test]
fn a_reader_beside_the_owner_finds_by_meaning_and_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (owner, _) = open(&dir);
    build(&owner, answers());
    let vectors = dir.path().join("vectors/topics-4");
    let before = std::fs::read(&vectors).unwrap();
    // The owner may be half-way through a record.
    std::fs::write(&vectors, [before.as_slice(), &[7; 5]].concat()).unwrap();
    let reader = Index::open_read_only(dir.path()).unwrap();
    reader.set_models(vec![Arc::new(Topics::default())]).unwrap();
    check(&reader, "I am locked out of everything", "password");
    assert_eq!(std::fs::read(&vectors).unwrap().len(), before.len() + 5);
}

/// Places `item 17` and the question `bh` (digits as letters) close together, all else apart.
struct Numbers;

impl SentenceModel for Numbers {
    fn name(&self) -> &'static str {
        "numbers-128"
    }

    fn dims(&self) -> usize {
        128
    }

    fn covers(&self, _: &str) -> bool {
        true
    }

    fn knows(&self, _: &str) -> bool {
        true
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, ModelError> {
        let embed = |text: &&str| {
            let word = text.split_whitespace().last().unwrap_or_default();
            let (number, noise) = match word.parse() {
                Ok(number) => (number, 0.0),
                Err(_) => (spelt(word), 0.5),
            };
            let (item, slip) = (noise_of(number), noise_of(number + 1_000_000));
            let vector: Vec<f32> = item.zip(slip).map(|(a, b)| a + noise * b).collect();
            let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
            vector.iter().map(|v| v / length).collect()
        };
        Ok(texts.iter().map(embed).collect())
    }
}

/// The number whose digits the letters of `word` are, `a` for 0.
fn spelt(word: &str) -> u64 {
    word.bytes().fold(0, |number, letter| number * 10 + u64::from(letter.saturating_sub(b'a')))
}

/// Values from -1 to 1 that look random and are the same for the same `seed`.
fn noise_of(seed: u64) -> impl Iterator<Item = f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        f32::from(i16::try_from(state >> 49).unwrap_or_default()) / 16_384.0 - 1.0
    })
    .take(128)
}

#[test]
fn the_nearest_of_many_are_found_by_their_sketches() {
    let index = Index::in_ram();
    index.set_models(vec![Arc::new(Numbers)]).unwrap();
    let all = (0..6_000).map(|n| answer(&n.to_string(), &format!("item {n}"), &format!("as {n}")));
    build(&index, all.collect());
    for number in (0..6_000_u64).step_by(250) {
        let digits = number.to_string();
        let question: String =
            digits.bytes().map(|digit| char::from(digit - b'0' + b'a')).collect();
        check(&index, &question, &digits);
        index.apply(&[Change::Remove(digits.clone())], number + 2).unwrap();
        assert!(!ids(&index, &question).contains(&digits));
    }
}
