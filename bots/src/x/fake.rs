//! An X of our own for tests: a real HTTP server with a little state (who said what), the real
//! one's rules, limits and words, and faults on demand.

mod people;
mod requests;
mod world;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use super::verify::{SIGNATURE_HEADER, signature};
use super::{AccountKeys, UserKeys};
use crate::fakes::{Cut, FakeServer, Fault, http_client};
pub use people::Person;
use requests::{Request, Told};
use world::World;
pub use world::{SentDirect, SentPost};

/// The brand's user id.
pub const BRAND_ID: &str = "5550100";
/// The brand's name without `@`.
pub const BRAND_NAME: &str = "brand_care";

/// A running fake X with one account, `@brand_care`.
pub struct FakeX {
    shared: Arc<Shared>,
    server: FakeServer,
}

/// What server and handles hold together.
pub(crate) struct Shared {
    world: Mutex<World>,
    http: reqwest::Client,
}

impl FakeX {
    /// Starts on a free port; its clock stands at 2026-01-05 09:00 UTC until [`Self::set_now`].
    pub async fn start() -> Self {
        let now = Timestamp::from_second(1_767_603_600).expect("2026 is in range");
        let shared = Arc::new(Shared { world: Mutex::new(World::new(now)), http: http_client() });
        let router = Router::new().fallback(answer).with_state(shared.clone());
        Self { shared, server: FakeServer::start(router).await }
    }

    /// What `X_API_URL` would be.
    pub fn base_url(&self) -> Url {
        self.server.url().clone()
    }

    /// The OAuth 1.0a keys that are accepted.
    pub fn keys(&self) -> AccountKeys {
        requests::keys()
    }

    /// OAuth 2.0 keys of an application that nobody has let in yet.
    pub fn keys_without_consent(&self) -> UserKeys {
        UserKeys { refresh_token: None, ..self.user_keys() }
    }

    /// OAuth 2.0 keys with the newest refresh token.
    pub fn user_keys(&self) -> UserKeys {
        UserKeys {
            client_id: "client".to_owned(),
            client_secret: Some("client-secret".into()),
            refresh_token: Some(self.shared.world().refresh_token().into()),
            consumer: None,
        }
    }

    /// The owner of the account lets an application in; where their browser is sent.
    pub fn consents(&self, link: &Url) -> Url {
        let asked: BTreeMap<_, _> = link.query_pairs().into_owned().collect();
        let of = |name: &str| asked.get(name).cloned().unwrap_or_default();
        assert_eq!(
            (of("response_type"), of("code_challenge_method")),
            ("code".into(), "S256".into())
        );
        let mut back: Url = of("redirect_uri").parse().expect("applications name where to go back");
        back.query_pairs_mut().append_pair("state", &of("state")).append_pair("code", "consented");
        self.shared.world().consent = Some((of("code_challenge"), of("redirect_uri")));
        back
    }

    /// Makes every key invalid, and says so by webhook where there is one.
    pub async fn revoke(&self) {
        self.shared.world().revoked = true;
        let event = json!({ "user_event": { "revoke": {
            "date_time": "2026-01-05T09:00:00+00:00",
            "target": { "app_id": "4400" }, "source": { "user_id": BRAND_ID },
        } } });
        self.shared.deliver(&event).await;
    }

    /// The keys work again.
    pub fn restore(&self) {
        self.shared.world().revoked = false;
    }

    /// Ends the access token that is in use; a refresh token makes a new one.
    pub fn end_access_token(&self) {
        self.shared.world().end_access_token();
    }

    /// Sets the fake's clock.
    pub fn set_now(&self, now: Timestamp) {
        self.shared.world().now = now;
    }

    /// A person; the same name is the same person.
    pub fn person(&self, name: &str) -> Person {
        let id = self.shared.world().person(name);
        Person { shared: self.shared.clone(), id, name: name.to_owned() }
    }

    /// Every post of the brand, oldest first.
    pub fn posts(&self) -> Vec<SentPost> {
        self.shared.world().posts_of_the_brand()
    }

    /// Ids of the brand's posts that were deleted, oldest deletion first.
    pub fn deleted(&self) -> Vec<String> {
        self.shared.world().deleted.clone()
    }

    /// Every direct message of the brand, oldest first.
    pub fn directs(&self) -> Vec<SentDirect> {
        self.shared.world().directs_of_the_brand()
    }

    /// US dollars that sending cost so far.
    pub fn charged(&self) -> f64 {
        self.shared.world().charged
    }

    /// How many calls were turned away because they were too many.
    pub fn n_too_many(&self) -> u64 {
        self.shared.world().n_too_many
    }

    /// Method and path of every call so far.
    pub fn calls(&self) -> Vec<String> {
        self.shared.world().calls.clone()
    }

    /// Webhooks and event types that were registered.
    pub fn registered(&self) -> (Vec<String>, Vec<String>) {
        let world = self.shared.world();
        (world.webhooks.clone(), world.subscriptions.clone())
    }

    /// The next call whose path ends like this fails like this; several wait their turn.
    pub fn fail_next(&self, path: &str, fault: Fault) {
        self.shared.world().faults.push_back((path.to_owned(), fault));
    }

    /// Lets only so many posts through until the end of this window of fifteen minutes.
    pub fn leave_posts(&self, n: u32) {
        self.shared.world().leave(world::POSTS, n);
    }

    /// Posts events here from now on.
    pub fn deliver_to(&self, url: &Url) {
        self.shared.world().webhook = Some(url.clone());
    }

    /// Delivers any event, signed; its status if there is a webhook.
    pub async fn deliver(&self, event: &Value) -> Option<u16> {
        self.shared.deliver(event).await
    }
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("nothing panics while it holds the lock")
    }

    async fn deliver(&self, event: &Value) -> Option<u16> {
        let url = self.world().webhook.clone()?;
        let body = event.to_string();
        let signature = signature(&requests::keys().consumer_secret, body.as_bytes());
        let request = self.http.post(url).header(SIGNATURE_HEADER, signature).body(body);
        Some(request.send().await.ok()?.status().as_u16())
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: axum::extract::Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Parts { method, uri, headers, .. } = parts;
    let request = Request { method, uri, headers, body };
    let (fault, told, now) = {
        let mut world = shared.world();
        world.calls.push(format!("{} {}", request.method, request.uri.path()));
        let fault = world.next_fault(request.uri.path());
        let acts = fault.as_ref().is_none_or(Fault::acts);
        let told =
            if acts { requests::run(&mut world, &request) } else { Told::new(200, json!({})) };
        (fault, told, world.now)
    };
    match fault {
        None => respond(told),
        Some(fault) => fail(fault, &cut, now).await,
    }
}

fn respond(told: Told) -> Response {
    let status = StatusCode::from_u16(told.status).expect("statuses of fakes are valid");
    let mut response = (status, told.body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    for (name, value) in told.limits {
        headers.insert(name, value.into());
    }
    response
}

async fn fail(fault: Fault, cut: &Cut, now: Timestamp) -> Response {
    let problem = |status, title: &str| respond(Told::problem(status, title));
    match fault {
        Fault::TooMany(seconds) => {
            let mut told = Told::problem(429, "Too Many Requests");
            if let Some(seconds) = seconds.and_then(|seconds| i64::try_from(seconds).ok()) {
                told.limits.push(("x-rate-limit-limit", 100));
                told.limits.push(("x-rate-limit-remaining", 0));
                told.limits.push(("x-rate-limit-reset", now.as_second() + seconds));
            }
            respond(told)
        }
        Fault::Unavailable(seconds) => {
            let mut response = problem(503, "Service Unavailable");
            response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
            response
        }
        Fault::ServerError => problem(500, "Internal Server Error"),
        Fault::BadGateway => {
            (StatusCode::BAD_GATEWAY, "<html><h1>502 Bad Gateway</h1></html>").into_response()
        }
        Fault::CutBefore | Fault::CutAfter => {
            cut.now();
            problem(500, "never arrives")
        }
        Fault::Hang => std::future::pending().await,
        Fault::Malformed => (StatusCode::OK, r#"{"data":{"id"#).into_response(),
        Fault::Refuse(status, words) => problem(status, &words),
        Fault::Answer(status, body) => {
            let status = StatusCode::from_u16(status).expect("statuses of fakes are valid");
            (status, body).into_response()
        }
    }
}
