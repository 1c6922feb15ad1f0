//! What learning phrasings is worth, on the demo forum: repeated paraphrases are found better, and
//! nothing else is found worse.

use std::path::Path;

use serde::Deserialize;
use superfan::answers::read::{Format, Item, open};
use superfan_index::{Change, Index, IndexedAnswer, Question};

/// One line of `questions.jsonl`.
#[derive(Clone, Deserialize)]
struct TestQuestion {
    lang: String,
    text: String,
    relevant: Vec<String>,
}

fn demo(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo").join(name)
}

fn demo_answers() -> Vec<IndexedAnswer> {
    let reader = open(Format::Stackexchange, &demo("")).unwrap();
    reader
        .map(|item| match item.unwrap() {
            Item::Answer(answer) => IndexedAnswer {
                id: answer.id,
                lang: answer.lang.unwrap(),
                title: answer.title,
                question: answer.question,
                answer: answer.answer,
                tags: answer.tags,
                votes: answer.score,
                sendable: true,
                ..IndexedAnswer::default()
            },
            Item::Skipped(skipped) => panic!("the demo forum is clean: {skipped:?}"),
        })
        .collect()
}

/// Asks again in fewer words: every third one is lost; unspaced scripts lose every third sign.
fn again(text: &str) -> String {
    let is_kept = |at: usize| at % 3 != 1;
    if text.contains(' ') && !text.chars().any(|c| matches!(c, '\u{0e00}'..='\u{0e7f}')) {
        let words = text.split_whitespace().enumerate().filter(|(at, _)| is_kept(*at));
        words.map(|(_, word)| word).collect::<Vec<_>>().join(" ")
    } else {
        text.chars().enumerate().filter(|(at, _)| is_kept(*at)).map(|(_, c)| c).collect()
    }
}

/// The mean of 1 / rank of the right answer among the first ten, 0 where it is not among them.
fn found(index: &Index, questions: &[(String, &TestQuestion)]) -> f64 {
    let rank = |(text, question): &(String, &TestQuestion)| {
        let asked = Question { text: text.clone(), lang: Some(question.lang.clone()) };
        let hits = index.search(&asked, 10).unwrap().hits;
        let at = hits.iter().position(|hit| question.relevant.contains(&hit.id));
        at.map_or(0.0, |at| 1.0 / f64::from(u32::try_from(at).unwrap() + 1))
    };
    let n = f64::from(u32::try_from(questions.len()).unwrap());
    questions.iter().map(rank).sum::<f64>() / n
}

/// How sure the index is of its best hit for what nobody has answered, on the whole.
fn sure_of_strangers(index: &Index, strangers: &[&TestQuestion]) -> f64 {
    let sure = |question: &&TestQuestion| {
        let asked = Question { text: question.text.clone(), lang: Some(question.lang.clone()) };
        let hits = index.search(&asked, 1).unwrap().hits;
        hits.first().map_or(0.0, |hit| f64::from(hit.confidence.get()))
    };
    strangers.iter().map(sure).sum()
}

#[test]
fn repeated_paraphrases_are_found_better_and_nothing_else_worse() {
    let answers = demo_answers();
    let lines = std::fs::read_to_string(demo("questions.jsonl")).unwrap();
    let questions: Vec<TestQuestion> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered = questions.iter().filter(|question| !question.relevant.is_empty());
    let (taught, others): (Vec<_>, Vec<_>) = answered.enumerate().partition(|(at, _)| at % 2 == 0);
    let taught: Vec<_> = taught.into_iter().map(|(_, q)| (again(&q.text), q)).collect();
    let others: Vec<_> = others.into_iter().map(|(_, q)| (q.text.clone(), q)).collect();
    let strangers: Vec<_> = questions.iter().filter(|q| q.relevant.is_empty()).collect();

    let index = Index::in_ram();
    let generation = index.build(&mut answers.clone().into_iter(), 1, &|_| {}).unwrap();
    index.swap_to(generation).unwrap();
    let before = (found(&index, &taught), found(&index, &others));
    let strangers_before = sure_of_strangers(&index, &strangers);

    let learned = taught.iter().filter_map(|(_, question)| {
        let answer = answers.iter().find(|answer| question.relevant.contains(&answer.id))?;
        let phrasings = vec![question.text.clone()];
        Some(Change::Put(Box::new(IndexedAnswer { phrasings, ..answer.clone() })))
    });
    index.apply(&learned.collect::<Vec<_>>(), 2).unwrap();
    let after = (found(&index, &taught), found(&index, &others));
    let strangers_after = sure_of_strangers(&index, &strangers);

    eprintln!(
        "repeated paraphrases {:.3} → {:.3}, others {:.3} → {:.3}, strangers {:.2} → {:.2}",
        before.0, after.0, before.1, after.1, strangers_before, strangers_after
    );
    assert!(after.0 >= before.0 + 0.02, "learning is worth something");
    assert!(after.1 >= before.1 - 0.01, "what was not taught is found as before");
    assert!(strangers_after <= strangers_before * 1.1, "strangers get no surer answers");
}
