//! How fast a signed delivery is durable: superfan receiving, superfan answering meanwhile, a bare
//! handler with one grouped commit, and a bare handler with one commit per request, in one run.
//! Ratios count; absolute figures move with the machine.
//!
//! `cargo bench --workspace --bench webhook`

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may fail")]

mod signed;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use metrics_exporter_prometheus::PrometheusBuilder;
use signed::{SECRET, delivery};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqlitePool};
use standardwebhooks::Webhook;
use superfan::clock::SystemClock;
use superfan::config::{Config, Settings};
use superfan::desk::Desk;
use superfan::open::open_with;
use superfan::search::Search;
use superfan::serve::start_workers;
use superfan::store::Store;
use superfan_index::Index;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// What the program allocates with, for all three alike.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONNECTIONS: u64 = 64;
const TURNS: u64 = 8;
const TURN: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let mut doors = [
        Door::open("superfan", superfan_app(&dir, "receiving").await.0).await,
        Door::open("bare, grouped commit", grouped_app(&dir).await).await,
        Door::open("bare, one commit each", single_app(&dir).await).await,
    ];
    // In turns, so that whatever else the machine does disturbs all three alike.
    for turn in 0..TURNS {
        for door in &mut doors {
            door.knock(turn).await;
        }
    }
    // Alone and in one go, as what is answered goes on long after its turn.
    let (app, desk) = superfan_app(&dir, "answering").await;
    let mut answering = Door::open("superfan, answering too", app).await;
    let stop = CancellationToken::new();
    let mut workers = start_workers(&desk, &stop);
    for turn in TURNS..2 * TURNS {
        answering.knock(turn).await;
    }
    stop.cancel();
    while workers.join_next().await.is_some() {}

    let [superfan, grouped, single] = doors.map(Door::rate);
    let answering = answering.rate();
    println!("superfan / grouped: {:.2} (at least 0.6)", superfan / grouped);
    println!("superfan / single:  {:.2} (at least 4)", superfan / single);
    println!("answering too / grouped: {:.2}", answering / grouped);
    println!("answering too / single:  {:.2}", answering / single);
}

/// One of the servers compared, and how much it has taken.
struct Door {
    name: &'static str,
    address: SocketAddr,
    done: Arc<AtomicU64>,
}

impl Door {
    async fn open(name: &'static str, app: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { name, address, done: Arc::default() }
    }

    /// 64 connections send one signed delivery after the other for a turn.
    async fn knock(&mut self, turn: u64) {
        let until = Instant::now() + TURN;
        let connections = (0..CONNECTIONS).map(|number| number + CONNECTIONS * turn);
        let clients: Vec<_> = connections
            .map(|number| tokio::spawn(send_until(until, self.address, number, self.done.clone())))
            .collect();
        for client in clients {
            client.await.unwrap();
        }
    }

    /// Requests per second.
    #[expect(clippy::cast_precision_loss, reason = "a rate is read by eye")]
    fn rate(self) -> f64 {
        let rate = self.done.load(Ordering::Relaxed) as f64 / (TURN.as_secs_f64() * TURNS as f64);
        println!("{:28} {rate:9.0} requests/s", self.name);
        rate
    }
}

async fn send_until(until: Instant, address: SocketAddr, connection: u64, done: Arc<AtomicU64>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let webhook = Webhook::new(SECRET).unwrap();
    let mut answer = vec![0; 4096];
    let mut number = 0_u64;
    while Instant::now() < until {
        number += 1;
        stream.write_all(&request(&webhook, connection, number)).await.unwrap();
        let n = stream.read(&mut answer).await.unwrap();
        let head = String::from_utf8_lossy(&answer[..n.min(200)]);
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        done.fetch_add(1, Ordering::Relaxed);
    }
}

fn request(webhook: &Webhook, connection: u64, number: u64) -> Vec<u8> {
    let body = format!(
        r#"{{"conversation_id":"c{connection}-{number}","message_id":"m{number}","customer":{{"id":"u{connection}"}},"text":"How do I reset my headphones?"}}"#
    );
    delivery(webhook, &format!("msg_{connection}_{number}"), &body)
}

async fn superfan_app(dir: &TempDir, name: &str) -> (Router, Desk) {
    let data_dir = dir.path().join(name);
    std::fs::create_dir(&data_dir).unwrap();
    let settings =
        Settings::from_pairs([("WEBHOOK_SECRET", SECRET), ("SUPERFAN_INBOX_LIMIT", "100000000")]);
    let config = Config::read(&settings, Some(&data_dir)).unwrap();
    let store = Store::open_embedded(&data_dir).await.unwrap();
    let search = Search::new(Arc::new(Index::in_ram()));
    let desk = open_with(config, store, search, Arc::new(SystemClock)).await.unwrap();
    let app = superfan::http::app(desk.clone(), PrometheusBuilder::new().build_recorder().handle());
    (app, desk)
}

/// A table that takes deliveries, durable at every commit.
async fn table(path: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    sqlx::query("CREATE TABLE inbox (id TEXT PRIMARY KEY, body TEXT)")
        .execute(&pool)
        .await
        .unwrap();
    pool
}

fn verified(headers: &HeaderMap, body: &[u8]) -> String {
    Webhook::new(SECRET).unwrap().verify(body, headers).unwrap();
    headers["webhook-id"].to_str().unwrap().to_owned()
}

type Waiting = (String, String, oneshot::Sender<()>);

async fn grouped_app(dir: &TempDir) -> Router {
    let pool = table(&dir.path().join("grouped.db")).await;
    let (jobs, mut waiting) = mpsc::channel::<Waiting>(512);
    tokio::spawn(async move {
        let mut batch = Vec::new();
        while waiting.recv_many(&mut batch, 128).await > 0 {
            let rows = vec!["(?, ?)"; batch.len()].join(", ");
            let sql = format!("INSERT INTO inbox (id, body) VALUES {rows} ON CONFLICT DO NOTHING");
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for (id, body, _) in &batch {
                query = query.bind(id.clone()).bind(body.clone());
            }
            query.execute(&pool).await.unwrap();
            for (.., done) in batch.drain(..) {
                done.send(()).unwrap();
            }
        }
    });
    let handler =
        async |State(jobs): State<mpsc::Sender<Waiting>>, headers: HeaderMap, body: Bytes| {
            let id = verified(&headers, &body);
            let (done, durable) = oneshot::channel();
            jobs.send((id, String::from_utf8(body.to_vec()).unwrap(), done)).await.unwrap();
            durable.await.unwrap();
            StatusCode::OK
        };
    Router::new().route("/webhooks/webhook", post(handler)).with_state(jobs)
}

async fn single_app(dir: &TempDir) -> Router {
    let pool = table(&dir.path().join("single.db")).await;
    let handler = async |State(pool): State<SqlitePool>, headers: HeaderMap, body: Bytes| {
        let id = verified(&headers, &body);
        sqlx::query("INSERT INTO inbox (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(String::from_utf8(body.to_vec()).unwrap())
            .execute(&pool)
            .await
            .unwrap();
        StatusCode::OK
    };
    Router::new().route("/webhooks/webhook", post(handler)).with_state(pool)
}
