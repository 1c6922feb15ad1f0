//! How fast a burst of messages leaves, against the pace that each platform publishes, with a
//! platform that enforces it in any second; and how long a stored delivery waits at idle until its
//! reply is on the platform.
//!
//! `cargo bench --workspace --bench drain`; ends with an error if the platform turned a call away, if
//! less than nine tenths of the pace was reached, or if the median wait is 20 ms or more.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints and may fail")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusBuilder;
use secrecy::ExposeSecret;
use superfan::clock::{Clock, SystemClock};
use superfan::config::{Config, Settings};
use superfan::desk::Desk;
use superfan::open::open_with;
use superfan::search::Search;
use superfan::serve::start_workers;
use superfan::store::Store;
use superfan_bots::discord::fake::FakeDiscord;
use superfan_bots::telegram::fake::FakeTelegram;
use superfan_index::Index;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// People who write at once; each gets a greeting and a reply.
const CHATS: usize = 240;
const PARTS: usize = 2;
/// The published paces, messages a second.
const TELEGRAM_PACE: f64 = 30.0;
const DISCORD_PACE: f64 = 50.0;
/// What of the pace has to be reached.
const SHARE: f64 = 0.9;
/// Questions at idle, the quiet time before each is answered, and the longest median beyond it.
const QUESTIONS: usize = 60;
const QUIET: Duration = Duration::from_millis(200);
const MEDIAN: Duration = Duration::from_millis(20);
/// When a drain is given up.
const PATIENCE: Duration = Duration::from_mins(2);
const SECRET: &str = "bench_secret";

#[tokio::main]
async fn main() -> ExitCode {
    let telegram = drain_telegram().await;
    let discord = drain_discord().await;
    let idle = idle().await;
    if telegram && discord && idle { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A running program of one channel.
struct Program {
    desk: Desk,
    stop: CancellationToken,
    workers: JoinSet<()>,
    _dir: TempDir,
}

impl Program {
    async fn open(settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings::from_pairs(settings.iter().copied());
        let config = Config::read(&settings, Some(dir.path())).unwrap();
        let store = Store::open_embedded(dir.path()).await.unwrap();
        let search = Search::new(Arc::new(Index::in_ram()));
        let desk = open_with(config, store, search, Arc::new(SystemClock)).await.unwrap();
        Self { desk, stop: CancellationToken::new(), workers: JoinSet::new(), _dir: dir }
    }

    fn starts(&mut self) {
        self.workers = start_workers(&self.desk, &self.stop);
    }

    async fn ends(mut self) {
        self.stop.cancel();
        while self.workers.join_next().await.is_some() {}
    }
}

async fn drain_telegram() -> bool {
    let fake = FakeTelegram::start().await;
    fake.runs_from(SystemClock.now());
    let mut program = Program::open(&[
        ("TELEGRAM_TOKEN", fake.token().expose_secret()),
        ("TELEGRAM_API_URL", fake.base_url().as_str()),
        ("SUPERFAN_QUIET_MS", "0"),
    ])
    .await;
    for number in 0..CHATS {
        fake.customer(&format!("customer {number}")).says("who painted the moon?").await;
    }
    program.starts();
    arrived(|| fake.sent().len()).await;
    program.ends().await;
    let times = fake.sent().iter().map(|sent| sent.at).collect();
    judge("Telegram", times, TELEGRAM_PACE, fake.n_too_many())
}

async fn drain_discord() -> bool {
    let fake = FakeDiscord::start().await;
    fake.runs_from(SystemClock.now());
    let mut program = Program::open(&[
        ("DISCORD_TOKEN", fake.token().expose_secret()),
        ("DISCORD_API_URL", fake.base_url().as_str()),
        ("SUPERFAN_QUIET_MS", "0"),
    ])
    .await;
    program.starts();
    fake.until(FakeDiscord::is_connected).await;
    for number in 0..CHATS {
        fake.member(&format!("member {number}")).says("who painted the moon?");
    }
    arrived(|| fake.sent().len()).await;
    program.ends().await;
    let times = fake.sent().iter().map(|sent| sent.at).collect();
    judge("Discord", times, DISCORD_PACE, fake.n_too_many())
}

async fn arrived(n_sent: impl Fn() -> usize) {
    let until = Instant::now() + PATIENCE;
    while n_sent() < CHATS * PARTS {
        assert!(Instant::now() < until, "only {} arrived", n_sent());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether the pace was reached and never exceeded.
#[expect(clippy::cast_precision_loss, reason = "a rate is read by eye")]
fn judge(platform: &str, mut times: Vec<Timestamp>, pace: f64, n_too_many: u64) -> bool {
    times.sort();
    let took = times[times.len() - 1].duration_since(times[0]).as_secs_f64();
    let rate = (times.len() - 1) as f64 / took;
    let share = rate / pace;
    println!(
        "{platform}: {} messages to {CHATS} chats in {took:.1} s, {rate:.1} a second, {:.0} % of \
         {pace:.0} (at least {:.0} %), {n_too_many} times 429 (never)",
        times.len(),
        share * 100.0,
        SHARE * 100.0,
    );
    share >= SHARE && n_too_many == 0
}

/// How long one question waits beyond the quiet time, from its delivery's 200 to the reply's arrival.
async fn idle() -> bool {
    let fake = FakeTelegram::start().await;
    fake.runs_from(SystemClock.now());
    let quiet = QUIET.as_millis().to_string();
    let mut program = Program::open(&[
        ("TELEGRAM_TOKEN", fake.token().expose_secret()),
        ("TELEGRAM_API_URL", fake.base_url().as_str()),
        ("TELEGRAM_MODE", "webhook"),
        ("TELEGRAM_WEBHOOK_SECRET", SECRET),
        ("SUPERFAN_QUIET_MS", &quiet),
    ])
    .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/webhooks/telegram", listener.local_addr().unwrap());
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let app = superfan::http::app(program.desk.clone(), metrics);
    let served = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    program.starts();
    fake.deliver_to(&url.parse().unwrap(), SECRET);
    let mut waits = Vec::new();
    for number in 0..QUESTIONS {
        let customer = fake.customer(&format!("customer {number}"));
        customer.says("who painted the moon?").await;
        let stored = Instant::now();
        fake.until(|fake| fake.sent().iter().any(|sent| sent.chat_id == customer.id())).await;
        waits.push(stored.elapsed().saturating_sub(QUIET));
        // Until nothing of it is left to do: this is about idle.
        fake.until(|fake| fake.sent().len() == (number + 1) * PARTS).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    program.ends().await;
    served.abort();
    waits.sort();
    let (median, most) = (waits[waits.len() / 2], waits[waits.len() * 95 / 100]);
    println!(
        "at idle: {QUESTIONS} questions, {:.1} ms beyond the quiet time (median, under {} ms), \
         {:.1} ms (95 %)",
        median.as_secs_f64() * 1e3,
        MEDIAN.as_millis(),
        most.as_secs_f64() * 1e3,
    );
    median < MEDIAN
}
