//! Handling that fails: poison dies visibly, and the rest goes on.

use insta::assert_snapshot;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios![
    a_message_that_cannot_be_read_dies_and_the_next_is_answered,
    a_message_that_cannot_be_handled_dies_and_others_do_not_wait,
    a_failure_that_passes_is_only_a_delay,
];

async fn a_message_that_cannot_be_read_dies_and_the_next_is_answered(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    let ana = desk.telegram("ana");
    ana.says("my cat walked on the router").await;
    desk.sabotages("UPDATE inbox SET body = '{'").await;
    ana.says("How do I pair my speaker?").await;
    desk.passes(minutes(3)).await;

    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ my cat walked on the router
    telegram/ana   ▶ How do I pair my speaker?
    message        · dead: the store failed while handling a message: inconsistent row in table inbox: column body: EOF while parsing an object at line 1 column 1
    escalation     · #1 nothing found
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_message_that_cannot_be_handled_dies_and_others_do_not_wait(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    desk.telegram("ana").says("my cat walked on the router").await;
    desk.sabotages("UPDATE inbox SET customer_id = 1").await;
    desk.telegram("ben").says("How do I pair my speaker?").await;
    desk.passes(seconds(3)).await;
    assert_snapshot!(desk.news(), @r"
    telegram/ana   ▶ my cat walked on the router
    telegram/ben   ▶ How do I pair my speaker?
    telegram/ben   ◀ (greeting)
    telegram/ben   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");

    desk.passes(minutes(3)).await;
    assert_snapshot!(desk.news(), @"message        · dead: the store failed while handling a message: inconsistent row in table customers: no row for cus_0000000000001");
}

async fn a_failure_that_passes_is_only_a_delay(desk: &mut TestDesk) {
    desk.knows("How do I pair my speaker?", "Press the round button.").await;
    desk.telegram("ana").says("How do I pair my speaker?").await;
    desk.sabotages("UPDATE inbox SET body = body || '}'").await;
    desk.passes(seconds(10)).await;
    assert_snapshot!(desk.news(), @"telegram/ana   ▶ How do I pair my speaker?");

    desk.sabotages("UPDATE inbox SET body = substr(body, 1, length(body) - 1)").await;
    desk.passes(seconds(20)).await;
    assert_snapshot!(desk.news(), @r"
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Press the round button. / answer by @mara [Helped · Didn't help · Human]
    ");
}
