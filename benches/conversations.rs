//! What the program weighs with ten thousand conversations, each of which wrote and was answered.
//!
//! `cargo bench --workspace --bench conversations`; ends with an error at 300 MB or more.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may fail")]

use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use standardwebhooks::Webhook;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

const SECRET: &str = "whsec_c3VwZXJmYW4gc3VwZXJmYW4gc3VwZXJmYW4=";
const CONVERSATIONS: usize = 10_000;
/// Each gets a greeting and a reply.
const PARTS: usize = 2;
const CONNECTIONS: usize = 32;
const PATIENCE: Duration = Duration::from_secs(600);
/// Kilobytes.
const MOST: u64 = 300 * 1024;

#[tokio::main]
async fn main() -> ExitCode {
    let (reply_url, n_replies) = receiver().await;
    let dir = tempfile::tempdir().unwrap();
    let mut server = tokio::process::Command::from(superfan(&dir, &reply_url)).spawn().unwrap();
    let pid = server.id().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
    println!("with none: {} MB resident", memory(pid, "VmRSS:") / 1024);

    let started = Instant::now();
    let mut connections = JoinSet::new();
    for first in 0..CONNECTIONS {
        let numbers = (first..CONVERSATIONS).step_by(CONNECTIONS);
        connections.spawn(write(address.clone(), numbers));
    }
    connections.join_all().await;
    println!("{CONVERSATIONS} stored after {:.0} s", started.elapsed().as_secs_f64());
    while n_replies.load(Ordering::Relaxed) < CONVERSATIONS * PARTS {
        let n = n_replies.load(Ordering::Relaxed);
        assert!(started.elapsed() < PATIENCE, "only {n} replies arrived");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (now, most) = (memory(pid, "VmRSS:"), memory(pid, "VmHWM:"));
    println!(
        "{CONVERSATIONS} answered after {:.0} s: {} MB resident, {} MB at most (under {})",
        started.elapsed().as_secs_f64(),
        now / 1024,
        most / 1024,
        MOST / 1024
    );
    server.kill().await.unwrap();
    if most < MOST { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn superfan(dir: &tempfile::TempDir, reply_url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_superfan"));
    command
        .arg("serve")
        .current_dir(dir.path())
        .env("SUPERFAN_DATA_DIR", dir.path().join("data"))
        .env("SUPERFAN_LISTEN", "127.0.0.1:0")
        .env("SUPERFAN_LOG", "warn")
        .env("SUPERFAN_INBOX_LIMIT", "1000000")
        .env("WEBHOOK_SECRET", SECRET)
        .env("WEBHOOK_REPLY_URL", reply_url)
        .stdout(Stdio::piped());
    command
}

/// Takes replies and counts them.
async fn receiver() -> (String, Arc<AtomicUsize>) {
    let n_replies = Arc::<AtomicUsize>::default();
    let take = async |State(n_replies): State<Arc<AtomicUsize>>| {
        n_replies.fetch_add(1, Ordering::Relaxed);
        StatusCode::OK
    };
    let app = Router::new().route("/replies", post(take)).with_state(n_replies.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/replies", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (url, n_replies)
}

/// Somebody new for each number.
async fn write(address: String, numbers: impl Iterator<Item = usize>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let webhook = Webhook::new(SECRET).unwrap();
    let mut answer = vec![0; 4096];
    for number in numbers {
        stream.write_all(&request(&webhook, number)).await.unwrap();
        let n = stream.read(&mut answer).await.unwrap();
        let head = String::from_utf8_lossy(&answer[..n.min(200)]);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    }
}

fn request(webhook: &Webhook, number: usize) -> Vec<u8> {
    #[expect(clippy::disallowed_methods, reason = "deliveries are signed with the real time")]
    let now = jiff::Timestamp::now().as_second();
    let body = format!(
        r#"{{"conversation_id":"c{number}","message_id":"m1","customer":{{"id":"u{number}","name":"Customer {number}"}},"text":"Who painted the moon, and why is number {number} missing?"}}"#
    );
    let id = format!("msg_{number}");
    let signature = webhook.sign(&id, now, body.as_bytes()).unwrap();
    format!(
        "POST /webhooks/webhook HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
         webhook-id: {id}\r\nwebhook-timestamp: {now}\r\nwebhook-signature: {signature}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A line of a process's memory, in kB.
fn memory(pid: u32, what: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
