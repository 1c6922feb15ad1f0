//! The community in a real browser: a question goes to the forum, its answer comes back, its author
//! is thanked and invited, a gap is answered for all who wait, a wrong answer is taken back. The
//! moderator's browser runs no script; another one, with the accessibility checker, looks at every
//! page and reaches what matters with the tabulator key alone.

use std::path::PathBuf;

use jiff::SignedDuration;
use superfan::clock::{Clock, SystemClock};
use superfan::fans::{Period, Wanted, board};
use superfan::gaps::{GapKeeper, month};
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

#[tokio::test(flavor = "multi_thread")]
async fn the_community_answers_is_thanked_and_corrected() {
    let (dir, forum) = (TempDir::new().unwrap(), FakeDiscourse::start().await);
    forum.set_now(SystemClock.now() - SignedDuration::from_mins(1));
    let address = forum.base_url().to_string();
    let (desk, base) = serve_with(
        &dir,
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
    let driver = Driver::start();
    let (customer, plain) = (driver.open().await, driver.open_without_script().await);
    customer.goto(format!("{base}/chat")).await.unwrap();
    plain.goto(sign_in_link(&desk, &base).await).await.unwrap();
    click(&plain, "#sign-in").await;

    // To the forum and back.
    asks(&customer, "My cat walked on the router, call +30 210 123 4567", "#1").await;
    plain.goto(&base).await.unwrap();
    click(&plain, "a[href^='/escalations/esc_']").await;
    click(&plain, "#to-forum").await;
    let forum_page = plain.current_url().await.unwrap().to_string();
    let shown = find(&plain, "#text").await.text().await.unwrap();
    assert!(shown.contains("[phone]") && !shown.contains("210"), "{shown}");
    click(&plain, "#ask").await;
    presses(&customer, "Yes, ask them").await;
    says(&plain, &forum_page, "id=\"post\"").await;
    click(&plain, "#post").await;
    let ours = || forum.topics().into_iter().find(|topic| topic.external_id.is_some());
    eventually("a topic in the forum", async || ours().is_some()).await;
    let post = forum.member("zoe").replies(ours().unwrap().id, ANSWER).await;
    forum.accept(post).await;
    reads(&customer, "log", ANSWER).await;
    reads(&customer, "log", "zoe").await;
    presses(&customer, "Helped").await;

    // The author is credited, thanked and invited.
    let wanted = Wanted { period: Period::All, ..Wanted::default() };
    eventually("two solves of zoe", async || {
        let mut tx = desk.store.read().await.unwrap();
        let board = board(&mut tx, &wanted, 10, desk.clock.now()).await.unwrap();
        board.fans.iter().any(|fan| fan.name == "zoe" && fan.solves == 2)
    })
    .await;
    let month = month(desk.clock.now());
    let letter = format!("{base}/fans/thanks?author=zoe&month={month}");
    plain.goto(&letter).await.unwrap();
    click(&plain, "#post").await;
    says(&plain, &letter, "In the forum").await;
    assert!(forum.topics().iter().any(|topic| topic.title.starts_with("Thank you, zoe!")));
    plain.goto(format!("{base}/programme")).await.unwrap();
    writes(&plain, "#name", "A day in the lab").await;
    let sets = "document.getElementById('happens-on').value = '2030-05-01';";
    plain.execute(sets, vec![]).await.unwrap();
    writes(&plain, "#about", "Come and see, {name}!").await;
    click(&plain, "#plan").await;
    click(&plain, "#invite").await;
    assert!(plain.source().await.unwrap().contains("Come and see, zoe!"));
    let event = plain.current_url().await.unwrap().path().to_owned();

    // A gap is answered for all who wait.
    asks(&customer, "Why does my sofa hum?", "#2").await;
    GapKeeper::new(desk.clone()).keep_up().await.unwrap();
    plain.goto(format!("{base}/gaps?tab=single")).await.unwrap();
    click(&plain, "th a[href^='/gaps/gap_']").await;
    let gap = plain.current_url().await.unwrap().path().to_owned();
    writes(&plain, "#title", "Why does my sofa hum?").await;
    writes(&plain, "#answer", "Turn its motor off, then on again.").await;
    click(&plain, "#answer-all").await;
    reads(&customer, "log", "Turn its motor off").await;

    // What the forum takes back is taken back from everybody.
    forum.unaccept(post).await;
    says(&plain, &format!("{base}/recalls"), "to be decided").await;
    click(&plain, "a.question[href^='/recalls/']").await;
    let recall = plain.current_url().await.unwrap().path().to_owned();
    click(&plain, "#confirm").await;
    says(&plain, &format!("{base}{recall}"), "id=\"state\">done").await;
    plain.goto(format!("{base}/account")).await.unwrap();
    click(&plain, "#make-code").await;
    assert!(find(&plain, "#code").await.text().await.unwrap().starts_with("/expert "));
    plain.quit().await.unwrap();
    customer.quit().await.unwrap();

    // Everybody can use these pages.
    let browser = driver.open().await;
    browser.goto(sign_in_link(&desk, &base).await).await.unwrap();
    click(&browser, "#sign-in").await;
    let forum_page = forum_page.trim_start_matches(&base).to_owned();
    let thanks = letter.trim_start_matches(&base).to_owned();
    for (path, reached) in [
        ("/fans", "#set-name"),
        (thanks.as_str(), "main a[href='/fans']"),
        ("/programme", "#plan"),
        (event.as_str(), "#invite"),
        ("/gaps?tab=done", "#month-html"),
        (gap.as_str(), "#set-standing"),
        (forum_page.as_str(), "main h1 a"),
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
