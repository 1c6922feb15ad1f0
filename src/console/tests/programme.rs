//! The programme's pages: who plans, who is invited, and what they said.

use axum::http::StatusCode;

use super::house::House;
use crate::store::solves::SolveRow;
use crate::vocabulary::Role;

const PLAN: [(&str, &str); 8] = [
    ("kind", "trial"),
    ("name", "Bar 900 before it is out"),
    ("happens_on", "2026-12-01"),
    ("about", "Dear {name}, try it first."),
    ("perk", "product"),
    ("budget_percent", "60"),
    ("top", "2"),
    ("lang", "el"),
];

/// Longer than any part of a rule.
const LONG: &str = "llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll\
    llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll\
    llllllllllllllllllllllllllllllllllll";

/// So many solves of an author.
async fn solves(house: &House, author: &str, lang: &str, n: i64) {
    let mut tx = house.desk.store.begin().await.unwrap();
    for case in 0..n {
        let solve = SolveRow {
            answer_id: format!("{author}-{lang}"),
            case_id: (case + 1).into(),
            author: author.to_owned(),
            person: format!("person {case} of {author}"),
            helped: (case + 1).to_string(),
            customer_id: (case + 1).into(),
            channel: "webchat".to_owned(),
            lang: lang.to_owned(),
            product: String::new(),
            tags: Vec::new(),
            discount: String::new(),
            at: house.desk.clock.now(),
        };
        tx.put_solve(&solve).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_rule_says_who_is_invited_and_each_is_invited_once() {
    let house = House::open().await;
    let mo = house.person("mo", Role::Moderator).await;
    for (author, lang, n) in [("ana", "el", 5), ("ben", "el", 3), ("cleo", "el", 1)] {
        solves(&house, author, lang, n).await;
    }
    solves(&house, "dora", "en", 9).await;
    let planned = house.post(&mo, "/programme", &PLAN).await;
    let path = planned.location().to_owned();
    let seen = house.get(&mo, &path).await;
    let named = seen.page();
    assert!(named.contains("<bdi>ana</bdi>") && named.contains("<bdi>ben</bdi>"), "{named}");
    assert!(!named.contains("cleo") && !named.contains("dora"));

    for _ in 0..2 {
        let invited = house.post(&mo, &format!("{path}/invite"), &[]).await;
        assert_eq!(invited.location(), format!("{path}?done=invited"));
    }
    let answer = [("author", "ana"), ("answer", "yes")];
    house.post(&mo, &format!("{path}/answer"), &answer).await.location();
    let seen = house.get(&mo, &path).await;
    assert!(seen.page().contains("Dear ana, try it first."));
    let list = house.get(&mo, &format!("{path}/invitees.csv")).await;
    assert_eq!(list.body, "author,solves,answer\nana,5,yes\nben,3,none\n");

    let stranger = [("author", "dora"), ("answer", "yes")];
    let refused = house.post(&mo, &format!("{path}/answer"), &stranger).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    house.post(&mo, &format!("{path}/end"), &[]).await.location();
    let late = house.post(&mo, &format!("{path}/invite"), &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_spreadsheets_would_run_and_no_database_keeps_is_text() {
    let house = House::open().await;
    let mo = house.person("mo", Role::Moderator).await;
    solves(&house, "=1+1", "el", 5).await;
    let mut plan = PLAN;
    plan[1].1 = "Bar\0 900";
    let planned = house.post(&mo, "/programme", &plan).await;
    let path = planned.location().to_owned();
    house.post(&mo, &format!("{path}/invite"), &[]).await.location();
    let list = house.get(&mo, &format!("{path}/invitees.csv")).await;
    assert_eq!(list.body, "author,solves,answer\n'=1+1,5,none\n");
    assert!(house.get(&mo, &path).await.page().contains("<bdi>Bar\u{FFFD} 900</bdi>"));
    for other in ["zzz", "gap_0000000000001", "prg_0000000000001"] {
        let seen = house.get(&mo, &format!("/programme/{other}")).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{other}");
    }
    let seen = house.get(&mo, "/fans?lang=%00&tag=%00").await;
    assert!(seen.page().contains("value=\"\u{FFFD}\""), "{}", seen.body);
}

#[tokio::test]
async fn the_budget_is_given_once_and_experts_only_look() {
    let house = House::open().await;
    let mo = house.person("mo", Role::Moderator).await;
    let lee = house.person("lee", Role::Expert).await;
    assert_eq!(house.post(&lee, "/programme", &PLAN).await.status, StatusCode::FORBIDDEN);
    let first = house.post(&mo, "/programme", &PLAN).await;
    let first = first.location();
    let second = house.post(&mo, "/programme", &PLAN).await;
    assert_eq!(second.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(second.body.contains("at most 40 % are left"), "{}", second.body);
    house.post(&mo, &format!("{first}/end"), &[]).await.location();
    house.post(&mo, "/programme", &PLAN).await.location();
    for (name, bad) in [
        ("happens_on", "soon"),
        ("happens_on", "2020-01-01"),
        ("top", "0"),
        ("top", "-3"),
        ("perk", "money"),
        ("budget_percent", "-1"),
        ("budget_percent", "99999999999999999999"),
        ("lang", LONG),
    ] {
        let mut plan = PLAN;
        for field in plan.iter_mut().filter(|field| field.0 == name) {
            field.1 = bad;
        }
        let refused = house.post(&mo, "/programme", &plan).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
}
