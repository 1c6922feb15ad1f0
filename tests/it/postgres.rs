//! A throw-away PostgreSQL for the tests of one process.
//!
//! In: the server's programs on this machine. Out: addresses of empty databases. The cluster lives
//! in a scratch folder, listens on a port the system chose, and is stopped and deleted when the
//! process ends, however it ends.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// A running PostgreSQL that belongs to this process alone.
pub(crate) struct Cluster {
    /// The address of its first, empty database.
    pub(crate) url: String,
    base: String,
    keeper: Child,
}

/// Who the server runs as: it refuses to run as root.
struct Account {
    uid: u32,
    gid: u32,
}

impl Cluster {
    /// Starts a cluster of its own; most tests want [`Cluster::shared`].
    pub(crate) fn start() -> Self {
        let programs = find_programs();
        let account = ordinary_account();
        let account = account.as_ref();
        let dir = scratch_folder(account);
        let data = dir.join("data");
        run(
            account,
            &programs.join("initdb"),
            &[
                "--pgdata",
                text(&data),
                "--username=superfan",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
        );
        let port = start_server(account, &programs, &dir, &data);
        let keeper = start_keeper(account, &programs, &dir, &data);
        let base = format!("postgres://superfan@127.0.0.1:{port}");
        Self { url: format!("{base}/postgres"), base, keeper }
    }

    /// The cluster that all tests of this process share, started by the first that asks.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Makes an empty database for one test; its address.
    pub(crate) async fn database(&self) -> String {
        static COUNT: AtomicUsize = AtomicUsize::new(1);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let sql = format!("CREATE DATABASE {name}");
        sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        format!("{}/{name}", self.base)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        self.keeper.wait().unwrap();
    }
}

/// The folder with `initdb` and `pg_ctl`: on `PATH`, or where Debian keeps each version.
fn find_programs() -> PathBuf {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
        .expect("PostgreSQL is not installed; `make setup` brings it")
}

/// An ordinary account when we are root, `None` when we are ordinary ourselves.
fn ordinary_account() -> Option<Account> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uids = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    if uids.split_whitespace().nth(1)? != "0" {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap();
    ["postgres:", "nobody:"].iter().find_map(|name| {
        let line = accounts.lines().find(|line| line.starts_with(name))?;
        let mut fields = line.split(':').skip(2);
        Some(Account { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    })
}

/// A new folder that the server's account owns. The keeper deletes it.
fn scratch_folder(account: Option<&Account>) -> PathBuf {
    let dir = tempfile::Builder::new().prefix("superfan-pg-").tempdir().unwrap().keep();
    if let Some(account) = account {
        chown(&dir, Some(account.uid), Some(account.gid)).unwrap();
    }
    dir
}

/// Starts the server and waits until it serves; the port it listens on.
fn start_server(account: Option<&Account>, programs: &Path, dir: &Path, data: &Path) -> u16 {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // Durability is PostgreSQL's own promise and not what these tests are about.
    let options = format!(
        "-p {port} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off \
         -c max_connections=200",
        text(dir)
    );
    let log = dir.join("log");
    run(
        account,
        &programs.join("pg_ctl"),
        &["--pgdata", text(data), "--log", text(&log), "--wait", "--options", &options, "start"],
    );
    port
}

/// Starts the process that tidies up once our end of its pipe closes, even when we are killed.
fn start_keeper(account: Option<&Account>, programs: &Path, dir: &Path, data: &Path) -> Child {
    let script = r#"read -r _; "$0" --pgdata "$1" --mode immediate stop; rm -rf "$2""#;
    let pg_ctl = programs.join("pg_ctl");
    let arguments = ["-c", script, text(&pg_ctl), text(data), text(dir)];
    command(account, Path::new("/bin/sh"), &arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Its own group: Ctrl-C must reach us and not the keeper.
        .process_group(0)
        .spawn()
        .unwrap()
}

#[track_caller]
fn run(account: Option<&Account>, program: &Path, arguments: &[&str]) {
    // No pipes: the server inherits them and would hold them open.
    let status = command(account, program, arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{} failed: {status}", program.display());
}

fn command(account: Option<&Account>, program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir("/").env("LC_ALL", "C");
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    command
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the scratch folder's path is plain text")
}

#[tokio::test]
async fn a_database_of_the_cluster_is_empty_and_takes_rows() {
    let url = Cluster::shared().database().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();

    sqlx::query("CREATE TABLE seen (id BIGINT PRIMARY KEY)")
        .execute(&mut connection)
        .await
        .unwrap();
    let (id,): (i64,) = sqlx::query_as("INSERT INTO seen (id) VALUES ($1) RETURNING id")
        .bind(7_i64)
        .fetch_one(&mut connection)
        .await
        .unwrap();

    assert_eq!(id, 7);
    assert_ne!(url, Cluster::shared().database().await);
}

#[tokio::test]
async fn a_dropped_cluster_no_longer_serves() {
    let cluster = Cluster::start();
    let url = cluster.url.clone();
    PgConnection::connect(&url).await.unwrap().close().await.unwrap();

    drop(cluster);

    assert!(PgConnection::connect(&url).await.is_err());
}
