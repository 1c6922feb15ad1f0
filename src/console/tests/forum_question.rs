//! A moderator brings a question to the forum, page by page.

use axum::http::StatusCode;
use superfan_bots::discourse::fake::{API_KEY, FakeDiscourse};

use super::house::House;
use crate::bridge::{self, settle_consent};
use crate::ids::EscalationId;
use crate::vocabulary::{BridgeState, Role};

async fn house(forum: &FakeDiscourse) -> House {
    let url = forum.base_url().to_string();
    House::with(&[("DISCOURSE_URL", &url), ("DISCOURSE_API_KEY", API_KEY)]).await
}

async fn state(house: &House, id: EscalationId) -> Option<BridgeState> {
    let mut tx = house.desk.store.read().await.unwrap();
    tx.bridge(id).await.unwrap().map(|row| row.state)
}

#[tokio::test]
async fn a_moderator_asks_edits_and_posts_and_an_expert_does_not() {
    let forum = FakeDiscourse::start().await;
    let topic = forum.member("max").asks("Does the sofa hum too?", "Mine does not, does it?").await;
    let house = house(&forum).await;
    let mo = house.person("mo", Role::Moderator).await;
    let lee = house.person("lee", Role::Expert).await;
    let id = house.asks("ana", "Why does my sofa hum? Mail me: ana@mail.example").await;
    let other = house.asks("ben", "why does the sofa hum").await;
    let path = format!("/escalations/{id}/forum");
    assert_eq!(house.get(&lee, &path).await.status, StatusCode::FORBIDDEN);

    let card = house.get(&mo, &format!("/escalations/{id}")).await;
    assert!(card.page().contains("The forum was not asked."), "{}", card.body);
    let seen = house.get(&mo, &path).await;
    let page = seen.page();
    assert!(page.contains("Why does my sofa hum? Mail me: [e-mail]</textarea>"), "{page}");
    let (there, wording) = (page.find("Does the sofa hum too?"), page.find("</textarea>"));
    assert!(there.is_some() && there < wording, "what is there already comes first: {page}");
    assert!(page.contains(&other.to_string()), "{page}");

    let fields = [("title", "Why does my sofa hum?"), ("text", "It is new.")];
    let early = house.post(&mo, &format!("{path}/post"), &fields).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    let refused = house.post(&lee, &format!("{path}/ask"), &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let asked = house.post(&mo, &format!("{path}/ask"), &fields).await;
    assert_eq!(asked.location(), format!("{path}?done=forum-asked"));
    let again = house.post(&mo, &format!("{path}/ask"), &fields).await;
    assert_eq!(again.status, StatusCode::CONFLICT);

    let mut tx = house.desk.store.begin().await.unwrap();
    let said = settle_consent(&mut tx, &house.desk.stage(), (id, true)).await.unwrap();
    assert!(said.is_some());
    let cause = bridge::consent_cause(id);
    let conversation = tx.escalation(id).await.unwrap().unwrap().conversation_id;
    assert!(!tx.deliveries_for(conversation, &cause).await.unwrap().is_empty());
    tx.commit().await.unwrap();

    let empty = [("title", " "), ("text", "It is new.")];
    let seen = house.post(&mo, &format!("{path}/post"), &empty).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.body.contains("write a title and a text"));
    let joined = house.post(&mo, &format!("{path}/join"), &[("others", &other.to_string())]).await;
    assert_eq!(joined.location(), format!("{path}?done=forum-joined"));
    assert_eq!(state(&house, other).await, Some(BridgeState::Waiting));
    let posted = house.post(&mo, &format!("{path}/post"), &fields).await;
    assert_eq!(posted.location(), format!("{path}?done=forum-posted"));
    assert_eq!(state(&house, id).await, Some(BridgeState::Posting));
    let left = house.post(&mo, &format!("{path}/withdraw"), &[]).await;
    assert_eq!(left.location(), format!("{path}?done=forum-left"));

    let number = topic.to_string();
    let bad = house.post(&mo, &format!("{path}/link"), &[("topic", "../1")]).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let linked = house.post(&mo, &format!("{path}/link"), &[("topic", &number)]).await;
    assert_eq!(linked.location(), format!("{path}?done=forum-linked"));
    assert_eq!(state(&house, id).await, Some(BridgeState::Open));
    assert_eq!(state(&house, other).await, Some(BridgeState::Open), "who waits along too");
}

#[tokio::test]
async fn without_a_forum_there_is_nothing_to_ask() {
    let house = House::open().await;
    let mo = house.person("mo", Role::Moderator).await;
    let id = house.asks("ana", "Why does my sofa hum?").await;
    let card = house.get(&mo, &format!("/escalations/{id}")).await;
    assert!(!card.page().contains("The forum"), "{}", card.body);
    let path = format!("/escalations/{id}/forum");
    assert!(house.get(&mo, &path).await.page().contains("No forum takes questions"));
    let fields = [("title", "Why?"), ("text", "It is new.")];
    let seen = house.post(&mo, &format!("{path}/ask"), &fields).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
}
