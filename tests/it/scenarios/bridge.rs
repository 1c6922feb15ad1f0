//! Questions that nobody here can answer go to the forum, and the answers come back.

use superfan::bridge::{self, Place, Wording, proposed};
use superfan::clock::Clock;
use superfan::fans::{Period, Wanted, board};
use superfan::ids::EscalationId;
use superfan::people::ActError;
use superfan::store::bridges::BridgeRow;
use superfan::vocabulary::{BridgeState, EscalationState, Outcome};
use superfan_bots::discourse::fake::FakeTopic;
use superfan_bots::fakes::Fault;

use crate::desk::{Agent, TestDesk, minutes, scenarios, seconds};

scenarios! {
    a_question_goes_to_the_forum_and_its_answer_to_all_who_wait,
    nothing_is_posted_without_a_yes,
    exactly_one_topic_is_opened_whatever_is_heard_of_it,
    a_process_that_ends_after_posting_finds_its_topic,
    the_card_says_why_somebody_cannot_be_told,
    an_answer_withdrawn_on_its_way_is_waited_for_anew,
    a_topic_that_is_there_already_answers_too,
    by_rule_the_customer_is_asked_and_a_moderator_has_time,
    what_the_forum_seems_to_have_is_not_posted_by_rule,
    the_forums_refusal_goes_back_to_the_moderator,
}

const QUESTION: &str = "My cat walked on the router, call me at +30 210 123 4567";
pub(super) const ANSWER: &str = "Unplug it for a minute.";

pub(super) async fn row(desk: &TestDesk, number: i64) -> BridgeRow {
    let id = desk.escalation(number).await.id;
    desk.reads(async |tx| tx.bridge(id).await).await.expect("the forum was thought of")
}

pub(super) async fn state(desk: &TestDesk, number: i64) -> BridgeState {
    row(desk, number).await.state
}

/// Topics that we opened.
fn ours(desk: &TestDesk) -> Vec<FakeTopic> {
    desk.discourse().topics().into_iter().filter(|topic| topic.external_id.is_some()).collect()
}

fn source(desk: &TestDesk) -> String {
    desk.desk().forums.named("discourse").unwrap().source.clone()
}

async fn asks_customer(desk: &TestDesk, lee: &Agent<'_>, number: i64) {
    let escalation = desk.escalation(number).await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let wording = proposed(&mut tx, &escalation).await.unwrap();
    let (stage, source) = (desk.desk().stage(), source(desk));
    let what = (escalation.id, source.as_str());
    bridge::ask(&mut tx, &stage, &lee.actor, what, &wording).await.unwrap();
    tx.commit().await.unwrap();
    desk.settle().await;
}

/// Nothing else happens yet.
async fn approves(desk: &TestDesk, lee: &Agent<'_>, number: i64) -> Result<(), ActError> {
    let known = row(desk, number).await;
    let wording = Wording { title: known.title, text: known.text };
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    bridge::post(&mut tx, &stage, &lee.actor, known.escalation_id, &wording).await?;
    tx.commit().await.unwrap();
    Ok(())
}

pub(super) async fn joins(
    desk: &TestDesk,
    lee: &Agent<'_>,
    leader: i64,
    others: &[EscalationId],
) -> usize {
    let leader = desk.escalation(leader).await.id;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    let n = bridge::join(&mut tx, &stage, &lee.actor, leader, others).await.unwrap();
    tx.commit().await.unwrap();
    desk.settle().await;
    n
}

/// The customer of #1 agrees, and the question stands in the forum; the topic.
pub(super) async fn stands_in_the_forum(desk: &TestDesk, lee: &Agent<'_>) -> u64 {
    asks_customer(desk, lee, 1).await;
    desk.telegram("ana").presses("Yes, ask them").await;
    approves(desk, lee, 1).await.unwrap();
    desk.passes(seconds(5)).await;
    assert_eq!(state(desk, 1).await, BridgeState::Open);
    ours(desk)[0].id
}

pub(super) async fn is_accepted(desk: &TestDesk, topic: u64, answer: &str) -> u64 {
    let post = desk.discourse().member("zoe").replies(topic, answer).await;
    desk.discourse().accept(post).await;
    desk.is_searchable().await;
    desk.passes(seconds(5)).await;
    post
}

async fn a_question_goes_to_the_forum_and_its_answer_to_all_who_wait(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let lee = desk.agent("lee").await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.caller("ben").asks("m1", "a cat walked over my router").await;
    desk.telegram("cleo").asks("Where is my parcel?").await;
    asks_customer(desk, &lee, 1).await;
    let news = desk.news();
    assert!(news.contains("telegram/ana   ◀ Nobody in the team knows the answer to #1"), "{news}");
    assert!(news.contains("[Yes, ask them · No, don't]"), "{news}");
    let masked = "My cat walked on the router, call me at [phone]";
    assert_eq!(row(desk, 1).await.text, masked);

    // Only the asker's press counts.
    assert!(matches!(approves(desk, &lee, 1).await, Err(ActError::Conflict { .. })));
    desk.telegram("ana").presses("Yes, ask them").await;
    assert!(desk.news().contains("I'll tell you here when there is an answer (#1)."));
    let ben = desk.escalation(2).await;
    let of_ana = desk.escalation(1).await;
    let alike = desk.reads(async |tx| bridge::alike(tx, &of_ana).await).await;
    assert_eq!(alike.iter().map(|row| row.number).collect::<Vec<_>>(), [2]);
    assert_eq!(joins(desk, &lee, 1, &[ben.id, ben.id]).await, 1);
    approves(desk, &lee, 1).await.unwrap();
    assert!(matches!(approves(desk, &lee, 1).await, Err(ActError::Conflict { .. })), "once");
    desk.passes(seconds(5)).await;

    let topics = ours(desk);
    assert_eq!(topics.len(), 1);
    assert_eq!(topics[0].title, masked);
    let first = desk.discourse().posts(topics[0].id)[0].raw.clone();
    assert!(first.starts_with(masked) && !first.contains("210"), "{first}");
    assert!(!topics[0].external_id.as_deref().unwrap().contains(&of_ana.id.to_string()));
    assert_eq!([state(desk, 1).await, state(desk, 2).await], [BridgeState::Open; 2]);

    is_accepted(desk, topics[0].id, ANSWER).await;
    let news = desk.news();
    for who in ["telegram/ana   ◀ You asked (#1)", "webhook/ben    ◀ You asked (#2)"] {
        assert_eq!(news.matches(who).count(), 1, "{news}");
    }
    assert!(news.contains(&format!("{ANSWER} / answer by @zoe / ")), "{news}");
    assert!(!news.contains("telegram/cleo"), "{news}");
    for number in [1, 2] {
        assert_eq!(state(desk, number).await, BridgeState::Told);
        let closed = desk.escalation(number).await;
        assert_eq!(
            (closed.state, closed.outcome),
            (EscalationState::Closed, Some(Outcome::Solved))
        );
    }
    assert_eq!(desk.escalation(3).await.state, EscalationState::Open);

    // The forum's acceptance credits the author, and so does whoever says that it helped.
    desk.telegram("ana").presses("Helped").await;
    assert!(desk.news().contains("@zoe has been credited"));
    desk.passes(minutes(20)).await;
    let wanted = Wanted { period: Period::All, ..Wanted::default() };
    let board = desk.reads(async |tx| board(tx, &wanted, 10, desk.clock.now()).await).await;
    let zoe = board.fans.iter().find(|fan| fan.name == "zoe").unwrap();
    assert_eq!((zoe.solves, zoe.on_forum), (2, 1));

    // The same event again tells nobody twice.
    desk.discourse().repeat_delivery().await;
    desk.is_searchable().await;
    desk.passes(seconds(5)).await;
    assert_eq!(desk.news(), "");
}

async fn nothing_is_posted_without_a_yes(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let lee = desk.agent("lee").await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.telegram("ben").asks("Where is my parcel?").await;
    desk.telegram("cleo").asks("Does it float on water?").await;
    for number in 1..=3 {
        asks_customer(desk, &lee, number).await;
    }
    desk.telegram("ana").presses("No, don't").await;
    desk.telegram("ben").asks("no").await;
    desk.passes(minutes(600)).await;
    let states = [state(desk, 1).await, state(desk, 2).await, state(desk, 3).await];
    assert_eq!(states, [BridgeState::Declined, BridgeState::Declined, BridgeState::Asked]);
    for number in 1..=3 {
        assert!(matches!(approves(desk, &lee, number).await, Err(ActError::Conflict { .. })));
    }
    // Who changes their mind may; until it is posted.
    desk.telegram("ana").presses("Yes, ask them").await;
    assert_eq!(state(desk, 1).await, BridgeState::Agreed);
    desk.telegram("ana").presses("No, don't").await;
    // A yes to something else is none to this.
    desk.telegram("cleo").asks("Which cable fits it?").await;
    desk.telegram("cleo").asks("yes").await;
    assert_eq!(state(desk, 3).await, BridgeState::Asked);
    desk.passes(minutes(10)).await;
    assert_eq!(ours(desk).len(), 0);
    assert_eq!(desk.transcript().matches("nothing is posted. The team still has it").count(), 3);
}

async fn exactly_one_topic_is_opened_whatever_is_heard_of_it(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let faults = [
        Fault::CutAfter,
        Fault::CutBefore,
        Fault::BadGateway,
        Fault::Malformed,
        Fault::TooMany(Some(20)),
    ];
    let things = ["router", "speaker", "camera", "lamp", "printer"];
    for (number, (fault, thing)) in (1..).zip(faults.into_iter().zip(things)) {
        let lee = desk.agent("lee").await;
        let name = format!("ana{number}");
        let question = format!("Why does my {thing} hum all day long?");
        desk.telegram(&name).asks(&question).await;
        asks_customer(desk, &lee, number).await;
        desk.telegram(&name).presses("Yes, ask them").await;
        desk.discourse().fail_next("/posts.json", fault.clone());
        approves(desk, &lee, number).await.unwrap();
        desk.settle().await;
        desk.restarts().await;
        desk.passes(minutes(1)).await;
        assert_eq!(state(desk, number).await, BridgeState::Open, "{fault:?}");
        let there = usize::try_from(number).unwrap();
        assert_eq!(ours(desk).len(), there, "{fault:?}");
    }
    desk.transcript();
}

async fn a_process_that_ends_after_posting_finds_its_topic(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let lee = desk.agent("lee").await;
    desk.telegram("ana").asks(QUESTION).await;
    asks_customer(desk, &lee, 1).await;
    desk.telegram("ana").presses("Yes, ask them").await;
    approves(desk, &lee, 1).await.unwrap();
    let posting = row(desk, 1).await;
    desk.passes(seconds(5)).await;
    assert_eq!(ours(desk).len(), 1);
    // What a process leaves that is killed between posting and writing it down: the attempt is
    // counted, and nothing is known of its end.
    let left = BridgeRow { tries: posting.tries + 1, ..posting };
    let mut tx = desk.desk().store.begin().await.unwrap();
    tx.put_bridge(&left, desk.desk().stage().now).await.unwrap();
    tx.commit().await.unwrap();
    let n_posts = |desk: &TestDesk| {
        desk.discourse().calls().iter().filter(|call| call.starts_with("POST")).count()
    };
    let before = n_posts(desk);
    desk.restarts().await;
    desk.passes(seconds(5)).await;
    assert_eq!(state(desk, 1).await, BridgeState::Open);
    assert_eq!((ours(desk).len(), n_posts(desk)), (1, before), "looked up, not posted again");
    desk.transcript();
}

async fn the_card_says_why_somebody_cannot_be_told(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let lee = desk.agent("lee").await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.telegram("ben").asks("a cat walked over my router").await;
    let topic = stands_in_the_forum(desk, &lee).await;
    let ben = desk.escalation(2).await.id;
    joins(desk, &lee, 1, &[ben]).await;
    desk.telegram("ana").customer.blocks_the_bot().await;
    desk.telegram("ben").says("/stop").await;
    is_accepted(desk, topic, ANSWER).await;
    let news = desk.transcript();
    assert!(!news.contains(ANSWER), "{news}");
    for number in [1, 2] {
        let row = row(desk, number).await;
        assert_eq!(row.state, BridgeState::Untold);
        let why = row.trouble.unwrap();
        let known = ["nothing can be sent there any more: ", "the customer said stop"];
        assert!(known.iter().any(|known| why.starts_with(known)), "{why}");
        assert_eq!(desk.escalation(number).await.state, EscalationState::Open, "people have it");
    }
}

async fn an_answer_withdrawn_on_its_way_is_waited_for_anew(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let lee = desk.agent("lee").await;
    desk.telegram("ana").asks(QUESTION).await;
    let topic = stands_in_the_forum(desk, &lee).await;
    desk.telegram.fail_next("sendMessage", Fault::TooMany(Some(60)));
    let wrong = is_accepted(desk, topic, "Put it into the oven for a while.").await;
    assert_eq!(state(desk, 1).await, BridgeState::Telling);
    desk.discourse().unaccept(wrong).await;
    desk.is_searchable().await;
    desk.passes(minutes(2)).await;
    assert_eq!(state(desk, 1).await, BridgeState::Open);
    is_accepted(desk, topic, ANSWER).await;
    let told = desk.transcript();
    assert!(!told.contains("oven"), "{told}");
    assert_eq!(told.matches("◀ You asked (#1)").count(), 1, "{told}");
    assert_eq!(state(desk, 1).await, BridgeState::Told);
}

async fn a_topic_that_is_there_already_answers_too(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let lee = desk.agent("lee").await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.telegram("ben").asks("a cat walked over my router").await;
    let (topic, _) = desk.forum_solves("Cats, and what they do to routers", ANSWER).await;
    lee.replies(2, "Which one is it?").await.unwrap();
    lee.closes(2).await.unwrap();
    desk.news();
    let id = desk.escalation(1).await.id;
    let (source, topic) = (source(desk), topic.to_string());
    let url = desk.desk().forums.named("discourse").unwrap().forum.topic_address(&topic);
    let place = Place { source: &source, topic: &topic, url: &url };
    let mut tx = desk.desk().store.begin().await.unwrap();
    bridge::link(&mut tx, &desk.desk().stage(), &lee.actor, id, place).await.unwrap();
    let closed = desk.escalation(2).await.id;
    let refused = bridge::link(&mut tx, &desk.desk().stage(), &lee.actor, closed, place).await;
    assert!(matches!(refused, Err(ActError::Conflict { .. })), "it is over");
    tx.commit().await.unwrap();
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert!(news.contains("telegram/ana   ◀ You asked (#1)"), "{news}");
    assert!(!news.contains("Nobody in the team") && !news.contains("telegram/ben"), "{news}");
    assert_eq!(ours(desk).len(), 0);
}

async fn by_rule_the_customer_is_asked_and_a_moderator_has_time(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    desk.restarts_with(&[("DISCOURSE_BRIDGE_MINUTES", "30")]).await;
    desk.telegram("ana").asks(QUESTION).await;
    desk.telegram("ben").asks("my battery is smoking").await;
    desk.telegram("cleo").asks("Where is my parcel?").await;
    let lee = desk.agent("lee").await;
    lee.replies(3, "On its way.").await.unwrap();
    desk.passes(minutes(29)).await;
    assert!(!desk.news().contains("Nobody in the team"));
    desk.passes(minutes(2)).await;
    desk.settle().await;
    let news = desk.news();
    assert_eq!(news.matches("◀ Nobody in the team knows").count(), 1, "{news}");
    assert!(news.contains("telegram/ana   ◀ Nobody in the team"), "{news}");
    desk.telegram("ana").asks("yes").await;
    desk.passes(minutes(28)).await;
    assert_eq!((state(desk, 1).await, ours(desk).len()), (BridgeState::Agreed, 0));
    desk.passes(minutes(3)).await;
    assert_eq!((state(desk, 1).await, ours(desk).len()), (BridgeState::Open, 1));
    desk.transcript();
}

async fn what_the_forum_seems_to_have_is_not_posted_by_rule(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    desk.restarts_with(&[("DISCOURSE_BRIDGE_MINUTES", "30")]).await;
    desk.discourse().member("max").asks("A cat walked on my router", "What can I do now?").await;
    desk.telegram("ana").asks("My cat walked on the router").await;
    desk.passes(minutes(31)).await;
    desk.settle().await;
    desk.telegram("ana").presses("Yes, ask them").await;
    desk.passes(minutes(90)).await;
    let row = row(desk, 1).await;
    assert_eq!((row.state, ours(desk).len()), (BridgeState::Agreed, 0));
    assert!(row.trouble.unwrap().contains("“A cat walked on my router”"));
    desk.transcript();
}

async fn the_forums_refusal_goes_back_to_the_moderator(desk: &mut TestDesk) {
    desk.follows_discourse().await;
    let lee = desk.agent("lee").await;
    desk.telegram("ana").asks("it hums").await;
    asks_customer(desk, &lee, 1).await;
    desk.telegram("ana").presses("Yes, ask them").await;
    approves(desk, &lee, 1).await.unwrap();
    desk.passes(seconds(5)).await;
    let refused = row(desk, 1).await;
    assert_eq!(refused.state, BridgeState::Failed);
    assert!(refused.trouble.unwrap().contains("Title is too short"));
    let mut tx = desk.desk().store.begin().await.unwrap();
    let wording = Wording::checked("It hums all day long", "It hums, whatever I do.").unwrap();
    let stage = desk.desk().stage();
    bridge::post(&mut tx, &stage, &lee.actor, refused.escalation_id, &wording).await.unwrap();
    tx.commit().await.unwrap();
    desk.passes(seconds(5)).await;
    assert_eq!((state(desk, 1).await, ours(desk).len()), (BridgeState::Open, 1));
    desk.transcript();
}
