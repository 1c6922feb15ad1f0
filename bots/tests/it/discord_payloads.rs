//! Every payload file of Discord decodes to what it means.

use std::fmt::Write;

use serde_json::{Value, json};
use superfan_bots::discord::Mode;
use superfan_bots::discord::fake::FakeDiscord;
use superfan_bots::{Adapter, Received};

use crate::payloads::{describe, files_of};
use crate::support::{Told, discord, discord_config, discord_with, listen, now};

/// What came out of a dispatch; each is followed by a message that marks its end.
async fn understood(files: Vec<(String, Vec<u8>)>, threads: bool) -> String {
    let fake = FakeDiscord::start().await;
    let config = discord_config(&fake, Mode::Gateway);
    let adapter = discord_with(superfan_bots::discord::DiscordConfig { threads, ..config });
    let mut listening = listen(adapter);
    listening.next_health().await;
    let lee = fake.member("lee");
    let mut words = String::new();
    for (name, body) in files {
        let event: Value = serde_json::from_slice(&body).unwrap();
        fake.dispatch(event["t"].as_str().unwrap(), &event["d"]);
        lee.says("that was it");
        let mut received = Received::default();
        loop {
            let Told::Message(message) = listening.next().await else { continue };
            if message.author.name.as_deref() == Some("lee") {
                break;
            }
            received.messages.push(*message);
        }
        if received.messages.is_empty() {
            received.ignored = Some("nothing".to_owned());
        }
        writeln!(words, "{name}\n{}", describe(&received)).unwrap();
    }
    listening.stops().await;
    words
}

#[tokio::test]
async fn every_event_means_what_its_file_name_says() {
    let kinds = |name: &str| !name.starts_with("error_") && !name.starts_with("interaction_");
    let files = files_of("discord").into_iter().filter(|(name, _)| kinds(name));
    insta::assert_snapshot!(understood(files.collect(), false).await);
}

#[tokio::test]
async fn with_threads_a_mention_and_what_replies_to_it_are_one_conversation() {
    let wanted = ["channel_chatter", "channel_mention", "channel_reply_to_bot"];
    let files = files_of("discord").into_iter().filter(|(name, _)| wanted.contains(&name.as_str()));
    insta::assert_snapshot!(understood(files.collect(), true).await);
}

#[tokio::test]
async fn every_interaction_means_what_its_file_name_says() {
    let fake = FakeDiscord::start().await;
    let adapter = discord(&fake, Mode::Interactions);
    let mut words = String::new();
    let files =
        files_of("discord").into_iter().filter(|(name, _)| name.starts_with("interaction_"));
    for (name, body) in files {
        let request = fake.signed(&String::from_utf8(body).unwrap());
        let received = adapter.receive(&request, now()).unwrap();
        let body = received.body.clone().unwrap_or(json!(null));
        writeln!(words, "{name} → {body}\n{}", describe(&received)).unwrap();
    }
    insta::assert_snapshot!(words);
}
