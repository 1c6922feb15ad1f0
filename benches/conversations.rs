//! What the program weighs with ten thousand conversations on one node: each caller of the generic
//! webhook asks one question that the base can or cannot answer, and reads a greeting and a reply.
//!
//! `cargo bench --workspace --bench conversations`; ends with an error if more memory was resident
//! at any moment than the aim allows.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may fail")]

mod served;
mod signed;
mod synthetic;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use served::{Server, import, write_answers};
use signed::{SECRET, delivery};
use standardwebhooks::Webhook;
use synthetic::Language;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const CONVERSATIONS: u64 = 10_000;
/// What each of them reads: a greeting and a reply.
const REPLIES: u64 = 2;
/// Answers in the base, as many as the forum of the other figures has.
const ANSWERS: u64 = 5_104;
const CONNECTIONS: u64 = 16;
/// The most memory that may be resident, in MB.
const MOST: u64 = 300;
/// When it is given up.
const PATIENCE: Duration = Duration::from_mins(30);

#[tokio::main]
async fn main() -> ExitCode {
    let dir = tempfile::tempdir().unwrap();
    let (answers, data_dir) = (dir.path().join("answers.jsonl"), dir.path().join("data"));
    write_answers(&answers, ANSWERS);
    import(&data_dir, "jsonl", &answers);
    let n_read = Arc::<AtomicU64>::default();
    let reply_url = receiver(n_read.clone()).await;
    let settings = [
        ("WEBHOOK_SECRET", SECRET),
        ("WEBHOOK_REPLY_URL", reply_url.as_str()),
        ("SUPERFAN_QUIET_MS", "0"),
    ];
    let (server, address) = Server::start(&data_dir, &settings);
    let at_first = server.memory("VmRSS:");

    let started = Instant::now();
    let callers = (0..CONNECTIONS).map(|number| tokio::spawn(ask(address.clone(), number)));
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    let asked = started.elapsed().as_secs_f64();
    while n_read.load(Ordering::Relaxed) < CONVERSATIONS * REPLIES {
        assert!(started.elapsed() < PATIENCE, "only {} replies", n_read.load(Ordering::Relaxed));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let took = started.elapsed().as_secs_f64();
    let (most, now) = (server.memory("VmHWM:"), server.memory("VmRSS:"));
    println!(
        "{CONVERSATIONS} conversations, {ANSWERS} answers: stored in {asked:.0} s, replied to in \
         {took:.0} s; resident: {at_first} MB at first, {most} MB at most (under {MOST}), {now} MB \
         in the end"
    );
    server.end();
    if most < MOST { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Takes replies and counts them; where.
async fn receiver(n_read: Arc<AtomicU64>) -> String {
    let take = async |State(n_read): State<Arc<AtomicU64>>| {
        n_read.fetch_add(1, Ordering::Relaxed);
        StatusCode::OK
    };
    let app = Router::new().route("/replies", post(take)).with_state(n_read);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/replies", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

/// One connection's share of the callers, one question each.
async fn ask(address: String, connection: u64) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (webhook, language) = (Webhook::new(SECRET).unwrap(), Language::new());
    let mut answer = vec![0; 4096];
    for caller in (connection..CONVERSATIONS).step_by(usize::try_from(CONNECTIONS).unwrap()) {
        // Every second question is a title of the base, the others are about something else.
        let about = if caller % 2 == 0 { caller % ANSWERS } else { ANSWERS + caller };
        let request = request(&webhook, caller, &language.answer(about).title);
        stream.write_all(&request).await.unwrap();
        let n = stream.read(&mut answer).await.unwrap();
        let head = String::from_utf8_lossy(&answer[..n.min(200)]);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    }
}

fn request(webhook: &Webhook, caller: u64, text: &str) -> Vec<u8> {
    let body = serde_json::json!({
        "conversation_id": format!("c{caller}"), "message_id": "1",
        "customer": { "id": format!("u{caller}"), "name": format!("Caller {caller}"), "lang": "en" },
        "text": text,
    })
    .to_string();
    delivery(webhook, &format!("msg_{caller}"), &body)
}
