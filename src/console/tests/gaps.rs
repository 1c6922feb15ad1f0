//! The gaps' pages: who sees them, who says what of one.

use axum::http::StatusCode;
use jiff::SignedDuration;

use super::house::House;
use crate::gaps::GapKeeper;
use crate::ids::GapId;
use crate::vocabulary::{EscalationState, Role};

async fn gaps(house: &House) -> Vec<GapId> {
    let keeper = GapKeeper::new(house.desk.clone());
    house.clock.advance(SignedDuration::from_mins(1));
    keeper.keep_up().await.unwrap();
    let mut tx = house.desk.store.read().await.unwrap();
    tx.gaps(10).await.unwrap().into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn a_moderator_says_whose_a_gap_is_and_answers_it() {
    let house = House::open().await;
    let mo = house.person("mo", Role::Moderator).await;
    let vi = house.person("vi", Role::Viewer).await;
    assert!(house.get(&vi, "/gaps").await.page().contains("Nothing here."));
    let first = house.asks("ana", "Why does my sofa hum? Call +30 210 123 4567").await;
    house.asks("ben", "the sofa hums").await;
    house.asks("cleo", "Where is my parcel?").await;
    let known = gaps(&house).await;
    assert_eq!(known.len(), 2);
    let list = house.get(&vi, "/gaps").await;
    assert!(list.page().contains("sofa") && !list.body.contains("parcel"), "{}", list.body);
    assert!(house.get(&vi, "/gaps?tab=single").await.page().contains("parcel"));

    let path = format!("/gaps/{}", known[0]);
    let page = house.get(&vi, &path).await;
    assert!(page.page().contains("[phone]") && !page.body.contains("210 123"), "{}", page.body);
    let fields = [("owner", "Sound"), ("state", "planned")];
    let refused = house.post(&vi, &format!("{path}/standing"), &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let kept = house.post(&mo, &format!("{path}/standing"), &fields).await;
    assert_eq!(kept.location(), format!("{path}?done=gap-set"));
    let list = house.get(&vi, "/gaps").await;
    assert!(list.page().contains("Sound") && list.body.contains("planned"), "{}", list.body);

    let empty = [("title", "Why does my sofa hum?"), ("answer", "")];
    let seen = house.post(&mo, &format!("{path}/answer"), &empty).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = [("title", "Why does my sofa hum?"), ("answer", "Turn the motor off.")];
    let refused = house.post(&vi, &format!("{path}/answer"), &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let answered = house.post(&mo, &format!("{path}/answer"), &fields).await;
    assert_eq!(answered.location(), format!("{path}?done=gap-answered"));
    let mut tx = house.desk.store.read().await.unwrap();
    let row = tx.escalation(first).await.unwrap().unwrap();
    assert_eq!(row.state, EscalationState::Closed);
    drop(tx);
    assert_eq!(gaps(&house).await, [known[1], known[0]], "nobody waits there any more");
    let done = house.get(&vi, "/gaps?tab=done").await;
    assert!(done.page().contains("sofa"), "{}", done.body);
    let month = house.get(&vi, "/gaps/month.md?month=2025-11").await;
    assert!(
        month.page().contains("\\[phone\\]") && !month.body.contains("210 123"),
        "{}",
        month.body
    );
    let page = house.get(&vi, "/gaps/month.html?month=2025-11").await;
    assert!(page.page().starts_with("<!doctype html>") && page.body.contains("[phone]"));
    let none = house.get(&vi, "/gaps/month.md?month=soon").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let missing = house.get(&vi, "/gaps/gap_0000000000001").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_title_that_is_too_long_is_refused_with_what_was_written() {
    let house = House::open().await;
    let mo = house.person("mo", Role::Moderator).await;
    house.asks("ana", "Why does my sofa hum?").await;
    let id = gaps(&house).await[0];
    let path = format!("/gaps/{id}");
    let (long, longer) = ("ñ".repeat(256), "ñ".repeat(100_001));
    for (title, answer, reason) in [
        (long.as_str(), "Turn the motor off.", "title is longer than 255 characters"),
        ("Sofa", longer.as_str(), "answer is longer than 100000 characters"),
    ] {
        let fields = [("title", title), ("answer", answer)];
        let seen = house.post(&mo, &format!("{path}/answer"), &fields).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(seen.body.contains(reason) && seen.body.contains(answer), "{reason}");
    }
    let mut tx = house.desk.store.read().await.unwrap();
    assert_eq!(tx.gap(id).await.unwrap().unwrap().answer_id, None);
    drop(tx);
    let fields = [("title", &long[2..]), ("answer", "Turn the motor off.")];
    let kept = house.post(&mo, &format!("{path}/answer"), &fields).await;
    assert_eq!(kept.location(), format!("{path}?done=gap-answered"));
}

#[tokio::test]
async fn a_skill_that_nobody_has_is_said_plainly_and_nothing_changes() {
    let house = House::open().await;
    // Who names no skills could answer anything, and yet has not this one.
    let mo = house.person("mo", Role::Moderator).await;
    let id = house.asks("ana", "Why does my sofa hum?").await;
    let path = format!("/gaps/{}", gaps(&house).await[0]);
    let seen = house.post(&mo, &format!("{path}/experts"), &[("skill", "Boats")]).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = "nobody has the skill “Boats”; nothing was passed on";
    assert!(seen.body.contains(reason), "{}", seen.body);
    let mut tx = house.desk.store.read().await.unwrap();
    assert_eq!(tx.escalation(id).await.unwrap().unwrap().skill, None);
}
