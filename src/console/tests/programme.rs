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

/// So many solves of an author.
async fn solves(house: &House, author: &str, lang: &str, n: i64) {
    let mut tx = house.desk.store.begin().await.unwrap();
    for case in 0..n {
        let solve = SolveRow {
            answer_id: format!("{author}-{lang}"),
            case_id: (case + 1).into(),
            author: author.to_owned(),
            person: format!("person {case} of {author}"),
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
    for (name, bad) in [("happens_on", "soon"), ("top", "0"), ("perk", "money")] {
        let mut plan = PLAN;
        for field in plan.iter_mut().filter(|field| field.0 == name) {
            field.1 = bad;
        }
        let refused = house.post(&mo, "/programme", &plan).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
}
