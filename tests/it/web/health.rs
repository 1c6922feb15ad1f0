//! Health, metrics, and what stands around every request.

use serde_json::json;
use superfan_bots::Health;

use super::Web;

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
