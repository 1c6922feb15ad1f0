//! Sending to X: what every answer means, with nothing sent twice and nothing lost silently.

use std::sync::Arc;

use superfan_bots::fakes::Fault;
use superfan_bots::x::fake::FakeX;
use superfan_bots::x::{Keys, X};
use superfan_bots::{
    Adapter, Consent, HoldScope, Outgoing, RefusalScope, Reply, ReplyAddress, SendError, Sent,
};

use crate::support::{now, reply};
use crate::x_support::{Pocket, x, x_with};

/// Sends one part; `in_doubt` when an earlier attempt may have arrived.
async fn send(x: &X, address: &str, reply: &Reply, in_doubt: bool) -> Result<Sent, SendError> {
    let address = ReplyAddress { value: address.to_owned(), expires_at: None };
    let part = x.render_for(reply, &address).remove(0);
    let outgoing = Outgoing {
        address: &address,
        part: &part,
        key: "out_1",
        now: now(),
        previous: None,
        in_doubt_since: in_doubt.then(now),
    };
    x.send(outgoing).await
}

fn answer(to: &str, text: &str) -> Reply {
    Reply { in_reply_to: Some(to.to_owned()), ..reply(text) }
}

fn reason(outcome: Result<Sent, SendError>) -> (RefusalScope, String) {
    match outcome {
        Err(SendError::Refused { scope, reason }) => (scope, reason),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_reply_goes_under_the_post_that_summoned_it() {
    let fake = FakeX::start().await;
    let x = x(&fake);
    let post = fake.person("mira").posts("@brand_care it is mute").await;
    let sent = send(&x, "7101/mira", &answer(&post, "Press it."), false).await.unwrap();
    let posts = fake.posts();
    assert_eq!(sent.message_id.as_ref(), Some(&posts[0].id));
    assert_eq!((posts[0].text.as_str(), &posts[0].in_reply_to), ("@mira Press it.", &post));
    // The second post of a thread follows the first.
    let address = ReplyAddress { value: "7101/mira".to_owned(), expires_at: None };
    let mut part = x.render(&answer(&post, "More."))[0].clone();
    part.payload["number"] = 1.into();
    let outgoing = Outgoing {
        address: &address,
        part: &part,
        key: "out_2",
        now: now(),
        previous: Some(&posts[0].id),
        in_doubt_since: None,
    };
    x.send(outgoing).await.unwrap();
    let second = fake.posts().pop().unwrap();
    assert_eq!((second.text.as_str(), &second.in_reply_to), ("More.", &posts[0].id));
}

#[tokio::test]
async fn the_rules_of_x_end_what_they_concern() {
    let fake = FakeX::start().await;
    let x = x(&fake);
    let mira = fake.person("mira");
    let unsummoned = mira.posts("just saying").await;
    let (scope, words) = reason(send(&x, "7101", &answer(&unsummoned, "Hi."), false).await);
    assert_eq!(scope, RefusalScope::Part);
    assert!(words.contains("have not been mentioned"), "{words}");
    let (scope, _) = reason(send(&x, "7101", &answer("1", "Hi."), false).await);
    assert_eq!(scope, RefusalScope::Part);
    let (scope, _) = reason(send(&x, "dm:7101", &reply("Hi."), false).await);
    assert_eq!(scope, RefusalScope::Conversation);
    let post = mira.posts("@brand_care hello").await;
    mira.blocks();
    let (scope, _) = reason(send(&x, "7101", &answer(&post, "Hi."), false).await);
    assert_eq!(scope, RefusalScope::Conversation);
    let (scope, words) = reason(send(&x, "7101", &reply("Hi."), false).await);
    assert_eq!(
        (scope, words.as_str()),
        (RefusalScope::Part, "there is no post of theirs to reply to")
    );
    fake.revoke().await;
    let (scope, _) = reason(send(&x, "7101", &answer(&post, "Hi."), false).await);
    assert_eq!(scope, RefusalScope::Channel);
}

#[tokio::test]
async fn after_a_lost_answer_a_duplicate_means_sent() {
    let fake = FakeX::start().await;
    let x = x(&fake);
    let post = fake.person("mira").posts("@brand_care it is mute").await;
    fake.fail_next("/2/tweets", Fault::CutAfter);
    let reply = answer(&post, "Press it.");
    let lost = send(&x, "7101/mira", &reply, false).await;
    assert!(matches!(lost, Err(SendError::Unknown { .. })), "{lost:?}");
    fake.fail_next("/2/tweets", Fault::ServerError);
    let again = send(&x, "7101/mira", &reply, true).await;
    assert!(matches!(again, Err(SendError::Unknown { .. })), "{again:?}");
    let found = send(&x, "7101/mira", &reply, true).await.unwrap();
    assert_eq!(found.message_id, None);
    assert_eq!(fake.posts().len(), 1);
}

#[tokio::test]
async fn the_same_words_for_another_question_are_said_slightly_changed() {
    let fake = FakeX::start().await;
    let x = x(&fake);
    let mira = fake.person("mira");
    let first = mira.posts("@brand_care it is mute").await;
    let second = mira.posts("@brand_care it is mute again").await;
    send(&x, "7101/mira", &answer(&first, "Press it."), false).await.unwrap();
    let clash = send(&x, "7101/mira", &answer(&second, "Press it."), false).await;
    assert!(matches!(clash, Err(SendError::NotSent { .. })), "{clash:?}");
    send(&x, "7101/mira", &answer(&second, "Press it."), false).await.unwrap();
    assert_eq!(fake.posts()[1].text, "@mira Press it. ·");
}

#[tokio::test]
async fn a_direct_message_is_looked_for_before_it_is_repeated() {
    let fake = FakeX::start().await;
    let x = x(&fake);
    let mira = fake.person("mira");
    mira.writes_direct("hello?").await;
    let address = format!("dm:{}", mira.id());
    fake.fail_next("/messages", Fault::CutAfter);
    let lost = send(&x, &address, &reply("Press it."), false).await;
    assert!(matches!(lost, Err(SendError::Unknown { .. })), "{lost:?}");
    let found = send(&x, &address, &reply("Press it."), true).await.unwrap();
    assert_eq!(found.message_id, Some(fake.directs()[0].id.clone()));
    // What did not arrive is sent.
    fake.fail_next("/messages", Fault::CutBefore);
    let lost = send(&x, &address, &reply("Then wait."), false).await;
    assert!(matches!(lost, Err(SendError::Unknown { .. })), "{lost:?}");
    send(&x, &address, &reply("Then wait."), true).await.unwrap();
    let texts: Vec<String> = fake.directs().into_iter().map(|direct| direct.text).collect();
    assert_eq!(texts, ["Press it.", "Then wait."]);
}

#[tokio::test]
async fn where_a_direct_message_cannot_be_looked_for_nobody_guesses() {
    let fake = FakeX::start().await;
    let x = x(&fake);
    let mira = fake.person("mira");
    mira.writes_direct("hello?").await;
    let address = format!("dm:{}", mira.id());
    fake.fail_next("/messages", Fault::CutAfter);
    assert!(send(&x, &address, &reply("Press it."), false).await.is_err());
    fake.fail_next("/2/dm_events", Fault::TooMany(Some(90)));
    let held = send(&x, &address, &reply("Press it."), true).await;
    let is_held = matches!(held, Err(SendError::Held { scope: HoldScope::Conversation, .. }));
    assert!(is_held, "posts go on: {held:?}");
    fake.fail_next("/2/dm_events", Fault::Refuse(403, "dm.read is missing".to_owned()));
    let unknown = send(&x, &address, &reply("Press it."), true).await.unwrap_err();
    assert_eq!(format!("{:?}", unknown.next(true)), "Uncertain");
    assert_eq!(fake.directs().len(), 1);
}

#[tokio::test]
async fn a_429_waits_for_the_reset_and_an_empty_window_is_not_even_tried() {
    let fake = FakeX::start().await;
    let x = x(&fake);
    let mira = fake.person("mira");
    let post = mira.posts("@brand_care it is mute").await;
    fake.leave_posts(1);
    send(&x, "7101/mira", &answer(&post, "One."), false).await.unwrap();
    let n_calls = fake.calls().len();
    let held = send(&x, "7101/mira", &answer(&post, "Two."), false).await;
    let Err(SendError::Held { wait: Some(wait), scope: HoldScope::Conversation, .. }) = held else {
        panic!("not held: {held:?}");
    };
    // 09:00 begins a window of fifteen minutes.
    assert!((901..904).contains(&wait.as_secs()), "{wait:?}");
    assert_eq!(fake.calls().len(), n_calls);
    let fresh = x_with(&fake, Keys::Account(fake.keys()), Arc::default());
    let held = send(&fresh, "7101/mira", &answer(&post, "Two."), false).await;
    assert!(matches!(held, Err(SendError::Held { wait: Some(_), .. })), "{held:?}");
    fake.fail_next("/2/tweets", Fault::Unavailable(7));
    let held = send(&fresh, "7101/mira", &answer(&post, "Two."), false).await;
    assert!(matches!(held, Err(SendError::Held { .. })), "{held:?}");
}

#[tokio::test]
async fn fifteen_direct_messages_fit_and_the_next_is_not_even_tried() {
    let fake = FakeX::start().await;
    let x = x(&fake);
    for n in 0..16 {
        let person = fake.person(&format!("person{n}"));
        person.writes_direct("hello?").await;
        let outcome = send(&x, &format!("dm:{}", person.id()), &reply("Hi."), false).await;
        assert_eq!(outcome.is_ok(), n < 15, "{n}: {outcome:?}");
    }
    let n_sends = fake.calls().iter().filter(|call| call.ends_with("/messages")).count();
    assert_eq!(n_sends, 15);
}

#[tokio::test]
async fn faults_mean_what_the_guarantee_says() {
    let fake = FakeX::start().await;
    let mira = fake.person("mira");
    let post = mira.posts("@brand_care it is mute").await;
    let check = async |fault: Fault, expected: &str| {
        let x = x(&fake);
        fake.fail_next("/2/tweets", fault.clone());
        let words = match send(&x, "7101/mira", &answer(&post, "Press it."), false).await {
            Ok(_) => "sent",
            Err(SendError::Held { .. }) => "held",
            Err(SendError::NotSent { .. }) => "not sent",
            Err(SendError::Unknown { .. }) => "unknown",
            Err(SendError::Refused { scope: RefusalScope::Part, .. }) => "refused",
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(words, expected, "{fault:?}");
    };
    check(Fault::ServerError, "unknown").await;
    check(Fault::BadGateway, "unknown").await;
    check(Fault::CutBefore, "unknown").await;
    check(Fault::Unavailable(3), "held").await;
    check(Fault::TooMany(Some(34)), "held").await;
    check(Fault::TooMany(None), "held").await;
    check(Fault::Answer(403, "<html>go away</html>".to_owned()), "not sent").await;
    check(Fault::Answer(200, r#"{"errors":[{"detail":"gone"}]}"#.to_owned()), "refused").await;
    check(Fault::Refuse(400, "Your Tweet text is too long.".to_owned()), "refused").await;
}

#[tokio::test]
async fn a_refresh_token_is_kept_before_it_is_used() {
    let fake = FakeX::start().await;
    let pocket = Arc::new(Pocket::default());
    let first = Keys::User(fake.user_keys());
    let x = x_with(&fake, first.clone(), pocket.clone());
    assert_eq!(x.check().await.unwrap().name, "@brand_care");
    // Another process goes on from what was kept.
    let later = x_with(&fake, first.clone(), pocket.clone());
    assert_eq!(later.check().await.unwrap().name, "@brand_care");
    // A disk that is full must not lose the only token.
    *pocket.is_torn.lock().unwrap() = true;
    fake.end_access_token();
    for _ in 0..3 {
        assert!(matches!(later.check().await, Err(SendError::NotSent { .. })));
    }
    *pocket.is_torn.lock().unwrap() = false;
    assert_eq!(later.check().await.unwrap().name, "@brand_care");
    let newest = x_with(&fake, first, pocket);
    assert_eq!(newest.check().await.unwrap().name, "@brand_care");
    fake.revoke().await;
    let (scope, _) = match newest.check().await {
        Err(SendError::Refused { scope, reason }) => (scope, reason),
        // The ended access token is found out first.
        Err(SendError::NotSent { .. }) => {
            reason(newest.check().await.map(|_| Sent { message_id: None }))
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(scope, RefusalScope::Channel);
}

#[tokio::test]
async fn whoever_signs_in_lets_the_account_work_and_the_token_is_kept_first() {
    let fake = FakeX::start().await;
    let pocket = Arc::new(Pocket::default());
    let keys = Keys::User(fake.keys_without_consent());
    let x = x_with(&fake, keys.clone(), pocket.clone());
    let (scope, words) = match x.check().await {
        Err(SendError::Refused { scope, reason }) => (scope, reason),
        other => panic!("{other:?}"),
    };
    assert_eq!(scope, RefusalScope::Channel);
    assert!(words.contains("nobody has signed in"), "{words}");
    let consent = Consent {
        back: "https://help.example.org/channels/x/signed-in".parse().unwrap(),
        state: "state-1".to_owned(),
        verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into(),
    };
    let back = fake.consents(&x.consent_link(&consent).unwrap());
    assert!(back.query().unwrap().contains("state=state-1"));
    // Somebody else's verifier opens nothing, and uses the code up.
    let other = Consent { verifier: "x".repeat(43).into(), ..consent.clone() };
    assert!(x.take_consent(&other, "consented").await.is_err());
    fake.consents(&x.consent_link(&consent).unwrap());
    *pocket.is_torn.lock().unwrap() = true;
    assert!(x.take_consent(&consent, "consented").await.is_err());
    // What could not be kept is kept before the next call.
    *pocket.is_torn.lock().unwrap() = false;
    assert_eq!(x.check().await.unwrap().name, "@brand_care");
    fake.consents(&x.consent_link(&consent).unwrap());
    assert_eq!(x.take_consent(&consent, "consented").await.unwrap().name, "@brand_care");
    let later = x_with(&fake, keys, pocket);
    assert_eq!(later.check().await.unwrap().name, "@brand_care");
}

#[tokio::test]
async fn registering_sets_webhook_and_subscriptions_and_reminds_of_the_label() {
    let fake = FakeX::start().await;
    let x = x(&fake);
    let lines = x.register(None).await.unwrap();
    assert!(lines.iter().any(|line| line.contains("polled")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("Automated")), "{lines:?}");
    assert_eq!(fake.registered(), (Vec::new(), Vec::new()));
}
