//! A Telegram of our own for tests: a real HTTP server with a little state (who said what), the
//! real one's checks and words, and faults on demand.

mod limits;
mod markup;
mod methods;
mod people;
mod world;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::StatusCode;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::Notify;
use url::Url;

use super::verify::SECRET_HEADER;
use crate::fakes::{Cut, FakeServer, Fault, http_client};
use methods::Problem;
pub use people::{Customer, Group};
use world::{FakeWebhook, World};

/// The bot's user id.
const BOT_ID: i64 = 300_400_500;
/// The bot's name without `@`.
const BOT_NAME: &str = "brand_helper_bot";

/// A running fake Telegram with one bot, `@brand_helper_bot`.
pub struct FakeTelegram {
    shared: Arc<Shared>,
    server: FakeServer,
}

/// A message the bot sent and Telegram took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMessage {
    /// Where.
    pub chat_id: i64,
    /// The topic there.
    pub thread: Option<i64>,
    /// Its id in the chat.
    pub message_id: i64,
    /// What people read.
    pub text: String,
    /// What was sent, markup and all.
    pub written: String,
    /// The message that is shown above it.
    pub reply_to: Option<i64>,
    /// Whether its first link is previewed.
    pub previews_links: bool,
    /// Labels and data, in reading order.
    pub buttons: Vec<(String, String)>,
    /// On the fake's clock.
    pub at: Timestamp,
}

/// What server and handles hold together.
pub(crate) struct Shared {
    world: Mutex<World>,
    changed: Notify,
    http: reqwest::Client,
}

impl FakeTelegram {
    /// Starts on a free port; its clock stands at 2026-01-05 09:00 UTC until [`Self::set_now`].
    pub async fn start() -> Self {
        let now = Timestamp::from_second(1_767_603_600).expect("2026 is in range");
        let world = World::new(now, format!("{BOT_ID}:fake-token"));
        let shared = Arc::new(Shared {
            world: Mutex::new(world),
            changed: Notify::new(),
            http: http_client(),
        });
        let router = Router::new().route("/{bot}/{method}", any(answer)).with_state(shared.clone());
        Self { shared, server: FakeServer::start(router).await }
    }

    /// What `TELEGRAM_API_URL` would be.
    pub fn base_url(&self) -> Url {
        self.server.url().clone()
    }

    /// The token that is accepted.
    pub fn token(&self) -> SecretString {
        self.shared.world().token.clone().into()
    }

    /// Makes the token invalid.
    pub fn revoke_token(&self) {
        "0:revoked".clone_into(&mut self.shared.world().token);
    }

    /// Lets the fake's clock run with real time, from `now` on.
    pub fn runs_from(&self, now: Timestamp) {
        self.shared.world().real_time = Some((now, Instant::now()));
    }

    /// How many calls were turned away because they were too many.
    pub fn n_too_many(&self) -> u64 {
        self.shared.world().n_too_many
    }

    /// Sets the fake's clock: dates of messages, and the `Date` header.
    pub fn set_now(&self, now: Timestamp) {
        self.shared.world().now = now;
    }

    /// A person; the same name is the same person.
    pub fn customer(&self, name: &str) -> Customer {
        let id = self.shared.world().chat_named(name, "private");
        let shared = self.shared.clone();
        Customer { shared, id, name: name.to_owned(), lang: "en".to_owned() }
    }

    /// A group with the bot in it (a supergroup); the same title is the same group.
    pub fn group(&self, title: &str) -> Group {
        let id = self.shared.world().chat_named(title, "supergroup");
        Group { shared: self.shared.clone(), id }
    }

    /// A group of the old kind, which can become a supergroup.
    pub fn small_group(&self, title: &str) -> Group {
        let id = self.shared.world().chat_named(title, "group");
        Group { shared: self.shared.clone(), id }
    }

    /// Waits until this holds, looking again after every call and every update.
    ///
    /// Panics after ten seconds of real time.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let waiting = async {
            loop {
                let changed = self.shared.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if holds(self) {
                    return;
                }
                changed.await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(10), waiting).await;
        assert!(in_time.is_ok(), "the fake waited in vain; calls so far: {:?}", self.calls());
    }

    /// What the bot's messages said after each edit, oldest edit first.
    pub fn edited(&self) -> Vec<SentMessage> {
        self.shared.world().edited.clone()
    }

    /// Everything the bot sent, oldest first.
    pub fn sent(&self) -> Vec<SentMessage> {
        self.shared.world().sent.clone()
    }

    /// The chats in which typing was shown, in order.
    pub fn typing(&self) -> Vec<i64> {
        self.shared.world().typing.clone()
    }

    /// Whether the bot answered this press.
    pub fn press_answered(&self, id: &str) -> bool {
        self.shared.world().presses.get(id).copied().unwrap_or_default()
    }

    /// The method names called so far, as written in the address.
    pub fn calls(&self) -> Vec<String> {
        self.shared.world().calls.clone()
    }

    /// The languages (`""` for everybody else) with a command menu.
    pub fn menu_languages(&self) -> Vec<String> {
        self.shared.world().commands.keys().cloned().collect()
    }

    /// The address and secret that `setWebhook` gave, if any.
    pub fn webhook(&self) -> Option<(String, Option<String>)> {
        let world = self.shared.world();
        world.webhook.as_ref().map(|webhook| (webhook.url.clone(), webhook.secret.clone()))
    }

    /// The next call of this method fails like this; several wait their turn.
    pub fn fail_next(&self, method: &str, fault: Fault) {
        let mut world = self.shared.world();
        world.faults.entry(method.to_lowercase()).or_default().push_back(fault);
    }

    /// Posts updates here from now on, as if `setWebhook` had been called.
    pub fn deliver_to(&self, url: &Url, secret: &str) {
        let webhook = FakeWebhook { url: url.to_string(), secret: Some(secret.to_owned()) };
        self.shared.world().webhook = Some(webhook);
    }

    /// Posts everything that waits, in order, until one is not taken; the statuses.
    pub async fn deliver(&self) -> Vec<u16> {
        self.shared.deliver().await
    }

    /// Posts the newest update once more, as after a lost 200; its status.
    pub async fn deliver_again(&self) -> Option<u16> {
        let update = self.last_update()?;
        self.shared.post(&update).await
    }

    /// Updates that are neither confirmed by a poll nor taken by a webhook.
    pub fn waiting(&self) -> Vec<Value> {
        self.shared.world().waiting.iter().cloned().collect()
    }

    /// The newest update, delivered or not.
    pub fn last_update(&self) -> Option<Value> {
        self.shared.world().last_update.clone()
    }

    /// Puts any update of this kind in the line.
    pub async fn push(&self, kind: &str, value: &Value) {
        self.shared.world().push(kind, value);
        self.shared.deliver().await;
    }
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().expect("nothing panics while it holds the lock");
        if let Some((at, then)) = world.real_time {
            world.now = at + then.elapsed();
        }
        world
    }

    /// Wakes pollers, and posts what waits if there is a webhook.
    async fn deliver(&self) -> Vec<u16> {
        self.changed.notify_waiters();
        let mut statuses = Vec::new();
        loop {
            let next = {
                let world = self.world();
                world.waiting.front().filter(|_| world.webhook.is_some()).cloned()
            };
            let Some(update) = next else { return statuses };
            let Some(status) = self.post(&update).await else { return statuses };
            statuses.push(status);
            if !(200..300).contains(&status) {
                return statuses;
            }
            self.world().waiting.retain(|waiting| *waiting != update);
        }
    }

    async fn post(&self, update: &Value) -> Option<u16> {
        let webhook = self.world().webhook.clone()?;
        let mut request = self.http.post(webhook.url).json(update);
        if let Some(secret) = webhook.secret {
            request = request.header(SECRET_HEADER, secret);
        }
        let response = request.send().await.ok()?;
        Some(response.status().as_u16())
    }

    async fn change_membership(&self, chat: i64, by: &Value, closed: Option<&'static str>) {
        {
            let mut world = self.world();
            let was_closed = world.chat(chat).closed.is_some();
            let member = |closed| {
                let bot = World::bot_json();
                if closed {
                    json!({ "user": bot, "status": "kicked", "until_date": 0 })
                } else {
                    json!({ "user": bot, "status": "member" })
                }
            };
            let update = json!({
                "chat": world.chat_json(chat), "from": by, "date": world.now.as_second(),
                "old_chat_member": member(was_closed), "new_chat_member": member(closed.is_some()),
            });
            world.chat(chat).closed = closed;
            world.push("my_chat_member", &update);
        }
        self.deliver().await;
    }

    /// Notes the call; whether the token is right, and the fault to have.
    fn begin(&self, bot: &str, method: &str) -> Result<Option<Fault>, Problem> {
        let mut world = self.world();
        world.calls.push(method.to_owned());
        let known = bot.strip_prefix("bot").is_some_and(|token| token == world.token);
        if !known {
            return Err(Problem::new(401, "Unauthorized"));
        }
        Ok(world.faults.get_mut(&method.to_lowercase()).and_then(VecDeque::pop_front))
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    Path((bot, method)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let fault = match shared.begin(&bot, &method) {
        Ok(fault) => fault,
        Err(problem) => return shared.envelope(Err(problem)),
    };
    let acts = fault.as_ref().is_none_or(Fault::acts);
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let result = if acts {
        methods::run(&shared, &method.to_lowercase(), &body).await
    } else {
        Ok(Value::Null)
    };
    shared.changed.notify_waiters();
    match fault {
        None => shared.envelope(result),
        Some(fault) => shared.fail(fault, &cut).await,
    }
}

impl Shared {
    fn envelope(&self, result: methods::Answer) -> Response {
        let (status, body) = match result {
            Ok(result) => (200, json!({ "ok": true, "result": result })),
            Err(problem) => {
                let mut body = json!({
                    "ok": false, "error_code": problem.status, "description": problem.description,
                });
                if !problem.parameters.is_null() {
                    body["parameters"] = problem.parameters;
                }
                (problem.status, body)
            }
        };
        self.respond(status, "application/json", body.to_string())
    }

    fn respond(&self, status: u16, content_type: &'static str, body: String) -> Response {
        let status = StatusCode::from_u16(status).expect("statuses of fakes are valid");
        let date = jiff::fmt::rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&self.world().now)
            .expect("the fake's clock is in range");
        let headers =
            [(http::header::CONTENT_TYPE, content_type.to_owned()), (http::header::DATE, date)];
        (status, headers, body).into_response()
    }

    async fn fail(&self, fault: Fault, cut: &Cut) -> Response {
        let problem = |status, words: &str| self.envelope(Err(Problem::new(status, words)));
        match fault {
            Fault::TooMany(Some(seconds)) => self.envelope(Err(Problem {
                parameters: json!({ "retry_after": seconds }),
                ..Problem::new(429, &format!("Too Many Requests: retry after {seconds}"))
            })),
            Fault::TooMany(None) => problem(429, "Too Many Requests"),
            Fault::Unavailable(seconds) => {
                let mut response = problem(503, "Service Unavailable");
                response.headers_mut().insert(http::header::RETRY_AFTER, seconds.into());
                response
            }
            Fault::ServerError => problem(500, "Internal Server Error"),
            Fault::BadGateway => {
                let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
                self.respond(502, "text/html", page.to_owned())
            }
            Fault::CutBefore | Fault::CutAfter => {
                cut.now();
                problem(500, "never arrives")
            }
            Fault::Hang => std::future::pending().await,
            Fault::Malformed => {
                self.respond(200, "application/json", r#"{"ok":true,"result":{"mess"#.to_owned())
            }
            Fault::Refuse(status, words) => problem(status, &words),
            Fault::Answer(status, body) => self.respond(status, "application/json", body),
        }
    }
}
