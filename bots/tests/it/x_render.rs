//! What becomes of a reply on X: within 280 units, with credit, words for buttons, no strangers
//! called and no address paid for that nobody wants.

use std::sync::LazyLock;

use proptest::prelude::*;
use superfan_bots::x::X;
use superfan_bots::x::fake::FakeX;
use superfan_bots::{Adapter, Button, Credit, Part, Reply, ReplyAddress, ReplyKind};
use unicode_normalization::UnicodeNormalization;

use crate::support::reply;
use crate::x_support::x;

fn answer(text: &str) -> Reply {
    let button = |id: &str, label: &str| Button { id: id.to_owned(), label: label.to_owned() };
    Reply {
        credit: Some(Credit {
            line: "answer by @mara, solved 12 times".to_owned(),
            author: Some("mara".to_owned()),
            title: None,
            url: Some("https://forum.example.com/t/12".to_owned()),
            licence: None,
        }),
        buttons: vec![
            button("helped:dec_1", "Helped"),
            button("didnt:dec_1", "Didn't help"),
            button("human:dec_1", "Human"),
        ],
        in_reply_to: Some("42".to_owned()),
        ..reply(text)
    }
}

fn rendered(parts: &[Part]) -> String {
    let texts: Vec<String> = parts.iter().map(|part| part.text.replace('\u{2060}', "|")).collect();
    texts.join("\n---\n")
}

/// Rendering asks nobody, so one account does for all cases.
static ACCOUNT: LazyLock<X> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { x(&FakeX::start().await) })
});

/// Counted without knowing what a word is; the colour of a hand is part of the hand.
fn at_most(text: &str) -> usize {
    let text: String = text.nfc().collect();
    text.chars()
        .map(|c| match u32::from(c) {
            0x1F3FB..=0x1F3FF => 0,
            0..=4351 | 8192..=8205 | 8208..=8223 | 8242..=8247 => 1,
            _ => 2,
        })
        .sum()
}

#[tokio::test]
async fn an_answer_is_one_post_with_credit_and_words() {
    let x = x(&FakeX::start().await);
    let parts = x.render(&answer("Hold the **round button** for `10 s`, @ana. See setup.md"));
    insta::assert_snapshot!(rendered(&parts), @r"
    Hold the round button for 10 s, @|ana. See setup.|md
    answer by @|mara, solved 12 times
    Reply YES, NO or HUMAN.
    ");
    assert_eq!(parts[0].payload["reply_to"], "42");
    assert_eq!(parts[0].payload["has_link"], false);
}

#[tokio::test]
async fn a_long_answer_keeps_whole_sentences_and_loses_the_hello() {
    let x = x(&FakeX::start().await);
    let parts = x.render(&answer(
        "Hi there and welcome! Hold the round button for ten seconds until the light turns blue. \
         Then open the app and choose Add a speaker. If the speaker is not listed, move closer and \
         search again, because walls weaken the signal a great deal and so does a microwave oven.",
    ));
    insta::assert_snapshot!(rendered(&parts), @r"
    Hold the round button for ten seconds until the light turns blue. Then open the app and choose Add a speaker. …
    answer by @|mara, solved 12 times
    Reply YES, NO or HUMAN.
    ");
}

#[tokio::test]
async fn addresses_cost_and_are_left_out() {
    let x = x(&FakeX::start().await);
    let parts = x.render(&answer("Read https://forum.example.com/a/b first, or $TSLA falls."));
    insta::assert_snapshot!(rendered(&parts), @r"
    Read first, or $|TSLA falls.
    answer by @|mara, solved 12 times
    Reply YES, NO or HUMAN.
    ");
}

#[tokio::test]
async fn what_a_person_wrote_is_never_cut() {
    let x = x(&FakeX::start().await);
    let words = "Please send the speaker to us with a copy of the receipt. ".repeat(8);
    let person = Reply {
        kind: ReplyKind::Human,
        human: Some("Lee".to_owned()),
        in_reply_to: Some("42".to_owned()),
        ..reply(&words)
    };
    let parts = x.render(&person);
    assert_eq!(parts.len(), 2);
    let all: String = parts.iter().map(|part| part.text.as_str()).collect();
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    assert!(bare(&all).starts_with(&bare(&words)), "{all}");
    assert!(all.ends_with("– Lee"), "{all}");
    assert_eq!([&parts[0].payload["number"], &parts[1].payload["number"]], [0, 1]);
}

#[tokio::test]
async fn a_direct_message_is_whole_with_its_source() {
    let x = x(&FakeX::start().await);
    let address = ReplyAddress { value: "dm:7101".to_owned(), expires_at: None };
    let parts = x.render_for(&answer("Hold **the button**."), &address);
    insta::assert_snapshot!(rendered(&parts), @r"
    Hold the button.

    answer by @mara, solved 12 times
    https://forum.example.com/t/12

    Reply YES, NO or HUMAN.
    ");
}

#[tokio::test]
async fn a_list_keeps_all_its_lines() {
    let x = x(&FakeX::start().await);
    let button = |id: &str, label: &str| Button { id: id.to_owned(), label: label.to_owned() };
    let long =
        "How do I connect the speaker to a second telephone while the first one plays music?";
    let parts = x.render(&Reply {
        kind: ReplyKind::Choices,
        text: format!("Which of these comes closest?\n\n1. {long}\n2. {long}\n3. {long}"),
        buttons: vec![
            button("pick:d:1", "1"),
            button("pick:d:2", "2"),
            button("pick:d:3", "3"),
            button("human:d", "None of these"),
        ],
        ..reply("")
    });
    let text = rendered(&parts);
    assert!(["\n1. ", "\n2. ", "\n3. "].iter().all(|line| text.contains(line)), "{text}");
    assert!(text.ends_with("Reply 1, 2, 3 or HUMAN."), "{text}");
}

proptest! {
    #[test]
    fn no_post_is_ever_too_long(
        text in "(?s)[a-zA-Z@$* .\n!?👍🏽é。請กำ한-]{0,700}(https://[a-z]{1,9}\\.com/[a-z]{0,60} ?){0,3}",
        author in "[a-z漢 .]{0,120}",
        buttons in 0usize..4,
        human in any::<bool>(),
        lang in prop::sample::select(vec!["en", "de", "ar", "th", "zh", "el"]),
    ) {
        let mut reply = answer(&text);
        reply.lang = lang.to_owned();
        reply.buttons.truncate(buttons);
        reply.credit.as_mut().unwrap().line = format!("answer by @{author}");
        if human {
            reply.kind = ReplyKind::Human;
            reply.human = Some(author);
        }
        let parts = ACCOUNT.render(&reply);
        prop_assert!(!parts.is_empty());
        prop_assert!(human || parts.len() == 1);
        for part in &parts {
            let text = part.text.as_str();
            prop_assert!(human || !text.contains("://"), "{text}");
            let without: String =
                text.split(' ').filter(|word| !word.contains("://")).collect::<Vec<_>>().join(" ");
            prop_assert!(at_most(&without) <= 263, "{} {text}", at_most(&without));
        }
    }
}
