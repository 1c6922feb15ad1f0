//! A GitHub of our own for tests: GraphQL's two questions about discussions over a little state,
//! its webhooks, its words when it refuses, and faults on demand.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};
use url::Url;

use super::GithubConfig;
use super::verify::SIGNATURE_HEADER;
use crate::fakes::{Cut, FakeServer, Fault, http_client};
use crate::text::hex_signature::sign;

/// The token that is accepted.
pub const TOKEN: &str = "fake-github-token";
/// What webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "fake-hub-secret";
/// The only repository there is.
pub const REPOSITORY: &str = "acme/ears";

/// A running fake GitHub with one repository.
pub struct FakeGithub {
    shared: Arc<Shared>,
    server: FakeServer,
}

struct Shared {
    world: Mutex<World>,
    http: reqwest::Client,
}

/// A discussion.
#[derive(Clone, Debug)]
struct FakeDiscussion {
    title: String,
    body: String,
    author: String,
    /// Node id, author, text.
    comments: Vec<(String, String, String)>,
    answer: Option<String>,
    n_changes: u32,
}

#[derive(Default)]
struct World {
    discussions: BTreeMap<u64, FakeDiscussion>,
    next: u64,
    is_private: bool,
    webhook: Option<Url>,
    faults: VecDeque<Fault>,
    n_calls: usize,
    page_size: usize,
}

impl FakeGithub {
    /// Starts on a free port.
    pub async fn start() -> Self {
        let world = World { page_size: 50, ..World::default() };
        let shared = Arc::new(Shared { world: Mutex::new(world), http: http_client() });
        let router = Router::new().fallback(answer).with_state(shared.clone());
        Self { shared, server: FakeServer::start(router).await }
    }

    /// Settings with the token and the webhook's secret.
    pub fn config(&self) -> GithubConfig {
        GithubConfig {
            repository: REPOSITORY.to_owned(),
            token: Some(TOKEN.into()),
            webhook_secret: Some(WEBHOOK_SECRET.into()),
            licence: None,
            api_url: self.server.url().clone(),
        }
    }

    /// Somebody starts a discussion; its number.
    pub fn asks(&self, author: &str, title: &str, body: &str) -> u64 {
        let mut world = self.shared.world();
        world.next += 1;
        let (number, title, body) = (world.next, title.to_owned(), body.to_owned());
        let author = author.to_owned();
        let (comments, answer) = (Vec::new(), None);
        let discussion = FakeDiscussion { title, body, author, comments, answer, n_changes: 0 };
        world.discussions.insert(number, discussion);
        number
    }

    /// Somebody comments; the comment's node id.
    pub fn comments(&self, author: &str, number: u64, body: &str) -> String {
        let mut world = self.shared.world();
        world.next += 1;
        let id = format!("DC_{}", world.next);
        world.change(number, |discussion| {
            discussion.comments.push((id.clone(), author.to_owned(), body.to_owned()));
        });
        id
    }

    /// Marks a comment as the answer.
    pub async fn answers(&self, number: u64, comment: &str) {
        self.shared.world().change(number, |d| d.answer = Some(comment.to_owned()));
        self.shared.tell("discussion", "answered", number, json!({})).await;
    }

    /// Takes the mark away.
    pub async fn unanswers(&self, number: u64) {
        let mut old = None;
        self.shared.world().change(number, |discussion| old = discussion.answer.take());
        let old_answer = json!({ "old_answer": { "node_id": old } });
        self.shared.tell("discussion", "unanswered", number, old_answer).await;
    }

    /// Changes what a comment says.
    pub async fn edits(&self, number: u64, comment: &str, body: &str) {
        self.shared.world().change(number, |discussion| {
            let found = discussion.comments.iter_mut().find(|(id, _, _)| id == comment);
            if let Some((_, _, text)) = found {
                body.clone_into(text);
            }
        });
        let comment = json!({ "comment": { "node_id": comment } });
        self.shared.tell("discussion_comment", "edited", number, comment).await;
    }

    /// Deletes a discussion.
    pub async fn deletes(&self, number: u64) {
        self.shared.world().discussions.remove(&number);
        self.shared.tell("discussion", "deleted", number, json!({})).await;
    }

    /// Makes the repository private.
    pub fn make_private(&self) {
        self.shared.world().is_private = true;
    }

    /// Posts events here from now on, signed.
    pub fn deliver_to(&self, url: &Url) {
        self.shared.world().webhook = Some(url.clone());
    }

    /// Loses the deliveries of what happens from now on.
    pub fn lose_deliveries(&self) {
        self.shared.world().webhook = None;
    }

    /// How many discussions a page has at most.
    pub fn set_page_size(&self, n: usize) {
        self.shared.world().page_size = n;
    }

    /// The next call fails like this; several wait their turn.
    pub fn fail_next(&self, fault: Fault) {
        self.shared.world().faults.push_back(fault);
    }

    /// How many calls there were.
    pub fn n_calls(&self) -> usize {
        self.shared.world().n_calls
    }
}

impl World {
    fn change(&mut self, number: u64, how: impl FnOnce(&mut FakeDiscussion)) {
        if let Some(discussion) = self.discussions.get_mut(&number) {
            how(discussion);
            discussion.n_changes += 1;
        }
    }
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("nothing panics while it holds the lock")
    }

    async fn tell(&self, event: &str, action: &str, number: u64, more: Value) {
        let Some(url) = self.world().webhook.clone() else { return };
        let mut body = json!({
            "action": action, "discussion": { "number": number },
            "repository": { "full_name": REPOSITORY },
        });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        let body = body.to_string();
        let request = self
            .http
            .post(url)
            .header("x-github-event", event)
            .header(SIGNATURE_HEADER, sign(&WEBHOOK_SECRET.into(), body.as_bytes()));
        // A lost delivery is the sender's trouble.
        let _ = request.body(body).send().await;
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut world = shared.world();
    world.n_calls += 1;
    match world.faults.pop_front() {
        Some(Fault::TooMany(seconds)) => {
            let mut response = refuse(403, "You have exceeded a secondary rate limit.");
            let seconds = seconds.unwrap_or(60);
            response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
            return response;
        }
        Some(Fault::CutBefore | Fault::CutAfter) => cut.now(),
        Some(_) => return refuse(502, "Bad gateway"),
        None => {}
    }
    let token = headers.get("authorization").and_then(|token| token.to_str().ok());
    if token != Some(format!("Bearer {TOKEN}").as_str()) {
        return refuse(401, "Bad credentials");
    }
    if uri.path() != "/graphql" {
        return refuse(404, "Not Found");
    }
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    axum::Json(told(&world, &asked["variables"])).into_response()
}

fn told(world: &World, variables: &Value) -> Value {
    let name = |part: &str| variables[part].as_str().unwrap_or_default().to_lowercase();
    if format!("{}/{}", name("owner"), name("name")) != REPOSITORY {
        let message = "Could not resolve to a Repository with that name.";
        let errors = json!([{ "type": "NOT_FOUND", "path": ["repository"], "message": message }]);
        return json!({ "data": { "repository": null }, "errors": errors });
    }
    let mut repository = json!({ "isPrivate": world.is_private });
    if let Some(number) = variables["number"].as_u64() {
        let Some(discussion) = world.discussions.get(&number) else {
            let message = format!("Could not resolve to a Discussion with the number of {number}.");
            repository["discussion"] = Value::Null;
            let errors = json!([{ "type": "NOT_FOUND", "message": message }]);
            return json!({ "data": { "repository": repository }, "errors": errors });
        };
        repository["discussion"] = shown(number, discussion);
    } else if variables["n"].is_u64() {
        let after: u64 = variables["after"].as_str().and_then(|at| at.parse().ok()).unwrap_or(0);
        let answered: Vec<(&u64, &FakeDiscussion)> =
            world.discussions.range(after + 1..).filter(|(_, d)| d.answer.is_some()).collect();
        let page = &answered[..answered.len().min(world.page_size)];
        let nodes: Vec<Value> = page.iter().map(|(number, d)| shown(**number, d)).collect();
        let end = page.last().map(|(number, _)| number.to_string());
        let has_next = answered.len() > page.len();
        repository["discussions"] = json!({
            "nodes": nodes, "pageInfo": { "hasNextPage": has_next, "endCursor": end },
        });
    }
    json!({ "data": { "viewer": { "login": "brand-bot" }, "repository": repository } })
}

fn shown(number: u64, discussion: &FakeDiscussion) -> Value {
    let url = format!("https://github.example/{REPOSITORY}/discussions/{number}");
    let comment =
        discussion.comments.iter().find(|(id, _, _)| Some(id) == discussion.answer.as_ref());
    let answer = comment.map(|(id, author, body)| {
        json!({
            "id": id, "bodyHTML": format!("<p dir=\"auto\">{body}</p>"), "upvoteCount": 2,
            "url": format!("{url}#discussioncomment-{id}"), "createdAt": "2026-01-05T09:10:00Z",
            "isMinimized": false,
            "author": { "login": author, "url": format!("https://github.example/{author}") },
        })
    });
    json!({
        "number": number, "title": discussion.title, "url": url,
        "bodyHTML": format!("<p dir=\"auto\">{}</p>", discussion.body),
        "createdAt": "2026-01-05T09:00:00Z",
        "updatedAt": format!("2026-01-05T09:{:02}:00Z", discussion.n_changes % 60),
        "author": { "login": discussion.author }, "labels": { "nodes": [{ "name": "audio" }] },
        "answerChosenAt": answer.as_ref().map(|_| "2026-01-05T09:20:00Z"), "answer": answer,
    })
}

fn refuse(status: u16, message: &str) -> Response {
    let status = StatusCode::from_u16(status).expect("statuses of fakes are valid");
    (status, axum::Json(json!({ "message": message }))).into_response()
}
