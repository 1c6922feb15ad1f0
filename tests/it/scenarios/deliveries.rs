//! Sending: held, refused, unknown, repeated; the same after a restart.

use insta::assert_snapshot;
use superfan::outbox::Progress;
use superfan::vocabulary::DeliveryState;
use superfan_bots::fakes::Fault;
use superfan_bots::webhook::fake::FakeHelpDesk;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios![
    a_429_is_honoured_across_a_restart,
    while_a_platform_asks_for_a_pause_nothing_is_even_typed,
    an_unknown_outcome_waits_for_a_person_who_sends_again,
    an_unknown_outcome_is_settled_by_a_person_who_saw_it_arrive,
    the_webhook_repeats_with_the_same_id,
    the_webhook_gives_up_on_a_refusal,
    web_chat_journey,
    webhook_journey,
    a_blocked_conversation_is_found_out_by_sending,
    a_revoked_token_stops_the_channel_and_nothing_is_lost,
    an_expired_reply_address_is_dead_with_its_reason,
    replies_to_one_conversation_keep_their_order,
    a_slow_reply_address_holds_up_nobody_else,
];

async fn a_429_is_honoured_across_a_restart(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let ana = desk.telegram("ana");
    ana.asks("hello").await;
    desk.telegram.fail_next("sendMessage", Fault::TooMany(Some(34)));
    ana.asks("How do I pair my speaker?").await;
    let refused_at = desk.now();
    desk.passes(seconds(10)).await;
    desk.restarts().await;
    desk.passes(seconds(30)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ hello
    telegram/ana   ◀ (greeting)
    telegram/ana   ▶ How do I pair my speaker?
    delivery       · due: held 34 s by telegram
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
    let sent_at = desk.telegram.sent().pop().unwrap().at;
    assert_eq!(sent_at.duration_since(refused_at), seconds(34));
}

async fn while_a_platform_asks_for_a_pause_nothing_is_even_typed(desk: &mut TestDesk) {
    let (ana, ben) = (desk.telegram("ana"), desk.telegram("ben"));
    ana.asks("hello").await;
    desk.telegram.fail_next("sendMessage", Fault::TooMany(Some(34)));
    ana.asks("who painted the moon?").await;
    let n_before = desk.telegram.calls().len();
    ben.asks("who painted the sun?").await;
    desk.passes(seconds(20)).await;
    assert_eq!(desk.telegram.calls().split_off(n_before), Vec::<String>::new());
    desk.passes(minutes(1)).await;
    let told = desk.transcript();
    assert_eq!(told.matches("I've passed this to the team").count(), 2, "{told}");
    ben.asks("and the sky?").await;
    assert!(desk.telegram.calls().split_off(n_before).contains(&"sendChatAction".to_owned()));
    desk.transcript();
}

async fn an_unknown_outcome_waits_for_a_person_who_sends_again(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let ana = desk.telegram("ana");
    ana.asks("hello").await;
    desk.telegram.fail_next("sendMessage", Fault::ServerError);
    ana.asks("How do I pair my speaker?").await;
    desk.passes(minutes(10)).await;
    desk.restarts().await;
    assert_snapshot!(desk.news(), @r"
    telegram/ana   ▶ hello
    telegram/ana   ◀ (greeting)
    telegram/ana   ▶ How do I pair my speaker?
    delivery       · uncertain: outcome unknown: status 500: Internal Server Error
    ");

    let uncertain = desk.deliveries(DeliveryState::Uncertain).await.pop().unwrap();
    let lee = desk.agent("lee").await;
    lee.sends_again(uncertain.id).await.unwrap();
    assert_snapshot!(desk.news(), @"telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]");
    let refusal = lee.sends_again(uncertain.id).await.unwrap_err();
    assert!(refusal.to_string().contains("is sent; only dead and uncertain"), "{refusal}");
}

async fn an_unknown_outcome_is_settled_by_a_person_who_saw_it_arrive(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let ana = desk.telegram("ana");
    ana.asks("hello").await;
    desk.telegram.fail_next("sendMessage", Fault::CutAfter);
    ana.asks("How do I pair my speaker?").await;
    let uncertain = desk.deliveries(DeliveryState::Uncertain).await.pop().unwrap();
    desk.agent("lee").await.saw_it_arrive(uncertain.id).await.unwrap();
    desk.passes(minutes(10)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ hello
    telegram/ana   ◀ (greeting)
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    delivery       · uncertain: outcome unknown: error sending request: client error (SendRequest): connection closed before message completed
    ");
    let settled = desk.deliveries(DeliveryState::Sent).await.pop().unwrap();
    assert_eq!(settled.reason.as_deref(), Some("lee saw that it arrived"));
}

async fn the_webhook_repeats_with_the_same_id(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    for fault in [Fault::ServerError, Fault::CutAfter, Fault::Unavailable(90)] {
        desk.help_desk.fail_next(fault);
    }
    desk.caller("c1").asks("1", "How do I pair my speaker?").await;
    desk.passes(minutes(5)).await;

    assert_snapshot!(desk.transcript(), @r"
    webhook/c1     ▶ How do I pair my speaker?
    webhook/c1     ◀ (greeting)
    webhook/c1     ◀ (greeting)
    webhook/c1     ◀ (greeting)
    delivery       · due: held 90 s by webhook
    webhook/c1     ◀ (greeting)
    webhook/c1     ◀ Press the round button. [Helped · Didn't help · Human]
    ");
    let replies = desk.help_desk.replies();
    let (greetings, answers) = replies.split_at(4);
    assert!(greetings.iter().all(|reply| reply.id == greetings[0].id));
    assert!(greetings.iter().all(|reply| reply.body["message_id"] == *greetings[0].id));
    let sent_at: Vec<i64> = greetings.iter().map(|reply| reply.signed_at).collect();
    let waits: Vec<i64> = sent_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(waits, [5, 10, 90]);
    assert_eq!(answers.len(), 1);
    assert_ne!(answers[0].id, greetings[0].id);
}

async fn the_webhook_gives_up_on_a_refusal(desk: &mut TestDesk) {
    desk.help_desk.fail_next(Fault::Refuse(410, String::new()));
    desk.caller("c1").asks("1", "hello").await;
    desk.passes(minutes(5)).await;

    assert_snapshot!(desk.transcript(), @r"
    webhook/c1     ▶ hello
    webhook/c1     ◀ (greeting)
    delivery       · dead: refused: the receiver answered 410
    ");
}

async fn webhook_journey(desk: &mut TestDesk) {
    let answer = desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let caller = desk.caller("c1");
    caller.asks("1", "How do I pair my speaker?").await;
    caller.presses("2", "helped").await;
    caller.asks("3", "my cat walked on the router").await;
    desk.agent("lee").await.replies_to_next("Unplug it for a minute.").await;
    caller.presses("4", "helped").await;

    assert_snapshot!(desk.transcript(), @r"
    webhook/c1     ▶ How do I pair my speaker?
    webhook/c1     ◀ (greeting)
    webhook/c1     ◀ Press the round button. [Helped · Didn't help · Human]
    webhook/c1     ▶ helped
    webhook/c1     ◀ Thank you, I'm glad it works. @mara has been credited with the solution.
    webhook/c1     ▶ my cat walked on the router
    escalation     · #1 low confidence
    webhook/c1     ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    webhook/c1     ◀ Unplug it for a minute. [Helped · Didn't help]
    webhook/c1     ▶ helped
    ");
    assert_eq!(desk.verdicts_on(&answer).await, (1, 0));
}

async fn web_chat_journey(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let guest = desk.guest("s1");
    guest.asks("1", "How do I pair my speaker?").await;
    guest.says("1", "How do I pair my speaker?").await;
    guest.asks("2", "my cat walked on the router").await;
    desk.agent("lee").await.replies_to_next("Unplug it for a minute.").await;

    assert_snapshot!(desk.transcript(), @r"
    webchat/s1     ▶ How do I pair my speaker?
    webchat/s1     ◀ (greeting)
    webchat/s1     ◀ Press the round button.
    webchat/s1     ▶ How do I pair my speaker?
    webchat/s1     ▶ my cat walked on the router
    escalation     · #1 low confidence
    webchat/s1     ◀ I've passed this to the team (#1).
    escalation     · #1 claimed by lee
    webchat/s1     ◀ Unplug it for a minute.
    ");
}

async fn a_blocked_conversation_is_found_out_by_sending(desk: &mut TestDesk) {
    let ana = desk.telegram("ana");
    ana.says("my cat walked on the router").await;
    let words = "Forbidden: bot was blocked by the user".to_owned();
    desk.telegram.fail_next("sendMessage", Fault::Refuse(403, words));
    desk.is_quiet().await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    delivery       · dead: refused: Forbidden: bot was blocked by the user
    delivery       · dead: refused: Forbidden: bot was blocked by the user
    ");
}

async fn a_revoked_token_stops_the_channel_and_nothing_is_lost(desk: &mut TestDesk) {
    let ana = desk.telegram("ana");
    ana.asks("hello").await;
    let words = "Unauthorized".to_owned();
    desk.telegram.fail_next("sendMessage", Fault::Refuse(401, words));
    ana.asks("my cat walked on the router").await;
    desk.passes(minutes(5)).await;
    assert_snapshot!(desk.news(), @r"
    telegram/ana   ▶ hello
    telegram/ana   ◀ (greeting)
    telegram/ana   ▶ my cat walked on the router
    escalation     · #1 nothing found
    ");

    desk.restarts().await;
    assert_snapshot!(desk.news(), @"telegram/ana   ◀ I've passed this to the team (#1).");
}

async fn an_expired_reply_address_is_dead_with_its_reason(desk: &mut TestDesk) {
    desk.hears_with_short_address("1", "hello", seconds(60)).await;
    desk.is_quiet().await;
    desk.help_desk.fail_next(Fault::Unavailable(120));
    desk.hears_with_short_address("2", "my cat walked on the router", seconds(60)).await;
    desk.passes(minutes(5)).await;

    assert_snapshot!(desk.transcript(), @r"
    webhook/short  ◀ (greeting)
    escalation     · #1 nothing found
    webhook/short  ◀ I've passed this to the team (#1).
    delivery       · due: held 120 s by webhook
    delivery       · dead: the channel's time to reply here has passed
    ");
}

async fn replies_to_one_conversation_keep_their_order(desk: &mut TestDesk) {
    let long = "A long way to go. ".repeat(600);
    desk.knows("How do I walk to the moon?", &long).await;
    let ana = desk.telegram("ana");
    ana.says("How do I walk to the moon?").await;
    desk.telegram.fail_next("sendMessage", Fault::TooMany(Some(3)));
    desk.passes(minutes(1)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ How do I walk to the moon?
    delivery       · due: held 3 s by telegram
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ A long way to go. A long way to go. A lo… (4085 characters)
    telegram/ana   ◀ A long way to go. A long way to go. A lo… (4085 characters)
    telegram/ana   ◀ A long way to go. A long way to go. A lo… (2676 characters)
    ");
}

async fn a_slow_reply_address_holds_up_nobody_else(desk: &mut TestDesk) {
    for name in ["c1", "c2"] {
        let said = FakeHelpDesk::text(name, "1", name, "who painted the moon?");
        assert_eq!(desk.caller(name).knocks(&said).await, 200);
    }
    desk.passes_unseen(seconds(2));
    desk.decides(2).await;
    desk.help_desk.fail_next(Fault::Hang);

    let mut sends = desk.sends("webhook");
    assert_eq!(sends.start_due().await.unwrap(), Progress::Started(2));
    sends.one_ended().await;
    assert_eq!(sends.start_due().await.unwrap(), Progress::Started(1));
    sends.one_ended().await;
    assert_eq!(sends.start_due().await.unwrap(), Progress::Idle(None));

    // One customer has greeting and notice; the other's greeting hangs, and nothing overtakes it.
    let sending = desk.deliveries(DeliveryState::Sending).await;
    let due = desk.deliveries(DeliveryState::Due).await;
    assert_eq!(desk.deliveries(DeliveryState::Sent).await.len(), 2);
    assert_eq!(sending.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>(), ["greeting"]);
    assert_eq!(
        due.iter().map(|row| row.conversation_id).collect::<Vec<_>>(),
        [sending[0].conversation_id]
    );

    drop(sends);
    desk.restarts().await;
    desk.passes(seconds(10)).await;
    assert_eq!(desk.deliveries(DeliveryState::Sent).await.len(), 4);
    desk.news();
}
