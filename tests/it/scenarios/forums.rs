//! Forums that are followed: what is accepted there is sent, and what no longer is, is not.

use insta::assert_snapshot;
use superfan_bots::discourse::fake::STAFF;
use superfan_bots::fakes::Fault;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios![
    what_is_accepted_is_sent_and_what_no_longer_is_goes_to_people,
    an_event_survives_the_process_that_took_it,
    an_answer_is_held_back_while_the_forum_cannot_be_asked,
    an_edit_and_another_accepted_answer_are_followed,
    a_topic_may_have_several_answers,
    what_becomes_private_or_is_deleted_is_not_sent_any_more,
    deliveries_come_twice_late_and_forged,
    a_sweep_finds_what_lost_webhooks_left_behind,
    a_forum_that_asks_for_patience_gets_it,
    a_reply_that_waits_goes_to_people_when_its_answer_is_withdrawn,
    answered_discussions_are_followed,
];

const QUESTION: &str = "How do I pair my speaker?";
const ANSWER: &str = "Press the round button for a while.";

/// Everything read so far, wherever the forum is.
fn read(desk: &TestDesk) -> String {
    let transcript = desk.transcript();
    match desk.discourse_address() {
        Some(address) => transcript.replace(&address, "forum/"),
        None => transcript,
    }
}

async fn what_is_accepted_is_sent_and_what_no_longer_is_goes_to_people(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    desk.telegram("ana").asks(QUESTION).await;
    let (_, post) = desk.forum_solves(QUESTION, ANSWER).await;
    desk.telegram("ben").asks(QUESTION).await;
    desk.discourse().unaccept(post).await;
    desk.is_searchable().await;
    desk.telegram("cleo").asks(QUESTION).await;
    desk.discourse().accept(post).await;
    desk.is_searchable().await;
    desk.telegram("dora").asks(QUESTION).await;

    assert_snapshot!(read(desk), @r"
    telegram/ana   ▶ How do I pair my speaker?
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    telegram/ben   ▶ How do I pair my speaker?
    telegram/ben   ◀ (greeting)
    telegram/ben   ◀ Press the round button for a while. / answer by @zoe / forum/t/how-do-i-pair-my-speaker/101/2 [Helped · Didn't help · Human]
    telegram/cleo  ▶ How do I pair my speaker?
    escalation     · #2 nothing found
    telegram/cleo  ◀ (greeting)
    telegram/cleo  ◀ I've passed this to the team (#2).
    telegram/dora  ▶ How do I pair my speaker?
    telegram/dora  ◀ (greeting)
    telegram/dora  ◀ Press the round button for a while. / answer by @zoe / forum/t/how-do-i-pair-my-speaker/101/2 [Helped · Didn't help · Human]
    ");
    let offered = desk.reads(async |tx| tx.recalls(None, 10).await).await;
    assert_eq!(offered.len(), 1);
    assert_eq!(offered[0].reason, "unaccepted solution; accepted again");
}

async fn an_event_survives_the_process_that_took_it(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let (topic, post) = desk.forum_solves(QUESTION, ANSWER).await;
    let other = desk.discourse().member("max").replies(topic, "Hold both buttons instead.").await;
    // Stored and acknowledged, and nothing done about it yet.
    desk.discourse().accept(other).await;
    assert_eq!(desk.discourse().last_status(), Some(200));
    desk.restarts().await;
    desk.is_searchable().await;
    let live = async |id: u64| {
        let id = id.to_string();
        desk.reads(async |tx| tx.answer(&id).await).await.unwrap().live
    };
    assert!(live(other).await && !live(post).await);
}

async fn an_answer_is_held_back_while_the_forum_cannot_be_asked(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let (_, post) = desk.forum_solves(QUESTION, ANSWER).await;
    for _ in 0..3 {
        desk.discourse().fail_next("/t/", Fault::BadGateway);
    }
    desk.discourse().unaccept(post).await;
    desk.is_searchable().await;
    desk.telegram("ben").asks(QUESTION).await;
    desk.discourse().accept(post).await;
    desk.passes(minutes(1)).await;
    desk.is_searchable().await;
    desk.telegram("cleo").asks(QUESTION).await;
    assert_snapshot!(read(desk), @r"
    telegram/ben   ▶ How do I pair my speaker?
    escalation     · #1 nothing found
    telegram/ben   ◀ (greeting)
    telegram/ben   ◀ I've passed this to the team (#1).
    telegram/cleo  ▶ How do I pair my speaker?
    telegram/cleo  ◀ (greeting)
    telegram/cleo  ◀ Press the round button for a while. / answer by @zoe / forum/t/how-do-i-pair-my-speaker/101/2 [Helped · Didn't help · Human]
    ");
}

async fn an_edit_and_another_accepted_answer_are_followed(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let (topic, post) = desk.forum_solves(QUESTION, ANSWER).await;
    desk.discourse().edit(post, "Press the square button for a while.").await;
    desk.is_searchable().await;
    desk.telegram("ana").asks(QUESTION).await;
    let better =
        desk.discourse().member("max").replies(topic, "Hold both buttons until it beeps.").await;
    desk.discourse().accept(better).await;
    desk.is_searchable().await;
    desk.telegram("ben").asks(QUESTION).await;
    assert_snapshot!(read(desk), @r"
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the square button for a while. / answer by @zoe / forum/t/how-do-i-pair-my-speaker/101/2 [Helped · Didn't help · Human]
    telegram/ben   ▶ How do I pair my speaker?
    telegram/ben   ◀ (greeting)
    telegram/ben   ◀ Hold both buttons until it beeps. / answer by @max / forum/t/how-do-i-pair-my-speaker/101/3 [Helped · Didn't help · Human]
    ");
}

async fn a_topic_may_have_several_answers(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    desk.discourse().allow_several_solutions();
    let (topic, first) = desk.forum_solves(QUESTION, ANSWER).await;
    let second =
        desk.discourse().member("max").replies(topic, "Hold both buttons until it beeps.").await;
    desk.discourse().accept(second).await;
    desk.is_searchable().await;
    assert_eq!(desk.reads(async |tx| tx.count_answers().await).await, 2);
    desk.discourse().unaccept(first).await;
    desk.is_searchable().await;
    desk.telegram("ana").asks(QUESTION).await;
    assert_snapshot!(read(desk), @r"
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Hold both buttons until it beeps. / answer by @max / forum/t/how-do-i-pair-my-speaker/101/3 [Helped · Didn't help · Human]
    ");
}

async fn what_becomes_private_or_is_deleted_is_not_sent_any_more(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let (moved, _) = desk.forum_solves(QUESTION, ANSWER).await;
    let (gone, _) = desk.forum_solves("Which cable fits it?", "Any cable with two ends.").await;
    let (_, post) = desk.forum_solves("Does it float on water?", "It does, face up.").await;
    let inside = desk
        .discourse()
        .member("eve")
        .asks_in(STAFF, "What is our margin?", "Tell me now, please.")
        .await;
    let secret = desk.discourse().member("eve").replies(inside, "It is forty per cent.").await;
    desk.discourse().accept(secret).await;
    desk.is_searchable().await;
    assert_eq!(desk.reads(async |tx| tx.count_answers().await).await, 3);
    desk.discourse().move_topic(moved, STAFF).await;
    desk.discourse().delete_topic(gone).await;
    desk.discourse().delete_post(post).await;
    desk.is_searchable().await;
    assert_eq!(desk.reads(async |tx| tx.count_answers().await).await, 0);
    desk.discourse().recover_topic(gone).await;
    desk.is_searchable().await;
    assert_eq!(desk.reads(async |tx| tx.count_answers().await).await, 1);
    let source = desk.desk().forums.named("discourse").unwrap().source.clone();
    let counts = desk.reads(async |tx| tx.topic_counts(&source).await).await;
    let words = |count: &superfan::store::forums::TopicCount| {
        format!("{} {} {}", count.n, count.outcome, count.reason.as_deref().unwrap_or_default())
    };
    let words: Vec<String> = counts.iter().map(words).collect();
    assert_eq!(
        words,
        ["2 skipped in a private category", "1 kept ", "1 skipped no accepted answer"]
    );
}

async fn deliveries_come_twice_late_and_forged(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let (_, post) = desk.forum_solves(QUESTION, ANSWER).await;
    assert_eq!(desk.discourse().repeat_delivery().await, Some(200));
    desk.is_searchable().await;
    let seq = desk.reads(async |tx| tx.last_answer_seq().await).await;
    // A lost delivery, and the old one comes once more: the forum's word counts, not the event's.
    desk.discourse().lose_deliveries();
    desk.discourse().unaccept(post).await;
    desk.discourse().accept(post).await;
    desk.discourse().deliver_to(&desk.door("discourse"));
    assert_eq!(desk.discourse().repeat_delivery().await, Some(200));
    desk.is_searchable().await;
    assert_eq!(desk.reads(async |tx| tx.last_answer_seq().await).await, seq);
    let forged = superfan_bots::fakes::http_client()
        .post(desk.door("discourse"))
        .header("x-discourse-event", "unaccepted_solution")
        .header("x-discourse-event-signature", format!("sha256={:064}", 0))
        .body(format!(r#"{{"solved":{{"id":{post},"topic_id":1}}}}"#));
    assert_eq!(forged.send().await.unwrap().status(), 401);
    desk.telegram("ana").asks(QUESTION).await;
    assert_snapshot!(read(desk), @r"
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button for a while. / answer by @zoe / forum/t/how-do-i-pair-my-speaker/101/2 [Helped · Didn't help · Human]
    ");
}

async fn a_sweep_finds_what_lost_webhooks_left_behind(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    desk.discourse().set_page_size(2);
    let (gone, _) = desk.forum_solves("Which cable fits it?", "Any cable with two ends.").await;
    let (_, post) = desk.forum_solves("Does it float on water?", "It does, face up.").await;
    let (topic, edited) = desk.forum_solves("Is it made of wood?", "It is made of oak.").await;
    desk.discourse().lose_deliveries();
    desk.forum_solves(QUESTION, ANSWER).await;
    desk.discourse().unaccept(post).await;
    desk.discourse().delete_topic(gone).await;
    desk.discourse().edit(edited, "It is made of walnut.").await;
    assert_eq!(desk.reads(async |tx| tx.count_answers().await).await, 3);
    desk.passes(minutes(61)).await;
    desk.is_searchable().await;
    assert_eq!(desk.reads(async |tx| tx.count_answers().await).await, 2);
    let source = desk.desk().forums.named("discourse").unwrap().source.clone();
    let topic = topic.to_string();
    let kept = desk.reads(async |tx| tx.answers_of_topic(&source, &topic).await).await;
    let kept = kept[0].id.clone();
    let kept = desk.reads(async |tx| tx.answer(&kept).await).await.unwrap();
    assert_eq!(kept.answer, "It is made of walnut.");
    desk.telegram("ana").asks(QUESTION).await;
    assert_snapshot!(read(desk), @r"
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button for a while. / answer by @zoe / forum/t/how-do-i-pair-my-speaker/110/2 [Helped · Didn't help · Human]
    ");
}

async fn a_forum_that_asks_for_patience_gets_it(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    desk.discourse().fail_next("/t/", Fault::TooMany(Some(7)));
    desk.forum_solves(QUESTION, ANSWER).await;
    assert_eq!(desk.reads(async |tx| tx.count_answers().await).await, 0);
    let n_calls = desk.discourse().calls().len();
    desk.passes(seconds(6)).await;
    assert_eq!(desk.discourse().calls().len(), n_calls);
    desk.passes(seconds(2)).await;
    assert_eq!(desk.reads(async |tx| tx.count_answers().await).await, 1);
}

async fn a_reply_that_waits_goes_to_people_when_its_answer_is_withdrawn(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let (_, post) = desk.forum_solves(QUESTION, ANSWER).await;
    desk.telegram("ana").asks("hello").await;
    desk.telegram.fail_next("sendMessage", Fault::TooMany(Some(30)));
    desk.telegram("ana").asks(QUESTION).await;
    desk.discourse().unaccept(post).await;
    desk.is_searchable().await;
    desk.passes(minutes(1)).await;
    assert_snapshot!(read(desk), @r"
    telegram/ana   ▶ hello
    telegram/ana   ◀ (greeting)
    telegram/ana   ▶ How do I pair my speaker?
    delivery       · due: held 30 s by telegram
    escalation     · #1 not sendable
    delivery       · dead: the answer was withdrawn before it was sent
    telegram/ana   ◀ I've passed this to the team (#1).
    ");
}

async fn answered_discussions_are_followed(desk: &mut TestDesk) {
    desk.follows_github().await;
    let github = desk.github();
    let number = github.asks("ana", QUESTION, "I tried it all day long.");
    let comment = github.comments("zoe", number, ANSWER);
    github.answers(number, &comment).await;
    desk.is_searchable().await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.github().edits(number, &comment, "Press the square button for a while.").await;
    desk.is_searchable().await;
    desk.telegram("ben").asks(QUESTION).await;
    desk.github().unanswers(number).await;
    desk.is_searchable().await;
    desk.telegram("cleo").asks(QUESTION).await;
    desk.github().lose_deliveries();
    desk.github().answers(number, &comment).await;
    desk.passes(minutes(61)).await;
    desk.is_searchable().await;
    desk.telegram("dora").asks(QUESTION).await;
    desk.github().deletes(number).await;
    desk.passes(minutes(61)).await;
    assert_eq!(desk.reads(async |tx| tx.count_answers().await).await, 0);
    assert_snapshot!(read(desk), @r"
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button for a while. / answer by @zoe / https://github.example/acme/ears/discussions/1#discussioncomment-DC_2 [Helped · Didn't help · Human]
    telegram/ben   ▶ How do I pair my speaker?
    telegram/ben   ◀ (greeting)
    telegram/ben   ◀ Press the square button for a while. / answer by @zoe / https://github.example/acme/ears/discussions/1#discussioncomment-DC_2 [Helped · Didn't help · Human]
    telegram/cleo  ▶ How do I pair my speaker?
    escalation     · #1 nothing found
    telegram/cleo  ◀ (greeting)
    telegram/cleo  ◀ I've passed this to the team (#1).
    telegram/dora  ▶ How do I pair my speaker?
    telegram/dora  ◀ (greeting)
    telegram/dora  ◀ Press the square button for a while. / answer by @zoe / https://github.example/acme/ears/discussions/1#discussioncomment-DC_2 [Helped · Didn't help · Human]
    ");
}
