//! The real program, killed: at each named point, and at random moments under load. Started again,
//! every message has exactly one reply of each kind, or a row that says that nobody knows.

mod elsewhere;
mod imports;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use secrecy::ExposeSecret;
use superfan::clock::{Clock, SystemClock};
use superfan::crash::POINTS;
use superfan::store::Store;
use superfan::vocabulary::DeliveryState;
use superfan_bots::telegram::fake::FakeTelegram;
use superfan_bots::webhook::fake::FakeHelpDesk;
use tokio::task::spawn_blocking;
use url::Url;

use crate::patience::{PATIENCE, eventually, is_done};

/// A data dir, the platforms around it, and what was said there.
struct Town {
    telegram: FakeTelegram,
    help_desk: FakeHelpDesk,
    dir: tempfile::TempDir,
    /// Callers of the generic webhook, and whether their message was taken.
    callers: BTreeMap<String, bool>,
    n_customers: usize,
    /// Settings beyond the usual.
    also: Vec<(&'static str, String)>,
}

/// One life of the program.
struct Server {
    child: Option<Child>,
    pid: u32,
    /// Where it listens; `None` if it died before it did.
    url: Option<Url>,
}

impl Town {
    async fn found() -> Self {
        let (telegram, help_desk) = (FakeTelegram::start().await, FakeHelpDesk::start().await);
        telegram.runs_from(SystemClock.now());
        let dir = tempfile::tempdir().unwrap();
        Self {
            telegram,
            help_desk,
            dir,
            callers: BTreeMap::new(),
            n_customers: 0,
            also: Vec::new(),
        }
    }

    fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Starts the program; with a point it dies there.
    async fn starts(&self, crash_at: Option<&str>) -> Server {
        let log = File::options().create(true).append(true).open(self.dir.path().join("log"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_superfan"));
        command
            .arg("serve")
            .current_dir(self.dir.path())
            .env("SUPERFAN_DATA_DIR", self.data_dir())
            .env("SUPERFAN_LISTEN", "127.0.0.1:0")
            .env("SUPERFAN_QUIET_MS", "0")
            .env("TELEGRAM_TOKEN", self.telegram.token().expose_secret())
            .env("TELEGRAM_API_URL", self.telegram.base_url().as_str())
            .env("WEBHOOK_SECRET", self.help_desk.secret().expose_secret())
            .env("WEBHOOK_REPLY_URL", self.help_desk.reply_url().as_str())
            .envs(self.also.iter().map(|(name, value)| (name, value)))
            .env_remove("RUST_BACKTRACE")
            .stdout(Stdio::piped())
            .stderr(log.unwrap());
        if let Some(point) = crash_at {
            command.env("SUPERFAN_CRASH_AT", point);
        }
        let mut child = command.spawn().unwrap();
        let (pid, out) = (child.id(), child.stdout.take().unwrap());
        let mut server = Server { child: Some(child), pid, url: None };
        let line = spawn_blocking(|| BufReader::new(out).lines().next());
        let line = tokio::time::timeout(PATIENCE, line).await.expect("it starts or dies").unwrap();
        if let Some(line) = line {
            let url = line.unwrap().strip_prefix("listening on ").unwrap().parse();
            server.url = Some(url.unwrap());
        }
        server
    }

    /// Somebody new writes on Telegram, and somebody new over the generic webhook.
    async fn hears_from_two(&mut self) {
        self.n_customers += 1;
        let name = format!("customer {}", self.n_customers);
        self.telegram.customer(&name).says("who painted the moon?").await;
        self.callers.insert(format!("caller {}", self.n_customers), false);
    }

    /// The callers whose message was not taken post it (again), as callers must.
    async fn callers_post(&mut self, server: &Server) {
        let Some(url) = &server.url else { return };
        let url = url.join("webhooks/webhook").unwrap();
        for (caller, taken) in self.callers.iter_mut().filter(|(_, taken)| !**taken) {
            let body = FakeHelpDesk::text(caller, "1", caller, "who painted the moon?");
            let answer = self.help_desk.post(&url, &body, SystemClock.now()).await;
            *taken = answer.is_some_and(|(status, _)| status == 200);
        }
    }

    /// Starts the program once more and waits until it has nothing left to do.
    async fn recovers(&mut self) {
        let server = self.starts(None).await;
        self.callers_post(&server).await;
        assert!(self.callers.values().all(|taken| *taken), "a delivery was turned away");
        let store = Store::open_embedded(&self.data_dir()).await.unwrap();
        let n_said = 2 * self.n_customers;
        eventually("an idle program", async || is_done(&store, n_said).await.unwrap()).await;
        store.close().await;
        server.ends_at_once();
    }

    /// Exactly one reply for every row that says so, and a row for every reply that was due.
    async fn everybody_has_one_reply(&self, how: &str) {
        let store = Store::open_embedded(&self.data_dir()).await.unwrap();
        let mut tx = store.read().await.unwrap();
        let conversations = tx.conversations(None, None, None, 1000).await.unwrap();
        assert_eq!(conversations.len(), 2 * self.n_customers, "{how}: somebody was not heard");
        for conversation in conversations {
            let rows = tx.deliveries_of(conversation.id, None, 100).await.unwrap();
            let kinds: Vec<&str> = rows.iter().map(|row| row.kind.as_str()).collect();
            assert_eq!(kinds, ["greeting", "notice"], "{how}: {rows:?}");
            for row in rows {
                let n_read = if conversation.channel == "telegram" {
                    let sent = self.telegram.sent();
                    let here = sent.iter().filter(|one| {
                        one.chat_id.to_string() == conversation.external_id
                            && one.text == row.payload.text
                    });
                    here.count()
                } else {
                    // The receiver knows a repeat by its id; different ids would be two replies.
                    let replies = self.help_desk.replies();
                    let here = replies.iter().filter(|one| {
                        one.body["conversation_id"] == *conversation.external_id
                            && one.body["text"] == *row.payload.text
                    });
                    let mut ids: Vec<&str> = here.map(|one| one.id.as_str()).collect();
                    ids.dedup();
                    ids.len()
                };
                match row.state {
                    DeliveryState::Sent => assert_eq!(n_read, 1, "{how}: {row:?}"),
                    DeliveryState::Uncertain => assert!(n_read <= 1, "{how}: {row:?}"),
                    _ => panic!("{how}: left behind: {row:?}"),
                }
            }
        }
        drop(tx);
        store.close().await;
    }
}

impl Server {
    /// Waits for its end, which comes by itself.
    async fn dies(mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        let waiting = spawn_blocking(move || child.wait());
        tokio::time::timeout(PATIENCE, waiting).await.expect("it dies").unwrap().unwrap()
    }

    /// Ends it on the spot.
    fn ends_at_once(mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_every_named_point_nobody_is_left_or_told_twice() {
    for point in POINTS {
        let mut town = Town::found().await;
        town.hears_from_two().await;
        let server = town.starts(Some(point)).await;
        town.callers_post(&server).await;
        let status = server.dies().await;
        assert_eq!(status.signal(), Some(6), "{point}: it did not die there");
        town.recovers().await;
        town.everybody_has_one_reply(point).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_thirty_times_under_load_nobody_is_left_or_told_twice() {
    let mut chance = SmallRng::seed_from_u64(30);
    let mut town = Town::found().await;
    for _ in 0..30 {
        town.hears_from_two().await;
        town.hears_from_two().await;
        let server = town.starts(None).await;
        let life = Duration::from_millis(chance.random_range(1..250));
        let living = async {
            town.callers_post(&server).await;
            std::future::pending::<()>().await;
        };
        let _ = tokio::time::timeout(life, living).await;
        assert_eq!(server.ends_at_once().signal(), Some(9));
    }
    town.recovers().await;
    town.everybody_has_one_reply("timed kills").await;
}

#[tokio::test]
async fn a_second_server_on_the_same_data_dir_is_refused_naming_path_and_process() {
    let town = Town::found().await;
    let first = town.starts(None).await;
    let second = town.starts(None).await;
    assert!(second.url.is_none());
    let status = second.dies().await;

    assert_eq!(status.code(), Some(1));
    let log = std::fs::read_to_string(town.dir.path().join("log")).unwrap();
    assert!(log.contains(town.data_dir().to_str().unwrap()), "{log}");
    assert!(log.contains(&format!("process {}", first.pid)), "{log}");
}

#[tokio::test]
async fn a_data_dir_that_cannot_be_written_is_named_with_what_to_do() {
    let town = Town::found().await;
    std::fs::write(town.data_dir(), "a file where a folder should be").unwrap();

    let status = town.starts(None).await.dies().await;

    assert_eq!(status.code(), Some(1));
    let log = std::fs::read_to_string(town.dir.path().join("log")).unwrap();
    assert!(log.contains(town.data_dir().to_str().unwrap()), "{log}");
    assert!(log.contains("SUPERFAN_DATA_DIR"), "{log}");
}
