//! The fake's HTTP interface: the calls we make, with Discord's checks, limits and refusals.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use super::checks::unfit;
use super::world::{BOT_ID, FORUM, World};
use super::{SentMessage, Shared, socket};
use crate::fakes::{Cut, Fault};

/// An answer before it is written: status, body, headers.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) headers: Vec<(&'static str, String)>,
}

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().route("/api/v10/{*path}", any(answer)).with_state(shared)
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    (method, Path(path), RawQuery(query)): (Method, Path<String>, RawQuery),
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let parts: Vec<&str> = path.split('/').collect();
    let kind = kind(&method, &parts);
    let fault = shared.begin(kind);
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let reply = match refuse(&shared, &headers, kind) {
        Some(refusal) => refusal,
        None if fault.as_ref().is_none_or(Fault::acts) => {
            shared.act(kind, &parts, &query.unwrap_or_default(), &body)
        }
        None => Reply::ok(Value::Null),
    };
    shared.changed.notify_waiters();
    match fault {
        None => reply.into_response(),
        Some(fault) => fail(fault, &cut).await,
    }
}

/// The name under which a call can fail.
fn kind(method: &Method, parts: &[&str]) -> &'static str {
    match (method.as_str(), parts) {
        ("GET", ["gateway", ..]) => "gateway",
        ("GET", ["users", "@me"]) => "me",
        ("POST", ["users", "@me", "channels"]) => "direct",
        ("GET", ["applications", "@me"]) => "application",
        ("PATCH", ["applications", "@me"]) => "endpoint",
        ("PUT", ["applications", _, "commands"]) => "commands",
        ("GET", ["channels", _]) => "channel",
        ("GET", ["channels", _, "messages"]) => "history",
        ("POST", ["channels", _, "messages"]) => "messages",
        ("PATCH", ["channels", _, "messages", _]) => "edit",
        ("DELETE", ["channels", _, "messages", _]) => "delete",
        ("POST", ["channels", _, "typing"]) => "typing",
        ("POST", ["channels", _, "messages", _, "threads"]) => "threads",
        ("POST", ["interactions", _, _, "callback"]) => "callback",
        ("PATCH", ["webhooks", _, _, "messages", "@original"]) => "original",
        ("POST", ["webhooks", _, _]) => "followup",
        _ => "unknown",
    }
}

/// Who asks, and whether they ask too much.
fn refuse(shared: &Shared, headers: &HeaderMap, kind: &str) -> Option<Reply> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if !text("user-agent").unwrap_or_default().starts_with("DiscordBot (") {
        return Some(Reply::problem(403, 40333, "internal network error"));
    }
    if ["callback", "original", "followup"].contains(&kind) {
        return None;
    }
    let mut world = shared.world();
    if text("authorization") != Some(&format!("Bot {}", world.token)) {
        return Some(Reply::problem(401, 0, "401: Unauthorized"));
    }
    if !world.take_globally() {
        return Some(Reply::too_many(1.0, "global"));
    }
    None
}

impl Shared {
    fn act(&self, kind: &str, parts: &[&str], query: &str, body: &Value) -> Reply {
        let number = |at: usize| parts.get(at).and_then(|id| id.parse::<u64>().ok()).unwrap_or(0);
        let mut world = self.world();
        match kind {
            "gateway" => Reply::ok(json!({
                "url": world.gateway_url, "shards": 1,
                "session_start_limit": {
                    "total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 0,
                },
            })),
            "me" => Reply::ok(world.user_json(BOT_ID)),
            "direct" => {
                let user = body["recipient_id"].as_str().and_then(|id| id.parse().ok());
                let id = world.direct_with(user.unwrap_or_default());
                Reply::ok(world.channel_json(id))
            }
            "application" => {
                let flags: u64 = if world.grants_content { 1 << 19 } else { 0 };
                Reply::ok(json!({
                    "id": BOT_ID.to_string(), "flags": flags,
                    "interactions_endpoint_url": world.endpoint,
                    "verify_key": super::hex(self.key.verifying_key().as_bytes()),
                }))
            }
            "endpoint" => {
                world.endpoint = body["interactions_endpoint_url"].as_str().map(str::to_owned);
                Reply::ok(json!({ "id": BOT_ID.to_string() }))
            }
            "commands" => {
                let names = body.as_array().into_iter().flatten();
                let names = names.filter_map(|one| one["name"].as_str().map(str::to_owned));
                world.commands = names.collect();
                Reply::ok(body.clone())
            }
            "channel" if world.channels.contains_key(&number(1)) => {
                Reply::ok(world.channel_json(number(1)))
            }
            "history" => history(&mut world, number(1), query),
            "typing" => {
                world.typing.push(number(1));
                Reply { status: 204, body: Value::Null, headers: Vec::new() }
            }
            "messages" => {
                let (reply, event) = message(&mut world, number(1), body);
                drop(world);
                if let Some(event) = event {
                    socket::dispatch(self, "MESSAGE_CREATE", &event);
                }
                reply
            }
            "edit" => super::amend::edit(&mut world, (number(1), number(3)), body),
            "delete" => super::amend::delete(&mut world, (number(1), number(3))),
            "threads" => thread(&mut world, number(1), number(3), body),
            "callback" => callback(&mut world, number(1), body),
            "original" | "followup" => by_token(&mut world, parts[2], body, kind == "original"),
            _ => Reply::problem(404, 0, "404: Not Found"),
        }
    }
}

fn history(world: &mut World, channel: u64, query: &str) -> Reply {
    let after = query.split('&').find_map(|pair| pair.strip_prefix("after="));
    let after: u64 = after.and_then(|id| id.parse().ok()).unwrap_or_default();
    let Some(channel) = world.channels.get(&channel) else {
        return Reply::problem(404, 10003, "Unknown Channel");
    };
    if channel.kind == FORUM {
        return Reply::problem(400, 50024, "Cannot execute action on this channel type");
    }
    let id = |one: &&Value| one["id"].as_str().and_then(|id| id.parse::<u64>().ok());
    let found = channel.history.iter().filter(|one| id(one) > Some(after)).take(100);
    let mut found: Vec<Value> = found.cloned().collect();
    // Newest first, as Discord shows them.
    found.reverse();
    Reply::ok(Value::Array(found))
}

fn message(world: &mut World, channel: u64, body: &Value) -> (Reply, Option<Value>) {
    if let Some(refusal) = unfit(body) {
        return (refusal, None);
    }
    match world.channels.get(&channel).map(|one| one.closed) {
        None => return (Reply::problem(404, 10003, "Unknown Channel"), None),
        Some(Some((status, code, words))) => return (Reply::problem(status, code, words), None),
        Some(None) => {}
    }
    let (left, reset_after) = match world.take_from_bucket(channel) {
        Ok(bucket) => bucket,
        Err(wait) => return (Reply::too_many(wait, "user"), None),
    };
    let nonce = body["nonce"].as_str().unwrap_or_default();
    let known = world.nonce(channel, nonce).filter(|_| body["enforce_nonce"] == true);
    let mut reply = if let Some(known) = known {
        (Reply::ok(json!({ "id": known.to_string() })), None)
    } else {
        let written = world.write(channel, BOT_ID, &json!({ "content": body["content"] }));
        let id = id_of(&written);
        world.remember_nonce(channel, nonce, id);
        let sent = sent(world, (channel, id), body, false);
        world.sent.push(sent);
        let event = world.event_of(&written);
        (Reply::ok(written), Some(event))
    };
    reply.0.headers = vec![
        ("x-ratelimit-bucket", "m".to_owned()),
        ("x-ratelimit-limit", "5".to_owned()),
        ("x-ratelimit-remaining", left.to_string()),
        ("x-ratelimit-reset-after", format!("{reset_after:.3}")),
    ];
    reply
}

pub(super) fn sent(world: &World, ids: (u64, u64), body: &Value, ephemeral: bool) -> SentMessage {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let buttons = body["components"][0]["components"].as_array().into_iter().flatten();
    let described = body["embeds"][0]["description"].as_str();
    let reference = body["message_reference"]["message_id"].as_str();
    let (channel_id, message_id) = ids;
    SentMessage {
        channel_id,
        message_id,
        content: described.map_or_else(|| text(&body["content"]), str::to_owned),
        reply_to: reference.and_then(|id| id.parse().ok()),
        buttons: buttons.map(|one| (text(&one["label"]), text(&one["custom_id"]))).collect(),
        ephemeral,
        n_writes: 1,
        at: world.now,
    }
}

fn thread(world: &mut World, channel: u64, message: u64, body: &Value) -> Reply {
    let there = world.channels.get(&channel);
    let Some(there) = there.filter(|one| one.history.iter().any(|one| id_of(one) == message))
    else {
        return Reply::problem(404, 10008, "Unknown Message");
    };
    if there.kind != 0 {
        return Reply::problem(400, 50024, "Cannot execute action on this channel type");
    }
    if world.channels.contains_key(&message) {
        let words = "A thread has already been created for this message";
        return Reply::problem(400, 160_004, words);
    }
    let name = body["name"].as_str().unwrap_or_default().to_owned();
    if !(1..=100).contains(&name.chars().count()) {
        return Reply::problem(400, 50035, "Invalid Form Body");
    }
    world.open_thread(channel, message, name);
    Reply { status: 201, body: world.channel_json(message), headers: Vec::new() }
}

fn callback(world: &mut World, id: u64, body: &Value) -> Reply {
    if !world.interactions.contains_key(&id) {
        return Reply::problem(404, 10062, "Unknown interaction");
    }
    if !world.answer_interaction(id, body) {
        return Reply::problem(400, 40060, "Interaction has already been acknowledged.");
    }
    Reply { status: 204, body: Value::Null, headers: Vec::new() }
}

/// Fills "thinking", or says more, for whoever holds the token.
fn by_token(world: &mut World, token: &str, body: &Value, fills: bool) -> Reply {
    let now = world.now;
    let found = world.interactions.iter().find(|(_, one)| one.token == token);
    let Some((id, interaction)) = found.map(|(id, one)| (*id, one.clone())) else {
        return Reply::problem(404, 10015, "Unknown Webhook");
    };
    if now.duration_since(interaction.at) >= jiff::SignedDuration::from_mins(15) {
        return Reply::problem(401, 50027, "Invalid Webhook Token");
    }
    if interaction.answered.is_none() {
        return Reply::problem(404, 10015, "Unknown Webhook");
    }
    if let Some(refusal) = unfit(body) {
        return refusal;
    }
    let known = interaction.original.filter(|_| fills);
    let message = known.unwrap_or_else(|| world.next_id());
    let ephemeral =
        if fills { interaction.ephemeral } else { body["flags"].as_u64().unwrap_or(0) & 64 != 0 };
    let fresh = sent(world, (interaction.channel, message), body, ephemeral);
    match world.sent.iter_mut().find(|one| one.message_id == message) {
        Some(written) => *written = SentMessage { n_writes: written.n_writes + 1, ..fresh },
        None => world.sent.push(fresh),
    }
    if fills && let Some(interaction) = world.interactions.get_mut(&id) {
        interaction.original = Some(message);
    }
    Reply::ok(json!({ "id": message.to_string() }))
}

fn id_of(message: &Value) -> u64 {
    message["id"].as_str().and_then(|id| id.parse().ok()).unwrap_or_default()
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: 200, body, headers: Vec::new() }
    }

    pub(super) fn problem(status: u16, code: u64, words: &str) -> Self {
        Self { status, body: json!({ "message": words, "code": code }), headers: Vec::new() }
    }

    pub(super) fn too_many(wait: f64, scope: &'static str) -> Self {
        let body = json!({
            "message": "You are being rate limited.", "retry_after": wait,
            "global": scope == "global",
        });
        let headers = vec![
            ("retry-after", format!("{:.0}", wait.ceil())),
            ("x-ratelimit-scope", scope.to_owned()),
        ];
        Self { status: 429, body, headers }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).expect("statuses of fakes are valid");
        let body = if self.body.is_null() { String::new() } else { self.body.to_string() };
        let mut response =
            (status, [(http::header::CONTENT_TYPE, "application/json")], body).into_response();
        for (name, value) in self.headers {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

async fn fail(fault: Fault, cut: &Cut) -> Response {
    match fault {
        Fault::TooMany(Some(seconds)) => {
            let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
            Reply::too_many(f64::from(seconds), "user").into_response()
        }
        Fault::TooMany(None) => Reply::problem(429, 0, "too many").into_response(),
        Fault::Unavailable(seconds) => {
            let mut reply = Reply::problem(503, 0, "503: Service Unavailable");
            reply.headers = vec![("retry-after", seconds.to_string())];
            reply.into_response()
        }
        Fault::ServerError => Reply::problem(500, 0, "500: Internal Server Error").into_response(),
        Fault::BadGateway => {
            let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
            (StatusCode::BAD_GATEWAY, page).into_response()
        }
        Fault::CutBefore | Fault::CutAfter => {
            cut.now();
            Reply::ok(Value::Null).into_response()
        }
        Fault::Hang => std::future::pending().await,
        Fault::Malformed => (StatusCode::OK, r#"{"id":"12"#).into_response(),
        Fault::Refuse(status, words) => Reply::problem(status, 0, &words).into_response(),
        Fault::Answer(status, body) => {
            let status = StatusCode::from_u16(status).expect("statuses of fakes are valid");
            (status, [(http::header::CONTENT_TYPE, "application/json")], body).into_response()
        }
    }
}
