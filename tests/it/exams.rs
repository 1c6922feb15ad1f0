//! A new generation is examined before it serves: what it loses, what changes, who may ask.

use superfan::answers::ExamReport;
use superfan::store::golden::GoldenRow;

use crate::base::Base;

/// What became of one piece of work, and what its exam found.
async fn asked(base: &Base, id: i64, kind: &str) -> (String, ExamReport) {
    let mut tx = base.store.begin().await.unwrap();
    tx.ask_index_work(id, kind, "test", base.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    base.catch_up().await;
    let work = base.store.read().await.unwrap().index_work(id).await.unwrap().unwrap();
    let report = serde_json::from_str(&work.report).unwrap_or_default();
    (format!("{}: {}", work.state, work.progress), report)
}

async fn set_golden(base: &Base, rows: &[(&str, Option<&str>)]) {
    let golden = |(question, answer): &(&str, Option<&str>)| GoldenRow {
        question: (*question).to_owned(),
        lang: None,
        answer_id: answer.map(str::to_owned),
    };
    let rows: Vec<GoldenRow> = rows.iter().map(golden).collect();
    let mut tx = base.store.begin().await.unwrap();
    tx.set_golden_questions(&rows).await.unwrap();
    tx.commit().await.unwrap();
}

async fn base() -> Base {
    let base = Base::lite().await;
    base.put("drain", "Battery drains overnight", "Switch off the light.").await;
    base.put("hum", "Speaker hums", "Ground it.").await;
    base.put("cable", "Red cable is loose", "Use the blue one.").await;
    base.catch_up().await;
    base
}

#[tokio::test]
async fn without_golden_questions_the_bases_own_are_asked() {
    for base in Base::both().await {
        base.put("hum", "Speaker hums", "Ground it.").await;
        base.catch_up().await;
        let (ended, report) = asked(&base, 1, "rebuild").await;
        assert_eq!(
            ended,
            "done: generation 2 is in service: 1 of 1 sampled questions find their answer first \
             (1 before), 0 get another first answer"
        );
        let sitting = (report.after.answers, report.after.generation, report.before.generation);
        assert_eq!((report.golden, report.questions, sitting), (false, 1, (1, 2, 1)));
        assert!(report.after.bytes > 0 && report.after.p95_us >= report.after.median_us);
    }
}

#[tokio::test]
async fn a_trial_build_says_what_would_change_and_leaves_no_trace() {
    let base = base().await;
    // What serves has not heard of a change that the store has: its answers differ from a rebuild's.
    let index = base.search.index();
    let stale = superfan_index::Change::Remove("hum".to_owned());
    index.apply(&[stale], index.seq()).unwrap();
    let golden = [("the speaker hums", Some("hum")), ("battery drains", Some("drain"))];
    set_golden(&base, &golden).await;

    let (ended, report) = asked(&base, 1, "check").await;
    assert_eq!(
        ended,
        "done: would pass: 2 of 2 golden questions find their answer first (1 before), \
         1 get another first answer"
    );
    let change = &report.changes[0];
    assert_eq!(change.question, "the speaker hums");
    let [before, after] = change.tops().map(|top| top.map(|top| top.id.as_str()));
    assert_eq!((before, after), (Some("drain"), Some("hum")));
    assert_eq!(base.find("hums").await, "", "what serves is as it was");
    assert_eq!(index.generations().len(), 1);
}

#[tokio::test]
async fn a_generation_that_loses_right_answers_does_not_serve() {
    let base = base().await;
    let index = base.search.index();
    // What serves knows better than the store: the rebuild loses three answers.
    for id in ["x", "y", "z"] {
        let better = superfan_index::IndexedAnswer {
            id: "hum".to_owned(),
            lang: "en".to_owned(),
            title: format!("Speaker hums {id} gramophone {id} wardrobe {id} lighthouse"),
            answer: "Ground it.".to_owned(),
            ..superfan_index::IndexedAnswer::default()
        };
        index.apply(&[superfan_index::Change::Put(Box::new(better))], index.seq()).unwrap();
    }
    let golden =
        [("gramophone", Some("hum")), ("wardrobe", Some("hum")), ("lighthouse", Some("hum"))];
    set_golden(&base, &golden).await;

    let (ended, report) = asked(&base, 1, "rebuild").await;
    let refusal = "0 of 3 questions find their answer first, with the generation in service 3";
    assert_eq!(ended, format!("failed: generation 2 did not pass: {refusal}"));
    assert_eq!(report.refusal.as_deref(), Some(refusal));
    assert_eq!(index.generation(), 1);
    assert_eq!(base.find("lighthouse").await, "hum");
}

#[tokio::test]
async fn an_answer_that_retired_is_not_expected_any_more() {
    let base = base().await;
    set_golden(&base, &[("the speaker hums", Some("hum")), ("red cable", None)]).await;
    base.retire("hum").await;
    base.catch_up().await;
    let (_, report) = asked(&base, 1, "rebuild").await;
    assert_eq!((report.questions, report.with_answer, report.golden), (2, 0, true));
}
