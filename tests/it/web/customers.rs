//! What the brand tells us about customers, and what its own systems say on the card.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;
use superfan::config::LookupConfig;
use superfan::lookup::{Known, Lookup};
use superfan_bots::fakes::FakeServer;

use super::Web;

#[tokio::test]
async fn attributes_are_put_merged_and_shown() {
    let web = Web::open().await;
    let body = json!({
        "conversation_id": "c", "message_id": "1", "text": "hello", "customer": { "id": "u-7" },
    });
    web.hears(&body.to_string()).await;
    let list = web.admin("GET /api/v1/customers?channel=webhook&external_id=u-7", "").await.is(200);
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("cus_"));
    let path = format!("/api/v1/customers/{id}");

    let tier = r#"{"attributes":{"tier":"gold","orders":["A1"]}}"#;
    web.admin(&format!("PUT {path}"), tier).await.is(200);
    let merged = r#"{"attributes":{"orders":null,"since":2024}}"#;
    let merged = web.admin(&format!("PATCH {path}"), merged).await.is(200);
    assert_eq!(merged["attributes"], json!({ "tier": "gold", "since": 2024 }));
    let shown = web.admin(&format!("GET {path}"), "").await.is(200);
    assert_eq!(shown, merged);

    web.admin("PUT /api/v1/customers/cus_0000000000000", tier).await.problem(404);
    let large = json!({ "attributes": { "text": "x".repeat(20_000) } }).to_string();
    web.admin(&format!("PUT {path}"), &large).await.problem(422);
    web.admin(&format!("PUT {path}"), r#"{"attributes":[]}"#).await.problem(422);
}

#[tokio::test]
async fn a_lookup_is_asked_once_in_five_minutes_and_fails_softly() {
    let n_asked = Arc::new(AtomicUsize::new(0));
    let count = n_asked.clone();
    let answer = move || {
        let n = count.fetch_add(1, Ordering::SeqCst);
        async move {
            match n {
                0 => (StatusCode::OK, Json(json!({ "tier": "gold" }))),
                1 => (StatusCode::BAD_GATEWAY, Json(json!({}))),
                _ => std::future::pending().await,
            }
        }
    };
    let server = FakeServer::start(Router::new().route("/known", post(answer))).await;
    let url = server.url().join("known").unwrap();
    let lookup = Lookup::new(Some(LookupConfig { url, secret: Some(super::SECRET.into()) }));

    let web = Web::open().await;
    let body = json!({
        "conversation_id": "c", "message_id": "1", "text": "hello", "customer": { "id": "u-7" },
    });
    web.hears(&body.to_string()).await;
    let mut tx = web.desk.store.read().await.unwrap();
    let customer = tx.customers((None, None), None, 1).await.unwrap().remove(0);
    let start = superfan::clock::Clock::now(&*web.clock);
    let after = |seconds: i64| start + jiff::SignedDuration::from_secs(seconds);
    let none = serde_json::Map::new();
    for seconds in [0, 299] {
        let known = lookup.ask(&customer, &none, after(seconds)).await;
        assert!(matches!(known, Some(Known::Facts(facts)) if facts[0].values == ["gold"]));
    }
    assert_eq!(n_asked.load(Ordering::SeqCst), 1);
    for seconds in [300, 329] {
        let known = lookup.ask(&customer, &none, after(seconds)).await;
        assert_eq!(known, Some(Known::Failed("it answered 502 Bad Gateway".to_owned())));
    }
    let known = lookup.ask(&customer, &none, after(330)).await;
    assert_eq!(known, Some(Known::Failed("it took too long to answer".to_owned())));
    assert_eq!(n_asked.load(Ordering::SeqCst), 3);
    assert_eq!(Lookup::new(None).ask(&customer, &none, start).await, None);
}
