//! The generic channel both ways: signatures, strict fields, and what every answer means.

use std::time::Duration;

use serde_json::{Value, json};
use superfan_bots::fakes::{Fault, http_client};
use superfan_bots::webhook::fake::FakeHelpDesk;
use superfan_bots::webhook::{SecretError, Webhook, WebhookConfig};
use superfan_bots::{
    Adapter, Button, Credit, ReceiveError, Reply, ReplyKind, SendError, WebhookRequest,
};

use crate::support::{now, reply, send};

/// From the published vectors: made with an independent library.
const VECTOR_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
const VECTOR_ID: &str = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
const VECTOR_TIME: i64 = 1_674_087_231;
const VECTOR_SIGNATURE: &str = "v1,BtWJljoykzfrintXRI2vK8SVmOAPq4YIWVuSYpgvfM4=";
const VECTOR_BODY: &str = "{\"type\":\"contact.created\",\"text\":\"ü\"}";

fn channel(secrets: &[&str]) -> Result<Webhook, SecretError> {
    let secrets = secrets.iter().map(|secret| (*secret).into()).collect();
    Webhook::new(WebhookConfig { secrets, reply_url: None }, http_client())
}

fn request(id: &str, time: &str, signature: &str, body: &str) -> WebhookRequest {
    let headers =
        [("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature)];
    let headers = headers.iter().filter(|(_, value)| !value.is_empty());
    let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    let headers: http::HeaderMap<http::HeaderValue> =
        headers.collect::<Vec<(http::HeaderName, http::HeaderValue)>>().into_iter().collect();
    WebhookRequest { headers, query: String::new(), body: body.to_owned().into() }
}

/// Whether a delivery got past the signature (the vector's body is not one of our messages).
fn passes(secrets: &[&str], request: &WebhookRequest, at: i64) -> bool {
    let now = jiff::Timestamp::from_second(at).unwrap();
    match channel(secrets).unwrap().receive(request, now) {
        Err(ReceiveError::Unverified(_)) => false,
        Err(ReceiveError::Undecodable(_)) | Ok(_) => true,
    }
}

#[test]
fn the_published_vector_passes_and_nothing_near_it_does() {
    let time = VECTOR_TIME.to_string();
    let good = request(VECTOR_ID, &time, VECTOR_SIGNATURE, VECTOR_BODY);
    let other = "whsec_b3RoZXItc2VjcmV0";
    assert!(passes(&[VECTOR_SECRET], &good, VECTOR_TIME));
    assert!(passes(&[other, VECTOR_SECRET], &good, VECTOR_TIME));
    assert!(passes(&[VECTOR_SECRET], &good, VECTOR_TIME + 300));
    assert!(passes(&[VECTOR_SECRET], &good, VECTOR_TIME - 300));
    assert!(!passes(&[VECTOR_SECRET], &good, VECTOR_TIME + 301));
    assert!(!passes(&[VECTOR_SECRET], &good, VECTOR_TIME - 301));
    assert!(!passes(&[other], &good, VECTOR_TIME));
    let several = format!("v1,AAAA v2,x {VECTOR_SIGNATURE}");
    assert!(passes(
        &[VECTOR_SECRET],
        &request(VECTOR_ID, &time, &several, VECTOR_BODY),
        VECTOR_TIME
    ));
    for bad in [
        request("msg_other", &time, VECTOR_SIGNATURE, VECTOR_BODY),
        request(VECTOR_ID, &time, VECTOR_SIGNATURE, "{}"),
        request(VECTOR_ID, &time, &VECTOR_SIGNATURE.replace("v1", "v2"), VECTOR_BODY),
        request(VECTOR_ID, &time, &VECTOR_SIGNATURE[..20], VECTOR_BODY),
        request(VECTOR_ID, "now", VECTOR_SIGNATURE, VECTOR_BODY),
        request(VECTOR_ID, &i64::MIN.to_string(), VECTOR_SIGNATURE, VECTOR_BODY),
        request("", &time, VECTOR_SIGNATURE, VECTOR_BODY),
        request(VECTOR_ID, "", VECTOR_SIGNATURE, VECTOR_BODY),
        request(VECTOR_ID, &time, "", VECTOR_BODY),
    ] {
        assert!(!passes(&[VECTOR_SECRET], &bad, VECTOR_TIME));
    }
}

#[test]
fn a_secret_that_cannot_be_read_is_named_by_its_place() {
    let error = |secrets: &[&str]| channel(secrets).err();
    assert_eq!(error(&[]), Some(SecretError::Missing));
    assert_eq!(error(&[VECTOR_SECRET, "whsec_%%"]), Some(SecretError::Malformed { number: 2 }));
    assert_eq!(error(&["whsec_"]), Some(SecretError::Malformed { number: 1 }));
}

async fn decode(body: Value) -> Result<String, String> {
    let desk = FakeHelpDesk::start().await;
    let config = WebhookConfig { secrets: vec![desk.secret()], reply_url: None };
    let channel = Webhook::new(config, http_client()).unwrap();
    match channel.receive(&desk.request(&body, now()), now()) {
        Ok(received) => {
            let message = &received.messages[0];
            let author = &message.author;
            Ok(format!(
                "{} {:?} {:?} {} {:?}",
                message.event_key, message.place, author.kind, author.id, message.content
            ))
        }
        Err(ReceiveError::Undecodable(reason)) => Err(reason),
        Err(ReceiveError::Unverified(reason)) => panic!("{reason}"),
    }
}

fn with(fields: &Value) -> Value {
    let mut body = FakeHelpDesk::text("c1", "m1", "u1", "why does it hum?");
    for (name, value) in fields.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn a_delivery_means_what_its_fields_say() {
    for (fields, expected) in [
        (json!({}), r#"msg:c1:m1 Private Person u1 Text { text: "why does it hum?" }"#),
        (
            json!({ "public": true, "addressed": true, "customer": { "id": "u1", "bot": true } }),
            r#"msg:c1:m1 Group { id: "c1", addressed: true } Bot u1 Text { text: "why does it hum?" }"#,
        ),
        (
            json!({ "public": true, "text": "and mine" }),
            r#"msg:c1:m1 Group { id: "c1", addressed: false } Person u1 Text { text: "and mine" }"#,
        ),
        (
            json!({ "text": "/human please", "public": true }),
            r#"msg:c1:m1 Group { id: "c1", addressed: true } Person u1 Command { command: Human, text: "please" }"#,
        ),
        (
            json!({ "text": null, "press": "rate:out_1:yes" }),
            r#"msg:c1:m1 Private Person u1 Press { button: "rate:out_1:yes" }"#,
        ),
        (json!({ "text": "/dance" }), r#"msg:c1:m1 Private Person u1 Text { text: "/dance" }"#),
    ] {
        assert_eq!(decode(with(&fields)).await.as_deref(), Ok(expected));
    }
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    for (fields, expected) in [
        (json!({ "conversation_id": null }), "conversation_id is missing"),
        (json!({ "message_id": " " }), "message_id is empty"),
        (json!({ "message_id": 7 }), "message_id must be a string"),
        (json!({ "customer": null }), "customer is missing"),
        (json!({ "customer": "u1" }), "customer must be an object"),
        (json!({ "customer": {} }), "customer.id is missing"),
        (json!({ "customer": { "id": "u1", "bot": "yes" } }), "customer.bot must be true or false"),
        (json!({ "text": null }), "text is missing"),
        (json!({ "text": "" }), "text is empty"),
        (json!({ "press": "x" }), "text and press exclude each other"),
        (json!({ "public": 1 }), "public must be true or false"),
    ] {
        assert_eq!(decode(with(&fields)).await, Err(expected.to_owned()), "{fields}");
    }
    assert_eq!(decode(json!([])).await, Err("not an object".to_owned()));
}

fn sending(desk: &FakeHelpDesk) -> Webhook {
    let config = WebhookConfig { secrets: vec![desk.secret()], reply_url: Some(desk.reply_url()) };
    Webhook::new(config, http_client()).unwrap()
}

#[tokio::test]
async fn a_reply_arrives_signed_with_everything_that_is_known() {
    let desk = FakeHelpDesk::start().await;
    let answer = Reply {
        credit: Some(Credit {
            line: "Answer by ana".to_owned(),
            author: Some("ana".to_owned()),
            title: None,
            url: Some("https://forum.example/t/7".to_owned()),
            licence: Some("CC BY-SA 4.0".to_owned()),
        }),
        buttons: vec![Button { id: "y".to_owned(), label: "Helped".to_owned() }],
        answer_id: Some("7".to_owned()),
        confidence: Some(0.97),
        in_reply_to: Some("m1".to_owned()),
        ..reply("Hold it.")
    };
    send(&sending(&desk), "c1", &answer).await.unwrap();
    let received = &desk.replies()[0];
    assert!(received.verified);
    assert_eq!((received.id.as_str(), received.signed_at), ("out_1", now().as_second()));
    assert_eq!(
        received.body,
        json!({
            "message_id": "out_1", "conversation_id": "c1", "in_reply_to": "m1", "kind": "answer",
            "text": "Hold it.", "author": "ana", "url": "https://forum.example/t/7",
            "licence": "CC BY-SA 4.0", "answer_id": "7", "confidence": 0.97,
            "buttons": [{ "id": "y", "label": "Helped" }], "at": "2026-01-05T09:00:00Z",
        })
    );
    let human = Reply { kind: ReplyKind::Human, human: Some("Lee".to_owned()), ..reply("Hi.") };
    send(&sending(&desk), "c1", &human).await.unwrap();
    assert_eq!(
        desk.replies()[1].body,
        json!({
            "message_id": "out_1", "conversation_id": "c1", "in_reply_to": null, "kind": "human",
            "text": "Hi.", "author": "Lee", "buttons": [], "at": "2026-01-05T09:00:00Z",
        })
    );
}

#[tokio::test]
async fn every_answer_of_the_receiver_has_its_next_step() {
    let said = |status| Fault::Refuse(status, String::new());
    for (fault, expected) in [
        (Fault::TooMany(Some(34)), "After(34s, Channel)"),
        (Fault::TooMany(None), "Backoff"),
        (Fault::Unavailable(9), "After(9s, Channel)"),
        (Fault::ServerError, "Backoff"),
        (Fault::BadGateway, "Backoff"),
        (Fault::CutBefore, "Backoff"),
        (said(408), "Backoff"),
        (said(302), "Backoff"),
        (said(400), "Dead(Part)"),
        (said(401), "Dead(Part)"),
        (said(410), "Dead(Part)"),
    ] {
        let desk = FakeHelpDesk::start().await;
        desk.fail_next(fault.clone());
        let channel = sending(&desk);
        let error = send(&channel, "c1", &reply("Hi.")).await.unwrap_err();
        assert_eq!(format!("{:?}", error.next(channel.repeats_safely())), expected, "{fault:?}");
        send(&channel, "c1", &reply("Hi.")).await.unwrap();
        let ids: Vec<String> = desk.replies().into_iter().map(|reply| reply.id).collect();
        assert_eq!(ids, ["out_1", "out_1"], "the id tells the receiver that it is a repeat");
    }
}

#[tokio::test]
async fn without_a_reply_address_sending_is_done_and_an_absent_receiver_got_nothing() {
    let silent = channel(&[VECTOR_SECRET]).unwrap();
    send(&silent, "c1", &reply("Hi.")).await.unwrap();
    let desk = FakeHelpDesk::start().await;
    let channel = sending(&desk);
    drop(desk);
    let error = send(&channel, "c1", &reply("Hi.")).await.unwrap_err();
    assert!(matches!(error, SendError::NotSent { .. }), "{error:?}");
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_asked_again() {
    let desk = FakeHelpDesk::start().await;
    desk.fail_next(Fault::Hang);
    let channel = sending(&desk).with_time_out(Duration::from_millis(50));
    let error = send(&channel, "c1", &reply("Hi.")).await.unwrap_err();
    assert_eq!(format!("{:?}", error.next(channel.repeats_safely())), "Backoff");
}

#[test]
fn a_long_answer_is_one_part() {
    let parts = channel(&[VECTOR_SECRET]).unwrap().render(&reply(&"word ".repeat(5000)));
    assert_eq!((parts.len(), parts[0].weight), (1, 1));
}
