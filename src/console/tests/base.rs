//! The answer base on the pages: written, changed, retired, and by whom.

use axum::http::StatusCode;

use super::house::{House, Visitor};
use crate::store::answers::AnswerRow;
use crate::vocabulary::Role;

async fn only_answer(house: &House) -> AnswerRow {
    let mut tx = house.desk.store.read().await.unwrap();
    let mut rows = tx.answers_after(0, 9).await.unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

pub(super) async fn written(house: &House, who: &Visitor) -> AnswerRow {
    let fields = [
        ("title", "Beeps <twice>"),
        ("answer", "Hold the power button.\r\nWait."),
        ("author", "Ana"),
        ("tags", "sound; power ;"),
        ("sendable", "yes"),
    ];
    let seen = house.post(who, "/answers", &fields).await;
    let row = only_answer(house).await;
    assert_eq!(seen.location(), format!("/answers/{}?done=saved", row.id));
    row
}

#[tokio::test]
async fn an_answer_is_written_changed_retired_and_brought_back_with_its_history() {
    let house = House::open().await;
    let mo = house.person("mo", Role::Moderator).await;
    let row = written(&house, &mo).await;
    assert_eq!(row.answer, "Hold the power button.\nWait.");
    assert_eq!((row.lang.as_str(), row.tags.join("+").as_str()), ("en", "sound+power"));
    assert_eq!((row.author.as_deref(), row.may_be_sent()), (Some("Ana"), true));

    let path = format!("/answers/{}", row.id);
    let form = house.get(&mo, &format!("{path}/edit")).await;
    assert!(form.page().contains("value=\"Beeps &#60;twice&#62;\""));
    assert!(form.page().contains("value=\"sound; power\""));
    let fields = [("title", "Beeps"), ("answer", "Press it twice."), ("sendable", "no")];
    house.post(&mo, &path, &fields).await;
    let changed = only_answer(&house).await;
    assert_eq!((changed.author.as_deref(), changed.may_be_sent()), (None, false));

    for (act, live) in [("retire", false), ("restore", true)] {
        let seen = house.post(&mo, &format!("{path}/{act}"), &[]).await;
        assert_eq!(seen.location(), format!("{path}?done={act}d"));
        assert_eq!(only_answer(&house).await.live, live);
    }
    let page = house.get(&mo, &path).await;
    for said in ["mo</bdi>: bring back", "mo</bdi>: retire", "mo</bdi>: edit", "mo</bdi>: create"] {
        assert!(page.page().contains(said), "{said}");
    }
    assert!(page.page().contains("Hold the power button."), "what it said first is kept");
}

#[tokio::test]
async fn what_cannot_be_saved_stays_in_the_form() {
    let house = House::open().await;
    let mo = house.person("mo", Role::Moderator).await;
    let fields = [("title", "Beeps"), ("answer", "My long answer"), ("url", "ftp://x")];
    let seen = house.post(&mo, "/answers", &fields).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.body.contains("url is no address of the web"));
    assert!(seen.body.contains("My long answer</textarea>"));
}

#[tokio::test]
async fn a_moderator_overrules_the_classifier_and_takes_it_back() {
    let house = House::open().await;
    let mo = house.person("mo", Role::Moderator).await;
    let path = format!("/answers/{}", written(&house, &mo).await.id);
    for (word, by_hand) in [("no", Some(false)), ("yes", Some(true)), ("", None)] {
        house.post(&mo, &format!("{path}/sendable"), &[("word", word)]).await;
        assert_eq!(only_answer(&house).await.sendable_by_hand, by_hand);
    }
}

#[tokio::test]
async fn only_moderators_write() {
    let house = House::open().await;
    let mo = house.person("mo", Role::Moderator).await;
    let ex = house.person("ex", Role::Expert).await;
    let path = format!("/answers/{}", written(&house, &mo).await.id);
    for page in ["/new-answer".to_owned(), format!("{path}/edit")] {
        assert_eq!(house.get(&ex, &page).await.status, StatusCode::FORBIDDEN, "{page}");
    }
    for act in ["", "/retire", "/restore", "/sendable"] {
        let seen = house.post(&ex, &format!("{path}{act}"), &[("answer", "x")]).await;
        assert_eq!(seen.status, StatusCode::FORBIDDEN, "{act}");
    }
    let page = house.get(&ex, &path).await;
    assert!(!page.page().contains("Retire</button>") && !page.page().contains(">Edit</a>"));
    assert!(!house.get(&ex, "/answers").await.page().contains("Write an answer"));
    assert_eq!(house.post(&mo, "/answers/none/retire", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_admin_asks_for_index_work_and_sees_it() {
    let house = House::open().await;
    let (ada, mo) =
        (house.person("ada", Role::Admin).await, house.person("mo", Role::Moderator).await);
    for work in ["rebuild", "check", "rollback"] {
        let path = format!("/index/{work}");
        assert_eq!(house.post(&mo, &path, &[]).await.status, StatusCode::FORBIDDEN);
        let seen = house.post(&ada, &path, &[]).await;
        assert_eq!(seen.location(), format!("/index?done={work}"));
    }
    let page = house.get(&mo, "/index").await;
    for said in ["<strong>Rebuild</strong>", "<strong>Trial build</strong>", "asked", "ada"] {
        assert!(page.page().contains(said), "{said}");
    }
    assert!(!page.page().contains("id=\"rebuild\""));
    assert!(house.get(&ada, "/index").await.page().contains("id=\"rebuild\""));
}

#[tokio::test]
async fn a_source_says_what_it_holds_and_how_much_may_be_quoted() {
    let house = House::open().await;
    let (ada, mo) =
        (house.person("ada", Role::Admin).await, house.person("mo", Role::Moderator).await);
    written(&house, &mo).await;
    let page = house.get(&mo, "/sources").await;
    for said in ["1, 1 of them may be sent", "en 1", "not stated 1", "the whole answer"] {
        assert!(page.page().contains(said), "{said}");
    }
    let excerpt = [("source", "own"), ("policy", "excerpt"), ("chars", "18")];
    assert_eq!(house.post(&mo, "/sources/quote", &excerpt).await.status, StatusCode::FORBIDDEN);
    let seen = house.post(&ada, "/sources/quote", &excerpt).await;
    assert_eq!(seen.location(), "/sources?done=quote");
    assert_eq!(crate::answers::quote::reply_text(&only_answer(&house).await), "Hold the power …");
    assert!(house.get(&mo, "/sources").await.page().contains("an excerpt of 18 characters"));

    for (policy, chars) in [("excerpt", "many"), ("excerpt", "0"), ("half", "")] {
        let fields = [("source", "own"), ("policy", policy), ("chars", chars)];
        let seen = house.post(&ada, "/sources/quote", &fields).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{policy} {chars}");
    }
    let unknown = [("source", "none"), ("policy", "link")];
    assert_eq!(house.post(&ada, "/sources/quote", &unknown).await.status, StatusCode::NOT_FOUND);
}
