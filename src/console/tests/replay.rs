//! The replay's page: what it says, and who judges its pairs.

use axum::http::StatusCode;

use super::house::House;
use super::samples;
use crate::clock::from_millis;
use crate::ids::ReplayId;
use crate::store::answers::AnswerRow;
use crate::store::replay_cases::ReplayCase;
use crate::store::replays::{Place, ReplayRow};
use crate::vocabulary::{Action, Reason, Role};

/// A replay of one question, answered with another one's answer.
async fn replayed(house: &House) {
    let mut tx = house.desk.store.begin().await.unwrap();
    for id in ["asked", "sent"] {
        let seq = tx.next_answer_seq().await.unwrap();
        let text = format!("{id} text");
        let row = AnswerRow {
            id: id.to_owned(),
            source_id: id.to_owned(),
            title: format!("{id} title"),
            answer: text,
            live: true,
            seq,
            ..samples::answer().row
        };
        tx.put_answer(&row).await.unwrap();
    }
    let replay = ReplayRow {
        id: ReplayId(7),
        fingerprint: String::new(),
        from: None,
        mode: "by words only".to_owned(),
        target: 0.95,
        n_rows: 1,
        n_undated: 0,
        n_walked: 1,
        walked: Place::before(from_millis(0)),
        alike_at: 1.0,
        started_at: from_millis(0),
        ended_at: None,
    };
    let case = ReplayCase {
        question_id: "asked".to_owned(),
        position: 0,
        month: "2026-01".to_owned(),
        action: Action::Answer,
        reason: Reason::Confident,
        confidence: 0.9,
        sent_id: Some("sent".to_owned()),
        author: Some("Ana".to_owned()),
        linked: false,
        likeness: 0.2,
    };
    tx.start_replay(&replay).await.unwrap();
    assert!(tx.keep_replay(&replay, &[case]).await.unwrap());
    tx.end_replay(replay.id, 0.3, from_millis(1)).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_pair_is_judged_with_one_key_and_counts() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Expert).await;
    let empty = house.get(&lee, "/replay").await;
    assert!(empty.page().contains("No replay yet"));

    replayed(&house).await;
    let page = house.get(&lee, "/replay").await;
    for said in ["sent text", "asked text", "0 of 1</strong> agree", "estimate", "<svg ", "judge-1"]
    {
        assert!(page.page().contains(said), "{said}: {}", page.page());
    }
    let fields = [("question", "asked"), ("sent", "sent"), ("agrees", "yes"), ("after", "1")];
    let seen = house.post(&lee, "/replay/judge", &fields).await;
    assert_eq!(seen.location(), "/replay?from=0&after=1&done=judged#judge");
    let page = house.get(&lee, "/replay").await;
    assert!(page.page().contains("1 of 1</strong> agree"), "{}", page.page());
    assert!(page.page().contains("by person") && !page.page().contains("judge-1"));
    let again = house.get(&lee, "/replay?pair=asked").await;
    assert!(again.page().contains("judge-1"), "a judged pair can be judged again");
}

#[tokio::test]
async fn a_viewer_reads_the_replay_and_judges_nothing() {
    let house = House::open().await;
    replayed(&house).await;
    let vic = house.person("vic", Role::Viewer).await;
    let page = house.get(&vic, "/replay").await;
    assert!(page.page().contains("needs the role expert") && !page.page().contains("judge-1"));
    let fields = [("question", "asked"), ("sent", "sent"), ("agrees", "yes")];
    let seen = house.post(&vic, "/replay/judge", &fields).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    assert!(house.get(&vic, "/replay").await.page().contains("0 of 1</strong> agree"));
}
