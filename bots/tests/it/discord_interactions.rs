//! The interactions endpoint: signatures, probes, and answers in place of "thinking".

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use superfan_bots::discord::fake::FakeDiscord;
use superfan_bots::discord::{DiscordConfig, Mode, PublicKey};
use superfan_bots::fakes::Fault;
use superfan_bots::{
    Adapter, Button, InboundMessage, Outgoing, ReceiveError, Reply, ReplyAddress, ReplyKind,
    SendError, Sent, WebhookRequest,
};

use crate::support::{discord, discord_config, discord_with, listen, now, reply};

fn vectors() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/discord.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

#[tokio::test]
async fn signatures_made_elsewhere_are_judged_as_they_say() {
    let vectors = vectors();
    let fake = FakeDiscord::start().await;
    let key = PublicKey::from_hex(vectors["public_key"].as_str().unwrap()).unwrap();
    let config = discord_config(&fake, Mode::Interactions);
    let adapter = discord_with(DiscordConfig { public_key: Some(key), ..config });
    let signed_at = Timestamp::from_second(1_700_000_000).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let text = |name: &str| case[name].as_str().unwrap().to_owned();
        let mut headers = http::HeaderMap::new();
        headers.insert("X-Signature-Ed25519", text("signature_hex").parse().unwrap());
        headers.insert("X-Signature-Timestamp", text("timestamp").parse().unwrap());
        let request = WebhookRequest { headers, query: String::new(), body: text("body").into() };
        let passed =
            !matches!(adapter.receive(&request, signed_at), Err(ReceiveError::Unverified(_)));
        assert_eq!(passed, case["valid"].as_bool().unwrap(), "{}", case["name"]);
    }
}

#[tokio::test]
async fn a_probe_is_answered_and_an_old_question_is_not_asked_again() {
    let fake = FakeDiscord::start().await;
    let adapter = discord(&fake, Mode::Interactions);
    let later = now() + SignedDuration::from_mins(6);
    let ping = adapter.receive(&fake.signed(r#"{"id":"1","type":1}"#), later).unwrap();
    assert_eq!(ping.body.unwrap().to_string(), r#"{"type":1}"#);
    let press = r#"{"id":"2","application_id":"9","type":3,"token":"t","channel_id":"7",
        "user":{"id":"5"},"data":{"custom_id":"helped:dec_1"}}"#;
    assert_eq!(adapter.receive(&fake.signed(press), now()).unwrap().messages.len(), 1);
    let stale = adapter.receive(&fake.signed(press), later).unwrap_err();
    assert!(matches!(stale, ReceiveError::Unverified(_)), "{stale}");
    let config = DiscordConfig { public_key: None, ..discord_config(&fake, Mode::Interactions) };
    let keyless = discord_with(config);
    assert!(keyless.receive(&fake.signed(press), now()).is_err(), "nobody gave us a key");
    keyless.check().await.unwrap();
    assert!(keyless.receive(&fake.signed(press), now()).is_ok(), "Discord told us the key");
}

/// Sends the parts of a reply to what was asked; how the last one ended.
async fn answer(
    adapter: &dyn Adapter,
    asked: &InboundMessage,
    reply: Reply,
    at: Timestamp,
) -> Result<Sent, SendError> {
    let reply = Reply { in_reply_to: asked.message_id.clone(), ..reply };
    let mut last = Ok(Sent { message_id: None });
    for (n, part) in adapter.render(&reply).iter().enumerate() {
        let key = format!("out_{n}");
        let outgoing = Outgoing {
            address: &asked.address,
            part,
            key: &key,
            now: at,
            in_doubt_since: None,
            previous: None,
        };
        last = adapter.send(outgoing).await;
    }
    last
}

/// A running gateway with one question asked by command in a channel.
async fn asked_by_command(ephemeral: bool) -> (FakeDiscord, InboundMessage, DiscordConfig) {
    let fake = FakeDiscord::start().await;
    let config = DiscordConfig { ephemeral, ..discord_config(&fake, Mode::Gateway) };
    let mut listening = listen(discord_with(config.clone()));
    listening.next_health().await;
    let channel = fake.channel("help");
    let id = fake.member("mia").uses(channel, "ask", ("question", "why does it hum?")).await;
    let message = listening.next_message().await;
    fake.until(|fake| fake.answered(id) == Some(5)).await;
    listening.stops().await;
    (fake, message, config)
}

#[tokio::test]
async fn the_answer_takes_the_place_of_thinking_however_often_it_is_sent() {
    let (fake, asked, config) = asked_by_command(false).await;
    let adapter = discord_with(config);
    fake.fail_next("original", Fault::CutAfter);
    let error = answer(&adapter, &asked, reply("It is normal."), now()).await.unwrap_err();
    assert_eq!(format!("{:?}", error.next(true)), "Backoff");
    answer(&adapter, &asked, reply("It is normal."), now()).await.unwrap();
    let sent = fake.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].content.as_str(), sent[0].n_writes), ("It is normal.", 2));
    assert!(!sent[0].ephemeral);
}

#[tokio::test]
async fn a_greeting_and_a_persons_words_leave_thinking_alone() {
    let (fake, asked, config) = asked_by_command(false).await;
    let adapter = discord_with(config);
    for kind in [ReplyKind::Greeting, ReplyKind::Human] {
        answer(&adapter, &asked, Reply { kind, ..reply("Hello.") }, now()).await.unwrap();
    }
    assert!(!fake.calls().contains(&"original".to_owned()));
    assert!(fake.calls().contains(&"messages".to_owned()));
}

#[tokio::test]
async fn a_long_answer_goes_on_where_the_first_part_is_seen() {
    let words = "One sentence that says something. ".repeat(100);
    let (fake, asked, config) = asked_by_command(false).await;
    answer(&discord_with(config), &asked, reply(&words), now()).await.unwrap();
    let calls = fake.calls();
    let writes: Vec<_> =
        calls.iter().filter(|one| *one == "original" || *one == "messages").collect();
    assert_eq!(writes, ["original", "messages"]);

    let (fake, asked, config) = asked_by_command(true).await;
    let adapter = discord_with(config);
    answer(&adapter, &asked, reply(&words), now()).await.unwrap();
    assert!(fake.sent().iter().all(|sent| sent.ephemeral) && fake.sent().len() == 2);
    fake.fail_next("followup", Fault::ServerError);
    let error = answer(&adapter, &asked, reply(&words), now()).await.unwrap_err();
    assert_eq!(format!("{:?}", error.next(true)), "Uncertain", "there is no way to say it once");
}

#[tokio::test]
async fn once_the_token_is_old_the_answer_is_a_message_of_its_own() {
    let (fake, asked, config) = asked_by_command(false).await;
    let adapter = discord_with(config);
    let later = now() + SignedDuration::from_mins(16);
    fake.set_now(later);
    answer(&adapter, &asked, reply("It is normal."), later).await.unwrap();
    assert!(!fake.calls().contains(&"original".to_owned()));
    // The same if Discord says so before we do.
    answer(&adapter, &asked, reply("It is normal."), now()).await.unwrap();
    assert_eq!(fake.sent().len(), 1, "the same key is the same message");
    assert!(fake.calls().contains(&"original".to_owned()));
}

#[tokio::test]
async fn what_only_the_asker_saw_goes_on_directly_once_the_token_is_old() {
    let (fake, asked, config) = asked_by_command(true).await;
    let adapter = discord_with(config);
    let later = now() + SignedDuration::from_mins(16);
    fake.set_now(later);
    answer(&adapter, &asked, reply("It is normal."), later).await.unwrap();
    // The same if Discord says so before we do.
    answer(&adapter, &asked, reply("It is normal."), now()).await.unwrap();
    let (sent, direct) = (fake.sent(), fake.direct("mia"));
    assert_eq!(sent.iter().map(|one| one.channel_id).collect::<Vec<_>>(), [direct]);
    fake.closes(direct, (403, 50007, "Cannot send messages to this user"));
    let error = answer(&adapter, &asked, reply("Still?"), later).await.unwrap_err();
    assert_eq!(format!("{:?}", error.next(true)), "Dead(Part)", "the channel stays open");
}

#[tokio::test]
async fn a_bot_that_may_not_write_in_the_channel_still_answers_a_press() {
    let (fake, asked, config) = asked_by_command(false).await;
    let adapter = discord_with(config.clone());
    let buttons = vec![Button { id: "helped:dec_1".to_owned(), label: "Helped".to_owned() }];
    answer(&adapter, &asked, Reply { buttons, ..reply("Yes.") }, now()).await.unwrap();
    let mut listening = listen(discord_with(config));
    listening.next_health().await;
    let shown = fake.sent().pop().unwrap();
    let press = fake.member("mia").presses(&shown, "Helped").await;
    let pressed = listening.next_message().await;
    fake.until(|fake| fake.answered(press) == Some(6)).await;
    listening.stops().await;
    fake.closes(shown.channel_id, (403, 50001, "Missing Access"));
    answer(&adapter, &pressed, reply("Thank you."), now()).await.unwrap();
    let thanks = fake.sent().pop().unwrap();
    assert_eq!(thanks.content, "Thank you.");
    assert!(fake.calls().contains(&"followup".to_owned()));
}

#[tokio::test]
async fn an_interaction_that_could_not_be_stored_is_not_acknowledged() {
    let fake = FakeDiscord::start().await;
    let mut listening = listen(discord(&fake, Mode::Gateway));
    listening.next_health().await;
    listening.intake.refuse_next("disk full");
    let mia = fake.member("mia");
    let lost = mia.uses(fake.direct("mia"), "human", ("", "")).await;
    let kept = mia.uses(fake.direct("mia"), "human", ("", "")).await;
    let message = listening.next_message().await;
    assert_eq!(message.event_key, format!("command:{kept}"));
    assert_eq!(
        message.address,
        ReplyAddress { value: format!("dm:{}", fake.direct("mia")), expires_at: None }
    );
    fake.until(|fake| fake.answered(kept) == Some(5)).await;
    assert_eq!(fake.answered(lost), None);
    listening.stops().await;
}

#[tokio::test]
async fn an_interaction_is_answered_whatever_happens_to_the_first_tries() {
    let fake = FakeDiscord::start().await;
    let mut listening = listen(discord(&fake, Mode::Gateway));
    listening.next_health().await;
    for fault in [Fault::ServerError, Fault::CutBefore, Fault::TooMany(None), Fault::CutAfter] {
        fake.fail_next("callback", fault);
    }
    let id = fake.member("mia").uses(fake.direct("mia"), "human", ("", "")).await;
    listening.next_message().await;
    let n_tries =
        |fake: &FakeDiscord| fake.calls().into_iter().filter(|call| call == "callback").count();
    // The fifth finds out that the fourth was heard, and ends it.
    fake.until(|fake| n_tries(fake) == 5).await;
    assert_eq!(fake.answered(id), Some(5));
    listening.stops().await;
}
