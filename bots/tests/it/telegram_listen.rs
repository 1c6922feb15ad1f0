//! Long polling and the webhook against the fake: nothing lost, nothing twice, trouble told.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde_json::json;
use superfan_bots::fakes::{FakeServer, Fault};
use superfan_bots::telegram::fake::FakeTelegram;
use superfan_bots::telegram::{Mode, Telegram};
use superfan_bots::{Adapter, Content, Health};

use crate::support::{SECRET, listen, listen_at, now, telegram, webhook_request};

#[tokio::test]
async fn a_message_is_stored_once_and_then_confirmed() {
    let fake = FakeTelegram::start().await;
    let ana = fake.customer("ana");
    let asked = ana.says("why does it hum?").await;
    let mut listening = listen(telegram(&fake, Mode::Poll));
    let message = listening.next_message().await;
    assert_eq!(message.event_key, format!("msg:{}:{asked}", ana.id()));
    // The next one arrives on the waiting poll, whose offset confirms the first.
    ana.says("hello?").await;
    assert_eq!(listening.next_message().await.content, Content::Text { text: "hello?".into() });
    assert!(fake.waiting().len() <= 1);
    listening.stops().await;
    let mut again = listen(telegram(&fake, Mode::Poll));
    ana.says("third").await;
    loop {
        if again.next_message().await.content == (Content::Text { text: "third".into() }) {
            break;
        }
    }
    again.stops().await;
}

#[tokio::test]
async fn what_the_store_refused_comes_again() {
    let fake = FakeTelegram::start().await;
    let ana = fake.customer("ana");
    let mut listening = listen(telegram(&fake, Mode::Poll));
    assert_eq!(listening.next_health().await, Health::Ok);
    listening.intake.refuse_next("disk full");
    ana.says("why does it hum?").await;
    let degraded = "could not store the message: disk full".to_owned();
    assert_eq!(listening.next_health().await, Health::Degraded(degraded));
    assert_eq!(listening.next_message().await.message_id.as_deref(), Some("1"));
    listening.stops().await;
}

#[tokio::test]
async fn an_update_that_cannot_be_decoded_does_not_hold_up_the_others() {
    let fake = FakeTelegram::start().await;
    fake.push("message", &json!({ "chat": "not a chat" })).await;
    fake.push("hologram", &json!({ "depth": 3 })).await;
    fake.customer("ana").says("hello").await;
    let mut listening = listen(telegram(&fake, Mode::Poll));
    assert_eq!(listening.next_message().await.content, Content::Text { text: "hello".into() });
    listening.stops().await;
}

#[tokio::test]
async fn a_webhook_left_behind_is_removed_and_nothing_waiting_is_dropped() {
    let fake = FakeTelegram::start().await;
    let nowhere = url::Url::parse("http://127.0.0.1:9/").unwrap();
    fake.deliver_to(&nowhere, SECRET);
    fake.customer("ana").says("still here?").await;
    let mut listening = listen(telegram(&fake, Mode::Poll));
    assert_eq!(
        listening.next_message().await.content,
        Content::Text { text: "still here?".into() }
    );
    listening.stops().await;
}

#[tokio::test]
async fn a_second_poller_is_told_apart_from_an_outage() {
    let fake = FakeTelegram::start().await;
    let conflict = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/payloads/telegram/error_409.json");
    fake.fail_next("getUpdates", Fault::Answer(409, std::fs::read_to_string(conflict).unwrap()));
    fake.fail_next("getUpdates", Fault::BadGateway);
    fake.fail_next("getUpdates", Fault::CutBefore);
    fake.fail_next("getUpdates", Fault::TooMany(Some(0)));
    let mut listening = listen(telegram(&fake, Mode::Poll));
    let starts = |health: Health, words: &str| match health {
        Health::Degraded(reason) => assert!(reason.starts_with(words), "{reason}"),
        other => panic!("{other:?}"),
    };
    starts(listening.next_health().await, "another instance uses this bot's token");
    starts(listening.next_health().await, "Telegram does not answer: status 502");
    starts(listening.next_health().await, "Telegram does not answer: outcome unknown");
    starts(listening.next_health().await, "Telegram asked us to wait");
    assert_eq!(listening.next_health().await, Health::Ok);
    listening.stops().await;
}

#[tokio::test]
async fn two_listeners_on_one_token_are_noticed() {
    let fake = FakeTelegram::start().await;
    let mut first = listen(telegram(&fake, Mode::Poll));
    assert_eq!(first.next_health().await, Health::Ok);
    let second = listen(telegram(&fake, Mode::Poll));
    assert!(matches!(first.next_health().await, Health::Degraded(_)));
    first.stops().await;
    second.stops().await;
}

#[tokio::test]
async fn a_revoked_token_stops_the_channel() {
    let fake = FakeTelegram::start().await;
    let bot = telegram(&fake, Mode::Poll);
    fake.revoke_token();
    let mut listening = listen(bot);
    let stopped = "Telegram refuses the token: Unauthorized".to_owned();
    assert_eq!(listening.next_health().await, Health::Stopped(stopped));
    listening.stops().await;
}

#[tokio::test]
async fn in_webhook_mode_telegram_is_told_where_to_deliver() {
    let fake = FakeTelegram::start().await;
    fake.customer("ana").says("still here?").await;
    fake.fail_next("setWebhook", Fault::BadGateway);
    fake.fail_next("setWebhook", Fault::Refuse(400, "Bad Request: bad webhook".to_owned()));
    let address = "https://support.example/webhooks/telegram";
    let mut listening = listen_at(telegram(&fake, Mode::Webhook), address);
    let mut trouble = Vec::new();
    while let Health::Degraded(reason) = listening.next_health().await {
        trouble.push(reason);
    }
    listening.ends().await;
    assert!(trouble[0].starts_with("Telegram does not answer: status 502"), "{trouble:?}");
    assert_eq!(trouble[1], "Telegram refuses what we ask: Bad Request: bad webhook");
    assert_eq!(fake.webhook(), Some((address.to_owned(), Some(SECRET.to_owned()))));
    assert_eq!(fake.waiting().len(), 1, "nothing that waits is dropped");
}

#[tokio::test]
async fn in_webhook_mode_without_a_public_address_the_listener_only_learns_our_name() {
    let fake = FakeTelegram::start().await;
    fake.fail_next("getMe", Fault::ServerError);
    let mut listening = listen(telegram(&fake, Mode::Webhook));
    assert!(matches!(listening.next_health().await, Health::Degraded(_)));
    assert_eq!(listening.next_health().await, Health::Ok);
    listening.ends().await;
    assert_eq!(fake.calls(), ["getMe", "getMe"]);
}

/// A webhook route of our own that decodes what the fake posts.
async fn route(bot: Telegram) -> (FakeServer, Arc<Mutex<Vec<String>>>) {
    type Seen = (Arc<Telegram>, Arc<Mutex<Vec<String>>>);
    async fn take(
        State((bot, keys)): State<Seen>,
        headers: http::HeaderMap,
        body: bytes::Bytes,
    ) -> http::StatusCode {
        let secret = headers.get("x-telegram-bot-api-secret-token");
        let secret = secret.and_then(|secret| secret.to_str().ok());
        match bot.receive(&webhook_request(secret, body), now()) {
            Ok(received) => {
                keys.lock().unwrap().extend(received.messages.into_iter().map(|one| one.event_key));
                http::StatusCode::OK
            }
            Err(_) => http::StatusCode::UNAUTHORIZED,
        }
    }
    let keys = Arc::new(Mutex::new(Vec::new()));
    let router = Router::new().route("/", post(take)).with_state((Arc::new(bot), keys.clone()));
    (FakeServer::start(router).await, keys)
}

#[tokio::test]
async fn the_same_update_twice_has_the_same_key() {
    let fake = FakeTelegram::start().await;
    let (server, keys) = route(telegram(&fake, Mode::Webhook)).await;
    fake.deliver_to(server.url(), SECRET);
    let (ana, lee) = (fake.customer("ana"), fake.customer("lee"));
    ana.says("hello").await;
    assert_eq!(fake.deliver_again().await, Some(200));
    lee.says("hello").await;
    fake.deliver_to(server.url(), "somebody else's");
    ana.says("lost?").await;
    assert_eq!(fake.deliver().await, [401]);
    assert_eq!(fake.waiting().len(), 1);
    let (ana, lee) = (format!("msg:{}:1", ana.id()), format!("msg:{}:1", lee.id()));
    assert_eq!(*keys.lock().unwrap(), [ana.clone(), ana, lee]);
}
