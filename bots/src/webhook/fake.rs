//! The other side of the generic channel for tests: a caller that signs, and a receiver that
//! checks our signature, records what it got, and fails on demand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use standardwebhooks::Webhook as Signer;
use url::Url;

use crate::WebhookRequest;
use crate::fakes::{Cut, FakeServer, Fault, http_client};

/// A system outside that speaks the generic channel.
pub struct FakeHelpDesk {
    secret: SecretString,
    seen: Arc<Mutex<Seen>>,
    server: FakeServer,
    http: reqwest::Client,
}

/// One reply as it arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedReply {
    /// The header `webhook-id`.
    pub id: String,
    /// The header `webhook-timestamp`.
    pub signed_at: i64,
    /// Whether our signature was right.
    pub verified: bool,
    /// The JSON body.
    pub body: Value,
}

#[derive(Default)]
struct Seen {
    replies: Vec<ReceivedReply>,
    faults: VecDeque<Fault>,
    secret: String,
}

impl FakeHelpDesk {
    /// Starts on a free port with a secret of its own.
    pub async fn start() -> Self {
        let secret = "whsec_c3VwZXJmYW4tZmFrZS1oZWxwLWRlc2s=".to_owned();
        let seen = Seen { secret: secret.clone(), ..Seen::default() };
        let seen = Arc::new(Mutex::new(seen));
        let router = Router::new().route("/replies", post(take)).with_state(seen.clone());
        let server = FakeServer::start(router).await;
        Self { secret: secret.into(), seen, server, http: http_client() }
    }

    /// The secret both sides share.
    pub fn secret(&self) -> SecretString {
        self.secret.clone()
    }

    /// What `WEBHOOK_REPLY_URL` would be.
    pub fn reply_url(&self) -> Url {
        self.server.url().join("replies").expect("a path is a relative address")
    }

    /// Every reply that arrived, refused ones too, oldest first.
    pub fn replies(&self) -> Vec<ReceivedReply> {
        self.seen.lock().expect("nothing panics while it holds the lock").replies.clone()
    }

    /// The next reply fails like this; several wait their turn.
    pub fn fail_next(&self, fault: Fault) {
        let mut seen = self.seen.lock().expect("nothing panics while it holds the lock");
        seen.faults.push_back(fault);
    }

    /// A customer's text in a private conversation, as the body of a delivery.
    pub fn text(conversation: &str, message_id: &str, customer: &str, text: &str) -> Value {
        json!({
            "conversation_id": conversation, "message_id": message_id,
            "customer": { "id": customer }, "text": text,
        })
    }

    /// Signs a body as of `now`, without sending it.
    pub fn request(&self, body: &Value, now: Timestamp) -> WebhookRequest {
        let body = body.to_string();
        let headers = sign(self.secret.expose_secret(), "msg_fake", now, &body);
        WebhookRequest { headers, query: String::new(), body: body.into() }
    }

    /// Posts a signed body; the status and the answer, if there was one.
    pub async fn post(&self, url: &Url, body: &Value, now: Timestamp) -> Option<(u16, Value)> {
        let request = self.request(body, now);
        let sent = self.http.post(url.clone()).headers(request.headers).body(request.body).send();
        let response = sent.await.ok()?;
        let status = response.status().as_u16();
        Some((status, response.json().await.unwrap_or(Value::Null)))
    }
}

/// Standard Webhooks headers for a body.
fn sign(secret: &str, id: &str, now: Timestamp, body: &str) -> HeaderMap {
    let signer = Signer::new(secret).expect("the fake's secret is base64");
    let signature = signer.sign(id, now.as_second(), body.as_bytes()).expect("a str is UTF-8");
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", now.as_second().to_string()),
        ("webhook-signature", signature),
    ];
    let headers = headers.map(|(name, value)| {
        let value = HeaderValue::try_from(value).expect("ids and signatures are plain ASCII");
        (HeaderName::from_static(name), value)
    });
    headers.into_iter().collect()
}

async fn take(
    State(seen): State<Arc<Mutex<Seen>>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fault = {
        let mut seen = seen.lock().expect("nothing panics while it holds the lock");
        let reply = read(&headers, &body, &seen.secret);
        seen.replies.push(reply);
        seen.faults.pop_front()
    };
    let status = match fault {
        None | Some(Fault::Malformed) => 200,
        Some(Fault::TooMany(Some(seconds))) => return waiting(429, seconds),
        Some(Fault::Unavailable(seconds)) => return waiting(503, seconds),
        Some(Fault::TooMany(None)) => 429,
        Some(Fault::ServerError) => 500,
        Some(Fault::BadGateway) => 502,
        Some(Fault::Refuse(status, _) | Fault::Answer(status, _)) => status,
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::CutBefore | Fault::CutAfter) => {
            cut.now();
            500
        }
    };
    StatusCode::from_u16(status).expect("statuses of fakes are valid").into_response()
}

fn waiting(status: u16, seconds: u64) -> Response {
    let status = StatusCode::from_u16(status).expect("statuses of fakes are valid");
    (status, [(http::header::RETRY_AFTER, seconds.to_string())]).into_response()
}

fn read(headers: &HeaderMap, body: &Bytes, secret: &str) -> ReceivedReply {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (id, signed_at) = (header("webhook-id"), header("webhook-timestamp"));
    let signed_at = signed_at.parse().unwrap_or_default();
    let signer = Signer::new(secret).expect("the fake's secret is base64");
    let expected = signer.sign(&id, signed_at, body).unwrap_or_default();
    ReceivedReply {
        id,
        signed_at,
        verified: expected == header("webhook-signature"),
        body: serde_json::from_slice(body).unwrap_or(Value::Null),
    }
}
