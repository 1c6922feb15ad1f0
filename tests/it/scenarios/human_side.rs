//! People take over: claims, replies, hand-backs, and a bot that keeps out of their way.

use std::time::Duration;

use insta::assert_snapshot;
use superfan::escalation::claim;
use superfan::people::ActError;
use superfan::vocabulary::Role;
use superfan_bots::fakes::Fault;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios![
    an_unsure_question_waits_for_a_human,
    a_second_question_joins_the_waiting_one,
    a_human_who_replies_while_the_bot_decides_keeps_it_silent,
    a_human_reply_overtakes_what_the_bot_had_queued,
    the_bot_is_silent_until_the_conversation_is_handed_back,
    a_claim_lapses_when_its_owner_is_idle,
    anothers_claim_is_refused_naming_the_owner,
    two_who_claim_at_the_same_moment_are_told_apart,
    a_closed_escalation_takes_no_replies,
    a_viewer_may_not_reply,
    pausing_stops_automatic_replies_and_people_go_on,
    a_pause_holds_back_what_was_queued,
];

async fn an_unsure_question_waits_for_a_human(desk: &mut TestDesk) {
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    desk.passes(minutes(3)).await;
    desk.agent("lee").await.replies_to_next("Unplug it for a minute.").await;
    ana.presses("Helped").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 low confidence
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    telegram/ana   ◀ lee: / Unplug it for a minute. [Helped · Didn't help]
    telegram/ana   ▶ [Helped]
    ");
}

async fn a_second_question_joins_the_waiting_one(desk: &mut TestDesk) {
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    ana.asks("and now the lamp blinks").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    telegram/ana   ▶ and now the lamp blinks
    telegram/ana   ◀ I've added this to your request #1. The team has it.
    ");
    assert_snapshot!(desk.escalation(1).await.question, @r"
    my cat walked on the router
    and now the lamp blinks
    ");
}

async fn a_human_who_replies_while_the_bot_decides_keeps_it_silent(desk: &mut TestDesk) {
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    ana.says("How do I reset my password?").await;
    let escalation = desk.escalation(1).await;
    let lee = desk.agent("lee").await;
    desk.while_deciding(async || {
        lee.replies_to(escalation.id, "One moment, both at once.").await.unwrap();
    })
    .await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 low confidence
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    telegram/ana   ▶ How do I reset my password?
    telegram       · silent: human owns
    escalation     · #1 claimed by lee
    telegram/ana   ◀ lee: / One moment, both at once. [Helped · Didn't help]
    ");
}

async fn a_human_reply_overtakes_what_the_bot_had_queued(desk: &mut TestDesk) {
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    desk.telegram.fail_next("sendMessage", Fault::TooMany(Some(30)));
    ana.asks("How do I reset my password?").await;
    desk.agent("lee").await.replies(1, "I am on it.").await.unwrap();
    desk.passes(seconds(60)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 low confidence
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    telegram/ana   ▶ How do I reset my password?
    delivery       · due: held 30 s by telegram
    escalation     · #1 claimed by lee
    delivery       · dead: a person answered first
    telegram/ana   ◀ lee: / I am on it. [Helped · Didn't help]
    ");
}

async fn the_bot_is_silent_until_the_conversation_is_handed_back(desk: &mut TestDesk) {
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let ana = desk.telegram("ana");
    let lee = desk.agent("lee").await;
    ana.asks("my cat walked on the router").await;
    lee.claims(1).await.unwrap();
    ana.asks("How do I reset my password?").await;
    lee.closes(1).await.unwrap();
    ana.asks("How do I reset my password?").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 low confidence
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    telegram/ana   ▶ How do I reset my password?
    telegram       · silent: human owns
    escalation     · #1 closed: solved
    telegram/ana   ▶ How do I reset my password?
    telegram/ana   ◀ Settings, then Security. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_claim_lapses_when_its_owner_is_idle(desk: &mut TestDesk) {
    let ana = desk.telegram("ana");
    let (lee, kim) = (desk.agent("lee").await, desk.agent("kim").await);
    ana.asks("my cat walked on the router").await;
    lee.claims(1).await.unwrap();
    desk.passes(minutes(10)).await;
    lee.claims(1).await.unwrap();
    desk.passes(minutes(10)).await;
    assert!(kim.claims(1).await.is_err());
    desk.passes(minutes(6)).await;
    kim.claims(1).await.unwrap();

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    escalation     · #1 open again
    escalation     · #1 claimed by kim
    ");
}

async fn anothers_claim_is_refused_naming_the_owner(desk: &mut TestDesk) {
    let (lee, kim) = (desk.agent("lee").await, desk.agent("kim").await);
    desk.telegram("ana").asks("my cat walked on the router").await;
    lee.claims(1).await.unwrap();
    let refusals =
        [kim.claims(1).await.err(), kim.replies(1, "Hi").await.err(), kim.closes(1).await.err()];

    for refusal in refusals {
        let refusal = refusal.unwrap();
        assert_eq!(refusal.to_string(), "lee has claimed #1");
        assert!(matches!(refusal, ActError::Conflict { owner: Some(owner), .. } if owner == "lee"));
    }
    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    ");
}

async fn two_who_claim_at_the_same_moment_are_told_apart(desk: &mut TestDesk) {
    let (lee, kim) = (desk.agent("lee").await, desk.agent("kim").await);
    desk.telegram("ana").asks("my cat walked on the router").await;
    let id = desk.escalation(1).await.id;
    let mut lees = desk.desk().store.begin().await.unwrap();
    claim(&mut lees, &desk.desk().stage(), &lee.actor, id).await.unwrap();
    let mut kims = Box::pin(kim.claims(1));
    let a_moment = tokio::time::timeout(Duration::from_millis(100), &mut kims).await;
    assert!(a_moment.is_err(), "kim had to wait for lee");
    lees.commit().await.unwrap();

    assert_eq!(kims.await.unwrap_err().to_string(), "lee has claimed #1");
    desk.settle().await;
    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    ");
}

async fn a_closed_escalation_takes_no_replies(desk: &mut TestDesk) {
    let lee = desk.agent("lee").await;
    desk.telegram("ana").asks("my cat walked on the router").await;
    lee.replies(1, "Unplug it for a minute.").await.unwrap();
    lee.closes(1).await.unwrap();
    let refusal = lee.replies(1, "And another thing").await.unwrap_err();

    assert_eq!(refusal.to_string(), "#1 is closed");
    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    telegram/ana   ◀ lee: / Unplug it for a minute. [Helped · Didn't help]
    escalation     · #1 closed: solved
    ");
}

async fn a_viewer_may_not_reply(desk: &mut TestDesk) {
    desk.telegram("ana").asks("my cat walked on the router").await;
    let viewer = desk.person("vic", Role::Viewer).await;
    let refusal = viewer.replies(1, "Hi").await.unwrap_err();

    assert_eq!(refusal.to_string(), "this needs the role expert; yours is viewer");
    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ I've passed this to the team (#1).
    ");
}

async fn pausing_stops_automatic_replies_and_people_go_on(desk: &mut TestDesk) {
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let boss = desk.person("boss", Role::Admin).await;
    boss.pauses(None).await.unwrap();
    let ana = desk.telegram("ana");
    ana.asks("How do I reset my password?").await;
    boss.replies_to_next("In the settings.").await;
    boss.closes(1).await.unwrap();
    desk.passes(minutes(2)).await;
    boss.resumes(None).await.unwrap();
    ana.asks("How do I reset my password?").await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ How do I reset my password?
    escalation     · #1 stopped
    escalation     · #1 claimed by boss
    telegram/ana   ◀ boss: / In the settings. [Helped · Didn't help]
    escalation     · #1 closed: solved
    telegram/ana   ▶ How do I reset my password?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Settings, then Security. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_pause_holds_back_what_was_queued(desk: &mut TestDesk) {
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let boss = desk.person("boss", Role::Admin).await;
    let ana = desk.telegram("ana");
    ana.says("hi").await;
    desk.is_quiet().await;
    desk.telegram.fail_next("sendMessage", Fault::TooMany(Some(5)));
    ana.asks("How do I reset my password?").await;
    boss.pauses(Some("telegram")).await.unwrap();
    desk.passes(minutes(1)).await;
    assert_snapshot!(desk.news(), @r"
    telegram/ana   ▶ hi
    telegram/ana   ◀ (greeting)
    telegram/ana   ▶ How do I reset my password?
    delivery       · due: held 5 s by telegram
    ");

    boss.resumes(Some("telegram")).await.unwrap();
    desk.passes(seconds(10)).await;
    assert_snapshot!(desk.news(), @"telegram/ana   ◀ Settings, then Security. / answer by @mara [Helped · Didn't help · Human]");
}
