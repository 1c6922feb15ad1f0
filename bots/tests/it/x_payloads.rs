//! Every payload file of X decodes to what it means; wrong signatures never get that far.

use std::fmt::Write;
use std::path::Path;

use bytes::Bytes;
use superfan_bots::x::fake::{BRAND_ID, FakeX};
use superfan_bots::{Adapter, ReceiveError, WebhookRequest};

use crate::support::now;
use crate::x_support::{signed_by, x};

fn files() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/payloads/x");
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

fn request(body: impl Into<Bytes>, signature: Option<&str>) -> WebhookRequest {
    let mut headers = http::HeaderMap::new();
    if let Some(signature) = signature {
        headers.insert("X-Twitter-Webhooks-Signature", signature.parse().unwrap());
    }
    WebhookRequest { headers, query: String::new(), body: body.into() }
}

#[tokio::test]
async fn every_delivery_means_what_its_file_name_says() {
    let fake = FakeX::start().await;
    let x = x(&fake);
    assert_eq!(x.check().await.unwrap().name, "@brand_care");
    let mut words = String::new();
    for (name, body) in files() {
        let signature = signed_by("cs-fake", &body);
        let received = x.receive(&request(body, Some(&signature)), now()).unwrap();
        writeln!(words, "{name}").unwrap();
        for message in &received.messages {
            let address = &message.address.value;
            writeln!(
                words,
                "  {} in {} ({address}), {:?}",
                message.event_key, message.conversation, message.place
            )
            .unwrap();
            let author = &message.author;
            let name = author.name.as_deref().unwrap_or("-");
            writeln!(words, "  by {} {name} at {}", author.id, message.sent_at).unwrap();
            let (id, to) = (message.message_id.as_deref(), message.reply_to.as_deref());
            writeln!(words, "  id {} to {}", id.unwrap_or("-"), to.unwrap_or("-")).unwrap();
            writeln!(words, "  {:?}", message.content).unwrap();
        }
        for (what, reason) in [("ignored", &received.ignored), ("stopped", &received.stopped)] {
            if let Some(reason) = reason {
                writeln!(words, "  {what}: {reason}").unwrap();
            }
        }
    }
    insta::assert_snapshot!(words);
}

#[tokio::test]
async fn before_our_name_is_known_the_delivery_says_whom_it_is_for() {
    let x = x(&FakeX::start().await);
    let decode = |name: &str| {
        let (_, body) = files().into_iter().find(|(file, _)| file == name).unwrap();
        let signature = signed_by("cs-fake", &body);
        x.receive(&request(body, Some(&signature)), now()).unwrap()
    };
    assert!(decode("old_own_echo").messages.is_empty());
    let mention = decode("old_mention").messages.remove(0);
    assert!(format!("{:?}", mention.place).contains("addressed: true"));
    assert!(decode("new_direct").messages.len() == 1);
    assert!(!BRAND_ID.is_empty());
}

#[tokio::test]
async fn only_a_signature_over_the_raw_bytes_opens_the_door() {
    let x = x(&FakeX::start().await);
    let body: &[u8] = b"{\"for_user_id\":\"5550100\",\"direct_message_events\":[]}\n";
    let right = signed_by("cs-fake", body);
    let other = signed_by("cs-other", body);
    let check = |body: &'static [u8], signature: Option<&str>, expected: &str| {
        let outcome = match x.receive(&request(body, signature), now()) {
            Ok(received) => format!("ignored {:?}", received.ignored),
            Err(ReceiveError::Unverified(_)) => "unverified".to_owned(),
            Err(ReceiveError::Undecodable(_)) => "undecodable".to_owned(),
        };
        assert_eq!(outcome, expected, "{signature:?}");
    };
    check(body, Some(&right), "ignored Some(\"unknown event type\")");
    check(&body[..body.len() - 1], Some(&right), "unverified");
    check(body, Some(&other), "unverified");
    check(body, Some(&right[7..]), "unverified");
    check(body, Some("sha256=AAAA"), "unverified");
    check(body, Some("sha256=not base64"), "unverified");
    check(body, None, "unverified");
    check(b"[1]", Some(&signed_by("cs-fake", b"[1]")), "undecodable");
    check(b"not JSON", Some(&signed_by("cs-fake", b"not JSON")), "undecodable");
}

#[tokio::test]
async fn challenges_and_signatures_are_those_of_independent_libraries() {
    let vectors = [
        ("challenge_string", "ImsCe2RR94FXzDF7BCoFskewIse9XKEZhAZFIsL1mUQ="),
        ("9b4507b3-9040-4669-9ca3-6b94edb50553", "e/gfjj3RyQ2pNoV0B5Tj6BJf85GaeKnmF9t8ryN0rE8="),
        ("a%2Bb/c%3D%2520%26x", "1yTIwYmUp4XV1lvGg7FsHteec3EaPBC/M/yCzRlqHDY="),
    ];
    let fake = FakeX::start().await;
    let x = crate::x_support::x_with_secret(&fake, "cs-emulator");
    for (token, expected) in vectors {
        let answer = x.challenge(&format!("crc_token={token}&nonce=1")).unwrap();
        assert_eq!((answer.status, answer.content_type), (200, "application/json"));
        assert_eq!(answer.body, format!(r#"{{"response_token":"sha256={expected}"}}"#));
    }
    assert_eq!(x.challenge("").unwrap().status, 400);
    let body = "{\"for_user_id\":\"1001\",\"tweet_create_events\":[{\"id_str\":\"1\",\"text\":\
                \"@brand hej ü 😀\"}]}";
    let signature = "sha256=JnN/7mC3rNrtVyjf2OVDEgk9KYv+KjcFQAhSAvKqHUA=";
    // Verified, and then found to have no author.
    let outcome = x.receive(&request(body, Some(signature)), now());
    assert!(matches!(outcome, Err(ReceiveError::Undecodable(_))), "{outcome:?}");
    let body = "{\"for_user_id\":\"1001\",\"direct_message_events\":[]}\n";
    let signature = "sha256=UfgkfuUm7jbOSAdNXD1FtuScRmlslUqilfg2w8Ac/FU=";
    assert!(x.receive(&request(body, Some(signature)), now()).is_ok());
}

#[tokio::test]
async fn an_event_that_cannot_be_read_does_not_take_those_beside_it_along() {
    let x = x(&FakeX::start().await);
    let decode = |posts: &str| {
        let body = format!(r#"{{"for_user_id":"{BRAND_ID}","tweet_create_events":[{posts}]}}"#);
        let signature = signed_by("cs-fake", body.as_bytes());
        x.receive(&request(body, Some(&signature)), now())
    };
    let nobodys = r#"{"id_str":"1","text":"hello"}"#;
    let miras = r#"{"id_str":"2","text":"hello","lang":null,"extended_tweet":null,
        "user":{"id_str":"77","screen_name":"mira","protected":null}}"#;
    assert!(matches!(decode(nobodys), Err(ReceiveError::Undecodable(_))));
    let heard = decode(&format!("{nobodys},{miras}")).unwrap().messages;
    let keys: Vec<_> = heard.iter().map(|message| message.event_key.as_str()).collect();
    assert_eq!(keys, ["post:2"]);
}
