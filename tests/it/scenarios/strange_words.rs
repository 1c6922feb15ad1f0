//! Words that break things elsewhere: markup, right-to-left, emoji sequences, null bytes, length.

use crate::desk::{TestDesk, minutes, scenarios};

scenarios![
    strange_words_reach_people_and_come_back_whole,
    strange_answers_reach_customers_whole,
    twenty_thousand_characters_are_kept_and_answered,
];

const STRANGE: &[&str] = &[
    "<b>bold</b> <script>alert(1)</script> &amp; &#60; </div>",
    "**bold** `code` ``` _under_ [link](https://example.org) ~~~ > quote",
    "\u{202e}gnp.exe and \u{2067}عربي mixed\u{2069} with English",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 e\u{301}\u{302}\u{303} Z\u{351}\u{36b}\u{343}algo",
    "quotes ' \" ` and \\ {braces} %s $1 ; DROP TABLE inbox; --",
];

async fn strange_words_reach_people_and_come_back_whole(desk: &mut TestDesk) {
    let lee = desk.agent("lee").await;
    for (n, text) in (1_i64..).zip(STRANGE) {
        let ana = desk.telegram(&format!("ana {n}"));
        ana.asks(text).await;
        desk.passes(minutes(1)).await;
        assert_eq!(desk.escalation(n).await.question, *text);
        lee.replies(n, text).await.unwrap();

        let sent = desk.telegram.sent().pop().unwrap();
        let shown = sent.text.strip_prefix("lee:\n").unwrap();
        let markdown = text.contains("**");
        assert!(markdown || shown == *text, "{shown:?} is not {text:?}");
    }
    desk.transcript();
}

async fn strange_answers_reach_customers_whole(desk: &mut TestDesk) {
    for (n, text) in STRANGE.iter().enumerate() {
        let question = format!("What does manual number {n}{n}{n} say?");
        desk.knows(&question, text).await;
        desk.telegram(&format!("ana {n}")).asks(&question).await;
        desk.passes(minutes(1)).await;

        let sent = desk.telegram.sent().pop().unwrap();
        assert!(sent.text.contains("answer by"), "{sent:?}");
        assert!(sent.written.contains("&lt;b&gt;bold&lt;/b&gt;") || n > 0, "{sent:?}");
    }
    desk.transcript();
}

async fn twenty_thousand_characters_are_kept_and_answered(desk: &mut TestDesk) {
    let long = "a\0b ".repeat(5_000);
    let caller = desk.caller("c1");
    caller.asks("1", &long).await;
    desk.agent("lee").await.replies(1, &"z".repeat(20_000)).await.unwrap();

    let kept = desk.escalation(1).await.question;
    assert_eq!(kept, long.replace('\0', "\u{FFFD}").trim());
    let replies = desk.help_desk.replies();
    assert_eq!(replies.last().unwrap().body["text"].as_str().unwrap().len(), 20_000);
    desk.transcript();
}
