//! The HTTP faces, called as routers over a real store in a scratch folder.

mod answers;
mod api;
mod customers;
mod fans;
mod forum_sign_in;
mod health;
mod help;
mod programme;
mod webchat;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::Value;
use superfan::clock::{Clock, TestClock, from_millis};
use superfan::config::{Config, Settings};
use superfan::desk::Desk;
use superfan::open::open_with;
use superfan::search::Search;
use superfan::store::Store;
use superfan_index::Index;
use tempfile::TempDir;
use tower::ServiceExt;

/// The API's own token in these tests.
pub(crate) const TOKEN: &str = "the-api-token";
/// The generic channel's secret: base64 of `superfan superfan superfan`.
pub(crate) const SECRET: &str = "whsec_c3VwZXJmYW4gc3VwZXJmYW4gc3VwZXJmYW4=";

/// A desk without workers, and everything it serves.
pub(crate) struct Web {
    pub(crate) desk: Desk,
    pub(crate) clock: Arc<TestClock>,
    app: Router,
    _dir: TempDir,
}

/// What came back.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answered {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The body, after checking the status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }

    /// Checks that this is a problem with this status; returns its detail.
    #[track_caller]
    pub(crate) fn problem(self, status: u16) -> Value {
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        let problem = self.is(status);
        assert_eq!(problem["status"], status);
        assert!(problem["title"].is_string() && problem["detail"].is_string());
        problem
    }
}

impl Web {
    pub(crate) async fn open() -> Self {
        Self::with(&[]).await
    }

    /// Opens a desk with these settings besides the usual ones.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let dir = TempDir::new().unwrap();
        let usual = [("SUPERFAN_API_TOKEN", TOKEN), ("WEBHOOK_SECRET", SECRET)];
        let settings = Settings::from_pairs(usual.into_iter().chain(settings.iter().copied()));
        let config = Config::read(&settings, Some(dir.path())).unwrap();
        let store = Store::open_embedded(dir.path()).await.unwrap();
        let clock = Arc::new(TestClock::starting(from_millis(1_764_000_000_000)));
        let search = Search::new(Arc::new(Index::in_ram()));
        let desk = open_with(config, store, search, clock.clone()).await.unwrap();
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let app = superfan::http::app(desk.clone(), metrics);
        Self { desk, clock, app, _dir: dir }
    }

    /// Sends a request whose answer goes on and on.
    pub(crate) async fn open_stream(&self, request: Request<Body>) -> Response<Body> {
        self.app.clone().oneshot(request).await.unwrap()
    }

    /// Sends any request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answered { status: parts.status, headers: parts.headers, text }
    }

    /// `GET` without a token.
    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// An API call with a token.
    pub(crate) async fn call(&self, token: &str, call: &str, body: &str) -> Answered {
        let (method, path) = call.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_owned()));
        self.send(request.unwrap()).await
    }

    /// An API call as the API's own admin.
    pub(crate) async fn admin(&self, call: &str, body: &str) -> Answered {
        self.call(TOKEN, call, body).await
    }

    /// Now, in seconds since 1970.
    pub(crate) fn clock_second(&self) -> i64 {
        self.clock.now().as_second()
    }

    /// Posts a body to the generic channel, signed as of now.
    pub(crate) async fn delivers(&self, body: &str) -> Answered {
        self.send(signed(body, self.clock_second())).await
    }

    /// A delivery that is taken and put into its conversation.
    pub(crate) async fn hears(&self, body: &str) {
        self.delivers(body).await.is(200);
        self.sorts().await;
    }

    /// What arrived is put into its conversations, as the workers would.
    pub(crate) async fn sorts(&self) {
        let now = self.desk.clock.now();
        self.desk.inbox.sort(now, now).await.unwrap();
    }
}

/// A signed delivery to the generic channel.
pub(crate) fn signed(body: &str, at: i64) -> Request<Body> {
    let signer = standardwebhooks::Webhook::new(SECRET).unwrap();
    let signature = signer.sign("msg_1", at, body.as_bytes()).unwrap();
    Request::post("/webhooks/webhook")
        .header("webhook-id", "msg_1")
        .header("webhook-timestamp", at)
        .header("webhook-signature", signature)
        .body(Body::from(body.to_owned()))
        .unwrap()
}
