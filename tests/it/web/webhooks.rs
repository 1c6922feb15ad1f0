//! Deliveries: stored before they are answered, and nothing of a refused one.

use axum::body::{Body, Bytes};
use axum::http::Request;
use futures::stream;
use secrecy::ExposeSecret;
use serde_json::json;
use superfan::serve::start_workers;
use superfan_bots::telegram::fake::FakeTelegram;
use tokio_util::sync::CancellationToken;

use super::{Web, signed};

const HELLO: &str = r#"{"conversation_id":"c1","message_id":"m1",
    "customer":{"id":"ana","name":"Ana","lang":"es"},"text":"hola"}"#;

async fn n_stored(web: &Web) -> i64 {
    web.desk.store.read().await.unwrap().unhandled().await.unwrap()
}

#[tokio::test]
async fn the_same_delivery_again_is_one_message() {
    let web = Web::open().await;
    assert_eq!(web.delivers(HELLO).await.is(200), json!({"status": "stored"}));
    assert_eq!(web.delivers(HELLO).await.is(200), json!({"status": "duplicate"}));
    assert_eq!(n_stored(&web).await, 1);
}

#[tokio::test]
async fn nothing_of_a_refused_delivery_reaches_the_store() {
    let web = Web::open().await;
    let now = web.clock_second();
    web.send(signed(HELLO, now - 301)).await.problem(401);
    let mut forged = signed(HELLO, now);
    *forged.body_mut() = Body::from(HELLO.replace("hola", "adios"));
    web.send(forged).await.problem(401);
    web.send(Request::post("/webhooks/webhook").body(Body::from(HELLO)).unwrap())
        .await
        .problem(401);
    web.delivers("{\"conversation_id\":").await.problem(400);
    let missing = web.delivers(r#"{"conversation_id":"c1"}"#).await.problem(400);
    assert!(missing["detail"].as_str().unwrap().contains("customer"), "{missing}");
    assert_eq!(n_stored(&web).await, 0);
}

#[tokio::test]
async fn a_delivery_over_a_mebibyte_is_refused_also_in_chunks() {
    let web = Web::open().await;
    web.delivers(&"x".repeat(2 * 1024 * 1024)).await.problem(413);
    let chunk = Bytes::from(vec![b'x'; 64 * 1024]);
    let chunks = stream::iter((0..32).map(move |_| Ok::<_, std::io::Error>(chunk.clone())));
    let request = Request::post("/webhooks/webhook").body(Body::from_stream(chunks)).unwrap();
    web.send(request).await.problem(413);
    assert_eq!(n_stored(&web).await, 0);
}

#[tokio::test]
async fn an_unknown_channel_is_404_and_a_channel_without_challenge_405() {
    let web = Web::open().await;
    web.send(Request::post("/webhooks/myspace").body(Body::empty()).unwrap()).await.problem(404);
    web.get("/webhooks/webhook").await.problem(405);
    web.send(Request::put("/webhooks/webhook").body(Body::empty()).unwrap()).await.problem(405);
}

#[tokio::test]
async fn what_cannot_be_stored_is_503_with_the_time_to_wait() {
    let web = Web::with(&[("SUPERFAN_INBOX_LIMIT", "0")]).await;
    let answered = web.delivers(HELLO).await;
    assert_eq!(answered.headers["retry-after"], "10");
    answered.problem(503);
}

#[tokio::test]
async fn a_server_in_webhook_mode_tells_telegram_where_to_deliver_and_how_to_prove_itself() {
    let telegram = FakeTelegram::start().await;
    let web = Web::with(&[
        ("TELEGRAM_TOKEN", telegram.token().expose_secret()),
        ("TELEGRAM_API_URL", telegram.base_url().as_str()),
        ("TELEGRAM_MODE", "webhook"),
        ("SUPERFAN_PUBLIC_URL", "https://support.example"),
    ])
    .await;
    let stop = CancellationToken::new();
    let mut workers = start_workers(&web.desk, &stop);
    telegram.until(|telegram| telegram.webhook().is_some()).await;
    stop.cancel();
    while workers.join_next().await.is_some() {}

    let (address, secret) = telegram.webhook().unwrap();
    assert_eq!(address, "https://support.example/webhooks/telegram");
    telegram.customer("ana").says("hello").await;
    let update = telegram.last_update().unwrap().to_string();
    let delivery = |secret: &str| {
        let request = Request::post("/webhooks/telegram");
        let request = request.header("x-telegram-bot-api-secret-token", secret);
        request.body(Body::from(update.clone())).unwrap()
    };
    let stored = web.send(delivery(&secret.unwrap())).await;
    assert_eq!(stored.is(200), json!({"status": "stored"}));
    web.send(delivery("somebody else's")).await.problem(401);
}
