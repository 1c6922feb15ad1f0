//! Every payload file decodes to what it means; wrong and stale deliveries never get that far.

use std::fmt::Write;
use std::path::Path;

use superfan_bots::telegram::fake::FakeTelegram;
use superfan_bots::telegram::{Mode, Telegram};
use superfan_bots::{Adapter, InboundMessage, ReceiveError, Received};

use crate::support::{SECRET, now, telegram, webhook_request};

/// A bot that has not asked for its name yet.
async fn new_bot() -> Telegram {
    telegram(&FakeTelegram::start().await, Mode::Webhook)
}

fn files() -> Vec<(String, Vec<u8>)> {
    files_of("telegram")
}

/// Names and contents of a channel's payloads, by name.
pub(crate) fn files_of(channel: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/payloads").join(channel);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

pub(crate) fn describe(received: &Received) -> String {
    let mut words = String::new();
    for InboundMessage { event_key, conversation, address, place, author, .. } in &received.messages
    {
        writeln!(words, "  {event_key} in {conversation} ({}), {place:?}", address.value).unwrap();
        let (name, lang) = (author.name.as_deref(), author.lang.as_deref());
        let (name, lang) = (name.unwrap_or("-"), lang.unwrap_or("-"));
        writeln!(words, "  by {:?} {} {name} [{lang}]", author.kind, author.id).unwrap();
    }
    for message in &received.messages {
        let (id, to) = (message.message_id.as_deref(), message.reply_to.as_deref());
        let (id, to) = (id.unwrap_or("-"), to.unwrap_or("-"));
        writeln!(words, "  id {id} to {to} at {}", message.sent_at).unwrap();
        writeln!(words, "  {:?}", message.content).unwrap();
    }
    if let Some(reason) = &received.ignored {
        writeln!(words, "  ignored: {reason}").unwrap();
    }
    words
}

#[tokio::test]
async fn every_update_means_what_its_file_name_says() {
    let fake = FakeTelegram::start().await;
    let telegram = telegram(&fake, Mode::Webhook);
    telegram.check().await.unwrap();
    let mut words = String::new();
    for (name, body) in files().into_iter().filter(|(name, _)| !name.starts_with("error_")) {
        let received = telegram.receive(&webhook_request(Some(SECRET), body), now()).unwrap();
        writeln!(words, "{name}\n{}", describe(&received)).unwrap();
    }
    insta::assert_snapshot!(words);
}

#[tokio::test]
async fn before_our_name_is_known_replies_and_private_commands_still_count() {
    let telegram = new_bot().await;
    let place = |name: &str| {
        let (_, body) = files().into_iter().find(|(file, _)| file == name).unwrap();
        let received = telegram.receive(&webhook_request(Some(SECRET), body), now()).unwrap();
        format!("{:?}", received.messages[0].place)
    };
    assert!(place("group_reply_to_bot").contains("addressed: true"));
    assert!(place("group_text_mention").contains("addressed: true"));
    assert!(place("group_mention").contains("addressed: false"));
    assert_eq!(place("command_start_payload"), "Private");
}

#[tokio::test]
async fn only_the_right_secret_opens_the_door() {
    let telegram = new_bot().await;
    let check = |secret: Option<&str>, body: &'static str, expected: &str| {
        let outcome = match telegram.receive(&webhook_request(secret, body), now()) {
            Ok(received) => format!("ignored {:?}", received.ignored),
            Err(ReceiveError::Unverified(_)) => "unverified".to_owned(),
            Err(ReceiveError::Undecodable(_)) => "undecodable".to_owned(),
        };
        assert_eq!(outcome, expected);
    };
    let unknown = r#"{"update_id":1,"hologram":{}}"#;
    check(Some(SECRET), unknown, "ignored Some(\"unknown update kind\")");
    check(None, unknown, "unverified");
    check(Some(""), unknown, "unverified");
    check(Some("s3cret_-AB"), unknown, "unverified");
    check(Some("s3cret_-ABD"), unknown, "unverified");
    check(Some("wrong"), "not even JSON", "unverified");
    check(Some(SECRET), "not even JSON", "undecodable");
    check(Some(SECRET), r#"{"message":{}}"#, "undecodable");
    check(Some(SECRET), r#"{"update_id":1,"message":{"text":"no chat"}}"#, "undecodable");
    check(Some(SECRET), r#"{"update_id":1}"#, "ignored Some(\"an update without a kind\")");
}
