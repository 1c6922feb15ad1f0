//! Super fans' page and a customer's data: who may do what.

use axum::http::StatusCode;

use super::base::written;
use super::house::House;
use crate::vocabulary::Role;

#[tokio::test]
async fn a_moderator_names_an_author_and_an_expert_does_not() {
    let house = House::open().await;
    let mo = house.person("mo", Role::Moderator).await;
    let lee = house.person("lee", Role::Expert).await;
    let fields = [("author", "Ana"), ("how", "unnamed")];
    assert_eq!(house.post(&mo, "/fans/name", &fields).await.status, StatusCode::NOT_FOUND);
    written(&house, &mo).await;
    let seen = house.post(&lee, "/fans/name", &fields).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    let seen = house.post(&mo, "/fans/name", &fields).await;
    assert_eq!(seen.location(), "/fans?done=named");
    assert!(house.get(&mo, "/fans").await.page().contains("<bdi class=\"tag\">Ana</bdi>"));
    let fields = [("author", "Ana"), ("how", "as"), ("name", " ")];
    let seen = house.post(&mo, "/fans/name", &fields).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let letter = house.get(&lee, "/fans/thanks?author=Ana&month=2025-11").await;
    assert!(letter.page().contains("Nothing of theirs counted"));
}

#[tokio::test]
async fn only_an_admin_hands_out_or_erases_a_customers_data() {
    let house = House::open().await;
    let ada = house.person("ada", Role::Admin).await;
    let mo = house.person("mo", Role::Moderator).await;
    let escalation = house.asks("ana", "It hums like a bee").await;
    let mut tx = house.desk.store.read().await.unwrap();
    let customer = tx.escalation(escalation).await.unwrap().unwrap().customer_id;
    drop(tx);
    let path = |act: &str| format!("/customers/{customer}/{act}");
    for act in ["export", "erase"] {
        let fields = [("sure", customer.to_string())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(house.post(&mo, &path(act), &fields).await.status, StatusCode::FORBIDDEN);
    }
    let export = house.post(&ada, &path("export"), &[]).await;
    assert!(export.page().contains("It hums like a bee"), "{}", export.body);
    let slip = house.post(&ada, &path("erase"), &[("sure", "yes")]).await;
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    let id = customer.to_string();
    let erased = house.post(&ada, &path("erase"), &[("sure", &id)]).await;
    assert_eq!(erased.location(), "/?done=erased");
    // What was not handled yet is erased once it is; the rest is gone at once.
    let export = house.post(&ada, &path("export"), &[]).await;
    assert!(export.page().contains("[erased]"), "{}", export.body);
}
