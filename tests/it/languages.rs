//! On the demo forum, in each of the nine languages: questions in other words find their
//! own-language answer, and what has no answer goes to people.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use superfan::answerer::Decision;
use superfan::answerer::ask::{decide_text, policy};
use superfan::answers::read::{Format, Item, SourceAnswer, open};
use superfan::answers::sendable::judge;
use superfan::config::{Rules, Settings};
use superfan::products::{Products, Subject, Thread};
use superfan::search::Search;
use superfan::vocabulary::{Action, Reason};
use superfan_index::{Index, IndexedAnswer, Question};

use crate::quality::{MINILM, USE, kept, model};

/// One line of `questions.jsonl`.
#[derive(Deserialize)]
struct TestQuestion {
    id: String,
    lang: String,
    text: String,
    relevant: Vec<String>,
}

/// How questions of one language came out.
#[derive(Debug, Default)]
struct Tally {
    answerable: usize,
    found: usize,
    solved: usize,
    wrong: Vec<String>,
}

fn demo(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo").join(name)
}

/// The demo forum, indexed in memory as an import would.
fn demo_search() -> Search {
    demo_in(Index::in_ram())
}

/// The demo forum in `index`.
fn demo_in(index: Index) -> Search {
    let products = products();
    let reader = open(Format::Stackexchange, &demo("")).unwrap();
    let mut answers = reader.map(|item| match item.unwrap() {
        Item::Answer(answer) => answer,
        Item::Skipped(skipped) => panic!("the demo forum is clean: {skipped:?}"),
    });
    let mut answers = answers.by_ref().map(|answer| IndexedAnswer {
        product: about(&products, &answer).written(),
        sendable: judge(&answer).sendable,
        id: answer.id,
        lang: answer.lang.unwrap(),
        title: answer.title,
        question: answer.question,
        answer: answer.answer,
        tags: answer.tags,
        votes: answer.score,
        confirmations: 0,
        refusals: 0,
        phrasings: Vec::new(),
    });
    let generation = index.build(&mut answers, 1, &|_| {}).unwrap();
    index.swap_to(generation).unwrap();
    Search::new(Arc::new(index))
}

/// The decision, the answers that are sent or offered, and the first three hits.
fn ask(search: &Search, rules: &Rules, text: &str) -> (Decision, Vec<String>, Vec<String>) {
    let question = Question { text: text.to_owned(), lang: None };
    let found = search.index().search(&question, 10).unwrap();
    let decision = decide_text(text, &found, &policy(search, rules), rules);
    let shown = decision.picks.iter().map(|&at| found.hits[at].id.clone()).collect();
    let first = found.hits.iter().take(3).map(|hit| hit.id.clone()).collect();
    (decision, shown, first)
}

fn rules() -> Rules {
    let rules = Rules::read(&Settings::from_pairs([])).unwrap();
    Rules { products: Arc::new(products()), ..rules }
}

fn products() -> Products {
    Products::read(&demo("products.toml")).unwrap()
}

/// What an answer is about, as the indexer reads it.
pub(crate) fn about(products: &Products, answer: &SourceAnswer) -> Subject {
    products.answer(&Thread {
        title: &answer.title,
        question: &answer.question,
        answer: &answer.answer,
        tags: &answer.tags,
        product: answer.product.as_deref(),
    })
}

/// The aim is that 80 % are answered or offered in each language; what words alone reach is
/// printed, and held where it stands.
#[test]
fn questions_in_other_words_find_their_own_language_answer() {
    check(&demo_search(), 70);
}

#[test]
fn with_sentence_models_questions_in_other_words_find_their_answer() {
    let models: Vec<_> = [MINILM, USE].into_iter().filter_map(model).collect();
    if models.len() == 2 {
        let index = Index::open(&kept("demo")).unwrap();
        index.set_models(models).unwrap();
        check(&demo_in(index), 80);
    }
}

/// Fails where fewer than `least` of a hundred answerable questions are answered or offered in a
/// language, or one is answered wrong.
#[track_caller]
fn check(search: &Search, least: usize) {
    let rules = rules();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let text = std::fs::read_to_string(demo("questions.jsonl")).unwrap();
    for line in text.lines() {
        let question: TestQuestion = serde_json::from_str(line).unwrap();
        let (decision, shown, first) = ask(search, &rules, &question.text);
        let tally = tallies.entry(question.lang.clone()).or_default();
        let right = |ids: &[String]| ids.iter().any(|id| question.relevant.contains(id));
        tally.answerable += usize::from(!question.relevant.is_empty());
        tally.found += usize::from(right(&first));
        tally.solved += usize::from(right(&shown));
        if decision.action == Action::Answer && !right(&shown) {
            tally.wrong.push(format!("{} {:?} got {shown:?}", question.id, question.text));
        }
    }
    assert_eq!(tallies.len(), 9);
    let mut failures = Vec::new();
    for (lang, tally) in &tallies {
        let share = |n: usize| 100 * n / tally.answerable;
        let (found, solved) = (share(tally.found), share(tally.solved));
        eprintln!(
            "{lang}: {found} % among the first three, {solved} % answered or offered (aim 80)"
        );
        if found < 80 || solved < least || !tally.wrong.is_empty() {
            failures.push(format!("{lang}: {found} %, {solved} %, wrong: {:?}", tally.wrong));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn how_to_cook_pizza_goes_to_people_in_every_language() {
    let (search, rules) = (demo_search(), rules());
    let questions = [
        "how do I cook pizza",
        "¿cómo se cocina una pizza?",
        "comment faire cuire une pizza ?",
        "wie backe ich eine Pizza?",
        "πώς φτιάχνω πίτσα;",
        "كيف أطبخ البيتزا؟",
        "ทำพิซซ่ายังไง",
        "披萨怎么做？",
        "披薩要怎麼做？",
    ];
    for question in questions {
        let (decision, shown, _) = ask(&search, &rules, question);
        assert_eq!(decision.action, Action::Escalate, "{question} got {shown:?}");
        let reasons = [Reason::NothingFound, Reason::LowConfidence, Reason::OutOfDomain];
        assert!(reasons.contains(&decision.reason), "{question}: {}", decision.reason);
    }
}
