//! The insights' page: who sets what it compares with, and the table as CSV.

use axum::http::StatusCode;

use super::house::House;
use crate::vocabulary::Role;

#[tokio::test]
async fn an_admin_says_what_to_compare_with_and_others_read() {
    let house = House::open().await;
    let ada = house.person("ada", Role::Admin).await;
    let vic = house.person("vic", Role::Viewer).await;
    assert!(house.get(&vic, "/insights").await.page().contains("No questions in these days"));
    let fields = [("phone_minutes", "12"), ("answer_within_minutes", "5")];
    let seen = house.post(&vic, "/insights/targets", &fields).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    let seen = house.post(&ada, "/insights/targets", &fields).await;
    assert_eq!(seen.location(), "/insights?done=targets");
    let page = house.get(&ada, "/insights").await;
    assert!(page.page().contains("value=\"12\""), "{}", page.page());
    assert!(page.page().contains("<option value=\"5\" selected>"), "{}", page.page());
    for bad in [[("phone_minutes", "soon")], [("answer_within_minutes", "7")]] {
        let seen = house.post(&ada, "/insights/targets", &bad).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad:?}");
    }
}

#[tokio::test]
async fn the_table_comes_as_csv() {
    let house = House::open().await;
    let vic = house.person("vic", Role::Viewer).await;
    let seen = house.get(&vic, "/insights.csv?days=7").await;
    assert_eq!(seen.headers["content-type"], "text/csv; charset=utf-8");
    let header = "dimension,name,cases,confirmed,silent,refused,escalated,asked_again,solved_share";
    assert!(seen.page().starts_with(header) && seen.page().contains("\nall,,0,0,0,0,0,0,0.0000\n"));
}
