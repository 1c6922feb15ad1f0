//! Letters of thanks go to the forum: read first, posted once, to nobody who does not want it.

use serde_json::json;
use superfan::fans::{Letter, Thanks, name_author, post_thanks, thanks};
use superfan::people::ActError;
use superfan::store::thanks::ThanksRow;
use superfan::store::wishes::Wish;
use superfan::vocabulary::{Role, ThanksState};
use superfan_bots::discourse::fake::FakeTopic;
use superfan_bots::fakes::Fault;

use crate::desk::{Agent, TestDesk, minutes, scenarios, seconds};

scenarios! {
    a_letter_is_posted_once_for_everybody_or_for_its_author_alone,
    exactly_one_letter_is_posted_whatever_is_heard_of_it,
    a_process_that_ends_after_posting_finds_its_letter,
    who_changed_how_they_are_named_is_not_thanked_in_the_old_words,
    the_forums_refusal_is_shown_and_the_letter_goes_again,
    a_letter_is_read_and_posted_over_the_api,
}

const MONTH: &str = "2026-01";

/// Zoe solved something on the forum, and her letter.
async fn letter(desk: &mut TestDesk) -> Thanks {
    desk.follows_discourse().await;
    desk.forum_solves("How do I dry a wet router?", "Put it into rice for a whole day.").await;
    desk.transcript();
    let letter = desk.reads(async |tx| thanks(tx, "zoe", MONTH, 10).await).await;
    letter.expect("what the forum accepted counts")
}

async fn posts(desk: &TestDesk, lee: &Agent<'_>, letter: Letter<'_>) -> Result<(), ActError> {
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    let source = desk.desk().forums.to_ask_in().unwrap().source.clone();
    post_thanks(&mut tx, &stage, &lee.actor, &source, letter).await?;
    tx.commit().await.unwrap();
    Ok(())
}

fn everybody(draft: &Thanks) -> Letter<'_> {
    let Thanks { author, month, title, text, .. } = draft;
    Letter { author, month, title, text, is_private: false }
}

/// Topics and messages that we opened.
fn ours(desk: &TestDesk) -> Vec<FakeTopic> {
    desk.discourse().topics().into_iter().filter(|topic| topic.external_id.is_some()).collect()
}

async fn sent(desk: &TestDesk) -> ThanksRow {
    let row = desk.reads(async |tx| tx.sent_thanks("zoe", MONTH).await).await;
    row.expect("a letter was sent")
}

async fn a_letter_is_posted_once_for_everybody_or_for_its_author_alone(desk: &mut TestDesk) {
    let draft = letter(desk).await;
    assert_eq!(draft.title, "Thank you, zoe! (2026-01)");
    let ed = desk.person("ed", Role::Expert).await;
    let refused = posts(desk, &ed, everybody(&draft)).await;
    assert!(matches!(refused, Err(ActError::Forbidden { .. })));
    let lee = desk.agent("lee").await;
    let short = Letter { text: "Thanks!", ..everybody(&draft) };
    assert!(matches!(posts(desk, &lee, short).await, Err(ActError::Invalid { .. })));
    let nobody = Letter { author: "mara", ..everybody(&draft) };
    assert!(matches!(posts(desk, &lee, nobody).await, Err(ActError::Conflict { .. })));
    let stranger = Letter { is_private: true, ..nobody };
    assert!(matches!(posts(desk, &lee, stranger).await, Err(ActError::Invalid { .. })));
    assert_eq!(ours(desk).len(), 0, "nothing is posted before somebody says so");

    let edited = format!("{} See you in May!", draft.text);
    posts(desk, &lee, Letter { text: &edited, ..everybody(&draft) }).await.unwrap();
    let again = posts(desk, &lee, everybody(&draft)).await;
    assert!(matches!(again, Err(ActError::Conflict { .. })), "once");
    desk.passes(seconds(5)).await;
    let topics = ours(desk);
    assert_eq!((topics.len(), topics[0].title.as_str()), (1, draft.title.as_str()));
    assert_eq!(desk.discourse().posts(topics[0].id)[0].raw, edited);
    assert_eq!(topics[0].to, None);
    let row = sent(desk).await;
    assert_eq!((row.state, row.topic), (ThanksState::Posted, Some(topics[0].id.to_string())));
    let again = posts(desk, &lee, everybody(&draft)).await;
    assert!(matches!(again, Err(ActError::Conflict { .. })), "once");

    desk.forum_solves("How do I wash a muddy router?", "Only ever with a dry cloth, please.").await;
    let december = Letter { month: "2025-12", ..everybody(&draft) };
    assert!(matches!(posts(desk, &lee, december).await, Err(ActError::Conflict { .. })));
    desk.transcript();
}

async fn exactly_one_letter_is_posted_whatever_is_heard_of_it(desk: &mut TestDesk) {
    let draft = letter(desk).await;
    for (name, fault) in [
        ("ada", Fault::CutAfter),
        ("bea", Fault::CutBefore),
        ("cat", Fault::BadGateway),
        ("dee", Fault::Malformed),
        ("eve", Fault::TooMany(Some(20))),
    ] {
        let (max, title) = (desk.discourse().member("max"), format!("How does {name} do it?"));
        let topic = max.asks(&title, "I never get it right.").await;
        let post =
            desk.discourse().member(name).replies(topic, "Like this, with both hands.").await;
        desk.discourse().accept(post).await;
        desk.is_searchable().await;
        let lee = desk.agent("lee").await;
        let (title, text) = (draft.title.replace("zoe", name), draft.text.replace("zoe", name));
        let letter =
            Letter { author: name, month: MONTH, title: &title, text: &text, is_private: true };
        desk.discourse().fail_next("/posts.json", fault.clone());
        posts(desk, &lee, letter).await.unwrap();
        desk.settle().await;
        desk.restarts().await;
        desk.passes(minutes(1)).await;
        let row = desk.reads(async |tx| tx.sent_thanks(name, MONTH).await).await.unwrap();
        assert_eq!((row.state, &row.trouble), (ThanksState::Posted, &None), "{fault:?}");
        let to_them = ours(desk).into_iter().filter(|topic| topic.to.as_deref() == Some(name));
        assert_eq!(to_them.count(), 1, "{fault:?}");
    }
    desk.transcript();
}

async fn a_process_that_ends_after_posting_finds_its_letter(desk: &mut TestDesk) {
    let draft = letter(desk).await;
    let lee = desk.agent("lee").await;
    posts(desk, &lee, everybody(&draft)).await.unwrap();
    let left = sent(desk).await;
    desk.passes(seconds(5)).await;
    assert_eq!(ours(desk).len(), 1);
    // What a process leaves that is killed between posting and writing it down: the attempt is
    // counted, and nothing is known of its end.
    let mut tx = desk.desk().store.begin().await.unwrap();
    tx.settle_thanks(&left).await.unwrap();
    tx.commit().await.unwrap();
    let n_posts = |desk: &TestDesk| {
        desk.discourse().calls().iter().filter(|call| call.starts_with("POST")).count()
    };
    let before = n_posts(desk);
    desk.restarts().await;
    desk.passes(seconds(5)).await;
    assert_eq!(sent(desk).await.state, ThanksState::Posted);
    assert_eq!((ours(desk).len(), n_posts(desk)), (1, before), "looked up, not posted again");
    desk.transcript();
}

async fn who_changed_how_they_are_named_is_not_thanked_in_the_old_words(desk: &mut TestDesk) {
    let draft = letter(desk).await;
    let lee = desk.agent("lee").await;
    let wishes = async |wish: Wish| {
        let mut tx = desk.desk().store.begin().await.unwrap();
        let stage = desk.desk().stage();
        name_author(&mut tx, &stage, &lee.actor, "zoe", &wish).await.unwrap();
        tx.commit().await.unwrap();
    };
    for wish in [Wish::As("Z.".to_owned()), Wish::Unnamed] {
        posts(desk, &lee, everybody(&draft)).await.unwrap();
        wishes(wish).await;
        desk.passes(seconds(5)).await;
        let row = sent(desk).await;
        assert_eq!((row.state, ours(desk).len()), (ThanksState::Failed, 0));
        assert!(row.trouble.unwrap().contains("named"));
        wishes(Wish::AsWritten).await;
    }
    wishes(Wish::Unnamed).await;
    let refused = posts(desk, &lee, everybody(&draft)).await;
    assert!(matches!(refused, Err(ActError::Conflict { .. })));
    desk.transcript();
}

async fn the_forums_refusal_is_shown_and_the_letter_goes_again(desk: &mut TestDesk) {
    let draft = letter(desk).await;
    let lee = desk.agent("lee").await;
    let title = "A title that is there";
    desk.discourse().member("max").asks(title, "I asked this before you did.").await;
    posts(desk, &lee, Letter { title, ..everybody(&draft) }).await.unwrap();
    desk.passes(seconds(5)).await;
    let row = sent(desk).await;
    assert_eq!((row.state, ours(desk).len()), (ThanksState::Failed, 0));
    assert!(row.trouble.unwrap().contains("Title has already been used"));
    posts(desk, &lee, everybody(&draft)).await.unwrap();
    desk.passes(seconds(5)).await;
    assert_eq!((sent(desk).await.state, ours(desk).len()), (ThanksState::Posted, 1));
    desk.transcript();
}

async fn a_letter_is_read_and_posted_over_the_api(desk: &mut TestDesk) {
    let draft = letter(desk).await;
    let read = format!("GET /api/v1/fans/thanks?author=zoe&month={MONTH}");
    let (status, told) = desk.calls(&read, "").await;
    assert_eq!((status, &told["title"], &told["sent"]), (200, &json!(draft.title), &json!(null)));
    let post = "POST /api/v1/fans/thanks";
    for (body, expected) in [
        (json!({ "author": "zoe", "month": MONTH, "text": "Thanks!" }), 422),
        (json!({ "author": "zoe", "month": MONTH, "to": "nobody" }), 422),
        (json!({ "author": "zoe", "month": "2025-12" }), 404),
        (json!({ "author": "mara", "month": MONTH }), 404),
    ] {
        assert_eq!(desk.calls(post, &body.to_string()).await.0, expected, "{body}");
    }
    assert_eq!(ours(desk).len(), 0);

    // Without words of one's own the draft goes, to its author alone.
    let body = json!({ "author": "zoe", "month": MONTH, "to": "them" }).to_string();
    let (status, told) = desk.calls(post, &body).await;
    let expected = (json!("posting"), json!("them"), json!(draft.text));
    assert_eq!(status, 202, "{told}");
    assert_eq!((told["state"].clone(), told["to"].clone(), told["text"].clone()), expected);
    assert_eq!(desk.calls(post, &body).await.0, 409, "once");
    desk.passes(seconds(5)).await;
    let there = ours(desk);
    assert_eq!((there.len(), there[0].to.as_deref()), (1, Some("zoe")));
    assert_eq!(desk.discourse().posts(there[0].id)[0].raw, draft.text);
    let sent = desk.calls(&read, "").await.1["sent"].clone();
    assert_eq!((&sent["state"], &sent["trouble"]), (&json!("posted"), &json!(null)));
    assert!(sent["url"].as_str().unwrap().contains(&there[0].id.to_string()), "{sent}");
    desk.transcript();
}
