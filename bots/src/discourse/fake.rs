//! A Discourse of our own for tests: a real HTTP server with a little state (categories, topics,
//! posts, what is accepted), the real one's rules and words, its webhooks, and faults on demand.

mod members;
mod requests;
mod shown;
mod world;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use super::DiscourseConfig;
use super::receive::EVENT_HEADER;
use super::verify::SIGNATURE_HEADER;
use crate::fakes::{Cut, FakeServer, Fault, http_client};
use crate::text::hex_signature::sign;
pub use members::Member;
use requests::{Request, Told};
use world::World;
pub use world::{FakePost, FakeTopic};

/// The API key that is accepted, of an admin called `system`.
pub const API_KEY: &str = "fake-api-key";
/// What webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "fake-webhook-secret";
/// The category every topic is opened in, unless said otherwise.
pub const SUPPORT: i64 = 5;
/// A category that only staff may read.
pub const STAFF: i64 = 6;

/// A running fake forum.
pub struct FakeDiscourse {
    shared: Arc<Shared>,
    server: FakeServer,
}

/// What server and handles hold together.
pub(crate) struct Shared {
    world: Mutex<World>,
    http: reqwest::Client,
}

impl FakeDiscourse {
    /// Starts on a free port; its clock stands at 2026-01-05 09:00 UTC until [`Self::set_now`].
    pub async fn start() -> Self {
        let now = Timestamp::from_second(1_767_603_600).expect("2026 is in range");
        let shared = Arc::new(Shared { world: Mutex::new(World::new(now)), http: http_client() });
        let router = Router::new().fallback(answer).with_state(shared.clone());
        Self { shared, server: FakeServer::start(router).await }
    }

    /// What `DISCOURSE_URL` would be.
    pub fn base_url(&self) -> Url {
        self.server.url().clone()
    }

    /// Settings with the key and the webhook's secret, and no pause between calls worth speaking of.
    pub fn config(&self) -> DiscourseConfig {
        DiscourseConfig {
            url: self.base_url(),
            api_key: Some(API_KEY.into()),
            api_user: "system".to_owned(),
            webhook_secret: Some(WEBHOOK_SECRET.into()),
            licence: None,
            per_minute: 60_000,
        }
    }

    /// Sets the fake's clock.
    pub fn set_now(&self, now: Timestamp) {
        self.shared.world().now = now;
    }

    /// A member; the same name is the same member.
    pub fn member(&self, name: &str) -> Member {
        Member { shared: self.shared.clone(), name: name.to_owned() }
    }

    /// Accepts a post as the answer of its topic, as the topic's owner or staff would.
    pub async fn accept(&self, post: u64) {
        let event = self.shared.world().accept(post);
        self.shared.tell("solved", "accepted_solution", event).await;
    }

    /// Takes the mark away again.
    pub async fn unaccept(&self, post: u64) {
        let event = self.shared.world().unaccept(post);
        self.shared.tell("solved", "unaccepted_solution", event).await;
    }

    /// Changes what a post says.
    pub async fn edit(&self, post: u64, raw: &str) {
        let event = self.shared.world().edit(post, raw);
        self.shared.tell("post", "post_edited", event).await;
    }

    /// Members like a post.
    pub fn like(&self, post: u64, n: i64) {
        self.shared.world().like(post, n);
    }

    /// Deletes a post; an accepted one is unaccepted first, as the plugin does.
    pub async fn delete_post(&self, post: u64) {
        let (event, was_accepted) = self.shared.world().delete_post(post);
        if was_accepted {
            self.shared.tell("solved", "unaccepted_solution", event.clone()).await;
        }
        self.shared.tell("post", "post_destroyed", event).await;
    }

    /// Deletes a topic; its solution stays marked, as with the real one.
    pub async fn delete_topic(&self, topic: u64) {
        let event = self.shared.world().set_deleted(topic, true);
        self.shared.tell("topic", "topic_destroyed", event).await;
    }

    /// Brings a deleted topic back.
    pub async fn recover_topic(&self, topic: u64) {
        let event = self.shared.world().set_deleted(topic, false);
        self.shared.tell("topic", "topic_recovered", event).await;
    }

    /// Moves a topic to another category.
    pub async fn move_topic(&self, topic: u64, category: i64) {
        let event = self.shared.world().change_topic(topic, |topic| topic.category = category);
        self.shared.tell("topic", "topic_edited", event).await;
    }

    /// Takes a topic off every list.
    pub async fn unlist_topic(&self, topic: u64) {
        let event = self.shared.world().change_topic(topic, |topic| topic.visible = false);
        self.shared.tell("topic", "topic_visible_status_updated", event).await;
    }

    /// Lets a topic have several accepted answers, as newer versions do.
    pub fn allow_several_solutions(&self) {
        self.shared.world().several_solutions = true;
    }

    /// How many topics a page of a list has; the real one's default is 30.
    pub fn set_page_size(&self, n: usize) {
        self.shared.world().page_size = n;
    }

    /// Posts events here from now on, signed.
    pub fn deliver_to(&self, url: &Url) {
        self.shared.world().webhook = Some(url.clone());
    }

    /// Loses the deliveries of what happens from now on.
    pub fn lose_deliveries(&self) {
        self.shared.world().webhook = None;
    }

    /// Sends the last delivery once more; its status if there was one.
    pub async fn repeat_delivery(&self) -> Option<u16> {
        let (kind, event, body) = self.shared.world().last_delivery.clone()?;
        self.shared.deliver(&kind, &event, &body).await
    }

    /// The status the last delivery was answered with.
    pub fn last_status(&self) -> Option<u16> {
        self.shared.world().last_status
    }

    /// Makes the key invalid.
    pub fn revoke_key(&self) {
        self.shared.world().revoked = true;
    }

    /// Lets only so many calls through, then 429 until [`Self::reset_limit`].
    pub fn leave_calls(&self, n: u32) {
        self.shared.world().calls_left = Some(n);
    }

    /// Lifts the limit.
    pub fn reset_limit(&self) {
        self.shared.world().calls_left = None;
    }

    /// The next call whose path starts like this fails like this; several wait their turn.
    pub fn fail_next(&self, path: &str, fault: Fault) {
        self.shared.world().faults.push_back((path.to_owned(), fault));
    }

    /// Method and path of every call so far.
    pub fn calls(&self) -> Vec<String> {
        self.shared.world().calls.clone()
    }

    /// A topic as it stands.
    pub fn topic(&self, id: u64) -> Option<FakeTopic> {
        self.shared.world().topics.get(&id).cloned()
    }

    /// The topics in the order they were opened.
    pub fn topics(&self) -> Vec<FakeTopic> {
        self.shared.world().topics.values().cloned().collect()
    }

    /// The posts of a topic in order.
    pub fn posts(&self, topic: u64) -> Vec<FakePost> {
        self.shared.world().posts_of(topic).into_iter().cloned().collect()
    }
}

impl Shared {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("nothing panics while it holds the lock")
    }

    /// Posts an event where there is a webhook.
    pub(crate) async fn tell(&self, kind: &str, event: &str, payload: Value) {
        let mut body = json!({});
        body[kind] = payload;
        let body = body.to_string();
        self.world().last_delivery = Some((kind.to_owned(), event.to_owned(), body.clone()));
        let status = self.deliver(kind, event, &body).await;
        self.world().last_status = status;
    }

    async fn deliver(&self, kind: &str, event: &str, body: &str) -> Option<u16> {
        let (url, id) = {
            let mut world = self.world();
            (world.webhook.clone()?, world.next_event_id())
        };
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .header("user-agent", "Discourse/2026.1.0")
            .header("x-discourse-instance", "http://forum.example")
            .header("x-discourse-event-id", id.to_string())
            .header("x-discourse-event-type", kind)
            .header(EVENT_HEADER, event)
            .header(SIGNATURE_HEADER, sign(&WEBHOOK_SECRET.into(), body.as_bytes()));
        Some(request.body(body.to_owned()).send().await.ok()?.status().as_u16())
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: axum::extract::Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let request = Request { method: parts.method, uri: parts.uri, headers: parts.headers, body };
    let (fault, told) = {
        let mut world = shared.world();
        world.calls.push(format!("{} {}", request.method, request.uri.path()));
        let fault = world.next_fault(request.uri.path());
        let acts = fault.as_ref().is_none_or(Fault::acts);
        let told =
            if acts { requests::run(&mut world, &request) } else { Told::new(200, json!({})) };
        (fault, told)
    };
    for (kind, event, payload) in told.events.clone() {
        shared.tell(kind, event, payload).await;
    }
    match fault {
        None => respond(told),
        Some(fault) => fail(fault, &cut).await,
    }
}

fn respond(told: Told) -> Response {
    let status = StatusCode::from_u16(told.status).expect("statuses of fakes are valid");
    let mut response = (status, told.body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    for (name, value) in told.headers {
        headers.insert(name, value.parse().expect("headers of fakes are valid"));
    }
    response
}

async fn fail(fault: Fault, cut: &Cut) -> Response {
    match fault {
        Fault::TooMany(seconds) => respond(Told::too_many(seconds)),
        Fault::Unavailable(seconds) => {
            let page = (StatusCode::SERVICE_UNAVAILABLE, "<html>back soon</html>");
            let mut response = page.into_response();
            response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
            response
        }
        Fault::ServerError => respond(Told::new(500, json!({ "errors": ["Oops"] }))),
        Fault::BadGateway => {
            (StatusCode::BAD_GATEWAY, "<html><h1>502 Bad Gateway</h1></html>").into_response()
        }
        Fault::CutBefore | Fault::CutAfter => {
            cut.now();
            respond(Told::new(500, json!({})))
        }
        Fault::Hang => std::future::pending().await,
        Fault::Malformed => (StatusCode::OK, r#"{"topic_list":{"top"#).into_response(),
        Fault::Refuse(status, words) => respond(Told::refusal(status, &words, "invalid_access")),
        Fault::Answer(status, body) => {
            let status = StatusCode::from_u16(status).expect("statuses of fakes are valid");
            (status, body).into_response()
        }
    }
}
