//! The help page: only what may be sent, everything escaped, readable without script.

use jiff::SignedDuration;
use serde_json::Value;
use superfan::store::answers::AnswerRow;
use superfan::store::sources::Quote;
use superfan::store::wishes::Wish;
use superfan_index::{Change, IndexedAnswer};

use super::Web;

impl Web {
    /// An answer in store and index.
    pub(super) async fn knows(&self, id: &str, title: &str, answer: &str, sendable: bool) {
        let mut tx = self.desk.store.begin().await.unwrap();
        let seq = tx.next_answer_seq().await.unwrap();
        let row = AnswerRow {
            id: id.to_owned(),
            source: "test".to_owned(),
            source_id: id.to_owned(),
            lang: "en".to_owned(),
            title: title.to_owned(),
            question: String::new(),
            answer: answer.to_owned(),
            author: Some("<i>Kim</i>".to_owned()),
            author_url: Some("javascript:alert(1)".to_owned()),
            asker: None,
            url: Some("https://forum.example/t/1".to_owned()),
            licence: Some("CC BY-SA 4.0".to_owned()),
            product: None,
            tags: Vec::new(),
            votes: 3,
            asked_at: None,
            accepted_at: Some(self.desk.clock.now()),
            sendable,
            sendable_reason: None,
            sendable_by_hand: None,
            helped: 2,
            refused: 0,
            live: true,
            hash: String::new(),
            seq,
            updated_at: self.desk.clock.now(),
            quote: Quote::default(),
            wish: Wish::default(),
        };
        tx.put_answer(&row).await.unwrap();
        tx.commit().await.unwrap();
        let indexed = IndexedAnswer {
            id: row.id,
            lang: row.lang,
            title: row.title,
            answer: row.answer,
            sendable,
            ..IndexedAnswer::default()
        };
        let seq = u64::try_from(seq).unwrap();
        self.desk.search.index().apply(&[Change::Put(Box::new(indexed))], seq).unwrap();
    }

    async fn page(&self, path: &str) -> String {
        let answered = self.get(path).await;
        assert_eq!(answered.status, 200, "{}", answered.text);
        answered.text
    }
}

#[tokio::test]
async fn sendable_answers_are_found_with_author_licence_and_the_way_to_the_team() {
    let web = Web::open().await;
    web.knows("7", "Reset the <b>speaker</b>", "Hold power & volume.", true).await;
    web.knows("8", "Reset the speaker again", "Thanks, it works now!", false).await;
    let page = web.page("/help?q=reset+speaker").await;
    assert!(page.contains("/help/answers/7?lang=en"), "{page}");
    assert!(!page.contains("/help/answers/8"), "{page}");
    assert!(page.contains("CC BY-SA 4.0") && page.contains("https://forum.example/t/1"));
    assert!(page.contains("/chat?lang=en&amp;q=reset%20speaker"), "{page}");
    assert!(!page.contains("<b>speaker") && !page.contains("<i>Kim"), "{page}");
    let fragment = web.page("/help?q=reset+speaker&fragment").await;
    assert!(fragment.contains("/help/answers/7") && !fragment.contains("<html"), "{fragment}");
}

#[tokio::test]
async fn an_answers_page_carries_its_structured_data_safely() {
    let web = Web::open().await;
    let text = "1. Hold `power`\n2. Wait </script><script>alert(1)</script>";
    web.knows("t/7", "Reset it", text, true).await;
    let page = web.page("/help/answers/t%2F7").await;
    assert!(
        page.contains("<ol start=\"1\"><li>Hold <code dir=\"ltr\">power</code></li>"),
        "{page}"
    );
    assert_eq!(page.matches("<script").count(), 1, "{page}");
    assert!(!page.contains("javascript:"), "{page}");
    let start = page.find("ld+json\">").unwrap() + "ld+json\">".len();
    let json: Value =
        serde_json::from_str(&page[start..start + page[start..].find("</script>").unwrap()])
            .unwrap();
    assert_eq!(json["@type"], "QAPage");
    let answer = &json["mainEntity"]["acceptedAnswer"];
    assert_eq!((&answer["text"], &answer["author"]["name"]), (&text.into(), &"<i>Kim</i>".into()));
    assert!(page.contains("rel=\"canonical\"") && page.contains("/help/answers/t%2F7\""), "{page}");
}

#[tokio::test]
async fn an_answer_is_shown_as_far_as_its_source_lets_us_quote_it() {
    let web = Web::open().await;
    web.knows("7", "Reset the speaker", "Hold power. Then wait a minute.", true).await;
    for (quote, shown, hidden) in
        [(Quote::Excerpt(14), "Hold power. …", "wait a minute"), (Quote::Link, "", "Hold power")]
    {
        let mut tx = web.desk.store.begin().await.unwrap();
        tx.set_quote("test", quote).await.unwrap();
        tx.commit().await.unwrap();
        for path in ["/help?q=reset+speaker", "/help/answers/7"] {
            let page = web.page(path).await;
            assert!(page.contains(shown) && !page.contains(hidden), "{quote} {path}: {page}");
            assert!(page.contains("https://forum.example/t/1"), "{quote} {path}");
        }
    }
}

#[tokio::test]
async fn what_may_not_be_sent_has_no_page() {
    let web = Web::open().await;
    web.knows("8", "Reset it", "Thanks!", false).await;
    for id in ["8", "none", "%00", "..%2F..%2Fetc"] {
        assert_eq!(web.get(&format!("/help/answers/{id}")).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn the_help_page_speaks_the_language_chosen() {
    let web = Web::open().await;
    let page = web.page("/help?lang=zh-TW&q=%3Cx%3E").await;
    assert!(page.contains("<html lang=\"zh-Hant\"") && page.contains("詢問團隊"), "{page}");
    assert!(page.contains("找不到結果") && !page.contains("<x>"), "{page}");
}

#[tokio::test]
async fn whoever_asks_without_end_is_asked_to_wait() {
    let web = Web::open().await;
    web.knows("7", "Reset the speaker", "Hold power.", true).await;
    let paths = ["/help?q=reset", "/help/answers/7"];
    for n in 0..300 {
        web.page(paths[n % 2]).await;
    }
    for path in paths {
        let refused = web.get(path).await;
        assert_eq!(refused.headers["retry-after"], "1", "{path}");
        refused.problem(429);
    }
    web.clock.advance(SignedDuration::from_secs(1));
    web.page(paths[0]).await;
}
