//! What people do on the pages: who may, what it changes, and what is never done twice.

use axum::http::StatusCode;

use super::house::{House, Visitor};
use crate::clock::from_millis;
use crate::ids::{DeliveryId, EscalationId};
use crate::vocabulary::{DeliveryState, EscalationState, Outcome, Role};

#[tokio::test]
async fn a_form_without_its_sessions_secret_changes_nothing() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Expert).await;
    let kim = house.person("kim", Role::Expert).await;
    let id = house.asks("ana", "It hums").await;
    let path = format!("/escalations/{id}/claim");
    let stolen = Visitor { csrf: kim.csrf, ..lee.clone() };
    for visitor in [Visitor { csrf: String::new(), ..lee.clone() }, stolen] {
        assert_eq!(house.post(&visitor, &path, &[]).await.status, StatusCode::FORBIDDEN);
    }
    let body = format!("csrf={}", lee.csrf);
    let elsewhere = [("sec-fetch-site", "cross-site")];
    let seen = house.post_raw(&lee, &path, body.clone(), &elsewhere).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    let elsewhere = [("origin", "https://evil.example"), ("host", "desk.example")];
    let seen = house.post_raw(&lee, &path, body.clone(), &elsewhere).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    assert_eq!(state(&house, id).await, EscalationState::Open);

    let ours = [("origin", "http://desk.example"), ("host", "desk.example")];
    let seen = house.post_raw(&lee, &path, body, &ours).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER);
    assert_eq!(state(&house, id).await, EscalationState::Claimed);
}

#[tokio::test]
async fn a_viewer_reads_and_changes_nothing() {
    let house = House::open().await;
    let vic = house.person("vic", Role::Viewer).await;
    let id = house.asks("ana", "It hums").await;
    let page = house.get(&vic, &format!("/escalations/{id}")).await;
    assert!(page.page().contains("answering needs the role expert"));
    assert!(!page.page().contains("<textarea"));
    for (path, fields) in [
        (format!("/escalations/{id}/claim"), [("a", "b")]),
        (format!("/escalations/{id}/reply"), [("text", "Hi")]),
        (format!("/escalations/{id}/close"), [("outcome", "solved")]),
        ("/channels/pause".to_owned(), [("channel", "")]),
    ] {
        let seen = house.post(&vic, &path, &fields).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["/people", "/audit"] {
        assert_eq!(house.get(&vic, path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(state(&house, id).await, EscalationState::Open);
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_reply_under_the_persons_name() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Expert).await;
    let id = house.asks("ana", "It hums").await;
    let path = format!("/escalations/{id}");
    let page = house.get(&lee, &path).await;
    let key = page.page().split("name=\"key\" value=\"").nth(1).unwrap();
    let key = key.split('"').next().unwrap();
    for _ in 0..2 {
        let fields = [("text", "Unplug it.\r\nWait."), ("key", key)];
        let seen = house.post(&lee, &format!("{path}/reply"), &fields).await;
        assert_eq!(seen.location(), format!("{path}?done=replied"));
    }
    let replies = replies(&house).await;
    assert_eq!(replies, [("Unplug it.\nWait.".to_owned(), Some("lee".to_owned()))]);
    let page = house.get(&lee, &format!("{path}?done=replied")).await;
    for said in ["Your reply is on its way.", "Unplug it.\nWait.", "queued", ">yours<"] {
        assert!(page.page().contains(said), "{said}");
    }
}

#[tokio::test]
async fn anothers_claim_is_named_and_what_was_written_is_kept() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Expert).await;
    let kim = house.person("kim", Role::Expert).await;
    let id = house.asks("ana", "It hums").await;
    house.post(&kim, &format!("/escalations/{id}/claim"), &[]).await;
    let fields = [("text", "My long and careful reply")];
    let seen = house.post(&lee, &format!("/escalations/{id}/reply"), &fields).await;
    assert_eq!(seen.status, StatusCode::CONFLICT);
    assert!(seen.body.contains("kim has claimed #1"));
    assert!(seen.body.contains("My long and careful reply"));
    assert_eq!(replies(&house).await, []);
}

#[tokio::test]
async fn send_and_close_goes_to_the_next_question() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Expert).await;
    let first = house.asks("ana", "It hums").await;
    let second = house.asks("ben", "It is silent").await;
    let fields = [("text", "Unplug it."), ("then", "close")];
    let seen = house.post(&lee, &format!("/escalations/{first}/reply"), &fields).await;
    assert_eq!(seen.location(), "/next");
    let seen = house.get(&lee, "/next").await;
    assert_eq!(seen.location(), format!("/escalations/{second}"));
    let row = house.desk.store.read().await.unwrap().escalation(first).await.unwrap().unwrap();
    assert_eq!(row.outcome, Some(Outcome::Solved));

    house.post(&lee, &format!("/escalations/{second}/close"), &[("outcome", "spam")]).await;
    assert_eq!(house.get(&lee, "/next").await.location(), "/?done=empty");
    assert!(house.get(&lee, "/?show=closed").await.page().contains(">spam<"));
}

#[tokio::test]
async fn an_unknown_outcome_is_settled_by_a_moderator_only() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Expert).await;
    let mo = house.person("mo", Role::Moderator).await;
    let vi = house.person("vi", Role::Viewer).await;
    let row = uncertain(&house, &lee).await;

    assert_eq!(house.get(&lee, "/outbox").await.status, StatusCode::FORBIDDEN);
    let page = house.get(&vi, "/outbox").await;
    assert!(page.page().contains("nobody knows whether it arrived: the connection broke"));
    assert!(!page.page().contains("It arrived</button>"));
    let banner = "One reply may or may not have arrived.";
    assert!(page.page().contains(banner));
    for act in ["retry", "arrived"] {
        let seen = house.post(&lee, &format!("/outbox/{row}/{act}"), &[]).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN);
    }

    assert!(house.get(&mo, "/outbox").await.page().contains("It arrived</button>"));
    let seen = house.post(&mo, &format!("/outbox/{row}/arrived"), &[]).await;
    assert_eq!(seen.location(), "/outbox?done=arrived");
    let seen = house.post(&mo, &format!("/outbox/{row}/retry"), &[]).await;
    assert_eq!(seen.status, StatusCode::CONFLICT);
    assert!(!house.get(&mo, "/outbox").await.page().contains(banner));
}

#[tokio::test]
async fn a_settled_reply_goes_back_to_where_the_button_stood_and_nowhere_else() {
    let house = House::open().await;
    let mo = house.person("mo", Role::Moderator).await;
    let row = uncertain(&house, &mo).await;
    let back = [("back", "/conversations/conv_1")];
    let seen = house.post(&mo, &format!("/outbox/{row}/retry"), &back).await;
    assert_eq!(seen.location(), "/conversations/conv_1?done=retried");
    let row = uncertain(&house, &mo).await;
    let back = [("back", "https://evil.example/conversations/")];
    let seen = house.post(&mo, &format!("/outbox/{row}/retry"), &back).await;
    assert_eq!(seen.location(), "/outbox?done=retried");
}

#[tokio::test]
async fn one_switch_stops_every_channel_and_every_page_says_so() {
    let house = House::open().await;
    let (ada, mo) =
        (house.person("ada", Role::Admin).await, house.person("mo", Role::Moderator).await);
    let seen = house.post(&mo, "/channels/pause", &[]).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    let seen = house.post(&ada, "/channels/pause", &[]).await;
    assert_eq!(seen.location(), "/channels?done=paused");
    let banner = "Automatic replies are paused on all channels.";
    assert!(house.get(&mo, "/").await.page().contains(banner));
    house.post(&ada, "/channels/resume", &[]).await;
    assert!(!house.get(&mo, "/").await.page().contains(banner));

    house.post(&ada, "/channels/pause", &[("channel", "webchat")]).await;
    assert!(house.get(&mo, "/").await.page().contains("Automatic replies are paused on webchat."));
    let seen = house.post(&ada, "/channels/pause", &[("channel", "nowhere")]).await;
    assert_eq!(seen.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_new_persons_link_is_shown_once_and_lets_them_in() {
    let house = House::open().await;
    let ada = house.person("ada", Role::Admin).await;
    let fields = [("email", "New@Team.example"), ("role", "moderator")];
    let seen = house.post(&ada, "/people", &fields).await;
    let start = "http://127.0.0.1:8080/sign-in/";
    let token = seen.page().split(start).nth(1).unwrap().split('<').next().unwrap().to_owned();
    let page = house.get(&ada, "/people").await;
    assert!(page.page().contains("new@team.example") && !page.page().contains(start));
    let seen = house.post(&Visitor::default(), &format!("/sign-in/{token}"), &[]).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER);

    let seen = house.post(&ada, "/people", &[("email", "nobody"), ("role", "admin")]).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.body.contains("is not an e-mail address"));
    let audit = house.get(&ada, "/audit").await;
    assert!(audit.page().contains("add person") && !audit.page().contains(&token));
}

async fn state(house: &House, id: EscalationId) -> EscalationState {
    house.desk.store.read().await.unwrap().escalation(id).await.unwrap().unwrap().state
}

async fn replies(house: &House) -> Vec<(String, Option<String>)> {
    let rows = house.desk.store.read().await.unwrap().deliveries(None, None, 50).await.unwrap();
    rows.into_iter().map(|row| (row.payload.text, row.author)).collect()
}

/// A reply whose outcome nobody knows.
async fn uncertain(house: &House, who: &Visitor) -> DeliveryId {
    let id = house.asks("ana", "It hums").await;
    house.post(who, &format!("/escalations/{id}/reply"), &[("text", "Unplug it.")]).await;
    let mut tx = house.desk.store.begin().await.unwrap();
    let row = tx.deliveries(Some(DeliveryState::Due), None, 1).await.unwrap().remove(0);
    let now = from_millis(1_764_000_000_000);
    tx.take_delivery(row.id, now).await.unwrap();
    let reason = "the connection broke";
    tx.settle(row.id, DeliveryState::Uncertain, reason, now).await.unwrap();
    tx.commit().await.unwrap();
    row.id
}
