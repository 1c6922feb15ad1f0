//! The demo forum is what it says: enough answers in every language, by few and by many, and test
//! questions whose right answers exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// The languages of the demo, and the fewest answers in each.
const LANGUAGES: [(&str, usize); 9] = [
    ("en", 250),
    ("es", 30),
    ("fr", 30),
    ("de", 30),
    ("el", 30),
    ("ar", 30),
    ("th", 30),
    ("zh", 30),
    ("zh-Hant", 30),
];

/// One accepted answer of the dump.
struct Answer {
    author: String,
    lang: String,
    tags: String,
}

/// One line of `questions.jsonl`.
#[derive(Deserialize)]
struct TestQuestion {
    id: String,
    lang: String,
    text: String,
    relevant: Vec<String>,
    kind: String,
}

#[derive(Deserialize)]
struct Products {
    product: Vec<Product>,
}

#[derive(Deserialize)]
struct Product {
    name: String,
    line: String,
    generation: String,
    models: Vec<String>,
    tags: Vec<String>,
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("demo").join(name)).unwrap()
}

/// An attribute of a row, still escaped; every row is one line.
fn attribute<'a>(row: &'a str, name: &str) -> Option<&'a str> {
    let start = format!(" {name}=\"");
    row.split_once(&start)?.1.split_once('"').map(|(value, _)| value)
}

/// The accepted answers by id, each question's language and tags with it.
fn answers() -> BTreeMap<String, Answer> {
    let posts = read("Posts.xml");
    let rows = || posts.lines().filter(|line| line.starts_with("  <row "));
    let value = |row, name| attribute(row, name).unwrap_or_default().to_owned();
    let accepted: BTreeMap<String, &str> = rows()
        .filter_map(|row| Some((attribute(row, "AcceptedAnswerId")?.to_owned(), row)))
        .collect();
    rows()
        .filter_map(|row| {
            let id = value(row, "Id");
            let question = accepted.get(&id)?;
            let author = value(row, "OwnerDisplayName");
            let (lang, tags) = (value(question, "Locale"), value(question, "Tags"));
            Some((id, Answer { author, lang, tags }))
        })
        .collect()
}

fn questions() -> Vec<TestQuestion> {
    read("questions.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_language_has_enough_accepted_answers() {
    let answers = answers();
    for (lang, fewest) in LANGUAGES {
        let n_answers = answers.values().filter(|answer| answer.lang == lang).count();
        assert!(n_answers >= fewest, "{lang}: {n_answers}");
    }
}

#[test]
fn some_authors_answer_much_more_than_others() {
    let mut n_by_author: BTreeMap<String, usize> = BTreeMap::new();
    for answer in answers().into_values() {
        *n_by_author.entry(answer.author).or_default() += 1;
    }
    let mut counts: Vec<usize> = n_by_author.into_values().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let n_top: usize = counts.iter().take(8).sum();
    let n_all: usize = counts.iter().sum();
    assert!(counts.len() >= 36, "{} authors", counts.len());
    assert!(n_top * 2 > n_all, "the eight busiest wrote {n_top} of {n_all}");
}

#[test]
fn every_test_question_has_an_answer_in_its_language_or_none_anywhere() {
    let answers = answers();
    let questions = questions();
    assert!(questions.len() >= 300);
    let ids: BTreeSet<&str> = questions.iter().map(|question| question.id.as_str()).collect();
    assert_eq!(ids.len(), questions.len(), "ids repeat");
    for question in &questions {
        let has_none = question.kind.starts_with("unanswerable");
        assert_eq!(question.relevant.is_empty(), has_none, "{}", question.id);
        assert!(!question.text.is_empty(), "{}", question.id);
        for id in &question.relevant {
            assert_eq!(answers[id].lang, question.lang, "{}", question.id);
        }
    }
}

#[test]
fn products_are_told_apart_and_the_forum_tags_them() {
    let Products { product: products } = toml::from_str(&read("products.toml")).unwrap();
    let tagged: BTreeSet<String> = answers().into_values().map(|answer| answer.tags).collect();
    let mut seen = BTreeSet::new();
    for product in products {
        assert!(seen.insert((product.line, product.generation)), "{} is no other", product.name);
        for model in product.models {
            assert!(
                seen.insert((String::new(), model)),
                "{}: its model is another's",
                product.name
            );
        }
        for tag in product.tags {
            let tag = format!("&lt;{tag}&gt;");
            assert!(tagged.iter().any(|tags| tags.contains(&tag)), "no question has {tag}");
        }
    }
}
