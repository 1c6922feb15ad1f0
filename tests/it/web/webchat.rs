//! The web chat: sessions, posts that are stored once, and events that go on where they stopped.

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, header};
use futures::StreamExt;
use serde_json::{Value, json};
use superfan::outbox::{Draft, enqueue};
use superfan::wakes::News;
use superfan_bots::{Button, Reply, ReplyKind};

use super::Web;

/// A browser with a session.
struct Browser<'a> {
    web: &'a Web,
    session: String,
    token: String,
}

/// One server-sent event.
#[derive(Debug, PartialEq)]
struct Heard {
    name: String,
    id: Option<String>,
    data: Value,
}

/// A browser's stream of events.
struct Stream {
    body: BodyDataStream,
    text: String,
}

impl Stream {
    /// The next event.
    async fn next(&mut self) -> Heard {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    let start = format!("{name}: ");
                    event.lines().find_map(|line| line.strip_prefix(&start)).map(str::to_owned)
                };
                if let Some(data) = field("data") {
                    return Heard {
                        name: field("event").unwrap(),
                        id: field("id"),
                        data: serde_json::from_str(&data).unwrap(),
                    };
                }
                continue;
            }
            let bytes = self.body.next().await.expect("the stream ended").unwrap();
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The next message, whatever else is said before it.
    async fn message(&mut self) -> Heard {
        loop {
            let heard = self.next().await;
            if heard.name == "message" {
                return heard;
            }
        }
    }
}

impl<'a> Browser<'a> {
    async fn open(web: &'a Web) -> Self {
        let request = Request::post("/chat/sessions")
            .header(header::ACCEPT_LANGUAGE, "th-TH,th;q=0.9")
            .body(Body::empty());
        let opened = web.send(request.unwrap()).await.is(201);
        let text = |name: &str| opened[name].as_str().unwrap().to_owned();
        Self { web, session: text("session"), token: text("token") }
    }

    async fn posts(&self, body: &Value) -> super::Answered {
        let body = body.to_string();
        let posted = self.web.call(&self.token, "POST /chat/messages", &body).await;
        self.web.sorts().await;
        posted
    }

    async fn says(&self, client_id: &str, text: &str) -> Value {
        let posted = self.posts(&json!({"client_id": client_id, "text": text})).await.is(202);
        posted["message_id"].clone()
    }

    async fn listens(&self, last: Option<&str>) -> Stream {
        let mut request = Request::get(format!("/chat/events?token={}", self.token));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = self.web.open_stream(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Stream { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The bot says something, and it is sent.
    async fn hears(&self, cause: &str, text: &str) -> String {
        let desk = &self.web.desk;
        let mut tx = desk.store.begin().await.unwrap();
        let mut found =
            tx.conversations(Some("webchat"), Some(&self.session), None, 1).await.unwrap();
        let conversation = found.pop().unwrap();
        let button = Button { id: "helped:dec_1".to_owned(), label: "Helped".to_owned() };
        let reply = Reply {
            kind: ReplyKind::Answer,
            text: text.to_owned(),
            credit: None,
            buttons: vec![button],
            lang: "en".to_owned(),
            answer_id: None,
            confidence: None,
            human: None,
            in_reply_to: None,
        };
        let draft = Draft {
            conversation: &conversation,
            cause: cause.to_owned(),
            reply,
            decision_id: None,
        };
        let id = enqueue(&mut tx, &desk.stage(), &draft).await.unwrap()[0];
        tx.mark_sent(id, None, desk.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        desk.wakes.tell(News::Conversation(conversation.id));
        id.to_string()
    }
}

#[tokio::test]
async fn the_same_client_id_is_the_same_message() {
    let web = Web::open().await;
    let ana = Browser::open(&web).await;
    let first = ana.says("1", "hello").await;
    assert!(first.as_str().unwrap().starts_with("msg_"));
    assert_eq!(ana.says("1", "hello").await, first);
    assert_ne!(ana.says("2", "hello").await, first);
    let ben = Browser::open(&web).await;
    assert_ne!(ben.says("1", "hello").await, first);
    let path = format!("GET /api/v1/conversations?channel=webchat&external_id={}", ana.session);
    let listed = web.admin(&path, "").await.is(200);
    assert_eq!(listed["items"][0]["customer"]["lang"], "th-TH");
}

#[tokio::test]
async fn a_posts_token_may_stand_in_header_query_or_body() {
    let web = Web::open().await;
    let ana = Browser::open(&web).await;
    let post = |path: String, body: Value| {
        web.send(Request::post(path).body(Body::from(body.to_string())).unwrap())
    };
    let text = json!({"client_id": "1", "text": "hi"});
    let by_query = post(format!("/chat/messages?token={}", ana.token), text.clone()).await.is(202);
    let mut with_token = text.clone();
    with_token["token"] = json!(ana.token);
    assert_eq!(post("/chat/messages".to_owned(), with_token).await.is(202), by_query);
    post("/chat/messages".to_owned(), text).await.problem(401);
    post("/chat/messages?token=wrong".to_owned(), json!({})).await.problem(401);
    web.get("/chat/events?token=wrong").await.problem(401);
}

#[tokio::test]
async fn posts_that_cannot_be_used_are_problems() {
    let web = Web::open().await;
    let ana = Browser::open(&web).await;
    ana.posts(&json!({"client_id": "1", "text": " "})).await.problem(422);
    ana.posts(&json!({"client_id": "1"})).await.problem(422);
    ana.posts(&json!({"client_id": "x".repeat(200), "text": "hi"})).await.problem(422);
    ana.posts(&json!({"client_id": "1", "text": "x".repeat(300_000)})).await.problem(413);
    web.call(&ana.token, "POST /chat/messages", "{").await.problem(400);
    let whole = "é".repeat(20_000);
    ana.says("long", &whole).await;
    let mut stream = ana.listens(None).await;
    assert_eq!(stream.message().await.data["text"], whole);
}

#[tokio::test]
async fn a_fresh_page_gets_both_sides_and_a_reloaded_one_only_what_is_new() {
    let web = Web::open().await;
    let ana = Browser::open(&web).await;
    ana.says("1", "<b>hello</b>").await;
    let answer = ana.hears("a", "Try **this**").await;
    let mut stream = ana.listens(None).await;
    let said = stream.message().await;
    assert_eq!((&said.data["direction"], &said.data["client_id"]), (&json!("in"), &json!("1")));
    assert_eq!(said.data["text"], "<b>hello</b>");
    let heard = stream.message().await;
    assert_eq!((&heard.data["direction"], &heard.data["kind"]), (&json!("out"), &json!("answer")));
    assert_eq!((&heard.data["id"], &heard.data["text"]), (&json!(answer), &json!("Try **this**")));
    assert_eq!(heard.data["buttons"][0]["id"], "helped:dec_1");
    let next = ana.hears("b", "And this").await;
    assert_eq!(stream.message().await.data["id"], json!(next));
    let mut resumed = ana.listens(heard.id.as_deref()).await;
    assert_eq!(resumed.message().await.data["id"], json!(next));
    let mut halfway = ana.listens(said.id.as_deref()).await;
    assert_eq!(halfway.message().await.data["id"], json!(answer));
}

#[tokio::test]
async fn typing_and_state_are_told_when_they_change() {
    let web = Web::open().await;
    let ana = Browser::open(&web).await;
    let mut stream = ana.listens(None).await;
    let first = stream.next().await;
    assert_eq!((first.name.as_str(), &first.data), ("state", &json!({"state": "bot"})));
    ana.says("1", "hello").await;
    assert_eq!(stream.next().await.name, "message");
    let typing = stream.next().await;
    assert_eq!((typing.name.as_str(), &typing.data), ("typing", &json!({"typing": true})));
    assert_eq!(typing.id, None, "only messages move the place to resume from");
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let web = Web::open().await;
    let ana = Browser::open(&web).await;
    let mut stream = ana.listens(None).await;
    stream.next().await;
    web.desk.wakes.close_streams();
    assert!(stream.body.next().await.is_none());
}

#[tokio::test]
async fn a_press_counts_once() {
    let web = Web::open().await;
    let ana = Browser::open(&web).await;
    ana.says("1", "hello").await;
    let answer = ana.hears("a", "Try this").await;
    let press = json!({"press": "helped:dec_1", "message_id": answer});
    let first = ana.posts(&press).await.is(202);
    assert_eq!(ana.posts(&press).await.is(202), first);
}

#[tokio::test]
async fn a_foreign_site_is_403_and_a_named_one_is_not() {
    let web = Web::with(&[("SUPERFAN_CHAT_ORIGINS", "https://shop.example")]).await;
    let from = |origin: &str| {
        let request = Request::post("/chat/sessions")
            .header(header::ORIGIN, origin)
            .header(header::HOST, "help.example:8080");
        web.send(request.body(Body::empty()).unwrap())
    };
    from("https://evil.example").await.problem(403);
    from("null").await.problem(403);
    from("https://shop.example").await.is(201);
    from("http://help.example:8080").await.is(201);
    let policy = web.get("/chat").await.headers["content-security-policy"].clone();
    assert!(policy.to_str().unwrap().ends_with("frame-ancestors 'self' https://shop.example"));
}

#[tokio::test]
async fn one_address_cannot_open_sessions_without_end() {
    let web = Web::open().await;
    for _ in 0..60 {
        web.send(Request::post("/chat/sessions").body(Body::empty()).unwrap()).await.is(201);
    }
    let refused = web.send(Request::post("/chat/sessions").body(Body::empty()).unwrap()).await;
    assert_eq!(refused.headers["retry-after"], "2");
    refused.problem(429);
    web.clock.advance(jiff::SignedDuration::from_secs(2));
    web.send(Request::post("/chat/sessions").body(Body::empty()).unwrap()).await.is(201);
}

#[tokio::test]
async fn the_page_speaks_the_browsers_language_and_escapes_the_question() {
    let web = Web::with(&[("SUPERFAN_BRAND_NAME", "<Acme>")]).await;
    let request = Request::get("/chat?q=%3Cscript%3Ealert(1)%3C/script%3E")
        .header(header::ACCEPT_LANGUAGE, "ar-EG,en;q=0.5")
        .body(Body::empty());
    let page = web.send(request.unwrap()).await.text;
    assert!(page.contains(r#"<html lang="ar" dir="rtl">"#), "{page}");
    assert!(!page.contains("<script>alert") && !page.contains("<Acme>"), "{page}");
    for file in ["/assets/webchat/chat.js", "/assets/webchat/chat.css", "/widget.js"] {
        assert_eq!(web.get(file).await.status, 200, "{file}");
    }
    assert_eq!(web.get("/assets/webchat/..%2F..%2FCargo.toml").await.status, 404);
}
