//! What every answer of Telegram means for the outbox, against the fake.

use std::path::Path;
use std::time::Duration;

use superfan_bots::fakes::{Fault, http_client};
use superfan_bots::telegram::fake::FakeTelegram;
use superfan_bots::telegram::{Mode, Patience, Telegram, TelegramConfig};
use superfan_bots::{Adapter, Button, Next, Reply, Room, SendError};
use url::Url;

use crate::support::{SECRET, listen, now, reply, send, telegram, webhook_request};

/// Sends one reply to `ana` while the fake fails like this; what the outbox would do, and how
/// many messages she got.
async fn after(fault: Fault) -> (String, usize) {
    let fake = FakeTelegram::start().await;
    let ana = fake.customer("ana");
    fake.fail_next("sendMessage", fault);
    let bot = telegram(&fake, Mode::Webhook);
    let outcome = send(&bot, &ana.id().to_string(), &reply("Hold the button.")).await;
    let next = match outcome {
        Ok(sent) => format!("sent {:?}", sent.message_id),
        Err(error) => format!("{:?}", error.next(bot.repeats_safely())),
    };
    (next, fake.sent().len())
}

#[track_caller]
fn payload(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/payloads/telegram");
    std::fs::read_to_string(folder.join(name).with_extension("json")).unwrap()
}

#[tokio::test]
async fn every_outcome_has_its_next_step() {
    let said = |status, words: &str| Fault::Refuse(status, words.to_owned());
    let raw = |status, name| Fault::Answer(status, payload(name));
    let table = [
        (Fault::TooMany(Some(34)), "After(34s, Channel)", 0),
        (raw(429, "error_429"), "After(21s, Channel)", 0),
        (Fault::TooMany(None), "Backoff", 0),
        (Fault::Unavailable(7), "After(7s, Channel)", 0),
        (Fault::ServerError, "Uncertain", 0),
        (Fault::BadGateway, "Uncertain", 0),
        (Fault::CutBefore, "Uncertain", 0),
        (Fault::CutAfter, "Uncertain", 1),
        (Fault::Malformed, "Uncertain", 1),
        (Fault::Answer(403, "<html>proxy</html>".to_owned()), "Backoff", 0),
        (raw(401, "error_401"), "Dead(Channel)", 0),
        (said(404, "Not Found"), "Dead(Channel)", 0),
        (raw(403, "error_403_blocked"), "Dead(Conversation)", 0),
        (raw(403, "error_403_deactivated"), "Dead(Conversation)", 0),
        (raw(400, "error_400_chat_not_found"), "Dead(Conversation)", 0),
        (said(400, "Bad Request: TOPIC_CLOSED"), "Dead(Conversation)", 0),
        (raw(400, "error_400_too_long"), "Dead(Part)", 0),
        (said(413, "Request Entity Too Large"), "Dead(Part)", 0),
        (said(400, "Bad Request: can't parse entities: Unclosed start tag"), "sent Some(\"1\")", 1),
    ];
    for (fault, expected, n_sent) in table {
        let outcome = after(fault.clone()).await;
        assert_eq!(outcome, (expected.to_owned(), n_sent), "after {fault:?}");
    }
}

#[tokio::test]
async fn a_platform_that_cannot_be_reached_got_nothing() {
    let fake = FakeTelegram::start().await;
    let bot = telegram(&fake, Mode::Webhook);
    drop(fake);
    let error = send(&bot, "1", &reply("Hello?")).await.unwrap_err();
    assert!(matches!(error, SendError::NotSent { .. }), "{error:?}");
    assert!(!error.to_string().contains("fake-token"), "{error}");
}

#[tokio::test]
async fn a_group_that_became_a_supergroup_is_followed() {
    let fake = FakeTelegram::start().await;
    let old = fake.small_group("Speaker owners");
    let new = old.becomes_supergroup().await;
    let bot = telegram(&fake, Mode::Webhook);
    let error = send(&bot, &old.id().to_string(), &reply("Hello.")).await.unwrap_err();
    let Next::Move { conversation, address } = error.next(false) else { panic!("{error:?}") };
    assert_eq!(
        (conversation.as_str(), address.value.as_str()),
        (&*new.id().to_string(), &*conversation)
    );
    send(&bot, &address.value, &reply("Hello.")).await.unwrap();
    assert_eq!(fake.sent()[0].chat_id, new.id());
}

#[tokio::test]
async fn a_customer_who_blocked_the_bot_is_left_alone() {
    let fake = FakeTelegram::start().await;
    let ana = fake.customer("ana");
    ana.blocks_the_bot().await;
    let bot = telegram(&fake, Mode::Webhook);
    let error = send(&bot, &ana.id().to_string(), &reply("Hello.")).await.unwrap_err();
    assert_eq!(format!("{:?}", error.next(false)), "Dead(Conversation)");
}

#[tokio::test]
async fn a_reply_in_a_topic_shows_what_it_answers() {
    let fake = FakeTelegram::start().await;
    let group = fake.group("Speaker owners");
    let ana = fake.customer("ana");
    let asked = ana.says_in_topic(&group, 9, "/ask why does it hum?").await;
    let bot = telegram(&fake, Mode::Webhook);
    let answer = Reply { in_reply_to: Some(asked.to_string()), ..reply("It is **normal**.") };
    let sent = send(&bot, &format!("{}/9", group.id()), &answer).await.unwrap();
    let seen = &fake.sent()[0];
    assert_eq!((seen.thread, seen.reply_to), (Some(9), Some(asked)));
    assert_eq!(
        (seen.text.as_str(), seen.written.as_str()),
        ("It is normal.", "It is <b>normal</b>.")
    );
    assert_eq!(sent.message_id, Some(seen.message_id.to_string()));
}

#[tokio::test]
async fn in_private_and_after_a_deleted_question_the_reply_still_goes_out() {
    let fake = FakeTelegram::start().await;
    let (ana, group) = (fake.customer("ana"), fake.group("Speaker owners"));
    let bot = telegram(&fake, Mode::Webhook);
    let answer = Reply { in_reply_to: Some("999".to_owned()), ..reply("Yes.") };
    send(&bot, &ana.id().to_string(), &answer).await.unwrap();
    send(&bot, &group.id().to_string(), &answer).await.unwrap();
    assert_eq!(fake.sent().iter().map(|sent| sent.reply_to).collect::<Vec<_>>(), [None, None]);
}

#[tokio::test]
async fn a_platform_that_never_answers_leaves_the_outcome_open() {
    let fake = FakeTelegram::start().await;
    let ana = fake.customer("ana");
    fake.fail_next("sendMessage", Fault::Hang);
    let answer = Duration::from_millis(50);
    let bot = telegram(&fake, Mode::Webhook);
    let bot = bot.with_patience(Patience { answer, ..Patience::default() });
    let error = send(&bot, &ana.id().to_string(), &reply("Hello?")).await.unwrap_err();
    assert!(matches!(error, SendError::Unknown { .. }), "{error:?}");
}

#[tokio::test]
async fn a_press_is_answered_once_it_is_stored() {
    let fake = FakeTelegram::start().await;
    let ana = fake.customer("ana");
    let bot = telegram(&fake, Mode::Poll);
    let buttons = vec![Button { id: "rate:out_1:yes".to_owned(), label: "Helped".to_owned() }];
    send(&bot, &ana.id().to_string(), &Reply { buttons, ..reply("Hold it.") }).await.unwrap();
    let mut listening = listen(telegram(&fake, Mode::Poll));
    let press = ana.presses("Helped").await;
    let message = listening.next_message().await;
    assert_eq!(message.event_key, format!("press:{press}"));
    assert_eq!(message.sent_at, now());
    fake.until(|fake| fake.press_answered(&press)).await;
    listening.stops().await;
}

#[tokio::test]
async fn typing_is_shown_for_questions_to_us_only() {
    let fake = FakeTelegram::start().await;
    let (ana, lee) = (fake.customer("ana"), fake.customer("lee"));
    let group = fake.group("Speaker owners");
    lee.says("/stop").await;
    ana.says_in(&group, "nice weather").await;
    ana.says("why does it hum?").await;
    ana.says_in(&group, "@brand_helper_bot why?").await;
    let bot = telegram(&fake, Mode::Webhook);
    bot.check().await.unwrap();
    let mut n_shown = 0;
    for update in fake.waiting() {
        let request = webhook_request(Some(SECRET), update.to_string());
        for message in bot.receive(&request, now()).unwrap().messages {
            // Where every call is needed for what is said, nothing is shown.
            bot.acknowledge(&message, Room::Needed).await;
            assert_eq!(fake.typing().len(), n_shown);
            bot.acknowledge(&message, Room::Given).await;
            n_shown = fake.typing().len();
        }
    }
    assert_eq!(fake.typing(), [ana.id(), group.id()]);
}

#[tokio::test]
async fn check_and_register_say_what_they_found_and_did() {
    let fake = FakeTelegram::start().await;
    let bot = telegram(&fake, Mode::Webhook);
    let account = bot.check().await.unwrap();
    assert_eq!(account.name, "@brand_helper_bot");
    assert_eq!(account.notes.len(), 1);
    let url = Url::parse("https://support.example/webhooks/telegram").unwrap();
    let done = bot.register(Some(&url)).await.unwrap();
    assert!(done[0].contains("https://support.example/webhooks/telegram"));
    assert_eq!(fake.webhook(), Some((url.to_string(), Some("s3cret_-ABC".to_owned()))));
    assert_eq!(fake.menu_languages(), ["", "ar", "de", "el", "en", "es", "fr", "th", "zh"]);
    telegram(&fake, Mode::Poll).register(Some(&url)).await.unwrap();
    assert_eq!(fake.webhook(), None);
    fake.revoke_token();
    let error = bot.check().await.unwrap_err();
    assert_eq!(format!("{:?}", error.next(false)), "Dead(Channel)");
}

#[tokio::test]
async fn links_are_previewed_where_the_admin_wants_it() {
    for wanted in [false, true] {
        let fake = FakeTelegram::start().await;
        let config = TelegramConfig {
            token: fake.token(),
            webhook_secret: None,
            api_url: fake.base_url(),
            mode: Mode::Webhook,
            link_previews: wanted,
        };
        let bot = Telegram::new(config, http_client());
        let chat = fake.customer("ana").id().to_string();
        send(&bot, &chat, &reply("See https://forum.example/t/1")).await.unwrap();
        assert_eq!(fake.sent()[0].previews_links, wanted);
    }
}
