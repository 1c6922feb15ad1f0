//! In a real browser: a customer asks on the web chat, a moderator answers in the console, the
//! customer reads it in the same place.

mod community;
mod help;

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use superfan::answers::Indexer;
use superfan::channels::set_shadow;
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
use thirtyfour::ChromeCapabilities;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::patience::eventually;

/// How long a page may take to show what it should.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(50);

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
        self.open_as(DesiredCapabilities::chrome()).await
    }

    /// A browser that runs no page's script.
    async fn open_without_script(&self) -> WebDriver {
        let mut wishes = DesiredCapabilities::chrome();
        let off = serde_json::json!({ "profile.managed_default_content_settings.javascript": 2 });
        wishes.insert_browser_option("prefs", off).unwrap();
        self.open_as(wishes).await
    }

    async fn open_as(&self, mut wishes: ChromeCapabilities) -> WebDriver {
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
    serve_with(dir, &[]).await
}

/// The same with these settings besides.
async fn serve_with(dir: &TempDir, more: &[(&str, &str)]) -> (Desk, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listen = address.to_string();
    let usual = [
        ("SUPERFAN_LISTEN", listen.as_str()),
        ("SUPERFAN_QUIET_MS", "50"),
        ("SUPERFAN_BRAND_NAME", "Kestrane"),
    ];
    let settings = Settings::from_pairs(usual.into_iter().chain(more.iter().copied()));
    let config = Config::read(&settings, Some(dir.path())).unwrap();
    let store = Store::open_embedded(dir.path()).await.unwrap();
    let search = Search::new(Arc::new(Index::in_ram()));
    let desk = open_with(config, store, search, Arc::new(SystemClock)).await.unwrap();
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let app = superfan::http::app(desk.clone(), metrics)
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let mut workers = start_workers(&desk, &CancellationToken::new());
    workers.spawn(Indexer::of(&desk).run(CancellationToken::new()));
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

/// Clicks what is there; live parts of a page may be swapped between looking and clicking.
async fn click(browser: &WebDriver, css: &str) {
    eventually(css, async || match find(browser, css).await.click().await {
        Err(error) if matches!(*error, WebDriverErrorInner::StaleElementReference(_)) => false,
        clicked => clicked.map(|()| true).unwrap(),
    })
    .await;
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
    click(&customer, "#write button[type=submit]").await;
    reads(&customer, "log", "My cat walked on the <b>router</b>").await;
    reads(&customer, "log", "#1").await;

    let moderator = driver.open().await;
    moderator.goto(sign_in_link(&desk, &base).await).await.unwrap();
    click(&moderator, "#sign-in").await;
    click(&moderator, "#later").await;
    click(&moderator, "a[href^='/escalations/esc_']").await;
    reads(&moderator, "question", "My cat walked on the <b>router</b>").await;
    find(&moderator, "#reply").await.send_keys("Unplug it for a minute.").await.unwrap();
    click(&moderator, "#send").await;
    // Taken back, it has not left; sent again, it has.
    click(&moderator, "#undo button").await;
    reads(&moderator, "facts", "open").await;
    click(&moderator, "#send").await;

    reads(&customer, "log", "Unplug it for a minute.").await;
    reads(&customer, "log", "lee").await;
    customer.refresh().await.unwrap();
    reads(&customer, "log", "Unplug it for a minute.").await;
    customer.quit().await.unwrap();
    moderator.quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_drafted_in_shadow_is_released_with_one_key() {
    let dir = TempDir::new().unwrap();
    let (desk, base) = serve(&dir).await;
    let mut tx = desk.store.begin().await.unwrap();
    set_shadow(&mut tx, &desk.stage(), &Actor::operator(), "webchat", true).await.unwrap();
    tx.commit().await.unwrap();
    let driver = Driver::start();
    let customer = driver.open().await;
    customer.goto(format!("{base}/chat")).await.unwrap();
    find(&customer, "#text").await.send_keys("My cat walked on the router").await.unwrap();
    click(&customer, "#write button[type=submit]").await;

    let moderator = driver.open().await;
    moderator.goto(sign_in_link(&desk, &base).await).await.unwrap();
    click(&moderator, "#sign-in").await;
    click(&moderator, "#later").await;
    reads(&moderator, "banners", "waits for somebody to release it").await;
    click(&moderator, "#menu-drafts").await;
    reads(&moderator, "question", "My cat walked on the router").await;
    reads(&moderator, "draft", "#1").await;
    let heard = find(&customer, "#log").await.text().await.unwrap();
    assert!(!heard.contains("#1"), "{heard}");
    press(&moderator, "r").await;
    reads(&moderator, "notice", "On its way.").await;
    reads(&customer, "log", "#1").await;
    customer.quit().await.unwrap();
    moderator.quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moderator_works_by_keyboard() {
    let dir = TempDir::new().unwrap();
    let (desk, base) = serve(&dir).await;
    let driver = Driver::start();
    let browser = driver.open().await;
    browser.goto(format!("{base}/chat")).await.unwrap();
    find(&browser, "#text").await.send_keys("Buy cheap watches now").await.unwrap();
    click(&browser, "#write button[type=submit]").await;
    reads(&browser, "log", "#1").await;
    browser.goto(sign_in_link(&desk, &base).await).await.unwrap();
    click(&browser, "#sign-in").await;
    click(&browser, "#later").await;
    click(&browser, "a[href^='/escalations/esc_']").await;
    reads(&browser, "question", "watches").await;

    press(&browser, "c").await;
    reads(&browser, "facts", "yours").await;
    press(&browser, "x").await;
    find(&browser, "#undo button").await;
    press(&browser, "u").await;
    let is_gone = browser.find(By::Css("#undo")).await.is_err();
    assert!(is_gone, "what was taken back is still about to leave");
    reads(&browser, "facts", "yours").await;
    press(&browser, "w").await;
    browser.active_element().await.unwrap().send_keys("No, thank you.").await.unwrap();
    browser.active_element().await.unwrap().send_keys(Key::Control + Key::Enter).await.unwrap();
    reads(&browser, "thread", "No, thank you.").await;
    press(&browser, "x").await;
    eventually("a closed escalation", async || {
        desk.store.read().await.unwrap().queue(None, 5).await.unwrap().is_empty()
    })
    .await;
    browser.quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_moderator_writes_becomes_an_answer_without_touching_the_mouse() {
    let dir = TempDir::new().unwrap();
    let (desk, base) = serve(&dir).await;
    let driver = Driver::start();
    let browser = driver.open().await;
    browser.goto(format!("{base}/chat")).await.unwrap();
    let question = "The cat <b>sat</b> on my router, write to ana@example.org";
    find(&browser, "#text").await.send_keys(question).await.unwrap();
    click(&browser, "#write button[type=submit]").await;
    reads(&browser, "log", "#1").await;
    browser.goto(sign_in_link(&desk, &base).await).await.unwrap();
    click(&browser, "#sign-in").await;
    click(&browser, "#later").await;

    press(&browser, "n").await;
    reads(&browser, "question", "router").await;
    press(&browser, "t").await;
    find(&browser, "#transfer-box[open]").await;
    press(&browser, "s").await;
    let focused = browser.active_element().await.unwrap().id().await.unwrap();
    assert_eq!(focused.as_deref(), Some("minutes"));
    find(&browser, "h1").await.click().await.unwrap();
    press(&browser, "a").await;
    let asked = find(&browser, "#reply").await.prop("value").await.unwrap().unwrap();
    assert!(asked.contains("tell me a little more"), "{asked}");
    browser.active_element().await.unwrap().send_keys(Key::Enter + "").await.unwrap();
    click(&browser, "#undo button").await;

    press(&browser, "w").await;
    browser.active_element().await.unwrap().send_keys("Dry it for a day.").await.unwrap();
    browser.active_element().await.unwrap().send_keys(Key::Control + Key::Enter).await.unwrap();
    reads(&browser, "notice", "on its way").await;
    find(&browser, "#teach").await.send_keys(Key::Enter + "").await.unwrap();
    let filled = find(&browser, "#question").await.prop("value").await.unwrap().unwrap();
    assert_eq!(filled, "The cat <b>sat</b> on my router, write to [e-mail]");
    find(&browser, "#save").await.send_keys(Key::Enter + "").await.unwrap();
    reads(&browser, "notice", "searchable within a second").await;
    eventually("a searchable answer", async || {
        browser.goto(format!("{base}/answers?q=cat+router")).await.unwrap();
        browser.source().await.unwrap().contains("Dry it for a day.")
    })
    .await;
    browser.quit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_words_are_shown_as_they_are_to_the_customer_and_to_the_moderator() {
    let markup = "<script>document.title='owned'</script> \
                  <img src=x onerror=document.title='owned'>";
    let signs = "\u{202e}gnp.exe\u{202c} \u{2067}عربي\u{2069} 👩‍👩‍👧‍👦 🏳️‍🌈 e\u{301}\u{302} a\u{0}b";
    let strange = format!("{markup} {signs} {}", "ไทย 长 ".repeat(1_500));
    let shown = strange.replace('\0', "\u{FFFD}");
    let dir = TempDir::new().unwrap();
    let (desk, base) = serve(&dir).await;
    let driver = Driver::start();
    let browser = driver.open().await;
    browser.goto(format!("{base}/chat")).await.unwrap();
    find(&browser, "#text").await;
    let writes = "const text = document.getElementById('text'); text.removeAttribute('maxlength'); \
                  text.value = arguments[0];";
    browser.execute(writes, vec![strange.clone().into()]).await.unwrap();
    click(&browser, "#write button[type=submit]").await;
    reads(&browser, "log", "#1").await;
    let holds = async |id: &str| {
        let script = "return document.getElementById(arguments[0]).textContent\
                      .includes(arguments[1].trim()) && document.title !== 'owned' \
                      && document.documentElement.scrollWidth <= window.innerWidth;";
        let seen = browser.execute(script, vec![id.into(), shown.clone().into()]).await.unwrap();
        assert_eq!(seen.json(), &serde_json::Value::Bool(true), "{id}");
    };
    browser.refresh().await.unwrap();
    reads(&browser, "log", "#1").await;
    holds("log").await;

    browser.goto(sign_in_link(&desk, &base).await).await.unwrap();
    click(&browser, "#sign-in").await;
    click(&browser, "#later").await;
    click(&browser, "a[href^='/escalations/esc_']").await;
    reads(&browser, "question", "gnp.exe").await;
    holds("question").await;
    holds("thread").await;
    browser.quit().await.unwrap();
}

/// Presses a key where nothing is being typed.
async fn press(browser: &WebDriver, key: &str) {
    find(browser, "body").await.send_keys(key).await.unwrap();
}
