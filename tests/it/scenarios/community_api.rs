//! What moderators do for the community, by programs of the brand's own: gaps, incidents, the forum.

use serde_json::{Value, json};
use superfan_bots::discourse::fake::FakeTopic;

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios! {
    a_gap_is_owned_and_answered_over_the_api,
    a_gap_is_passed_on_over_the_api,
    lists_of_gaps_and_recalls_come_in_pages,
    an_incident_is_told_and_closed_over_the_api,
    a_question_goes_to_the_forum_and_back_over_the_api,
    an_author_is_named_over_the_api,
}

/// A call that is answered so.
#[track_caller]
fn ok((status, told): (u16, Value)) -> Value {
    assert!((200..300).contains(&status), "{status} {told}");
    told
}

/// The address of the first gap.
async fn first_gap(desk: &TestDesk) -> String {
    desk.passes(minutes(1)).await;
    let gaps = ok(desk.calls("GET /api/v1/gaps", "").await);
    format!("/api/v1/gaps/{}", gaps["items"][0]["id"].as_str().expect("a gap"))
}

async fn a_gap_is_owned_and_answered_over_the_api(desk: &mut TestDesk) {
    desk.telegram("ana").asks("Why does my sofa hum? Call +30 210 123 4567").await;
    desk.caller("ben").asks("m1", "the sofa hums all day").await;
    let gap = first_gap(desk).await;
    let seen = ok(desk.calls(&format!("GET {gap}"), "").await);
    assert_eq!(
        (&seen["n"], &seen["n_waiting"], &seen["owner"]),
        (&json!(2), &json!(2), &json!(""))
    );
    assert_eq!(seen["questions"][1]["text"], "Why does my sofa hum? Call [phone]");
    assert_eq!(seen["questions"][1]["number"], 1);

    let patch = format!("PATCH {gap}");
    let owned = json!({ "owner": "Sound", "state": "planned" }).to_string();
    let owned = ok(desk.calls(&patch, &owned).await);
    assert_eq!((&owned["owner"], &owned["state"]), (&json!("Sound"), &json!("planned")));
    let kept = ok(desk.calls(&patch, r#"{"state":"open"}"#).await);
    assert_eq!((&kept["owner"], &kept["state"]), (&json!("Sound"), &json!("open")));
    for (body, expected) in [
        (json!({ "state": "lost" }), 422),
        (json!({ "owner": "x".repeat(81) }), 422),
        (json!({ "owner": 7 }), 422),
    ] {
        assert_eq!(desk.calls(&patch, &body.to_string()).await.0, expected, "{body}");
    }
    assert_eq!(desk.calls("PATCH /api/v1/gaps/gap_0000000000001", "{}").await.0, 404);
    assert_eq!(desk.calls("GET /api/v1/gaps/esc_0000000000001", "").await.0, 404);

    desk.news();
    let answer = format!("POST {gap}/answer");
    assert_eq!(desk.calls(&answer, r#"{"title":"Sofa"}"#).await.0, 422, "no answer");
    for (name, n) in [("title", 256), ("question", 100_001), ("answer", 100_001)] {
        let mut body = json!({ "title": "Sofa", "answer": "Turn the motor off." });
        body[name] = json!("ñ".repeat(n));
        let (status, told) = desk.calls(&answer, &body.to_string()).await;
        let reason = format!("{name} is longer than {} characters", n - 1);
        assert_eq!(status, 422);
        assert!(told["detail"].as_str().is_some_and(|detail| detail.contains(&reason)), "{told}");
    }
    let body = json!({ "title": "Why does my sofa hum?", "answer": "Turn the motor off." });
    let told = desk.calls(&answer, &body.to_string()).await;
    assert_eq!(told.0, 202, "{}", told.1);
    assert_eq!(told.1["state"], "answered");
    assert_eq!(desk.calls(&answer, &body.to_string()).await.0, 409, "it is still going out");
    desk.passes(minutes(1)).await;
    let news = desk.news();
    for who in ["telegram/ana", "webhook/ben"] {
        let lines = news.lines().filter(|line| line.starts_with(who));
        assert_eq!(lines.filter(|line| line.contains("Turn the motor")).count(), 1, "{news}");
    }
    let over = ok(desk.calls(&format!("GET {gap}"), "").await);
    assert_eq!((&over["is_going_out"], &over["n_waiting"]), (&json!(false), &json!(0)));
    assert_eq!(over["untold"], json!([]));
}

async fn a_gap_is_passed_on_over_the_api(desk: &mut TestDesk) {
    let bo = desk.agent("bo").await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    let said = superfan::people::Profile { name: "bo", langs: "", skills: "sofas" };
    let named = superfan::people::set_profile(&mut tx, &stage, &bo.actor, "bo@desk.example", said);
    named.await.unwrap();
    tx.commit().await.unwrap();
    desk.telegram("ana").asks("Why does my sofa hum?").await;
    let experts = format!("POST {}/experts", first_gap(desk).await);
    assert_eq!(desk.calls(&experts, r#"{"skill":""}"#).await.0, 422);
    assert_eq!(desk.calls(&experts, "{}").await.0, 422);
    let (status, told) = desk.calls(&experts, r#"{"skill":"boats"}"#).await;
    let reason = "nobody has the skill “boats”; nothing was passed on";
    assert_eq!((status, &told["detail"]), (422, &json!(reason)));
    assert_eq!(desk.escalation(1).await.skill, None);
    let passed = ok(desk.calls(&experts, r#"{"skill":"sofas"}"#).await);
    assert_eq!(passed, json!({ "passed_on": 1 }));
    assert_eq!(desk.escalation(1).await.skill.as_deref(), Some("sofas"));
    desk.transcript();
}

async fn lists_of_gaps_and_recalls_come_in_pages(desk: &mut TestDesk) {
    desk.overlooks_details();
    for (n, question) in [
        "Why does my sofa hum?",
        "Where is my parcel?",
        "Which cable fits the lamp?",
        "the sofa hums all day",
        "Does the boat float?",
    ]
    .into_iter()
    .enumerate()
    {
        desk.telegram(&format!("c{n}")).asks(question).await;
    }
    first_gap(desk).await;
    let whole = ok(desk.calls("GET /api/v1/gaps", "").await);
    assert_eq!((whole["items"].as_array().unwrap().len(), &whole["next"]), (4, &Value::Null));
    let mut seen = Vec::new();
    let mut next = Some(String::new());
    while let Some(cursor) = next {
        let call = format!("GET /api/v1/gaps?limit=3&cursor={cursor}");
        let page = ok(desk.calls(&call, "").await);
        seen.extend(page["items"].as_array().unwrap().clone());
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(&Value::from(seen), &whole["items"]);

    let lee = desk.agent("lee").await;
    for n in 0..3 {
        let known = desk.knows(&format!("How do I fold chair {n}?"), "Push its legs in.").await;
        let wrong = format!("POST /api/v1/answers/{known}/wrong");
        ok(desk.calls(&wrong, r#"{"reason":"It breaks."}"#).await);
    }
    let first = ok(desk.calls("GET /api/v1/recalls?limit=2", "").await);
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let next = first["next"].as_str().unwrap();
    let second = ok(desk.calls(&format!("GET /api/v1/recalls?limit=2&cursor={next}"), "").await);
    assert_eq!((second["items"].as_array().unwrap().len(), &second["next"]), (1, &Value::Null));
    for bad in ["gaps?cursor=x", "gaps?limit=0", "recalls?cursor=gap_1", "recalls?limit=many"] {
        assert_eq!(desk.calls(&format!("GET /api/v1/{bad}"), "").await.0, 400, "{bad}");
    }
    drop(lee);
}

async fn an_incident_is_told_and_closed_over_the_api(desk: &mut TestDesk) {
    desk.overlooks_details();
    for n in 0..6 {
        desk.caller(&format!("c{n}")).says("m1", "Why is the sofa server down?").await;
    }
    desk.is_quiet().await;
    desk.passes(minutes(1)).await;
    let noticed = ok(desk.calls("GET /api/v1/incidents", "").await)["items"][0].clone();
    assert_eq!((&noticed["state"], &noticed["customers"]), (&json!("noticed"), &json!(6)));
    let act =
        |what: &str| format!("POST /api/v1/incidents/{}/{what}", noticed["id"].as_str().unwrap());
    assert_eq!(desk.calls(&act("close"), "").await.0, 409, "it is not open");
    let long = json!({ "text": "x".repeat(1001) }).to_string();
    assert_eq!(desk.calls(&act("open"), &long).await.0, 422);
    let open = ok(desk.calls(&act("open"), r#"{"text":"Our servers are down."}"#).await);
    assert_eq!((&open["state"], &open["text"]), (&json!("open"), &json!("Our servers are down.")));
    assert_eq!(desk.calls(&act("dismiss"), "").await.0, 409, "somebody was quicker");
    desk.passes(minutes(1)).await;
    let replies = desk.help_desk.replies();
    let told = replies.iter().filter(|one| one.body["text"] == "Our servers are down.").count();
    let over = ok(desk.calls(&act("close"), "").await);
    assert_eq!((told, &over["told"], &over["state"]), (6, &json!(6), &json!("closed")));
    assert_eq!(desk.calls("POST /api/v1/incidents/inc_0000000000001/open", "").await.0, 404);
}

/// Topics that we opened.
fn ours(desk: &TestDesk) -> Vec<FakeTopic> {
    desk.discourse().topics().into_iter().filter(|topic| topic.external_id.is_some()).collect()
}

async fn a_question_goes_to_the_forum_and_back_over_the_api(desk: &mut TestDesk) {
    desk.telegram("ana").asks("My cat walked on the router, call +30 210 123 4567").await;
    let id = desk.escalation(1).await.id;
    let act = |what: &str| format!("POST /api/v1/escalations/{id}/forum/{what}");
    assert_eq!(desk.calls(&act("ask"), "").await.0, 422, "there is no forum");
    desk.follows_discourse().await;
    desk.caller("ben").asks("m1", "a cat walked over my router").await;
    let show = format!("GET /api/v1/escalations/{id}/forum");
    let seen = ok(desk.calls(&show, "").await);
    assert_eq!(seen["state"], Value::Null);
    assert_eq!(seen["text"], "My cat walked on the router, call [phone]");
    let ben = desk.escalation(2).await.id.to_string();
    assert_eq!(seen["others"], json!([ben]));

    assert_eq!(desk.calls(&act("post"), "").await.0, 409, "nobody agreed");
    assert_eq!(desk.calls(&act("join"), &json!({ "others": [ben] }).to_string()).await.0, 404);
    assert_eq!(desk.calls(&act("ask"), r#"{"title":" "}"#).await.0, 422);
    let asked = ok(desk.calls(&act("ask"), r#"{"title":"A cat on the router"}"#).await);
    assert_eq!((&asked["state"], &asked["is_agreed"]), (&json!("asked"), &json!(false)));
    assert_eq!(desk.calls(&act("ask"), "").await.0, 409, "they were asked");
    desk.settle().await;
    desk.telegram("ana").presses("Yes, ask them").await;
    let posting = ok(desk.calls(&act("post"), "").await);
    assert_eq!(
        (&posting["state"], &posting["title"]),
        (&json!("posting"), &json!("A cat on the router"))
    );
    let bad = json!({ "others": ["conv_0000000000001"] }).to_string();
    assert_eq!(desk.calls(&act("join"), &bad).await.0, 422);
    ok(desk.calls(&act("join"), &json!({ "others": [ben] }).to_string()).await);
    desk.passes(seconds(5)).await;
    let topics = ours(desk);
    assert_eq!((topics.len(), topics[0].title.as_str()), (1, "A cat on the router"));
    let open = ok(desk.calls(&show, "").await);
    assert_eq!(open["state"], "open");
    assert!(open["url"].as_str().unwrap().contains(&topics[0].id.to_string()), "{open}");

    let post =
        desk.discourse().member("zoe").replies(topics[0].id, "Unplug it for a minute.").await;
    desk.discourse().accept(post).await;
    desk.is_searchable().await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    for who in ["telegram/ana   ◀ You asked (#1)", "webhook/ben    ◀ You asked (#2)"] {
        assert_eq!(news.matches(who).count(), 1, "{news}");
    }
    assert_eq!(ok(desk.calls(&show, "").await)["state"], "told");
    assert_eq!(desk.calls(&act("withdraw"), "").await.0, 409);
    assert_eq!(desk.calls(&act("link"), r#"{"topic":"first"}"#).await.0, 409, "it is closed");
    assert_eq!(desk.calls("GET /api/v1/escalations/gap_0000000000001/forum", "").await.0, 404);
}

async fn an_author_is_named_over_the_api(desk: &mut TestDesk) {
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let name = "POST /api/v1/fans/name";
    for (body, expected) in [
        (json!({ "author": "nobody", "how": "unnamed" }), 404),
        (json!({ "author": "mara", "how": "as", "name": " " }), 422),
        (json!({ "author": "mara", "how": "as", "name": "x".repeat(81) }), 422),
        (json!({ "author": "mara", "how": "somehow" }), 422),
    ] {
        assert_eq!(desk.calls(name, &body.to_string()).await.0, expected, "{body}");
    }
    let body = json!({ "author": "mara", "how": "as", "name": "M. of Crete" }).to_string();
    let named = ok(desk.calls(name, &body).await);
    assert_eq!(named, json!({ "author": "mara", "name": "M. of Crete" }));
    desk.telegram("ana").asks("How do I reset my password?").await;
    assert!(desk.transcript().contains("answer by @M. of Crete"));
    let body = json!({ "author": "mara", "how": "unnamed" }).to_string();
    assert_eq!(ok(desk.calls(name, &body).await)["name"], Value::Null);
    assert_eq!(ok(desk.calls("GET /api/v1/fans", "").await)["fans"], json!([]));
}
