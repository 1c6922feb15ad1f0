//! The answer base over the API: what is written is found, what is retired is not.

use serde_json::{Value, json};
use superfan::answers::Indexer;
use superfan::vocabulary::Role;

use super::{TOKEN, Web};

impl Web {
    /// The id that a question finds first; empty when it finds nothing.
    async fn finds(&self, text: &str) -> String {
        Indexer::of(&self.desk).catch_up(&|_| {}).await.unwrap();
        let asked =
            self.admin("POST /api/v1/ask", &json!({ "text": text }).to_string()).await.is(200);
        asked["hits"][0]["id"].as_str().unwrap_or_default().to_owned()
    }
}

fn written() -> Value {
    json!({"id": "own-1", "lang": "en", "title": "Headphones beep twice",
           "answer": "Hold the power button for ten seconds until the light turns green.",
           "author": "Ana", "score": "3", "url": "https://forum.example/1",
           "accepted_at": "2026-05-04", "tags": ["sound"], "licence": "CC BY-SA 4.0",
           "product": null, "unheard_of": 1})
}

#[tokio::test]
async fn an_answer_is_written_found_changed_and_retired() {
    let web = Web::open().await;
    let added = web.admin("POST /api/v1/answers", &written().to_string()).await;
    assert_eq!(added.headers["location"], "/api/v1/answers/own-1");
    let added = added.is(201);
    assert_eq!((&added["author"], &added["score"]), (&json!("Ana"), &json!(3)));
    assert_eq!((&added["source"], &added["sendable"]), (&json!("own"), &json!(true)));
    assert_eq!(added["accepted_at"], "2026-05-04T00:00:00Z");
    assert_eq!(web.finds("my headphones beep twice").await, "own-1");

    let change = json!({"title": "Speaker hums", "author": "", "score": 5}).to_string();
    let changed = web.admin("PATCH /api/v1/answers/own-1", &change).await.is(200);
    assert_eq!((&changed["author"], &changed["tags"]), (&Value::Null, &json!(["sound"])));
    assert_eq!(web.finds("the speaker hums").await, "own-1");

    let shown = web.admin("GET /api/v1/answers/own-1", "").await.is(200);
    let history = shown["history"].as_array().unwrap();
    let acts: Vec<&str> = history.iter().map(|change| change["act"].as_str().unwrap()).collect();
    assert_eq!(acts, ["edit", "create"]);
    assert_eq!(
        (&history[0]["actor"], &history[0]["title"]),
        (&json!("API"), &json!("Speaker hums"))
    );
    let again = web.admin("PATCH /api/v1/answers/own-1", &shown.to_string()).await.is(200);
    assert_eq!(again, changed, "what was read can be sent back");

    for _ in 0..2 {
        let retired = web.admin("DELETE /api/v1/answers/own-1", "").await.is(200);
        assert_eq!(retired["state"], "retired");
    }
    assert_eq!(web.finds("the speaker hums").await, "");
    web.admin("PATCH /api/v1/answers/own-1", r#"{"state":"live"}"#).await.is(200);
    assert_eq!(web.finds("the speaker hums").await, "own-1");
}

#[tokio::test]
async fn an_id_is_taken_until_its_answer_is_retired() {
    let web = Web::open().await;
    web.knows("a/1", "Reset it", "Hold power.", true).await;
    for id in ["a/1", "own-1"] {
        let mut body = written();
        web.admin("POST /api/v1/answers", &body.to_string()).await;
        body["id"] = json!(id);
        web.admin("POST /api/v1/answers", &body.to_string()).await.problem(409);
    }
    web.admin("DELETE /api/v1/answers/own-1", "").await.is(200);
    web.admin("POST /api/v1/answers", &written().to_string()).await.is(201);
    web.admin("DELETE /api/v1/answers/a%2F1", "").await.is(200);
    let mut imported = written();
    imported["id"] = json!("a/1");
    web.admin("POST /api/v1/answers", &imported.to_string()).await.problem(409);
    imported["id"] = Value::Null;
    let added = web.admin("POST /api/v1/answers", &imported.to_string()).await.is(201);
    assert!(added["id"].as_str().unwrap().starts_with("ans_"));
}

#[tokio::test]
async fn a_moderators_word_is_given_and_taken_back() {
    let web = Web::open().await;
    web.admin("POST /api/v1/answers", &written().to_string()).await.is(201);
    for (word, expected) in [("false", false), ("null", true), ("true", true)] {
        let body = format!(r#"{{"sendable":{word}}}"#);
        let changed = web.admin("PATCH /api/v1/answers/own-1", &body).await.is(200);
        assert_eq!(changed["sendable"], expected, "{word}");
    }
}

#[tokio::test]
async fn a_field_that_cannot_be_used_is_named() {
    let web = Web::open().await;
    let check = |call: &'static str, field: &'static str, value: Value| {
        let web = &web;
        async move {
            let mut body = written();
            body[field] = value;
            let problem = web.admin(call, &body.to_string()).await.problem(422);
            assert!(problem["detail"].as_str().unwrap().starts_with(field), "{problem}");
        }
    };
    for (field, value) in [
        ("id", json!("../etc/passwd")),
        ("answer", json!("  ")),
        ("answer", json!(5)),
        ("lang", json!("no tongue")),
        ("score", json!("many")),
        ("url", json!("javascript:x")),
        ("accepted_at", json!("soon")),
        ("tags", json!([1])),
        ("sendable", json!("maybe")),
        ("state", json!("asleep")),
    ] {
        check("POST /api/v1/answers", field, value).await;
    }
    web.admin("POST /api/v1/answers", r#"{"answer":"Hold it."}"#).await.problem(422);
    web.admin("POST /api/v1/answers", "[]").await.problem(422);
    web.admin("POST /api/v1/answers", "{").await.problem(400);
    let listed = web.admin("GET /api/v1/answers", "").await.is(200);
    assert_eq!(listed["items"], json!([]));

    web.admin("POST /api/v1/answers", &written().to_string()).await.is(201);
    check("PATCH /api/v1/answers/own-1", "id", json!("other")).await;
    check("PATCH /api/v1/answers/own-1", "answer", json!("")).await;
}

#[tokio::test]
async fn writing_needs_a_moderators_token_and_an_answer_that_exists() {
    let web = Web::open().await;
    web.admin("POST /api/v1/answers", &written().to_string()).await.is(201);
    let expert = web.token_of("ex", Role::Expert).await;
    let moderator = web.token_of("mo", Role::Moderator).await;
    for call in
        ["POST /api/v1/answers", "PATCH /api/v1/answers/own-1", "DELETE /api/v1/answers/own-1"]
    {
        web.call("wrong", call, "{}").await.problem(401);
        web.call(&expert, call, r#"{"score":1}"#).await.problem(403);
    }
    for call in ["PATCH /api/v1/answers/none", "DELETE /api/v1/answers/none"] {
        web.call(TOKEN, call, "{}").await.problem(404);
    }
    let change = r#"{"answer":"Press the red button twice."}"#;
    web.call(&moderator, "PATCH /api/v1/answers/own-1", change).await.is(200);
    let shown = web.admin("GET /api/v1/answers/own-1", "").await.is(200);
    assert_eq!(shown["history"][0]["actor"], "mo");
}
