//! The programme over the API: planned, invited by rule, answered, ended.

use serde_json::{Value, json};
use superfan::vocabulary::Role;

use super::Web;

/// What is planned where nothing else is said; the tests' clock stands in November 2025.
fn plan() -> Value {
    json!({ "kind": "trial", "name": "Bar 900 before it is out", "happens_on": "2026-05-01",
            "about": "Dear {name}, try it first.", "perk": "product", "budget_percent": 60,
            "rule": { "top": 3 } })
}

fn with(name: &str, value: Value) -> String {
    let mut plan = plan();
    plan[name] = value;
    plan.to_string()
}

#[tokio::test]
async fn an_event_is_planned_invited_to_answered_and_ended() {
    let web = Web::open().await;
    web.solves(&["zoe", "max"]).await;
    let planned = web.admin("POST /api/v1/programme", &plan().to_string()).await.is(201);
    assert_eq!((&planned["state"], &planned["invited"]), (&json!("planned"), &json!([])));
    let names = |list: &Value| -> Vec<String> {
        let names = list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap());
        names.map(str::to_owned).collect()
    };
    assert_eq!(names(&planned["named_beside"]), ["<i>Kim</i>", "max", "zoe"]);
    let act =
        |what: &str| format!("POST /api/v1/programme/{}/{what}", planned["id"].as_str().unwrap());
    for _ in 0..2 {
        let invited = web.admin(&act("invite"), "").await.is(200);
        assert_eq!(names(&invited["invited"]), ["<i>Kim</i>", "max", "zoe"], "each once");
        assert_eq!(invited["invited"][2]["words"], "Dear zoe, try it first.");
        assert_eq!(invited["named_beside"], json!([]));
    }
    let yes = json!({ "author": "zoe", "answer": "yes" }).to_string();
    let answered = web.admin(&act("answer"), &yes).await.is(200);
    assert_eq!(answered["invited"][2]["answer"], "yes");
    assert!(answered["invited"][2]["answered_at"].is_string());
    let stranger = json!({ "author": "dora", "answer": "yes" }).to_string();
    web.admin(&act("answer"), &stranger).await.problem(404);
    let odd = json!({ "author": "zoe", "answer": "maybe" }).to_string();
    web.admin(&act("answer"), &odd).await.problem(422);

    let listed = web.admin("GET /api/v1/programme", "").await.is(200);
    assert_eq!((&listed["planned_percent"], &listed["next"]), (&json!(60), &Value::Null));
    assert!(listed["items"][0].get("invited").is_none());
    assert_eq!(web.admin(&act("end"), "").await.is(200)["state"], "over");
    for late in ["end", "invite"] {
        web.admin(&act(late), "").await.problem(409);
    }
    assert_eq!(web.admin("GET /api/v1/programme", "").await.is(200)["planned_percent"], 0);
}

#[tokio::test]
async fn what_makes_no_sense_is_not_planned() {
    let web = Web::open().await;
    for (name, value) in [
        ("kind", json!("party")),
        ("perk", json!("money")),
        ("name", json!("  ")),
        ("name", json!("x".repeat(121))),
        ("about", json!("x".repeat(2001))),
        ("happens_on", json!("soon")),
        ("happens_on", json!("2026-02-30")),
        ("happens_on", json!("2026-05-01T10:00:00")),
        ("happens_on", json!("+002026-05-01")),
        ("happens_on", json!("2024-05-01")),
        ("budget_percent", json!(-1)),
        ("budget_percent", json!(101)),
        ("rule", json!({ "top": 0 })),
        ("rule", json!({ "top": 101 })),
        ("rule", json!({ "top": 5, "days": -1 })),
        ("rule", json!({ "top": 5, "days": i64::MAX })),
        ("rule", json!({ "top": 5, "tag": "x".repeat(201) })),
        ("rule", json!({})),
    ] {
        let refused = web.admin("POST /api/v1/programme", &with(name, value.clone())).await;
        assert_eq!(refused.status, 422, "{name} {value}: {}", refused.text);
    }
    web.admin("POST /api/v1/programme", &plan().to_string()).await.is(201);
    let twice = web.admin("POST /api/v1/programme", &plan().to_string()).await.problem(422);
    assert!(twice["detail"].as_str().unwrap().contains("at most 40 % are left"), "{twice}");
    web.admin("GET /api/v1/programme/gap_0000000000001", "").await.problem(404);
    web.admin("GET /api/v1/programme/prg_0000000000001", "").await.problem(404);
    web.admin("GET /api/v1/programme?cursor=x", "").await.problem(400);
}

#[tokio::test]
async fn events_come_in_pages_and_only_moderators_plan() {
    let web = Web::open().await;
    let viewer = web.token_of("vi", Role::Viewer).await;
    for n in 0..3 {
        let body = with("name", json!(format!("Day {n}"))).replace("60", "0");
        web.call(&viewer, "POST /api/v1/programme", &body).await.problem(403);
        web.admin("POST /api/v1/programme", &body).await.is(201);
    }
    let first = web.call(&viewer, "GET /api/v1/programme?limit=2", "").await.is(200);
    assert_eq!(first["items"][0]["name"], "Day 2");
    let next = first["next"].as_str().unwrap();
    let second = web.admin(&format!("GET /api/v1/programme?limit=2&cursor={next}"), "").await;
    let second = second.is(200);
    assert_eq!((&second["items"][0]["name"], &second["next"]), (&json!("Day 0"), &Value::Null));
}

#[tokio::test]
async fn the_phones_time_is_set_by_an_admin() {
    let web = Web::open().await;
    let call = "PUT /api/v1/insights/targets";
    let body = json!({ "phone_minutes": 12, "answer_within_minutes": 30 });
    let lee = web.token_of("lee", Role::Moderator).await;
    web.call(&lee, call, &body.to_string()).await.problem(403);
    assert_eq!(web.admin(call, &body.to_string()).await.is(200), body);
    assert_eq!(web.admin("GET /api/v1/insights", "").await.is(200)["targets"], body);
    for (phone, promise) in [(0, 30), (-5, 30), (1441, 30), (12, 7)] {
        let body = json!({ "phone_minutes": phone, "answer_within_minutes": promise });
        web.admin(call, &body.to_string()).await.problem(422);
    }
}
