//! The community in a real browser: a question goes to the forum, its answer comes back, its author
//! is thanked and invited, a gap is answered for all who wait, a wrong answer is taken back. The
//! moderator's browser runs no script; another one, with the accessibility checker, looks at every
//! page and reaches what matters with the tabulator key alone.

use std::path::PathBuf;

use jiff::SignedDuration;
use superfan::clock::{Clock, SystemClock};
use superfan::desk::Desk;
use superfan::fans::{Period, Wanted, board};
use superfan::gaps::GapKeeper;
use superfan::months::month;
use superfan_bots::discourse::fake::{API_KEY, FakeDiscourse, WEBHOOK_SECRET};
use tempfile::TempDir;
use thirtyfour::prelude::*;

use super::{Driver, click, find, reads, serve_with, sign_in_link};
use crate::patience::eventually;

const ANSWER: &str = "Unplug it for a whole minute, then wait.";

/// Where `tests/setup.sh` puts the checker.
fn checker() -> String {
    let built = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    let path = built.join("axe-core/axe.min.js");
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run tests/setup.sh", path.display()))
}

/// Nothing on the page stands in the way of anybody.
async fn is_accessible(browser: &WebDriver, what: &str) {
    browser.execute(checker(), vec![]).await.unwrap();
    let script = "const done = arguments[arguments.length - 1];
                  axe.run(document, { resultTypes: ['violations'] }).then(
                    found => done(found.violations.map(one => one.id + ': '
                      + one.nodes.map(node => node.html).join(' '))),
                    error => done(['' + error]));";
    let found = browser.execute_async(script, vec![]).await.unwrap();
    assert_eq!(found.json(), &serde_json::json!([]), "{what}");
}

/// The tabulator key alone reaches this.
async fn is_reached(browser: &WebDriver, css: &str) {
    let script = "return document.activeElement.matches(arguments[0]);";
    for _ in 0..120 {
        browser.active_element().await.unwrap().send_keys(Key::Tab + "").await.unwrap();
        let is_there = browser.execute(script, vec![css.into()]).await.unwrap();
        if is_there.json() == &serde_json::Value::Bool(true) {
            return;
        }
    }
    panic!("{css} is not reached by keyboard on {}", browser.current_url().await.unwrap());
}

/// Loads a page again and again until it says this.
async fn says(browser: &WebDriver, address: &str, text: &str) {
    eventually(text, async || {
        browser.goto(address).await.unwrap();
        browser.source().await.unwrap().contains(text)
    })
    .await;
}

/// Presses a button of the chat.
async fn presses(customer: &WebDriver, label: &str) {
    let path = format!("//button[contains(., '{label}')]");
    let button = customer.query(By::XPath(path)).wait(super::PATIENCE, super::PAUSE).first().await;
    button.unwrap().click().await.unwrap();
}

async fn writes(browser: &WebDriver, css: &str, text: &str) {
    let field = find(browser, css).await;
    field.clear().await.unwrap();
    field.send_keys(text).await.unwrap();
}

async fn asks(customer: &WebDriver, question: &str, number: &str) {
    writes(customer, "#text", question).await;
    click(customer, "#write button[type=submit]").await;
    reads(customer, "log", number).await;
}

/// A running desk that follows a forum, a customer, and a moderator whose browser runs no script.
struct Walk {
    forum: FakeDiscourse,
    desk: Desk,
    base: String,
    customer: WebDriver,
    plain: WebDriver,
}

impl Walk {
    async fn begin(dir: &TempDir, driver: &Driver) -> Self {
        let forum = FakeDiscourse::start().await;
        forum.set_now(SystemClock.now() - SignedDuration::from_mins(1));
        let address = forum.base_url().to_string();
        let (desk, base) = serve_with(
            dir,
            &[
                ("DISCOURSE_URL", &address),
                ("DISCOURSE_API_KEY", API_KEY),
                ("DISCOURSE_WEBHOOK_SECRET", WEBHOOK_SECRET),
                ("DISCOURSE_PER_MINUTE", "60000"),
                ("SUPERFAN_PUBLIC_FANS", "true"),
            ],
        )
        .await;
        forum.deliver_to(&format!("{base}/webhooks/discourse").parse().unwrap());
        let (customer, plain) = (driver.open().await, driver.open_without_script().await);
        customer.goto(format!("{base}/chat")).await.unwrap();
        plain.goto(sign_in_link(&desk, &base).await).await.unwrap();
        click(&plain, "#sign-in").await;
        Self { forum, desk, base, customer, plain }
    }

    /// The path of the page the moderator is on.
    async fn here(&self) -> String {
        self.plain.current_url().await.unwrap().path().to_owned()
    }

    async fn goes_to(&self, path: &str) {
        self.plain.goto(format!("{}{path}", self.base)).await.unwrap();
    }

    async fn comes_to_say(&self, path: &str, text: &str) {
        says(&self.plain, &format!("{}{path}", self.base), text).await;
    }

    /// A question goes to the forum and its answer comes back; the page and the accepted post.
    async fn through_the_forum(&self) -> (String, u64) {
        let (customer, plain, forum) = (&self.customer, &self.plain, &self.forum);
        asks(customer, "My cat walked on the router, call +30 210 123 4567", "#1").await;
        self.goes_to("/").await;
        click(plain, "a[href^='/escalations/esc_']").await;
        click(plain, "#to-forum").await;
        let shown = find(plain, "#text").await.text().await.unwrap();
        let page = self.here().await;
        assert!(shown.contains("[phone]") && !shown.contains("210"), "{shown}");
        click(plain, "#ask").await;
        presses(customer, "Yes, ask them").await;
        self.comes_to_say(&page, "id=\"post\"").await;
        click(plain, "#post").await;
        let ours = || forum.topics().into_iter().find(|topic| topic.external_id.is_some());
        eventually("a topic in the forum", async || ours().is_some()).await;
        let post = forum.member("zoe").replies(ours().unwrap().id, ANSWER).await;
        forum.accept(post).await;
        reads(customer, "log", ANSWER).await;
        reads(customer, "log", "zoe").await;
        presses(customer, "Helped").await;
        (page, post)
    }

    /// The author is credited, thanked and invited; the letter's page and the event's.
    async fn thanks(&self) -> (String, String) {
        let wanted = Wanted { period: Period::All, ..Wanted::default() };
        eventually("two solves of zoe", async || {
            let mut tx = self.desk.store.read().await.unwrap();
            let board = board(&mut tx, &wanted, 10, self.desk.clock.now()).await.unwrap();
            board.fans.iter().any(|fan| fan.name == "zoe" && fan.solves == 2)
        })
        .await;
        let month = month(self.desk.clock.now());
        let letter = format!("/fans/thanks?author=zoe&month={month}");
        self.goes_to(&letter).await;
        click(&self.plain, "#post").await;
        self.comes_to_say(&letter, "In the forum").await;
        let topics = self.forum.topics();
        assert!(topics.iter().any(|topic| topic.title.starts_with("Thank you, zoe!")));
        self.goes_to("/programme").await;
        writes(&self.plain, "#name", "A day in the lab").await;
        let sets = "document.getElementById('happens-on').value = '2030-05-01';";
        self.plain.execute(sets, vec![]).await.unwrap();
        writes(&self.plain, "#about", "Come and see, {name}!").await;
        click(&self.plain, "#plan").await;
        click(&self.plain, "#invite").await;
        eventually("an invitation of zoe", async || {
            self.plain.source().await.is_ok_and(|page| page.contains("Come and see, zoe!"))
        })
        .await;
        (letter, self.here().await)
    }

    /// A gap is answered for all who wait; its page.
    async fn answers_a_gap(&self) -> String {
        asks(&self.customer, "Why does my sofa hum?", "#2").await;
        // The keeper at work looks every half minute.
        GapKeeper::new(self.desk.clone()).keep_up().await.unwrap();
        self.comes_to_say("/gaps?tab=single", "sofa").await;
        click(&self.plain, "th a[href^='/gaps/gap_']").await;
        writes(&self.plain, "#title", "Why does my sofa hum?").await;
        let gap = self.here().await;
        writes(&self.plain, "#answer", "Turn its motor off, then on again.").await;
        click(&self.plain, "#answer-all").await;
        reads(&self.customer, "log", "Turn its motor off").await;
        gap
    }

    /// What the forum takes back is taken back from everybody; the recall's page.
    async fn takes_back(&self, post: u64) -> String {
        self.forum.unaccept(post).await;
        self.comes_to_say("/recalls", "to be decided").await;
        click(&self.plain, "a.question[href^='/recalls/']").await;
        find(&self.plain, "#confirm").await;
        let recall = self.here().await;
        click(&self.plain, "#confirm").await;
        self.comes_to_say(&recall, "id=\"state\">done").await;
        recall
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_community_answers_is_thanked_and_corrected() {
    let (dir, driver) = (TempDir::new().unwrap(), Driver::start());
    let walk = Walk::begin(&dir, &driver).await;
    let (question, post) = walk.through_the_forum().await;
    let (letter, event) = walk.thanks().await;
    let gap = walk.answers_a_gap().await;
    let recall = walk.takes_back(post).await;
    walk.goes_to("/account").await;
    click(&walk.plain, "#make-code").await;
    assert!(find(&walk.plain, "#code").await.text().await.unwrap().starts_with("/expert "));
    let Walk { desk, base, customer, plain, .. } = walk;
    plain.quit().await.unwrap();
    customer.quit().await.unwrap();

    // Everybody can use these pages.
    let browser = driver.open().await;
    browser.goto(sign_in_link(&desk, &base).await).await.unwrap();
    click(&browser, "#sign-in").await;
    for (path, reached) in [
        ("/fans", "#set-name"),
        (letter.as_str(), "main a[href='/fans']"),
        ("/programme", "#plan"),
        (event.as_str(), "#invite"),
        ("/gaps?tab=done", "#month-html"),
        (gap.as_str(), "#set-standing"),
        (question.as_str(), "main h1 a"),
        ("/recalls", "a.question"),
        (recall.as_str(), "main a[href='/recalls']"),
        ("/account", "#make-code"),
        ("/help/fans?lang=en", "main a[href^='/help?']"),
        ("/help/fans?lang=ar", "footer a"),
    ] {
        browser.goto(format!("{base}{path}")).await.unwrap();
        is_accessible(&browser, path).await;
        is_reached(&browser, reached).await;
    }
    browser.quit().await.unwrap();
}
