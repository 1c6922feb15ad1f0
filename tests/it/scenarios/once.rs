//! Once: deliveries that come again, restarts on the way, backlogs after an outage.

use insta::assert_snapshot;
use jiff::SignedDuration;
use superfan::vocabulary::Reason;
use superfan_bots::AuthorKind;
use superfan_bots::webhook::fake::FakeHelpDesk;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios![
    one_update_three_times_by_webhook_and_again_by_poll_is_one_reply,
    the_same_message_id_in_two_chats_is_two_messages,
    a_restart_between_hearing_and_answering_loses_nothing,
    a_backlog_of_hours_goes_to_people,
    our_own_echo_and_other_bots_are_never_answered,
    messages_of_one_conversation_are_handled_in_order,
];

async fn one_update_three_times_by_webhook_and_again_by_poll_is_one_reply(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let ana = desk.telegram("ana");
    ana.says("How do I pair my speaker?").await;
    assert_eq!(desk.telegram.deliver_again().await, Some(200));
    assert_eq!(desk.telegram.deliver_again().await, Some(200));
    desk.is_quiet().await;

    desk.restarts_with(&[("TELEGRAM_MODE", "poll")]).await;
    desk.polls_again().await;
    desk.passes(minutes(1)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
    assert_eq!(desk.telegram.sent().len(), 2, "the greeting and one answer");
}

async fn the_same_message_id_in_two_chats_is_two_messages(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let ids = [
        desk.telegram("ana").says("How do I pair my speaker?").await,
        desk.telegram("ben").says("How do I pair my speaker?").await,
    ];
    desk.is_quiet().await;

    assert_eq!(ids[0], ids[1]);
    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ben   ▶ How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ben   ◀ (greeting)
    telegram/ben   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_restart_between_hearing_and_answering_loses_nothing(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    desk.telegram("ana").says("How do I pair my speaker?").await;
    desk.restarts().await;
    desk.passes(seconds(2)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_backlog_of_hours_goes_to_people(desk: &mut TestDesk) {
    const PEOPLE: usize = 500;
    desk.overlooks_details();
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    desk.stops().await;
    for n in 0..PEOPLE {
        let customer = desk.telegram.customer(&format!("customer {n}"));
        customer.says("How do I pair my speaker?").await;
    }
    desk.passes_unseen(minutes(180));
    desk.restarts().await;
    let mut n_taken = 0;
    while !desk.telegram.waiting().is_empty() {
        n_taken += desk.telegram.deliver().await.len();
    }
    // Their replies leave at the platform's pace, two at a time, without everybody else looking
    // after each.
    desk.passes_unseen(seconds(2));
    desk.decides(PEOPLE).await;
    let mut sends = desk.sends("telegram");
    for _ in 0..PEOPLE + PEOPLE / 10 {
        desk.passes_unseen(SignedDuration::from_millis(80));
        sends.start_due().await.unwrap();
        sends.all_ended().await;
    }
    desk.settle().await;

    assert_eq!(n_taken, PEOPLE);
    let escalations = desk.reads(async |tx| tx.escalations(None, None, 1000).await).await;
    assert_eq!(escalations.len(), PEOPLE);
    assert!(escalations.iter().all(|one| one.reason == Reason::TooOld));
    let texts = desk.telegram.sent().into_iter().map(|sent| sent.text);
    assert!(!texts.into_iter().any(|text| text.contains("round button")));
    assert_eq!(desk.telegram.sent().len(), 2 * PEOPLE, "a greeting and a notice each");
}

async fn our_own_echo_and_other_bots_are_never_answered(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let mut from_bot = FakeHelpDesk::text("bot", "1", "robot", "How do I pair my speaker?");
    from_bot["customer"]["bot"] = true.into();
    assert_eq!(desk.caller("bot").posts(from_bot).await, 200);
    desk.is_quiet().await;
    desk.hears_itself("How do I pair my speaker?", AuthorKind::Own).await;

    assert_snapshot!(desk.transcript(), @r"
    webhook/bot    ▶ How do I pair my speaker?
    webhook        · silent: bot author
    webhook        · silent: own echo
    ");
}

async fn messages_of_one_conversation_are_handled_in_order(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    desk.knows("Why does my camera freeze?", "Take the card out once.").await;
    let ana = desk.telegram("ana");
    ana.says("/ask How do I pair my speaker?").await;
    ana.says("/ask Why does my camera freeze?").await;
    ana.says("/ask Who painted the moon yesterday?").await;
    desk.passes(minutes(1)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ /ask How do I pair my speaker?
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ▶ /ask Why does my camera freeze?
    telegram/ana   ◀ Take the card out once. / answer by @mara [Helped · Didn't help · Human]
    telegram/ana   ▶ /ask Who painted the moon yesterday?
    escalation     · #1 low confidence
    telegram/ana   ◀ I've passed this to the team (#1).
    ");
}
