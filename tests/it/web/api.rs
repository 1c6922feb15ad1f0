//! The API: who may call, what is read, what acts do, how errors look.

use axum::http::header;
use serde_json::{Value, json};
use superfan::escalation::{Opening, open_or_join};
use superfan::outbox::{Draft, enqueue};
use superfan::people::{Actor, add_person, make_token};
use superfan::store::decisions::DecisionRow;
use superfan::vocabulary::{Action, DeliveryState, Reason, Role};
use superfan_bots::{Reply, ReplyKind};

use super::{TOKEN, Web};

impl Web {
    /// A customer of the generic channel says something; returns the conversation.
    async fn says(&self, conversation: &str, id: &str, text: &str) -> Value {
        let body = json!({"conversation_id": conversation, "message_id": id, "text": text,
                          "customer": {"id": "ana", "name": "Ana", "lang": "es"}});
        self.hears(&body.to_string()).await;
        let path = format!("GET /api/v1/conversations?channel=webhook&external_id={conversation}");
        self.admin(&path, "").await.is(200)["items"][0].clone()
    }

    /// Escalates what a customer says; returns the escalation.
    async fn waits(&self, conversation: &str) -> Value {
        let id = self.says(conversation, "m1", "my cat sat on it").await["id"].clone();
        let mut tx = self.desk.store.begin().await.unwrap();
        let id = id.as_str().unwrap().parse().unwrap();
        let conversation = tx.conversation(id).await.unwrap().unwrap();
        let customer = tx.customer(conversation.customer_id).await.unwrap().unwrap();
        let opening = Opening {
            conversation: &conversation,
            customer: &customer,
            question: "my cat sat on it",
            said: "my cat sat on it",
            lang: "en",
            reason: Reason::NothingFound,
            decision_id: None,
            priority: 3,
        };
        open_or_join(&mut tx, &self.desk.stage(), &opening).await.unwrap();
        tx.commit().await.unwrap();
        self.admin("GET /api/v1/escalations?state=open", "").await.is(200)["items"][0].clone()
    }

    /// A token of a person with this role.
    pub(crate) async fn token_of(&self, name: &str, role: Role) -> String {
        let (stage, operator) = (self.desk.stage(), Actor::operator());
        let mut tx = self.desk.store.begin().await.unwrap();
        let email = format!("{name}@example.org");
        add_person(&mut tx, &stage, &operator, &email, role).await.unwrap();
        let token = make_token(&mut tx, &stage, &operator, &email, None).await.unwrap();
        tx.commit().await.unwrap();
        token
    }
}

fn path(escalation: &Value, act: &str) -> String {
    format!("POST /api/v1/escalations/{}/{act}", escalation["id"].as_str().unwrap())
}

#[tokio::test]
async fn only_a_known_token_opens_the_api() {
    let web = Web::open().await;
    let nobody = web.get("/api/v1/conversations").await;
    assert_eq!(nobody.headers[header::WWW_AUTHENTICATE], "Bearer");
    nobody.problem(401);
    web.call("wrong", "GET /api/v1/conversations", "").await.problem(401);
    web.call(TOKEN, "GET /api/v1/conversations", "").await.is(200);
    let viewer = web.token_of("vi", Role::Viewer).await;
    web.call(&viewer, "GET /api/v1/escalations", "").await.is(200);
}

#[tokio::test]
async fn unknown_addresses_methods_and_ids_are_problems() {
    let web = Web::open().await;
    web.admin("GET /api/v1/nothing", "").await.problem(404);
    web.admin("GET /api/v2", "").await.problem(404);
    web.admin("DELETE /api/v1/conversations", "").await.problem(405);
    web.admin("GET /api/v1/conversations/conv_0000000000000", "").await.problem(404);
    web.admin("GET /api/v1/conversations/esc_0000000000000", "").await.problem(404);
    web.admin("POST /api/v1/escalations/nope/claim", "{}").await.problem(404);
    web.admin("POST /api/v1/deliveries/out_0000000000001/retry", "{}").await.problem(404);
    web.admin("GET /api/v1/escalations?state=lost", "").await.problem(400);
    web.admin("GET /api/v1/escalations?limit=0", "").await.problem(400);
    web.admin("GET /api/v1/escalations?cursor=msg_1", "").await.problem(400);
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let web = Web::open().await;
    for n in 0..5 {
        web.says(&format!("c{n}"), "m1", "hello").await;
    }
    let first = web.admin("GET /api/v1/conversations?limit=3", "").await.is(200);
    assert_eq!(first["items"].as_array().unwrap().len(), 3);
    assert!(first["items"][0].get("messages").is_none());
    let next = first["next"].as_str().unwrap();
    let call = format!("GET /api/v1/conversations?limit=3&cursor={next}");
    let second = web.admin(&call, "").await.is(200);
    assert_eq!(second["next"], Value::Null);
    let ids = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| item["external_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!([ids(&first), ids(&second)].concat(), ["c4", "c3", "c2", "c1", "c0"]);
}

#[tokio::test]
async fn a_conversation_shows_what_was_said_decided_and_sent() {
    let web = Web::open().await;
    let listed = web.says("c1", "m1", "my cat <b>sat</b> on it").await;
    assert_eq!(listed["customer"], json!({"id": "ana", "name": "Ana", "lang": "es"}));
    let id = listed["id"].as_str().unwrap();
    decide(&web, id).await;
    let shown = web.admin(&format!("GET /api/v1/conversations/{id}"), "").await.is(200);
    assert_eq!((&shown["state"], &shown["external_id"]), (&json!("bot"), &json!("c1")));
    let messages = shown["messages"].as_array().unwrap();
    let [asked, answered] = messages.as_slice() else { panic!("{shown}") };
    assert_eq!(asked["direction"], "in");
    assert_eq!(asked["author"], json!({"kind": "customer", "name": "Ana"}));
    assert_eq!(asked["text"], "my cat <b>sat</b> on it");
    assert_eq!(asked["decision"], json!({"action": "escalate", "reason": "nothing_found"}));
    assert!(asked["id"].as_str().unwrap().starts_with("msg_") && asked.get("delivery").is_none());
    assert_eq!(answered["direction"], "out");
    assert_eq!(answered["author"], json!({"kind": "bot", "name": null}));
    assert_eq!(answered["delivery"]["state"], "due");
    assert!(answered["delivery"]["due_at"].is_string());
    assert!(answered["id"].as_str().unwrap().starts_with("out_"));
}

/// What the answerer would have done: a decision, and a notice in the outbox.
async fn decide(web: &Web, conversation: &str) {
    let (desk, stage) = (&web.desk, web.desk.stage());
    let mut tx = desk.store.begin().await.unwrap();
    let conversation = tx.conversation(conversation.parse().unwrap()).await.unwrap().unwrap();
    let decision = DecisionRow {
        id: desk.ids.next(),
        conversation_id: conversation.id,
        customer_id: conversation.customer_id,
        channel: conversation.channel.clone(),
        question: "my cat".to_owned(),
        lang: "en".to_owned(),
        action: Action::Escalate,
        reason: Reason::NothingFound,
        confidence: 0.0,
        line: 0.9,
        generation: 1,
        answer_ids: Vec::new(),
        card: Value::Null,
        feedback: None,
        at: stage.now,
    };
    tx.add_decision(&decision).await.unwrap();
    for message in tx.messages(conversation.id, 10).await.unwrap() {
        tx.mark_handled(message.id, Some(decision.id), stage.now).await.unwrap();
    }
    let reply = Reply {
        kind: ReplyKind::Notice,
        text: "passed on (#1)".to_owned(),
        credit: None,
        buttons: Vec::new(),
        lang: "en".to_owned(),
        answer_id: None,
        confidence: None,
        human: None,
        in_reply_to: None,
    };
    let draft =
        Draft { conversation: &conversation, cause: "t".to_owned(), reply, decision_id: None };
    enqueue(&mut tx, &stage, &draft).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_escalation_is_claimed_answered_and_closed() {
    let web = Web::open().await;
    let open = web.waits("c1").await;
    assert_eq!(open["number"], 1);
    assert_eq!(open["customer"]["name"], "Ana");
    assert_eq!(open["claimed_by"], Value::Null);
    let lee = web.token_of("lee", Role::Expert).await;
    let claimed = web.call(&lee, &path(&open, "claim"), "{}").await.is(200);
    assert_eq!((&claimed["state"], &claimed["claimed_by"]), (&json!("claimed"), &json!("lee")));
    let problem = web.admin(&path(&open, "reply"), r#"{"text":"Mine."}"#).await.problem(409);
    assert_eq!(problem["owner"], "lee");
    let queued = web.call(&lee, &path(&open, "reply"), r#"{"text":"Lift it."}"#).await.is(202);
    assert!(queued["message_id"].as_str().unwrap().starts_with("out_"));
    let closed = web.call(&lee, &path(&open, "close"), "").await.is(200);
    assert_eq!((&closed["state"], &closed["outcome"]), (&json!("closed"), &json!("solved")));
    let problem = web.call(&lee, &path(&open, "reply"), r#"{"text":"x"}"#).await.problem(409);
    assert_eq!(problem["owner"], "lee");
    let due = web.admin("GET /api/v1/deliveries?state=due", "").await.is(200);
    assert_eq!(due["items"][0]["kind"], "human");
    assert_eq!(due["items"][0]["id"], queued["message_id"]);
}

#[tokio::test]
async fn a_reply_with_the_same_key_is_sent_once_even_after_the_close() {
    let web = Web::open().await;
    let open = web.waits("c1").await;
    let mut ids = Vec::new();
    for call in ["reply", "reply", "close", "reply"] {
        let request = axum::http::Request::post(path(&open, call).split_once(' ').unwrap().1)
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
            .header("idempotency-key", "k1")
            .body(r#"{"text":"Lift it."}"#.into());
        ids.push(web.send(request.unwrap()).await.json()["message_id"].clone());
    }
    assert!(ids[0].is_string() && ids[0] == ids[1] && ids[0] == ids[3], "{ids:?}");
    let all = web.admin("GET /api/v1/deliveries", "").await.is(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn bodies_that_cannot_be_used_are_problems() {
    let web = Web::open().await;
    let open = web.waits("c1").await;
    web.admin(&path(&open, "reply"), r#"{"text":"  "}"#).await.problem(422);
    web.admin(&path(&open, "reply"), "{}").await.problem(422);
    web.admin(&path(&open, "reply"), "{").await.problem(400);
    web.admin(&path(&open, "close"), r#"{"outcome":"bored"}"#).await.problem(422);
    web.admin(&path(&open, "reply"), &"x".repeat(2 * 1024 * 1024)).await.problem(413);
}

#[tokio::test]
async fn a_role_that_is_too_low_is_403() {
    let web = Web::open().await;
    let open = web.waits("c1").await;
    let viewer = web.token_of("vi", Role::Viewer).await;
    let expert = web.token_of("ex", Role::Expert).await;
    for act in ["claim", "reply", "close"] {
        web.call(&viewer, &path(&open, act), r#"{"text":"x"}"#).await.problem(403);
    }
    let retry = "POST /api/v1/deliveries/out_0000000000001/retry";
    web.call(&expert, retry, "{}").await.problem(403);
}

#[tokio::test]
async fn an_expert_reads_what_concerns_them_and_nothing_may_slip_through() {
    let web = Web::with(&[("SUPERFAN_EXPERT_REVIEW", "true")]).await;
    let open = web.waits("c1").await;
    let (expert, viewer) =
        (web.token_of("ex", Role::Expert).await, web.token_of("vi", Role::Viewer).await);
    let conversation = open["conversation_id"].as_str().unwrap();
    let whole = format!("GET /api/v1/conversations/{conversation}");
    for call in [
        "GET /api/v1/conversations",
        &whole,
        "GET /api/v1/customers",
        "GET /api/v1/deliveries",
        "GET /api/v1/insights",
    ] {
        web.call(&expert, call, "").await.problem(403);
        web.call(&viewer, call, "").await.is(200);
    }
    let listed = web.call(&expert, "GET /api/v1/escalations", "").await.is(200);
    assert_eq!(listed["items"][0]["id"], open["id"], "she answers everything");
    let mut tx = web.desk.store.begin().await.unwrap();
    let mut person = tx.person_by_email("ex@example.org").await.unwrap().unwrap();
    person.langs = "de".to_owned();
    tx.update_person(&person).await.unwrap();
    tx.commit().await.unwrap();
    let listed = web.call(&expert, "GET /api/v1/escalations", "").await.is(200);
    assert_eq!(listed["items"], json!([]), "she answers in German only");
    person.langs = String::new();
    let mut tx = web.desk.store.begin().await.unwrap();
    tx.update_person(&person).await.unwrap();
    tx.commit().await.unwrap();

    let bad = r#"{"text":"Write to me: ex@example.org"}"#;
    web.call(&expert, &path(&open, "reply"), bad).await.problem(422);
    let held = web.call(&expert, &path(&open, "reply"), r#"{"text":"Lift it."}"#).await.is(202);
    assert!(held["message_id"].as_str().unwrap().starts_with("drf_"), "{held}");
    let queued = web.admin("GET /api/v1/deliveries", "").await.is(200);
    assert_eq!(queued["items"], json!([]), "a moderator reads it first");
}

#[tokio::test]
async fn only_a_dead_or_uncertain_delivery_is_sent_again() {
    let web = Web::open().await;
    let open = web.waits("c1").await;
    let queued = web.admin(&path(&open, "reply"), r#"{"text":"Lift it."}"#).await.is(202);
    let id = queued["message_id"].as_str().unwrap();
    let retry = format!("POST /api/v1/deliveries/{id}/retry");
    web.admin(&retry, "{}").await.problem(409);
    let mut tx = web.desk.store.begin().await.unwrap();
    let now = web.desk.clock.now();
    tx.settle(id.parse().unwrap(), DeliveryState::Dead, "blocked", now).await.unwrap();
    tx.commit().await.unwrap();
    let dead = web.admin("GET /api/v1/deliveries?state=dead", "").await.is(200);
    assert_eq!(dead["items"][0]["reason"], "blocked");
    assert_eq!(web.admin(&retry, "{}").await.is(200)["state"], "due");
}

#[tokio::test]
async fn the_description_tells_the_methods_that_the_router_takes() {
    let web = Web::open().await;
    let description = web.get("/api/openapi.json").await.is(200);
    let paths = description["paths"].as_object().unwrap();
    assert!(paths.len() >= 8);
    for (path, item) in paths {
        let concrete = path.replace("{id}", "none");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let status = web.call("wrong", &format!("{method} {concrete}"), "").await.status;
            let described = item.get(method.to_lowercase()).is_some();
            assert_eq!(status.as_u16(), if described { 401 } else { 405 }, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn a_question_is_asked_on_nobodys_behalf() {
    let web = Web::open().await;
    let asked = web.admin("POST /api/v1/ask", r#"{"text":"how do I reset it?"}"#).await.is(200);
    let verdict = (&asked["action"], &asked["reason"], &asked["hits"]);
    assert_eq!(verdict, (&json!("escalate"), &json!("nothing_found"), &json!([])));
    web.admin("POST /api/v1/ask", r#"{"text":" "}"#).await.problem(422);
    web.admin("POST /api/v1/ask", r#"{"text":"hi","channel":"fax"}"#).await.problem(422);
    web.call("wrong", "POST /api/v1/ask", r#"{"text":"hi"}"#).await.problem(401);
}

#[tokio::test]
async fn the_index_is_shown_and_work_on_it_asked_for_by_an_admin() {
    let web = Web::open().await;
    let index = web.admin("GET /api/v1/index", "").await.is(200);
    assert_eq!(index["generations"][0]["state"], "serving");
    let moderator = web.token_of("mo", Role::Moderator).await;
    web.call(&moderator, "POST /api/v1/index/rebuild", "{}").await.problem(403);
    let asked = web.admin("POST /api/v1/index/rebuild", "").await.is(202);
    assert_eq!(asked, json!({"kind": "rebuild", "state": "asked", "progress": ""}));
    let index = web.admin("GET /api/v1/index", "").await.is(200);
    assert_eq!(index["work"], json!([asked]));
}

#[tokio::test]
async fn answers_are_listed_by_id_and_shown() {
    let web = Web::open().await;
    for id in ["a", "b/1", "c"] {
        web.knows(id, "Reset it", "Hold power.", id != "c").await;
    }
    let first = web.admin("GET /api/v1/answers?limit=2", "").await.is(200);
    assert_eq!((&first["items"][0]["id"], &first["next"]), (&json!("a"), &json!("b/1")));
    let rest = web.admin("GET /api/v1/answers?limit=2&cursor=b/1", "").await.is(200);
    assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&json!("c"), &Value::Null));
    assert_eq!(rest["items"][0]["sendable"], false);
    let shown = web.admin("GET /api/v1/answers/b%2F1", "").await.is(200);
    assert_eq!((&shown["answer"], &shown["score"]), (&json!("Hold power."), &json!(3)));
    web.admin("GET /api/v1/answers/none", "").await.problem(404);
}
