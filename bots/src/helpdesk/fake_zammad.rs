//! A Zammad for tests: one group, tickets, articles, one trigger with a webhook on everything; it
//! refuses what the real one refuses.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{ConnectInfo, Path, Query, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use hmac::{Hmac, KeyInit, Mac};
use http::StatusCode;
use serde_json::{Value, json};
use sha1::Sha1;
use url::Url;

use crate::fakes::{Cut, FakeServer, Fault, http_client};
use crate::text::hex_signature::to_hex;

/// The group that exists.
pub const GROUP: &str = "Users";
/// An access token.
pub const TOKEN: &str = "zammad-token";
/// The webhook's HMAC SHA1 signature token.
pub const SECRET: &str = "zammad-secret";

/// A Zammad.
pub struct FakeZammad {
    seen: Shared,
    server: FakeServer,
    http: reqwest::Client,
}

/// An article as it stands in Zammad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its ticket.
    pub ticket: i64,
    /// `Customer` or `Agent`.
    pub sender: String,
    /// Only agents read it.
    pub internal: bool,
    /// The words.
    pub body: String,
}

#[derive(Default)]
struct Seen {
    /// Each ticket's title, note and state; its number is its place, from 1.
    tickets: Vec<(String, String, String)>,
    articles: Vec<Article>,
    webhooks: VecDeque<Value>,
    faults: VecDeque<Fault>,
}

type Shared = Arc<Mutex<Seen>>;

fn lock(seen: &Shared) -> MutexGuard<'_, Seen> {
    seen.lock().expect("nothing panics while it holds the lock")
}

impl FakeZammad {
    /// Starts on a free port.
    pub async fn start() -> Self {
        let seen = Shared::default();
        let router = Router::new()
            .route("/api/v1/tickets", post(open))
            .route("/api/v1/tickets/search", get(search))
            .route("/api/v1/tickets/{ticket}", put(change))
            .route("/api/v1/ticket_articles", post(add_article))
            .route("/api/v1/ticket_articles/by_ticket/{ticket}", get(articles))
            .layer(from_fn_with_state(seen.clone(), guarded))
            .with_state(seen.clone());
        Self { seen, server: FakeServer::start(router).await, http: http_client() }
    }

    /// Scheme, host and port.
    pub fn url(&self) -> &Url {
        self.server.url()
    }

    /// The next call fails like this; several wait their turn.
    pub fn fail_next(&self, fault: Fault) {
        lock(&self.seen).faults.push_back(fault);
    }

    /// Each ticket's title and state.
    pub fn tickets(&self) -> Vec<(String, String)> {
        let seen = lock(&self.seen);
        seen.tickets.iter().map(|(title, _, state)| (title.clone(), state.clone())).collect()
    }

    /// Every article, oldest first.
    pub fn articles(&self) -> Vec<Article> {
        lock(&self.seen).articles.clone()
    }

    /// An agent writes openly, in HTML as the editor does.
    pub fn agent_replies(&self, ticket: i64, html: &str) {
        let body = json!({ "sender": "Agent", "body": html, "content_type": "text/html" });
        lock(&self.seen).write(ticket, &body);
    }

    /// An agent writes for the others only.
    pub fn agent_notes(&self, ticket: i64, html: &str) {
        let body = json!({ "sender": "Agent", "internal": true, "body": html });
        lock(&self.seen).write(ticket, &body);
    }

    /// An agent closes the ticket.
    pub fn agent_closes(&self, ticket: i64) {
        lock(&self.seen).set_state(ticket, "closed");
    }

    /// Posts every webhook that waits; the statuses.
    pub async fn delivers(&self, url: &Url) -> Vec<u16> {
        let mut statuses = Vec::new();
        loop {
            let webhook = lock(&self.seen).webhooks.pop_front();
            let Some(webhook) = webhook else { return statuses };
            statuses.push(self.post(url, &webhook, SECRET).await);
        }
    }

    /// Posts one webhook with any secret; the status.
    pub async fn post(&self, url: &Url, body: &Value, secret: &str) -> u16 {
        let body = body.to_string();
        let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).expect("any key fits");
        mac.update(body.as_bytes());
        let signature = to_hex("sha1=", &mac.finalize().into_bytes());
        let request = self
            .http
            .post(url.clone())
            .header("content-type", "application/json")
            .header("x-zammad-trigger", "superfan")
            .header("x-hub-signature", signature);
        request.body(body).send().await.map_or(0, |answer| answer.status().as_u16())
    }
}

impl Seen {
    fn ticket(&self, ticket: i64) -> Option<Value> {
        let at = usize::try_from(ticket - 1).ok()?;
        let (title, note, state) = self.tickets.get(at)?;
        Some(json!({ "id": ticket, "title": title, "note": note, "state": state }))
    }

    fn write(&mut self, ticket: i64, body: &Value) -> Value {
        let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
        let internal = body["internal"].as_bool().unwrap_or_default();
        let article = Article { ticket, sender: text("sender"), internal, body: text("body") };
        self.articles.push(article);
        let id = self.articles.len();
        let article = json!({
            "id": id, "ticket_id": ticket, "body": text("body"), "internal": internal,
            "content_type": text("content_type"), "sender": text("sender"), "type": "note",
            "created_by": { "firstname": "Zoe", "lastname": "Agent", "email": "zoe@desk.example" },
        });
        let ticket = self.ticket(ticket);
        self.webhooks.push_back(json!({ "ticket": ticket, "article": article }));
        article
    }

    fn set_state(&mut self, ticket: i64, state: &str) {
        let at = usize::try_from(ticket - 1).expect("tickets count from 1");
        state.clone_into(&mut self.tickets[at].2);
        let ticket = self.ticket(ticket);
        self.webhooks.push_back(json!({ "ticket": ticket, "article": {} }));
    }
}

/// Answers only who has the token, and fails on demand.
async fn guarded(
    State(seen): State<Shared>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
    next: Next,
) -> Response {
    let token = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    if token != Some(&format!("Token token={TOKEN}")) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let fault = lock(&seen).faults.pop_front();
    crate::helpdesk::call::misbehave(fault, &cut, next.run(request)).await
}

fn unusable(error: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": error }))).into_response()
}

async fn open(State(seen): State<Shared>, Json(body): Json<Value>) -> Response {
    let customer = body["customer_id"].as_str().unwrap_or_default();
    if body["group"] != GROUP {
        return unusable("Group can't be blank");
    }
    if !customer.starts_with("guess:") || !customer.contains('@') {
        return unusable("Customer can't be blank");
    }
    let mut seen = lock(&seen);
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    seen.tickets.push((text("title"), text("note"), "new".to_owned()));
    let id = i64::try_from(seen.tickets.len()).expect("few tickets");
    seen.write(id, &body["article"]);
    (StatusCode::CREATED, Json(seen.ticket(id))).into_response()
}

#[derive(serde::Deserialize)]
struct Search {
    query: String,
}

async fn search(State(seen): State<Shared>, Query(search): Query<Search>) -> Json<Value> {
    let seen = lock(&seen);
    let wanted = search.query.trim_start_matches("note:").trim_matches('"').to_owned();
    let ids = 1_i64..=i64::try_from(seen.tickets.len()).expect("few tickets");
    let all = ids.filter_map(|id| seen.ticket(id));
    Json(all.filter(|ticket| ticket["note"] == wanted.as_str()).collect())
}

async fn change(
    State(seen): State<Shared>,
    Path(ticket): Path<i64>,
    Json(body): Json<Value>,
) -> Response {
    let mut seen = lock(&seen);
    if seen.ticket(ticket).is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(state) = body["state"].as_str() {
        seen.set_state(ticket, state);
    }
    Json(seen.ticket(ticket)).into_response()
}

async fn add_article(State(seen): State<Shared>, Json(body): Json<Value>) -> Response {
    let mut seen = lock(&seen);
    let ticket = body["ticket_id"].as_i64().unwrap_or_default();
    if seen.ticket(ticket).is_none() {
        return unusable("No such ticket");
    }
    (StatusCode::CREATED, Json(seen.write(ticket, &body))).into_response()
}

async fn articles(State(seen): State<Shared>, Path(ticket): Path<i64>) -> Json<Value> {
    let seen = lock(&seen);
    let of_it = seen.articles.iter().filter(|article| article.ticket == ticket);
    Json(of_it.map(|article| json!({ "body": article.body, "sender": article.sender })).collect())
}
