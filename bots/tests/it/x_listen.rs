//! Polling X: pages walked to their end, stored oldest first, the position moved only then.

use superfan_bots::fakes::Fault;
use superfan_bots::x::fake::FakeX;
use superfan_bots::{Adapter, Content, Health, SendError};

use crate::support::{Told, listen};
use crate::x_support::x;

fn said(content: &Content) -> &str {
    match content {
        Content::Text { text } => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn mentions_and_messages_come_oldest_first_and_once() {
    let fake = FakeX::start().await;
    let mira = fake.person("mira");
    let mut listening = listen(x(&fake));
    // The first look only finds the beginning.
    while listening.next().await != Told::Health(Health::Ok) {}
    for n in 0..12 {
        mira.posts_unheard(&format!("@brand_care number {n}"));
    }
    for n in 0..12 {
        let message = listening.next_message().await;
        assert_eq!(said(&message.content), format!("number {n}"));
        assert_eq!(message.conversation, mira.id());
    }
    mira.writes_direct("in private").await;
    let message = listening.next_message().await;
    assert_eq!(
        (said(&message.content), message.conversation),
        ("in private", format!("dm:{}", mira.id()))
    );
    listening.stops().await;
}

#[tokio::test]
async fn a_store_that_refuses_keeps_the_position() {
    let fake = FakeX::start().await;
    let mira = fake.person("mira");
    let mut listening = listen(x(&fake));
    while listening.next().await != Told::Health(Health::Ok) {}
    listening.intake.refuse_next("disk full");
    mira.posts_unheard("@brand_care hello");
    let message = listening.next_message().await;
    assert_eq!(said(&message.content), "hello");
    listening.stops().await;
}

#[tokio::test]
async fn refused_keys_stop_the_channel() {
    let fake = FakeX::start().await;
    fake.revoke().await;
    let adapter = x(&fake);
    assert!(matches!(adapter.check().await, Err(SendError::Refused { .. })));
    let mut listening = listen(adapter);
    assert!(matches!(listening.next_health().await, Health::Stopped(_)));
    listening.stops().await;
}

#[tokio::test]
async fn a_list_that_has_to_wait_does_not_hold_up_the_other() {
    let fake = FakeX::start().await;
    let mira = fake.person("mira");
    let mut listening = listen(x(&fake));
    while listening.next().await != Told::Health(Health::Ok) {}
    fake.fail_next("/2/dm_events", Fault::TooMany(Some(900)));
    let health = listening.next_health().await;
    let Health::Degraded(reason) = health else { panic!("{health:?}") };
    assert!(reason.contains("before direct messages are read"), "{reason}");
    mira.posts_unheard("@brand_care hello");
    assert_eq!(said(&listening.next_message().await.content), "hello");
    listening.stops().await;
}
