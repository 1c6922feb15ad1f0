//! A Doorbell of our own: a real HTTP server with a little state, and the real one's rules.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};
use superfan_bots::WebhookRequest;
use superfan_bots::fakes::FakeServer;
use url::Url;

use super::render::LIMIT;
use super::verify::HEADER;

/// What both sides know.
pub(super) const SECRET: &str = "ding-dong";

/// Words by their key.
type Said = Arc<Mutex<BTreeMap<String, String>>>;

pub(super) struct FakeDoorbell {
    said: Said,
    server: FakeServer,
}

impl FakeDoorbell {
    pub(super) async fn start() -> Self {
        let said = Said::default();
        let router = Router::new().route("/say", post(take)).with_state(said.clone());
        Self { said, server: FakeServer::start(router).await }
    }

    pub(super) fn url(&self) -> Url {
        self.server.url().clone()
    }

    pub(super) fn said(&self) -> Vec<String> {
        self.said.lock().expect("nothing panics with it").values().cloned().collect()
    }
}

/// A delivery as Doorbell posts it.
pub(super) fn ring(who: &str, words: &str) -> WebhookRequest {
    let body = json!({ "id": "1", "door": "front", "who": who, "words": words });
    let mut headers = HeaderMap::new();
    headers.insert(HEADER, HeaderValue::from_static(SECRET));
    WebhookRequest { headers, query: String::new(), body: body.to_string().into() }
}

async fn take(State(said): State<Said>, Json(say): Json<Value>) -> StatusCode {
    let text = |name: &str| say[name].as_str().unwrap_or_default().to_owned();
    if text("words").chars().count() > LIMIT {
        return StatusCode::BAD_REQUEST;
    }
    said.lock().expect("nothing panics with it").entry(text("key")).or_insert(text("words"));
    StatusCode::OK
}
