//! How sure a hit is hangs on what unrelated questions get in the same base.

use superfan_index::{Index, IndexedAnswer, Question};
use tempfile::TempDir;

const PRODUCTS: [&str; 6] = ["kettle", "toaster", "lamp", "radio", "blender", "heater"];
const PARTS: [&str; 5] = ["switch", "cable", "lid", "filter", "button"];

/// A question for every part of every product; in an alike base they differ in one word only.
fn answers(is_alike: bool) -> impl Iterator<Item = IndexedAnswer> {
    let pairs = PRODUCTS.iter().flat_map(|product| PARTS.iter().map(move |part| (product, part)));
    pairs.enumerate().map(move |(number, (product, part))| {
        let (title, answer) = if is_alike {
            let title =
                format!("The {part} of my {product} is broken, how can I replace it myself?");
            (title, format!("Unscrew the {part} of the {product} and put in a new one."))
        } else {
            let own = format!("{product}{part}");
            (format!("Broken {own}"), format!("Unscrew {own}x, lift {own}y and fit {own}z."))
        };
        IndexedAnswer {
            id: format!("a{number}"),
            lang: "en".to_owned(),
            title,
            answer,
            sendable: true,
            ..IndexedAnswer::default()
        }
    })
}

fn filled(index: &Index, is_alike: bool) {
    let generation = index.build(&mut answers(is_alike), 1, &|_| {}).expect("it builds");
    index.swap_to(generation).expect("it was built");
}

/// Value of the evidence `standing` of the first hit.
fn standing(index: &Index, text: &str) -> f32 {
    let question = Question { text: text.to_owned(), lang: Some("en".to_owned()) };
    let found = index.search(&question, 3).expect("it is readable");
    let mut evidence = found.hits[0].evidence.iter();
    evidence.find(|e| e.name == "standing").expect("every hit has it").value
}

#[test]
fn a_question_about_something_else_does_not_stand_above_strangers() {
    let index = Index::in_ram();
    filled(&index, true);
    let other = standing(&index, "The mirror of my car is broken, how can I replace it myself?");
    let own = standing(&index, "My kettle has a broken lid, how do I replace the kettle's lid?");
    assert!(other < 0.2, "{other}");
    assert!(own > other, "{own} {other}");
}

#[test]
fn the_same_words_say_more_where_answers_are_unlike_each_other() {
    let (alike, unlike) = (Index::in_ram(), Index::in_ram());
    filled(&alike, true);
    filled(&unlike, false);
    let in_alike = standing(&alike, "broken lid");
    let in_unlike = standing(&unlike, "broken kettlelid");
    assert!(in_unlike > in_alike, "{in_unlike} {in_alike}");
}

#[test]
fn what_strangers_score_is_kept_beside_the_generation() {
    let dir = TempDir::new().unwrap();
    let index = Index::open(dir.path()).unwrap();
    filled(&index, true);
    let text = "My kettle has a broken lid";
    let before = standing(&index, text);
    drop(index);
    let kept = dir.path().join("gen-2").join("strangers.json");
    let written = std::fs::read_to_string(&kept).unwrap();
    let again = standing(&Index::open(dir.path()).unwrap(), text);
    assert!((before - again).abs() < 1e-6, "{before} {again}");
    std::fs::remove_file(&kept).unwrap();
    let guest = standing(&Index::open_read_only(dir.path()).unwrap(), text);
    assert!((before - guest).abs() < 1e-6, "{before} {guest}");
    assert!(!kept.exists(), "a guest writes nothing");
    let owner = Index::open(dir.path()).unwrap();
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), written);
    drop(owner);
}
