//! Replies in Telegram's HTML: what the real reader of markup would make of them.

use proptest::prelude::*;
use superfan_bots::fakes::http_client;
use superfan_bots::telegram::{Mode, Telegram, TelegramConfig};
use superfan_bots::{Adapter, Button, Credit, Part, Reply, ReplyKind};

use crate::support::reply;

fn render(reply: &Reply) -> Vec<Part> {
    let config = TelegramConfig {
        token: "1:t".into(),
        webhook_secret: None,
        api_url: "http://127.0.0.1:9".parse().unwrap(),
        mode: Mode::Poll,
        link_previews: false,
    };
    Telegram::new(config, http_client()).render(reply)
}

fn html(part: &Part) -> String {
    part.payload["html"].as_str().unwrap().replace('\u{2060}', "")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let parts = render(&reply(text));
    assert_eq!(parts.iter().map(html).collect::<Vec<_>>(), [expected]);
}

#[test]
fn light_markdown_becomes_telegrams_html() {
    check("Hold **power** for `10 s`.", "Hold <b>power</b> for <code>10 s</code>.");
    check("1 < 2 & 3 > 2 \"so\"", "1 &lt; 2 &amp; 3 &gt; 2 \"so\"");
    check("<b>not ours</b>", "&lt;b&gt;not ours&lt;/b&gt;");
    check("```sh\nls <dir>\n```", "<pre><code class=\"language-sh\">ls &lt;dir&gt;</code></pre>");
    check("```\nls\n```", "<pre>ls</pre>");
    check("```\"><b>\nx\n```", "<pre>x</pre>");
    check("- one\n- two", "- one\n- two");
}

#[test]
fn the_author_the_link_and_the_licence_follow_the_answer() {
    let credit = Credit {
        line: "Answer by @ana, solved 12 times".to_owned(),
        author: Some("ana".to_owned()),
        title: None,
        url: Some("https://forum.example/t/7?a=1&b=2".to_owned()),
        licence: Some("CC BY-SA 4.0".to_owned()),
    };
    let parts = render(&Reply { credit: Some(credit), ..reply("Hold it.") });
    insta::assert_snapshot!(parts[0].text, @r"
    Hold it.

    Answer by @ana, solved 12 times
    https://forum.example/t/7?a=1&b=2
    CC BY-SA 4.0
    ");
    // Nobody who happens to be called @ana here is pinged.
    assert!(parts[0].payload["html"].as_str().unwrap().contains("@\u{2060}ana"));
}

#[test]
fn a_person_is_shown_by_name_and_may_name_others() {
    let human = Reply {
        kind: ReplyKind::Human,
        human: Some("Lee <3".to_owned()),
        ..reply("Ask @ana too.")
    };
    let parts = render(&human);
    assert_eq!(parts[0].payload["html"], "<b>Lee &lt;3:</b>\nAsk @ana too.");
    assert_eq!(parts[0].text, "Lee <3:\nAsk @ana too.");
}

#[test]
fn buttons_stand_under_the_last_part() {
    let button = |id: &str, label: &str| Button { id: id.to_owned(), label: label.to_owned() };
    let buttons = vec![
        button("a", "Helped"),
        button("b", "Didn't help"),
        button("c", "Human"),
        button("d", "How do I reset my speaker?"),
        button(&"x".repeat(65), "Too long an id"),
    ];
    let parts = render(&Reply { buttons, ..reply(&"One sentence here. ".repeat(400)) });
    let rows = |part: &Part| {
        let rows = part.payload["buttons"].as_array().cloned().unwrap_or_default();
        rows.iter().map(|row| row.as_array().unwrap().len()).collect::<Vec<_>>()
    };
    assert_eq!(parts.iter().map(rows).collect::<Vec<_>>(), [vec![], vec![3, 1]]);
}

#[test]
fn a_long_answer_is_cut_at_a_sentence_and_counts_more() {
    let parts = render(&reply(&"Please hold the power button down. ".repeat(250)));
    let lengths: Vec<usize> = parts.iter().map(|part| part.text.encode_utf16().count()).collect();
    assert!(lengths.iter().all(|length| *length <= 4096), "{lengths:?}");
    assert!(parts.iter().all(|part| part.text.ends_with("down.")));
    assert_eq!(parts.iter().map(|part| part.weight).collect::<Vec<_>>(), [3, 3, 2]);
    assert_eq!(render(&reply("Short."))[0].weight, 1);
}

#[test]
fn a_fence_that_is_cut_opens_again() {
    let code = "let speaker = connect();\n".repeat(300);
    let parts = render(&reply(&format!("Try this:\n```rust\n{code}```")));
    assert_eq!(parts.len(), 2);
    for part in &parts {
        assert!(html(part).ends_with("</code></pre>"));
        assert!(html(part).contains("<pre><code class=\"language-rust\">let speaker"));
    }
}

/// The visible text of our HTML; fails on a tag that is not closed where it should be.
fn visible(html: &str) -> Result<String, String> {
    let mut open = Vec::new();
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let end = rest[at..].find('>').ok_or("a tag without end")? + at;
        let tag = &rest[at + 1..end];
        match tag.strip_prefix('/') {
            Some(name) if open.pop() == Some(name) => {}
            Some(name) => return Err(format!("</{name}> closes nothing")),
            None => open.push(tag.split(' ').next().unwrap_or_default()),
        }
        rest = &rest[end + 1..];
    }
    text.push_str(rest);
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    if open.is_empty() { Ok(text) } else { Err(format!("{open:?} stay open")) }
}

fn markdown() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zA-Zé ก。!?.]{1,40}",
        Just("**bold** ".to_owned()),
        Just("`a < b & c` ".to_owned()),
        Just("```rs\nlet x = \"<&>\";\n\nx\n```\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("- item\n".to_owned()),
        Just("👨‍👩‍👧 @ana <b> &lt; ** ` ".to_owned()),
        Just("https://forum.example/t/7?a=1&b=2 ".to_owned()),
        "[a-z]{3000}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_part_is_whole_markup_within_the_limit_and_nothing_is_lost(text in markdown()) {
        let parts = render(&reply(&text));
        prop_assert!(!parts.is_empty());
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        let mut read = String::new();
        for part in &parts {
            let shown = visible(part.payload["html"].as_str().unwrap());
            let shown = shown.map_err(TestCaseError::fail)?;
            prop_assert!(shown.encode_utf16().count() <= 4096);
            prop_assert_eq!(part.payload["plain"].as_str().unwrap().replace('\u{2060}', ""), part.text.clone());
            prop_assert_eq!(shown.replace('\u{2060}', ""), part.text.clone());
            read.push_str(&bare(&part.text));
        }
        // Our markup is the only thing that may go: what is left of the source appears in order.
        let mut left = read.chars();
        let marks = |c: &char| !matches!(c, '*' | '`');
        let words = bare(&text.replace("```rs", "```"));
        for c in words.chars().filter(marks) {
            prop_assert!(left.by_ref().any(|seen| seen == c), "{c:?} was lost");
        }
    }
}
