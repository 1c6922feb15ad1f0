//! What our own page posts, and what it is given to show.

use serde_json::json;
use superfan_bots::webchat::{Visitor, Webchat, decode};
use superfan_bots::{Adapter, Button, Credit, Reply, ReplyKind};

use crate::support::{now, reply, send, webhook_request};

#[track_caller]
fn check(body: &str, expected: &str) {
    let visitor = Visitor { session: "ses_1", lang: Some("el") };
    let decoded = match decode(body.as_bytes(), visitor, now()) {
        Ok(message) => format!("{} {:?}", message.event_key, message.content),
        Err(error) => format!("! {error}"),
    };
    assert_eq!(decoded, expected);
}

#[test]
fn a_post_is_a_text_a_command_or_a_press() {
    check(r#"{"client_id":"a","text":"hums"}"#, r#"msg:ses_1:a Text { text: "hums" }"#);
    check(
        r#"{"client_id":"b","text":" /human"}"#,
        r#"msg:ses_1:b Command { command: Human, text: "" }"#,
    );
    check(
        r#"{"press":"yes","message_id":"out_1"}"#,
        r#"press:ses_1:out_1:yes Press { button: "yes" }"#,
    );
    check(r#"{"client_id":"c","text":" "}"#, "! cannot decode the delivery: text is empty");
    check(
        r#"{"press":"yes","message_id":""}"#,
        "! cannot decode the delivery: message_id is empty",
    );
    let visitor = Visitor { session: "ses_1", lang: None };
    assert!(decode(b"{}", visitor, now()).is_err());
}

#[tokio::test]
async fn the_page_is_given_everything_it_shows() {
    let answer = Reply {
        credit: Some(Credit {
            line: "Answer by ana".to_owned(),
            author: Some("ana".to_owned()),
            title: None,
            url: None,
            licence: None,
        }),
        buttons: vec![Button { id: "y".to_owned(), label: "Helped".to_owned() }],
        kind: ReplyKind::Answer,
        ..reply("Hold **it**.")
    };
    let parts = Webchat::new().render(&answer);
    assert_eq!(
        parts[0].payload,
        json!({
            "kind": "answer", "text": "Hold **it**.", "lang": "en",
            "credit": { "line": "Answer by ana", "author": "ana", "url": null, "licence": null },
            "buttons": [{ "id": "y", "label": "Helped" }],
        })
    );
    let sent = send(&Webchat::new(), "ses_1", &answer).await.unwrap();
    assert_eq!(sent.message_id.as_deref(), Some("out_1"));
    assert!(Webchat::new().receive(&webhook_request(None, "{}"), now()).is_err());
}
