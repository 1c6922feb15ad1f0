//! One person who asks the same in several places reads the forum's answer in one of them.

use superfan::vocabulary::{BridgeState, EscalationState, Outcome};

use super::bridge::{ANSWER, is_accepted, joins, row, stands_in_the_forum, state};
use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios! {
    a_person_who_asked_in_two_places_is_told_in_one,
    where_they_cannot_be_told_in_one_they_are_told_in_the_other,
}

const QUESTION: &str = "My cat walked on the router";

/// Ana's question stands in the forum, asked in private and in a group; the topic.
async fn asked_twice(desk: &mut TestDesk) -> u64 {
    desk.follows_discourse().await;
    let lee = desk.agent("lee").await;
    let group = desk.group("fans");
    desk.telegram("ana").asks(QUESTION).await;
    desk.passes(minutes(5)).await;
    desk.telegram("ana").asks_in(&group, &format!("@brand_helper_bot {QUESTION}")).await;
    desk.passes(minutes(5)).await;
    let topic = stands_in_the_forum(desk, &lee).await;
    let (first, second) = (desk.escalation(1).await, desk.escalation(2).await);
    assert_eq!(first.customer_id, second.customer_id);
    assert_ne!(first.conversation_id, second.conversation_id);
    assert_eq!(joins(desk, &lee, 1, &[second.id]).await, 1);
    desk.news();
    topic
}

async fn a_person_who_asked_in_two_places_is_told_in_one(desk: &mut TestDesk) {
    let topic = asked_twice(desk).await;
    is_accepted(desk, topic, ANSWER).await;
    desk.passes(seconds(30)).await;
    let news = desk.news();
    assert_eq!(news.matches(ANSWER).count(), 1, "{news}");
    assert_eq!(
        [state(desk, 1).await, state(desk, 2).await],
        [BridgeState::Told, BridgeState::Ended]
    );
    let second = desk.escalation(2).await;
    assert_eq!((second.state, second.outcome), (EscalationState::Closed, Some(Outcome::Duplicate)));
}

async fn where_they_cannot_be_told_in_one_they_are_told_in_the_other(desk: &mut TestDesk) {
    let topic = asked_twice(desk).await;
    desk.telegram("ana").customer.blocks_the_bot().await;
    is_accepted(desk, topic, ANSWER).await;
    desk.passes(seconds(30)).await;
    let news = desk.news();
    assert_eq!(news.matches(ANSWER).count(), 1, "{news}");
    assert!(news.contains("telegram/fans"), "{news}");
    assert_eq!(
        [state(desk, 1).await, state(desk, 2).await],
        [BridgeState::Untold, BridgeState::Told]
    );
    assert!(row(desk, 1).await.trouble.is_some(), "the card says why");
    desk.transcript();
}
