//! In a real browser: a customer asks on the web chat, a moderator answers in the console, the
//! customer reads it in the same place.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use superfan::clock::SystemClock;
use superfan::config::{Config, Settings};
use superfan::desk::Desk;
use superfan::open::open_with;
use superfan::people::{Actor, add_person};
use superfan::search::Search;
use superfan::serve::start_workers;
use superfan::store::Store;
use superfan::vocabulary::Role;
use superfan_index::Index;
use tempfile::TempDir;
use thirtyfour::prelude::*;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long a page may take to show what it should.
const PATIENCE: Duration = Duration::from_secs(20);

/// Debian's driver on a port of its own; ended when dropped.
struct Driver {
    process: Child,
    url: String,
}

impl Driver {
    fn start() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed by tests/setup.sh");
        Self { process, url: format!("http://127.0.0.1:{port}") }
    }

    async fn open(&self) -> WebDriver {
        let mut wishes = DesiredCapabilities::chrome();
        let flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1200,900",
        ];
        for flag in flags {
            wishes.add_arg(flag).unwrap();
        }
        let address = self.url.trim_start_matches("http://").to_owned();
        // The driver says that it is ready by taking connections.
        let ready = async {
            while tokio::net::TcpStream::connect(&address).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, ready).await.expect("chromedriver starts");
        WebDriver::new(&self.url, wishes).await.unwrap()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A running server without answers: every question goes to people.
async fn serve(dir: &TempDir) -> (Desk, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listen = address.to_string();
    let settings = Settings::from_pairs([
        ("SUPERFAN_LISTEN", listen.as_str()),
        ("SUPERFAN_QUIET_MS", "50"),
        ("SUPERFAN_BRAND_NAME", "Kestrane"),
    ]);
    let config = Config::read(&settings, Some(dir.path())).unwrap();
    let store = Store::open_embedded(dir.path()).await.unwrap();
    let search = Search::new(Arc::new(Index::in_ram()));
    let desk = open_with(config, store, search, Arc::new(SystemClock)).await.unwrap();
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let app = superfan::http::app(desk.clone(), metrics)
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let mut workers = start_workers(&desk, &CancellationToken::new());
    tokio::spawn(async move { while workers.join_next().await.is_some() {} });
    (desk, format!("http://{address}"))
}

async fn sign_in_link(desk: &Desk, base: &str) -> String {
    let mut tx = desk.store.begin().await.unwrap();
    let operator = Actor::operator();
    let token =
        add_person(&mut tx, &desk.stage(), &operator, "lee@example.org", Role::Moderator).await;
    tx.commit().await.unwrap();
    format!("{base}/sign-in/{}", token.unwrap())
}

/// The element, once it is there.
async fn find(browser: &WebDriver, css: &str) -> WebElement {
    browser
        .query(By::Css(css))
        .wait(PATIENCE, Duration::from_millis(50))
        .first()
        .await
        .unwrap_or_else(|error| panic!("{css}: {error}"))
}

/// Waits until the text of the element with this id holds `text` (without quotes).
async fn reads(browser: &WebDriver, id: &str, text: &str) {
    let holds = format!("//*[@id='{id}'][contains(., '{text}')]");
    let found = browser.query(By::XPath(holds)).wait(PATIENCE, Duration::from_millis(50));
    if let Err(error) = found.first().await {
        let shown = find(browser, &format!("#{id}")).await.text().await.unwrap_or_default();
        panic!("#{id} does not show {text:?} but {shown:?}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_question_travels_to_a_moderator_and_back() {
    let dir = TempDir::new().unwrap();
    let (desk, base) = serve(&dir).await;
    let driver = Driver::start();
    let customer = driver.open().await;
    customer.goto(format!("{base}/chat")).await.unwrap();
    find(&customer, "#text").await.send_keys("My cat walked on the <b>router</b>").await.unwrap();
    find(&customer, "#write button[type=submit]").await.click().await.unwrap();
    reads(&customer, "log", "My cat walked on the <b>router</b>").await;
    reads(&customer, "log", "#1").await;

    let moderator = driver.open().await;
    moderator.goto(sign_in_link(&desk, &base).await).await.unwrap();
    find(&moderator, "#sign-in").await.click().await.unwrap();
    find(&moderator, "#later").await.click().await.unwrap();
    find(&moderator, "a[href^='/escalations/esc_']").await.click().await.unwrap();
    reads(&moderator, "question", "My cat walked on the <b>router</b>").await;
    find(&moderator, "#reply").await.send_keys("Unplug it for a minute.").await.unwrap();
    find(&moderator, "#send").await.click().await.unwrap();

    reads(&customer, "log", "Unplug it for a minute.").await;
    reads(&customer, "log", "lee").await;
    customer.refresh().await.unwrap();
    reads(&customer, "log", "Unplug it for a minute.").await;
    customer.quit().await.unwrap();
    moderator.quit().await.unwrap();
}
