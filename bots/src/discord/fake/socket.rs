//! The fake gateway: welcome, identify, resume, heartbeats, dispatches, and ways to end.

use std::sync::Arc;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_websockets::{CloseCode, Message, ServerBuilder, WebSocketStream};

use super::Shared;
use super::world::{BOT_ID, Frame, Session};

/// <https://discord.com/developers/docs/events/gateway#list-of-intents>
const MESSAGE_CONTENT: u64 = 1 << 15;

/// A free port, and the address that `/gateway/bot` names.
pub(super) async fn bind() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port exists");
    let address = listener.local_addr().expect("a bound socket has an address");
    (listener, format!("ws://{address}"))
}

/// Serves connections until it is dropped.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(welcome(stream, shared.clone()));
    }
}

/// Hands a dispatch to every session; those that are not connected get it when they resume.
pub(super) fn dispatch(shared: &Shared, name: &str, data: &Value) {
    {
        let mut world = shared.world();
        for session in world.sessions.values_mut() {
            let mut data = data.clone();
            if !session.sees_content {
                withhold(name, &mut data);
            }
            session.seq += 1;
            let event = json!({ "op": 0, "t": name, "s": session.seq, "d": data });
            session.kept.push(event.clone());
            if let Some(socket) = &session.socket {
                let _ = socket.send(Frame::Text(event.to_string()));
            }
        }
    }
    shared.changed.notify_waiters();
}

/// Without the intent only what concerns the bot has a text.
fn withhold(name: &str, data: &mut Value) {
    let is_direct = data["guild_id"].is_null();
    let bot = BOT_ID.to_string();
    let mentions =
        data["mentions"].as_array().is_some_and(|all| all.iter().any(|m| m["id"] == bot));
    if name.starts_with("MESSAGE_") && !is_direct && !mentions {
        data["content"] = json!("");
    }
}

/// Ends every connection with this code.
pub(super) fn close_all(shared: &Shared, code: u16) {
    for session in shared.world().sessions.values_mut() {
        if let Some(socket) = session.socket.take() {
            let _ = socket.send(Frame::Close(code));
        }
    }
    shared.changed.notify_waiters();
}

/// Sends every connection something that is no dispatch.
pub(super) fn send_all(shared: &Shared, payload: &Value) {
    for session in shared.world().sessions.values() {
        if let Some(socket) = &session.socket {
            let _ = socket.send(Frame::Text(payload.to_string()));
        }
    }
}

async fn welcome(stream: TcpStream, shared: Arc<Shared>) {
    let Ok((_, mut socket)) = ServerBuilder::new().accept(stream).await else { return };
    loop {
        let changed = shared.changed.notified();
        tokio::pin!(changed);
        changed.as_mut().enable();
        if !shared.world().is_down {
            break;
        }
        changed.await;
    }
    let interval = u64::try_from(shared.world().heartbeat.as_millis()).unwrap_or(u64::MAX);
    let hello = json!({ "op": 10, "d": { "heartbeat_interval": interval }, "s": null, "t": null });
    if socket.send(Message::text(hello.to_string())).await.is_err() {
        return;
    }
    let (sender, mut orders) = mpsc::unbounded_channel();
    loop {
        tokio::select! {
            order = orders.recv() => {
                let Some(order) = order else { return };
                if obey(&mut socket, order, &shared).await {
                    return;
                }
            }
            heard = socket.next() => {
                let Some(Ok(heard)) = heard else { return };
                let Some(text) = heard.as_text() else { continue };
                let payload: Value = serde_json::from_str(text).unwrap_or_default();
                for order in shared.react(&payload, &sender) {
                    if obey(&mut socket, order, &shared).await {
                        return;
                    }
                }
                shared.changed.notify_waiters();
            }
        }
    }
}

/// Sends a frame; true if that was the end.
async fn obey(socket: &mut WebSocketStream<TcpStream>, order: Frame, shared: &Shared) -> bool {
    match order {
        Frame::Text(text) => socket.send(Message::text(text)).await.is_err(),
        Frame::Close(code) => {
            shared.world().gateway_log.push(format!("closed {code}"));
            let code = CloseCode::try_from(code).ok();
            let _ = socket.send(Message::close(code, "")).await;
            // The other side answers the close; then the connection is done.
            while let Some(Ok(_)) = socket.next().await {}
            true
        }
    }
}

impl Shared {
    /// What a payload of the bot leads to.
    fn react(&self, payload: &Value, socket: &mpsc::UnboundedSender<Frame>) -> Vec<Frame> {
        let mut world = self.world();
        let data = &payload["d"];
        let text = |payload: Value| Frame::Text(payload.to_string());
        let token_is_good = || {
            let given = data["token"].as_str().unwrap_or_default();
            given.trim_start_matches("Bot ") == world.token
        };
        match payload["op"].as_u64() {
            Some(1) if world.answers_heartbeats => {
                vec![text(json!({ "op": 11, "d": null, "s": null, "t": null }))]
            }
            Some(2) if !token_is_good() => vec![Frame::Close(4004)],
            Some(2) => {
                world.gateway_log.push("identify".to_owned());
                let intents = data["intents"].as_u64().unwrap_or_default();
                let sees_content = intents & MESSAGE_CONTENT != 0;
                if sees_content && !world.grants_content {
                    return vec![Frame::Close(4014)];
                }
                let id = format!("session-{}", world.next_id());
                let ready = json!({
                    "v": 10, "user": world.user_json(BOT_ID), "guilds": [], "session_id": id,
                    "resume_gateway_url": world.gateway_url, "shard": data["shard"],
                    "application": { "id": BOT_ID.to_string(), "flags": 0 },
                });
                let socket = Some(socket.clone());
                world
                    .sessions
                    .insert(id, Session { seq: 2, kept: Vec::new(), sees_content, socket });
                let guild = world.guild_json();
                vec![
                    text(json!({ "op": 0, "t": "READY", "s": 1, "d": ready })),
                    text(json!({ "op": 0, "t": "GUILD_CREATE", "s": 2, "d": guild })),
                ]
            }
            Some(6) => {
                let seen = data["seq"].as_u64().unwrap_or_default();
                let id = data["session_id"].as_str().unwrap_or_default();
                let resumed = world.sessions.get_mut(id).map(|session| {
                    session.socket = Some(socket.clone());
                    let missed = session.kept.iter().filter(|one| one["s"].as_u64() > Some(seen));
                    let mut frames: Vec<Frame> = missed.cloned().map(text).collect();
                    session.seq += 1;
                    let event = json!({ "op": 0, "t": "RESUMED", "s": session.seq, "d": {} });
                    frames.push(text(event));
                    frames
                });
                let word = if resumed.is_some() { "resume" } else { "invalid" };
                world.gateway_log.push(word.to_owned());
                resumed.unwrap_or_else(|| vec![text(json!({ "op": 9, "d": false }))])
            }
            _ => Vec::new(),
        }
    }
}
