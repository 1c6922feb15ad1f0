//! Health, metrics, and what stands around every request.

use serde_json::json;
use superfan::answers::Indexer;
use superfan::serve;
use superfan_bots::Health;
use tokio_util::sync::CancellationToken;

use super::Web;
use crate::patience::eventually;

#[tokio::test]
async fn a_stopped_channel_is_shown_but_leaves_the_node_ready() {
    let web = Web::open().await;
    web.desk.channels.health().set("webhook", Health::Stopped("token revoked".to_owned()));
    assert_eq!(
        web.get("/readyz").await.is(200),
        json!({"store": "ok", "index": "ok", "channels": {
            "webchat": {"state": "ok"},
            "webhook": {"state": "stopped", "reason": "token revoked"},
        }})
    );
}

#[tokio::test]
async fn a_node_whose_store_is_gone_is_not_ready_but_lives() {
    let web = Web::open().await;
    web.desk.store.close().await;
    let readiness = web.get("/readyz").await.is(503);
    assert_ne!(readiness["store"], "ok");
    assert_eq!(readiness["index"], "ok");
    assert_eq!(web.get("/healthz").await.status, 200);
}

/// After an upgrade with another index nothing would be found until it is built.
#[tokio::test]
async fn a_start_without_its_index_answers_once_it_is_built() {
    let web = Web::with(&[("SUPERFAN_QUIET_MS", "0")]).await;
    let answer = json!({"title": "Reset the speaker", "answer": "Hold the power button."});
    web.admin("POST /api/v1/answers", &answer.to_string()).await.is(201);
    let message = json!({"conversation_id": "c", "message_id": "m", "customer": {"id": "ana"},
                         "text": "how do I reset the speaker?"});
    web.delivers(&message.to_string()).await;
    serve::expect_filling(&web.desk).await.unwrap();
    let readiness = web.get("/readyz").await.is(503);
    assert!(readiness["index"].as_str().unwrap().starts_with("being built"), "{readiness}");

    let stop = CancellationToken::new();
    let mut workers = serve::start_workers(&web.desk, &stop);
    Indexer::of(&web.desk).catch_up(&|_| {}).await.unwrap();
    assert_eq!(web.get("/readyz").await.is(200)["index"], "ok");
    let store = &web.desk.store;
    eventually("a handled message", async || {
        store.read().await.unwrap().unhandled().await.unwrap() == 0
    })
    .await;
    stop.cancel();
    while workers.join_next().await.is_some() {}
    let listed = web.admin("GET /api/v1/conversations", "").await.is(200);
    let id = listed["items"][0]["id"].as_str().unwrap();
    let shown = web.admin(&format!("GET /api/v1/conversations/{id}"), "").await.is(200);
    let reason = &shown["messages"][0]["decision"]["reason"];
    assert!(reason.is_string() && reason != "nothing_found", "{shown}");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let web = Web::open().await;
    for path in ["/healthz", "/metrics", "/api/nothing", "/nothing"] {
        let headers = web.get(path).await.headers;
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
    }
}
