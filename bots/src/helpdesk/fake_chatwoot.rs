//! A Chatwoot for tests: one account, one API inbox, contacts, conversations, messages; it signs
//! what it posts, tells of our own acts too, and refuses what the real one refuses.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{ConnectInfo, Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use crate::fakes::{Cut, FakeServer, Fault, http_client};
use crate::text::hex_signature::to_hex;

/// The inbox's identifier.
pub const INBOX: &str = "inbox-identifier";
/// An agent's access token.
pub const TOKEN: &str = "agent-token";
/// The inbox's webhook secret.
pub const SECRET: &str = "inbox-secret";

/// A Chatwoot.
pub struct FakeChatwoot {
    seen: Arc<Mutex<Seen>>,
    server: FakeServer,
    http: reqwest::Client,
}

/// A message as it stands in Chatwoot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its conversation.
    pub conversation: i64,
    /// `incoming` or `outgoing`.
    pub kind: &'static str,
    /// Only agents read it.
    pub private: bool,
    /// The words.
    pub content: String,
}

#[derive(Default)]
struct Seen {
    /// Source ids of contacts.
    contacts: Vec<String>,
    /// Each conversation's contact and status; its number is its place, from 1.
    conversations: Vec<(String, &'static str)>,
    messages: Vec<Said>,
    webhooks: VecDeque<Value>,
    faults: VecDeque<Option<Fault>>,
}

type Shared = Arc<Mutex<Seen>>;

fn lock(seen: &Shared) -> MutexGuard<'_, Seen> {
    seen.lock().expect("nothing panics while it holds the lock")
}

impl FakeChatwoot {
    /// Starts on a free port.
    pub async fn start() -> Self {
        let seen = Shared::default();
        let public = "/public/api/v1/inboxes/{inbox}/contacts";
        let private = "/api/v1/accounts/1/conversations/{conversation}";
        let talk = format!("{public}/{{contact}}/conversations");
        let router = Router::new()
            .route(public, post(add_contact))
            .route(&talk, post(open).get(conversations))
            .route(&format!("{talk}/{{conversation}}/messages"), post(hear).get(messages))
            .route(&format!("{private}/messages"), post(note))
            .route(&format!("{private}/toggle_status"), post(toggle))
            .layer(from_fn_with_state(seen.clone(), faulty))
            .with_state(seen.clone());
        Self { seen, server: FakeServer::start(router).await, http: http_client() }
    }

    /// Scheme, host and port.
    pub fn url(&self) -> &Url {
        self.server.url()
    }

    /// The next call fails like this; several wait their turn.
    pub fn fail_next(&self, fault: Fault) {
        lock(&self.seen).faults.push_back(Some(fault));
    }

    /// The next call that has no fault yet goes well.
    pub fn pass_next(&self) {
        lock(&self.seen).faults.push_back(None);
    }

    /// Everything that was said, oldest first.
    pub fn said(&self) -> Vec<Said> {
        lock(&self.seen).messages.clone()
    }

    /// How many conversations there are.
    pub fn n_conversations(&self) -> usize {
        lock(&self.seen).conversations.len()
    }

    /// Where a conversation stands: `open` or `resolved`.
    pub fn status(&self, conversation: i64) -> &'static str {
        let at = usize::try_from(conversation - 1).expect("conversations count from 1");
        lock(&self.seen).conversations[at].1
    }

    /// An agent replies to the contact.
    pub fn agent_replies(&self, conversation: i64, text: &str) {
        lock(&self.seen).say(conversation, "outgoing", (text, false));
    }

    /// An agent leaves a note for the others.
    pub fn agent_notes(&self, conversation: i64, text: &str) {
        lock(&self.seen).say(conversation, "outgoing", (text, true));
    }

    /// An agent resolves the conversation.
    pub fn agent_resolves(&self, conversation: i64) {
        lock(&self.seen).resolve(conversation);
    }

    /// Posts every webhook that waits, signed as of `now`; the statuses.
    pub async fn delivers(&self, url: &Url, now: Timestamp) -> Vec<u16> {
        let mut statuses = Vec::new();
        loop {
            let webhook = lock(&self.seen).webhooks.pop_front();
            let Some(webhook) = webhook else { return statuses };
            statuses.push(self.post(url, &webhook, (SECRET, now)).await);
        }
    }

    /// Posts one webhook with any secret; the status.
    pub async fn post(&self, url: &Url, body: &Value, (secret, now): (&str, Timestamp)) -> u16 {
        let (body, seconds) = (body.to_string(), now.as_second());
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key fits");
        mac.update(format!("{seconds}.{body}").as_bytes());
        let signature = to_hex("sha256=", &mac.finalize().into_bytes());
        let request = self
            .http
            .post(url.clone())
            .header("content-type", "application/json")
            .header("x-chatwoot-timestamp", seconds.to_string())
            .header("x-chatwoot-signature", signature);
        request.body(body).send().await.map_or(0, |answer| answer.status().as_u16())
    }
}

impl Seen {
    fn say(
        &mut self,
        conversation: i64,
        kind: &'static str,
        (text, private): (&str, bool),
    ) -> Value {
        self.messages.push(Said { conversation, kind, private, content: text.to_owned() });
        let id = self.messages.len();
        let sender = match kind {
            "incoming" => json!({ "id": 9, "name": "Customer", "type": "contact" }),
            _ => {
                json!({ "id": 5, "name": "Mia Agent", "email": "mia@desk.example", "type": "user" })
            }
        };
        self.webhooks.push_back(json!({
            "event": "message_created", "id": id, "content": text, "message_type": kind,
            "private": private, "sender": sender, "account": { "id": 1, "name": "Brand" },
            "conversation": self.conversation(conversation),
        }));
        json!({ "id": id, "content": text, "message_type": i32::from(kind == "outgoing") })
    }

    fn resolve(&mut self, conversation: i64) {
        let at = usize::try_from(conversation - 1).expect("conversations count from 1");
        self.conversations[at].1 = "resolved";
        let mut webhook = self.conversation(conversation);
        webhook["event"] = "conversation_status_changed".into();
        self.webhooks.push_back(webhook);
    }

    fn conversation(&self, conversation: i64) -> Value {
        let at = usize::try_from(conversation - 1).expect("conversations count from 1");
        let (contact, status) = &self.conversations[at];
        json!({
            "id": conversation, "status": status, "channel": "Channel::Api",
            "contact_inbox": { "id": 1, "source_id": contact },
        })
    }

    fn of(&self, conversation: i64) -> Vec<Value> {
        let public = |(_, one): &(usize, &Said)| one.conversation == conversation && !one.private;
        let view = |(at, one): (usize, &Said)| json!({ "id": at + 1, "content": one.content });
        self.messages.iter().enumerate().filter(public).map(view).collect()
    }
}

async fn faulty(
    State(seen): State<Shared>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
    next: Next,
) -> Response {
    let fault = lock(&seen).faults.pop_front().flatten();
    crate::helpdesk::call::misbehave(fault, &cut, next.run(request)).await
}

fn is_ours(inbox: &str) -> Result<(), StatusCode> {
    if inbox == INBOX { Ok(()) } else { Err(StatusCode::NOT_FOUND) }
}

async fn add_contact(
    State(seen): State<Shared>,
    Path(inbox): Path<String>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    is_ours(&inbox)?;
    let mut seen = lock(&seen);
    let id = body["source_id"].as_str().unwrap_or("made-up").to_owned();
    if !seen.contacts.contains(&id) {
        seen.contacts.push(id.clone());
    }
    Ok(Json(json!({ "source_id": id, "name": body["name"], "pubsub_token": "t" })))
}

async fn open(
    State(seen): State<Shared>,
    Path((inbox, contact)): Path<(String, String)>,
    Json(_): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    is_ours(&inbox)?;
    let mut seen = lock(&seen);
    if !seen.contacts.contains(&contact) {
        return Err(StatusCode::NOT_FOUND);
    }
    seen.conversations.push((contact, "open"));
    Ok(Json(json!({ "id": seen.conversations.len(), "status": "open", "messages": [] })))
}

async fn conversations(
    State(seen): State<Shared>,
    Path((inbox, contact)): Path<(String, String)>,
) -> Result<Json<Value>, StatusCode> {
    is_ours(&inbox)?;
    let seen = lock(&seen);
    let ids = (1_i64..).zip(&seen.conversations).filter(|(_, one)| one.0 == contact);
    let view = |(id, one): (i64, &(String, &str))| json!({ "id": id, "status": one.1, "messages": seen.of(id) });
    Ok(Json(ids.map(view).collect()))
}

async fn hear(
    State(seen): State<Shared>,
    Path((inbox, contact, conversation)): Path<(String, String, i64)>,
    Json(body): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    is_ours(&inbox)?;
    let mut seen = lock(&seen);
    let at = usize::try_from(conversation - 1).map_err(|_| StatusCode::NOT_FOUND)?;
    if seen.conversations.get(at).is_none_or(|one| one.0 != contact) {
        return Err(StatusCode::NOT_FOUND);
    }
    let text = body["content"].as_str().filter(|text| !text.is_empty());
    let text = text.ok_or(StatusCode::UNPROCESSABLE_ENTITY)?;
    Ok(Json(seen.say(conversation, "incoming", (text, false))))
}

async fn messages(
    State(seen): State<Shared>,
    Path((inbox, _, conversation)): Path<(String, String, i64)>,
) -> Result<Json<Value>, StatusCode> {
    is_ours(&inbox)?;
    Ok(Json(lock(&seen).of(conversation).into()))
}

fn is_agent(headers: &HeaderMap) -> Result<(), StatusCode> {
    let token = headers.get("api_access_token").and_then(|value| value.to_str().ok());
    if token == Some(TOKEN) { Ok(()) } else { Err(StatusCode::UNAUTHORIZED) }
}

async fn note(
    State(seen): State<Shared>,
    Path(conversation): Path<i64>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Response> {
    is_agent(&headers).map_err(IntoResponse::into_response)?;
    let text = body["content"].as_str().unwrap_or_default().to_owned();
    let private = body["private"].as_bool().unwrap_or_default();
    Ok(Json(lock(&seen).say(conversation, "outgoing", (&text, private))))
}

async fn toggle(
    State(seen): State<Shared>,
    Path(conversation): Path<i64>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    is_agent(&headers)?;
    if body["status"] == "resolved" {
        lock(&seen).resolve(conversation);
    }
    Ok(Json(json!({ "payload": { "success": true, "current_status": body["status"] } })))
}
