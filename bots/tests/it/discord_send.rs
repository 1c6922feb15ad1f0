//! What every answer of Discord means for the outbox, against the fake.

use std::time::Duration;

use jiff::SignedDuration;
use superfan_bots::discord::fake::FakeDiscord;
use superfan_bots::discord::{DiscordConfig, Mode, Style};
use superfan_bots::fakes::Fault;
use superfan_bots::{Adapter, Button, Credit, Outgoing, Reply, ReplyAddress, SendError, Sent};
use url::Url;

use crate::payloads::files_of;
use crate::support::{discord, discord_config, discord_with, now, reply};

/// Sends a reply part by part, each with a key of its own.
async fn send(adapter: &dyn Adapter, address: &str, reply: &Reply) -> Result<Sent, SendError> {
    let address = ReplyAddress { value: address.to_owned(), expires_at: None };
    let mut last = Ok(Sent { message_id: None });
    for (n, part) in adapter.render(reply).iter().enumerate() {
        let key = format!("out_{n}");
        let outgoing = Outgoing {
            address: &address,
            part,
            key: &key,
            now: now(),
            in_doubt_since: None,
            previous: None,
        };
        last = adapter.send(outgoing).await;
        if last.is_err() {
            break;
        }
    }
    last
}

/// Sends one reply while the fake fails like this; what the outbox would do, how many messages
/// there are then, and how many after sending it once more with the same key.
async fn after(fault: Fault) -> (String, usize, usize) {
    let fake = FakeDiscord::start().await;
    let channel = fake.channel("help").to_string();
    fake.fail_next("messages", fault);
    let bot = discord(&fake, Mode::Gateway);
    let outcome = send(&bot, &channel, &reply("Hold the button.")).await;
    let next = match outcome {
        Ok(_) => "sent".to_owned(),
        Err(error) => format!("{:?}", error.next(bot.repeats_safely())),
    };
    let n_sent = fake.sent().len();
    let _ = send(&bot, &channel, &reply("Hold the button.")).await;
    (next, n_sent, fake.sent().len())
}

#[track_caller]
fn payload(name: &str) -> String {
    let (_, body) = files_of("discord").into_iter().find(|(file, _)| file == name).unwrap();
    String::from_utf8(body).unwrap()
}

#[tokio::test]
async fn every_outcome_has_its_next_step_and_a_repeat_is_the_same_message() {
    let raw = |status, name| Fault::Answer(status, payload(name));
    let table = [
        (Fault::TooMany(Some(34)), "After(34s, Conversation)", 0),
        (raw(429, "error_429_bucket"), "After(12.5s, Conversation)", 0),
        (raw(429, "error_429_global"), "After(250ms, Channel)", 0),
        (raw(429, "error_429_slow_mode"), "After(5s, Conversation)", 0),
        (Fault::Answer(429, "<html>shut out</html>".to_owned()), "After(60s, Channel)", 0),
        (Fault::TooMany(None), "Backoff", 0),
        (Fault::Unavailable(7), "After(7s, Channel)", 0),
        (Fault::ServerError, "Backoff", 0),
        (Fault::BadGateway, "Backoff", 0),
        (Fault::CutBefore, "Backoff", 0),
        (Fault::CutAfter, "Backoff", 1),
        (Fault::Malformed, "Backoff", 1),
        (Fault::Answer(403, "<html>proxy</html>".to_owned()), "Backoff", 0),
        (raw(401, "error_401"), "Dead(Channel)", 0),
        (raw(404, "error_10003_channel"), "Dead(Conversation)", 0),
        (raw(404, "error_10008_message"), "Dead(Part)", 0),
        (raw(403, "error_50001_access"), "Dead(Conversation)", 0),
        (raw(403, "error_50007_direct_closed"), "Dead(Conversation)", 0),
        (raw(403, "error_50013_permissions"), "Dead(Conversation)", 0),
        (raw(403, "error_50278_no_mutual_server"), "Dead(Conversation)", 0),
        (raw(400, "error_50035_too_long"), "Dead(Part)", 0),
        (raw(400, "error_50083_archived"), "Dead(Conversation)", 0),
    ];
    for (fault, expected, n_sent) in table {
        let outcome = after(fault.clone()).await;
        assert_eq!(outcome, (expected.to_owned(), n_sent, 1), "after {fault:?}");
    }
}

#[tokio::test]
async fn a_platform_that_cannot_be_reached_got_nothing() {
    let fake = FakeDiscord::start().await;
    let bot = discord(&fake, Mode::Gateway);
    drop(fake);
    let error = send(&bot, "1", &reply("Hello?")).await.unwrap_err();
    assert!(matches!(error, SendError::NotSent { .. }), "{error:?}");
}

#[tokio::test]
async fn the_words_of_a_refusal_name_the_code_and_the_field() {
    let fake = FakeDiscord::start().await;
    let channel = fake.channel("help").to_string();
    fake.fail_next("messages", Fault::Answer(400, payload("error_50035_too_long")));
    let error = send(&discord(&fake, Mode::Gateway), &channel, &reply("Hi.")).await.unwrap_err();
    let words = "refused: Invalid Form Body (50035): Must be 2000 or fewer in length.";
    assert_eq!(error.to_string(), words);
}

#[tokio::test]
async fn an_empty_bucket_is_left_alone_and_other_channels_go_on() {
    let fake = FakeDiscord::start().await;
    let (here, there) = (fake.channel("help").to_string(), fake.channel("fans").to_string());
    let bot = discord(&fake, Mode::Gateway);
    let address = ReplyAddress { value: here, expires_at: None };
    let part = &bot.render(&reply("Hello."))[0];
    for n in 0..6 {
        let key = format!("out_{n}");
        let outgoing = Outgoing {
            address: &address,
            part,
            key: &key,
            now: now(),
            in_doubt_since: None,
            previous: None,
        };
        match bot.send(outgoing).await {
            Ok(_) => assert!(n < 5),
            Err(error) => {
                let next = format!("{:?}", error.next(true));
                assert_eq!((n, next.as_str()), (5, "After(5s, Conversation)"));
            }
        }
    }
    assert_eq!(fake.calls().len(), 5, "the sixth did not even ask");
    send(&bot, &there, &reply("Hello.")).await.unwrap();
}

#[tokio::test]
async fn a_reply_shows_what_it_answers_pings_nobody_and_has_its_buttons_at_the_end() {
    let fake = FakeDiscord::start().await;
    let channel = fake.channel("help");
    let asked = fake.member("mia").says_in(channel, "why does it hum?");
    let bot = discord(&fake, Mode::Gateway);
    let buttons = vec![Button { id: "helped:dec_1".to_owned(), label: "Helped".to_owned() }];
    let text = format!("@everyone **hold** <@1> it.\n{}", "Then wait a while. ".repeat(150));
    let answer = Reply { buttons, in_reply_to: Some(asked.to_string()), ..reply(&text) };
    send(&bot, &channel.to_string(), &answer).await.unwrap();
    let sent = fake.sent();
    assert_eq!(sent.len(), 2);
    assert!(sent[0].content.starts_with(r"@everyone **hold** \<@1> it."), "{}", sent[0].content);
    assert_eq!(sent.iter().map(|one| one.reply_to).collect::<Vec<_>>(), [Some(asked), None]);
    assert_eq!(sent[0].buttons, []);
    assert_eq!(sent[1].buttons, [("Helped".to_owned(), "helped:dec_1".to_owned())]);
}

#[tokio::test]
async fn an_answer_in_a_frame_has_its_author_below_and_its_link_inside() {
    let fake = FakeDiscord::start().await;
    let config = discord_config(&fake, Mode::Gateway);
    let bot = discord_with(DiscordConfig { style: Style::Embed, ..config });
    let credit = Credit {
        line: "answer by @mara".to_owned(),
        author: Some("mara".to_owned()),
        title: Some("How do I *pair* it?".to_owned()),
        url: Some("https://forum.example/t/1".to_owned()),
        licence: Some("CC BY-SA 4.0".to_owned()),
    };
    let answer = Reply { credit: Some(credit), ..reply("Hold it.") };
    let payload = &bot.render(&answer)[0].payload;
    assert_eq!(payload["embed"]["title"], r"How do I \*pair\* it?");
    assert_eq!(payload["embed"]["url"], "https://forum.example/t/1");
    assert_eq!(payload["embed"]["description"], "Hold it.\n\nhttps://forum.example/t/1");
    assert_eq!(payload["embed"]["footer"], "answer by @mara · CC BY-SA 4.0");
    let help = fake.channel("help").to_string();
    send(&bot, &help, &answer).await.unwrap();
    assert_eq!(fake.sent()[0].content, "Hold it.\n\nhttps://forum.example/t/1");
    // Whatever is missing is left out, in every part.
    let long = Reply { text: "Hold it, then wait. ".repeat(400), ..answer };
    assert_eq!(bot.render(&long).len(), 3);
    for (n, part) in bot.render(&long).iter().enumerate() {
        assert_eq!(part.payload["embed"]["title"].is_string(), n == 0);
    }
    fake.set_now(now() + SignedDuration::from_mins(1));
    send(&bot, &help, &long).await.unwrap();
    send(&bot, &help, &Reply { credit: None, ..reply("Hold it.") }).await.unwrap();
}

#[tokio::test]
async fn an_answer_in_plain_words_begins_with_its_title() {
    let fake = FakeDiscord::start().await;
    let credit = Credit {
        line: "answer by @mara".to_owned(),
        author: Some("mara".to_owned()),
        title: Some("How do I\n*pair* it?".to_owned()),
        url: None,
        licence: None,
    };
    let answer = Reply { credit: Some(credit), ..reply("Hold it.") };
    let payload = &discord(&fake, Mode::Gateway).render(&answer)[0].payload;
    let words = "**How do I \\*pair\\* it?**\nHold it.\n\nanswer by @mara";
    assert_eq!(payload["content"], words);
}

#[tokio::test]
async fn the_thread_of_a_question_is_opened_once() {
    let fake = FakeDiscord::start().await;
    let channel = fake.channel("help");
    let asked = fake.member("mia").says_in(channel, "why does it hum?");
    let address = format!("thread:{channel}/{asked}");
    send(&discord(&fake, Mode::Gateway), &address, &reply("It is normal.")).await.unwrap();
    // Another process does not know that the thread is there.
    let bot = discord(&fake, Mode::Gateway);
    let part = &bot.render(&reply("Really."))[0];
    let address = ReplyAddress { value: address, expires_at: None };
    for key in ["out_7", "out_8"] {
        bot.send(Outgoing {
            address: &address,
            part,
            key,
            now: now(),
            in_doubt_since: None,
            previous: None,
        })
        .await
        .unwrap();
    }
    assert!(fake.sent().iter().all(|sent| sent.channel_id == asked));
    assert_eq!(fake.calls().iter().filter(|call| *call == "threads").count(), 2);
}

#[tokio::test]
async fn where_there_can_be_no_thread_the_answer_is_a_reply() {
    let fake = FakeDiscord::start().await;
    let channel = fake.channel("help");
    let asked = fake.member("mia").says_in(channel, "why does it hum?");
    let bot = discord(&fake, Mode::Gateway);
    fake.fail_next("threads", Fault::Answer(403, payload("error_50013_permissions")));
    send(&bot, &format!("thread:{channel}/{asked}"), &reply("It is normal.")).await.unwrap();
    let sent = fake.sent().pop().unwrap();
    assert_eq!((sent.channel_id, sent.reply_to), (channel, Some(asked)));
}

#[tokio::test]
async fn check_and_register_say_what_they_found_and_did() {
    let fake = FakeDiscord::start().await;
    let bot = discord(&fake, Mode::Gateway);
    assert_eq!(bot.check().await.unwrap().name, "@brandbot");
    assert_eq!(bot.check().await.unwrap().notes, Vec::<String>::new());
    fake.withholds_content();
    let notes = discord(&fake, Mode::Gateway).check().await.unwrap().notes;
    assert!(notes[0].contains("message content intent"), "{notes:?}");
    let url = Url::parse("https://support.example/webhooks/discord").unwrap();
    bot.register(Some(&url)).await.unwrap();
    assert_eq!(fake.commands(), ["ask", "human", "language", "forget", "Find an answer"]);
    assert_eq!(fake.endpoint(), None);
    let done = discord(&fake, Mode::Interactions).register(Some(&url)).await.unwrap();
    assert_eq!(
        done.last().unwrap(),
        "interactions are posted to https://support.example/webhooks/discord"
    );
    assert_eq!(fake.endpoint(), Some(url.to_string()));
    fake.revoke_token();
    let error = bot.check().await.unwrap_err();
    assert_eq!(format!("{:?}", error.next(true)), "Dead(Channel)");
}

#[tokio::test]
async fn a_nonce_that_discord_has_forgotten_is_not_relied_on() {
    let fake = FakeDiscord::start().await;
    let bot = discord(&fake, Mode::Gateway);
    let address = ReplyAddress { value: fake.channel("help").to_string(), expires_at: None };
    let part = &bot.render(&reply("Hold it."))[0];
    let (key, previous) = ("out_1", None);
    let mut next = Vec::new();
    for minutes in [1, 5] {
        let in_doubt_since = Some(now() - SignedDuration::from_mins(minutes));
        let outgoing =
            Outgoing { address: &address, part, key, now: now(), in_doubt_since, previous };
        let outcome = bot.send(outgoing).await;
        next.push(outcome.map_or_else(|e| format!("{:?}", e.next(true)), |_| "sent".to_owned()));
    }
    assert_eq!(next, ["sent", "Uncertain"]);
}

#[tokio::test]
async fn a_platform_that_never_answers_leaves_the_outcome_open() {
    let fake = FakeDiscord::start().await;
    let channel = fake.channel("help").to_string();
    fake.fail_next("messages", Fault::Hang);
    let patience = superfan_bots::discord::Patience {
        answer: Duration::from_millis(50),
        ..superfan_bots::discord::Patience::default()
    };
    let bot = discord(&fake, Mode::Gateway).with_patience(patience);
    let error = send(&bot, &channel, &reply("Hello?")).await.unwrap_err();
    assert!(matches!(error, SendError::Unknown { .. }), "{error:?}");
}
