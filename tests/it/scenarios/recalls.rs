//! Wrong answers, taken back from everyone who got them: once each, by what their channel allows.

use insta::assert_snapshot;
use serde_json::json;
use superfan::answers::{AnswerEdit, acts};
use superfan::people::ActError;
use superfan::vocabulary::{RecallKind, RecallState, Role};
use superfan_bots::fakes::Fault;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios![
    a_moderator_recalls_a_wrong_answer_from_everyone_who_got_it,
    the_right_answer_takes_the_place_of_the_wrong_one,
    a_recall_goes_on_after_a_restart_and_reaches_nobody_twice,
    a_recall_keeps_the_platforms_pace_and_names_what_failed,
    what_a_forum_no_longer_accepts_is_taken_back_by_setting,
    who_may_not_recall_is_refused,
    who_gets_old_words_after_a_change_is_corrected_too,
    a_program_recalls_over_the_api,
];

const QUESTION: &str = "How do I pair my speaker with the television in the living room?";
const WRONG: &str = "Put it into the oven.";

async fn a_moderator_recalls_a_wrong_answer_from_everyone_who_got_it(desk: &mut TestDesk) {
    let answer = desk.knows(QUESTION, WRONG).await;
    desk.joins_discord(&[]).await;
    desk.joins_x("1.00").await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.caller("shop").asks("1", QUESTION).await;
    desk.guest("visitor").asks("1", QUESTION).await;
    desk.member("mia").asks(QUESTION).await;
    desk.poster("mira").posts(&format!("@brand_care {QUESTION}")).await;
    // Told to stop, and left alone since: what stands there may change, but nothing new is said.
    desk.caller("quiet").asks("1", QUESTION).await;
    desk.caller("quiet").asks("2", "stop").await;
    desk.news();

    let lee = desk.person("lee", Role::Moderator).await;
    let recall = lee.reports(&answer, "burns the house down").await;
    desk.telegram("ben").asks(QUESTION).await;
    assert_snapshot!(desk.news(), @r"
    telegram/ben   ▶ How do I pair my speaker with the television in the living room?
    escalation     · #1 nothing found
    telegram/ben   ◀ (greeting)
    telegram/ben   ◀ I've passed this to the team (#1).
    ");
    let reach = desk.reads(async |tx| tx.reach_of(&answer).await).await;
    let reach: Vec<String> =
        reach.iter().map(|one| format!("{} {}", one.channel, one.n_conversations)).collect();
    assert_eq!(reach, ["webhook 2", "discord 1", "telegram 1", "webchat 1", "x 1"]);

    lee.recalls(&recall, None).await.unwrap();
    desk.passes(minutes(5)).await;
    assert_snapshot!(desk.news(), @r"
    webhook/shop   ◀ The answer I sent you earlier turned out to be wrong. Please don't follow it.
    telegram/ana   ✎ The answer I sent you earlier turned out to be wrong. Please don't follow it.
    x              ✗ @mira Put it into the oven. / answer by @mara / Reply YES, NO or HUMAN.
    discord/mia    ✎ The answer I sent you earlier turned out to be wrong. Please don't follow it.
    webchat/visitor ◀ The answer I sent you earlier turned out to be wrong. Please don't follow it.
    ");
    let over = desk.reads(async |tx| tx.recall(recall.id).await).await.unwrap();
    assert_eq!((over.state, over.n_left_alone), (RecallState::Done, 1));
    let again = lee.recalls(&recall, None).await;
    assert!(matches!(again, Err(ActError::Conflict { .. })));
    let audit = desk.reads(async |tx| tx.audit(10).await).await;
    let acts: Vec<&str> = audit.iter().map(|row| row.act.as_str()).collect();
    assert_eq!(acts[..3], ["recall", "report wrong", "retire"]);
}

async fn the_right_answer_takes_the_place_of_the_wrong_one(desk: &mut TestDesk) {
    let answer = desk.knows(QUESTION, &format!("{WRONG} ").repeat(300)).await;
    desk.joins_discord(&[]).await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.member("mia").asks(QUESTION).await;
    desk.caller("shop").asks("1", QUESTION).await;
    desk.passes(seconds(10)).await;
    desk.news();
    let lee = desk.person("lee", Role::Moderator).await;
    let recall = lee.reports(&answer, "burns the house down").await;
    lee.recalls(&recall, Some("Press the round button.")).await.unwrap();
    desk.passes(minutes(1)).await;
    assert_snapshot!(desk.news(), @r"
    webhook/shop   ◀ A correction: the answer I sent you earlier was wrong. This is the right one: / Press the round button.
    telegram/ana   ✎ A correction: the answer I sent you earlier was wrong. This is the right one: / Press the round button. / answer by @mara
    discord/mia    ✎ A correction: the answer I sent you earlier was wrong. This is the right one: / Press the round button. / answer by @mara
    discord/mia    ✗ (deleted)
    discord/mia    ✗ (deleted)
    discord/mia    ✗ (deleted)
    telegram/ana   ✎ ↑
    ");
    desk.telegram("ben").asks(QUESTION).await;
    assert_snapshot!(desk.news(), @r"
    telegram/ben   ▶ How do I pair my speaker with the television in the living room?
    telegram/ben   ◀ (greeting)
    telegram/ben   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_recall_goes_on_after_a_restart_and_reaches_nobody_twice(desk: &mut TestDesk) {
    let answer = desk.knows(QUESTION, WRONG).await;
    for name in ["ana", "ben", "cleo"] {
        desk.telegram(name).asks(QUESTION).await;
    }
    desk.caller("shop").asks("1", QUESTION).await;
    desk.news();
    let lee = desk.person("lee", Role::Moderator).await;
    let recall = lee.reports(&answer, "burns the house down").await;
    lee.starts_recalling(&recall, None).await.unwrap();
    desk.restarts().await;
    // Whatever was gone through is gone through again: the outbox takes nothing twice.
    desk.sabotages("UPDATE recalls SET state = 'running', cursor = 0, ended_at = NULL").await;
    desk.restarts().await;
    desk.passes(minutes(1)).await;
    assert_snapshot!(desk.news(), @r"
    webhook/shop   ◀ The answer I sent you earlier turned out to be wrong. Please don't follow it.
    telegram/ana   ✎ The answer I sent you earlier turned out to be wrong. Please don't follow it.
    telegram/ben   ✎ The answer I sent you earlier turned out to be wrong. Please don't follow it.
    telegram/cleo  ✎ The answer I sent you earlier turned out to be wrong. Please don't follow it.
    ");
    assert_eq!(desk.telegram.edited().len(), 3);
}

async fn a_recall_keeps_the_platforms_pace_and_names_what_failed(desk: &mut TestDesk) {
    let answer = desk.knows(QUESTION, WRONG).await;
    for name in ["ana", "ben", "cleo"] {
        desk.telegram(name).asks(QUESTION).await;
    }
    desk.news();
    let lee = desk.person("lee", Role::Moderator).await;
    let recall = lee.reports(&answer, "burns the house down").await;
    desk.telegram.fail_next("editMessageText", Fault::CutAfter);
    desk.telegram.fail_next("editMessageText", Fault::TooMany(Some(20)));
    let gone = "Bad Request: message to edit not found".to_owned();
    desk.telegram.fail_next("editMessageText", Fault::Refuse(400, gone));
    lee.recalls(&recall, None).await.unwrap();
    desk.passes(seconds(2)).await;
    let running = desk.reads(async |tx| tx.recall(recall.id).await).await.unwrap();
    assert_eq!(running.state, RecallState::Running);
    desk.passes(minutes(2)).await;
    let over = desk.reads(async |tx| tx.recall(recall.id).await).await.unwrap();
    assert_eq!(over.state, RecallState::Done);
    let failed = desk.reads(async |tx| tx.recall_failures(recall.id, 10).await).await;
    assert_eq!(failed.len(), 1);
    let edited = desk.telegram.edited();
    assert!(edited.iter().all(|sent| sent.text.starts_with("The answer I sent you earlier")));
    assert_eq!(edited.len(), 2);
    desk.news();
}

async fn what_a_forum_no_longer_accepts_is_taken_back_by_setting(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let (_, post) = desk.forum_solves(QUESTION, "Put it into the oven for a while.").await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.restarts_with(&[("SUPERFAN_RECALL", "automatic")]).await;
    desk.discourse().unaccept(post).await;
    desk.is_searchable().await;
    desk.passes(minutes(1)).await;
    assert_snapshot!(desk.transcript().replace(&desk.discourse_address().unwrap(), "forum/"), @r"
    telegram/ana   ▶ How do I pair my speaker with the television in the living room?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Put it into the oven for a while. / answer by @zoe / forum/t/how-do-i-pair-my-speaker-with-the-television-in-the-living-room/101/2 [Helped · Didn't help · Human]
    telegram/ana   ✎ The answer I sent you earlier turned out to be wrong. Please don't follow it.
    ");
    let recalls = desk.reads(async |tx| tx.recalls(None, 10).await).await;
    assert_eq!(recalls[0].actor.as_deref(), Some("by setting"));
}

async fn who_may_not_recall_is_refused(desk: &mut TestDesk) {
    let answer = desk.knows(QUESTION, WRONG).await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.news();
    let lee = desk.person("lee", Role::Moderator).await;
    let kim = desk.person("kim", Role::Expert).await;
    let recall = lee.reports(&answer, "burns the house down").await;
    let refused = kim.recalls(&recall, None).await;
    assert!(matches!(refused, Err(ActError::Forbidden { .. })));
    assert_eq!(desk.telegram.edited().len(), 0);
}

async fn who_gets_old_words_after_a_change_is_corrected_too(desk: &mut TestDesk) {
    let answer = desk.knows(QUESTION, WRONG).await;
    desk.telegram("ana").asks("hello").await;
    desk.telegram.fail_next("sendMessage", Fault::TooMany(Some(30)));
    desk.telegram("ana").asks(QUESTION).await;
    desk.news();
    // The words are on their way while somebody puts them right.
    let lee = desk.person("lee", Role::Moderator).await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let right = Some("Press the round button.".to_owned());
    let edit = AnswerEdit { answer: right, ..AnswerEdit::default() };
    acts::edit(&mut tx, &desk.desk().stage(), &lee.actor, &answer, edit).await.unwrap();
    tx.commit().await.unwrap();
    desk.is_searchable().await;
    let offered = desk.reads(async |tx| tx.recalls(None, 10).await).await.remove(0);
    assert_eq!((offered.state, offered.kind), (RecallState::Offered, RecallKind::Corrected));
    lee.recalls(&offered, None).await.unwrap();
    desk.passes(minutes(2)).await;
    assert_snapshot!(desk.news(), @r"
    telegram/ana   ◀ Put it into the oven. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ✎ A correction: the answer I sent you earlier was wrong. This is the right one: / Press the round button. / answer by @mara
    ");
}

async fn a_program_recalls_over_the_api(desk: &mut TestDesk) {
    let answer = desk.knows(QUESTION, WRONG).await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.caller("shop").asks("1", QUESTION).await;
    desk.news();
    let wrong = format!("POST /api/v1/answers/{answer}/wrong");
    assert_eq!(desk.calls(&wrong, r#"{"reason":" "}"#).await.0, 422);
    assert_eq!(desk.calls("POST /api/v1/answers/none/wrong", r#"{"reason":"x"}"#).await.0, 404);
    let (status, recall) = desk.calls(&wrong, r#"{"reason":"burns the house down"}"#).await;
    assert_eq!(
        (status, &recall["state"], &recall["kind"]),
        (200, &"offered".into(), &"wrong".into())
    );
    let reach: Vec<String> = recall["reach"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {}", one["channel"].as_str().unwrap(), one["conversations"]))
        .collect();
    assert_eq!(reach, ["telegram 1", "webhook 1"]);
    desk.passes(minutes(1)).await;
    assert_eq!(desk.news(), "", "nobody is told before somebody says so");
    let id = recall["id"].as_str().unwrap();
    let confirm = format!("POST /api/v1/recalls/{id}/confirm");
    let (status, running) =
        desk.calls(&confirm, r#"{"correction":"Press the round button."}"#).await;
    assert_eq!((status, &running["state"]), (200, &"running".into()), "{running}");
    assert_eq!(desk.calls(&confirm, "").await.0, 409);
    assert_eq!(desk.calls(&format!("POST /api/v1/recalls/{id}/dismiss"), "").await.0, 409);
    desk.passes(minutes(1)).await;
    assert_snapshot!(desk.news(), @r"
    webhook/shop   ◀ A correction: the answer I sent you earlier was wrong. This is the right one: / Press the round button.
    telegram/ana   ✎ A correction: the answer I sent you earlier was wrong. This is the right one: / Press the round button. / answer by @mara
    ");
    let (_, over) = desk.calls(&format!("GET /api/v1/recalls/{id}"), "").await;
    assert_eq!((&over["state"], &over["actor"]), (&"done".into(), &"API".into()));
    let sent = |channel: &str| json!({ "channel": channel, "state": "sent", "n": 1 });
    assert_eq!(over["progress"], json!([sent("telegram"), sent("webhook")]));
    let (_, all) = desk.calls("GET /api/v1/recalls?state=done", "").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    assert_eq!(desk.calls("GET /api/v1/recalls?state=lost", "").await.0, 400);
}
