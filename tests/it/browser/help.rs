//! A customer on the help page: finds the answer alone while typing, or asks the team from there.

use tempfile::TempDir;

use super::{Driver, click, find, reads, serve};
use crate::base::row;
use crate::patience::eventually;

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_finds_it_alone_or_asks_the_team() {
    let dir = TempDir::new().unwrap();
    let (desk, base) = serve(&dir).await;
    let mut tx = desk.store.begin().await.unwrap();
    let answer = row("a1", "The speaker hums at night", "Plug it into another socket.");
    let seq = tx.next_answer_seq().await.unwrap();
    let licence = Some("CC BY-SA 4.0".to_owned());
    let answer = superfan::store::answers::AnswerRow { seq, licence, ..answer };
    tx.put_answer(&answer).await.unwrap();
    tx.commit().await.unwrap();
    desk.wakes.answers();
    let index = desk.search.index();
    eventually("an answer in the index", async || index.len() == 1).await;

    let driver = Driver::start();
    let browser = driver.open().await;
    browser.goto(format!("{base}/help?lang=en")).await.unwrap();
    // Nothing is submitted: it is found while typing.
    find(&browser, "#q").await.send_keys("speaker hums").await.unwrap();
    reads(&browser, "found", "Plug it into another socket.").await;
    reads(&browser, "found", "CC BY-SA 4.0").await;
    click(&browser, "#found h2 a").await;
    find(&browser, "article h1").await;
    let address = browser.current_url().await.unwrap();
    assert_eq!(address.path(), "/help/answers/a1");
    let structured = find(&browser, "script[type='application/ld+json']").await;
    let structured = structured.inner_html().await.unwrap();
    assert!(structured.contains("QAPage"), "{structured}");

    // The same page in another language, and from there to the team with the question at hand.
    browser.goto(format!("{base}/help?lang=en&q=cat+on+router")).await.unwrap();
    click(&browser, "footer a[hreflang='de']").await;
    find(&browser, "html[lang='de'] #q").await;
    click(&browser, ".team a").await;
    let text = find(&browser, "#text").await.prop("value").await.unwrap();
    assert_eq!(text.as_deref(), Some("cat on router"));
    click(&browser, "#write button[type=submit]").await;
    reads(&browser, "log", "cat on router").await;
    reads(&browser, "log", "#1").await;
    browser.quit().await.unwrap();
}
