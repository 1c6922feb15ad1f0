//! What the pages show, and what they tell the browser.

use axum::http::StatusCode;
use jiff::SignedDuration;

use super::house::{House, Visitor};
use super::samples::{self, NASTY};
use crate::store::answers::AnswerRow;
use crate::vocabulary::Role;

#[tokio::test]
async fn every_page_allows_our_own_scripts_only_and_is_kept_nowhere() {
    let house = House::open().await;
    let ada = house.person("ada", Role::Admin).await;
    let id = house.asks("ana", "It hums").await;
    let escalation = format!("/escalations/{id}");
    let paths = ["/", "/sign-in", "/sign-in/x", "/outbox", "/channels", "/people", "/audit"];
    let more = ["/account", "/conversations", "/answers", "/try", "/index", &escalation];
    for path in paths.into_iter().chain(more) {
        let seen = house.get(&ada, path).await;
        assert!(!seen.page().contains("<script>"), "{path}");
        let header = |name: &str| seen.headers[name].to_str().unwrap();
        assert!(header("content-security-policy").contains("script-src 'self'"));
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn scripts_and_styles_are_served_and_not_again_when_unchanged() {
    let house = House::open().await;
    for file in ["console.css", "console.js", "mark.svg"] {
        let seen = house.get(&Visitor::default(), &format!("/assets/console/{file}")).await;
        assert_eq!(seen.status, StatusCode::OK, "{file}");
        assert!(!seen.body.is_empty());
        assert_eq!(seen.headers["cache-control"], "no-cache");
    }
    let seen = house.get(&Visitor::default(), "/assets/console/..%2Fmod.rs").await;
    assert_eq!(seen.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn customers_text_of_any_kind_and_length_is_shown_as_text() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Moderator).await;
    let long = format!("{NASTY}{}", "ไทย👩‍👩‍👧‍👦".repeat(2_000));
    let id = house.asks("<b>ana</b>", &long).await;
    let mut tx = house.desk.store.read().await.unwrap();
    let conversation = tx.escalation(id).await.unwrap().unwrap().conversation_id;
    drop(tx);
    for path in
        ["/".to_owned(), format!("/escalations/{id}"), format!("/conversations/{conversation}")]
    {
        let page = house.get(&lee, &path).await;
        assert!(!page.page().contains("<script>alert"), "{path}");
        assert!(!page.page().contains("<b>ana"), "{path}");
        assert!(page.page().contains("&#60;script&#62;alert"), "{path}");
        assert!(!page.page().contains('\0'), "{path}");
    }
    let page = house.get(&lee, &format!("/escalations/{id}")).await;
    assert!(page.page().contains(&"ไทย👩‍👩‍👧‍👦".repeat(2_000)), "the whole text is there");
}

#[tokio::test]
async fn the_queue_holds_what_is_open_or_mine_the_longest_waiting_first() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Expert).await;
    let kim = house.person("kim", Role::Expert).await;
    house.asks("ana", "First question").await;
    house.clock.advance(SignedDuration::from_mins(5));
    house.asks("ben", "Second question").await;
    let taken = house.asks("cem", "Third question").await;
    house.post(&kim, &format!("/escalations/{taken}/claim"), &[]).await;

    let page = house.get(&lee, "/").await;
    let at = |text: &str| page.page().find(text);
    assert!(at("First question") < at("Second question"));
    assert!(page.page().contains("waits 5 min"));
    assert_eq!(at("Third question"), None);
    assert!(house.get(&kim, "/").await.page().contains("Third question"));
    assert!(house.get(&lee, "/?show=all").await.page().contains("Third question"));
}

#[tokio::test]
async fn somebody_who_answers_in_french_sees_what_waits_elsewhere_as_a_number() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Expert).await;
    let mut tx = house.desk.store.begin().await.unwrap();
    let mut person = tx.person_by_email("lee@team.example").await.unwrap().unwrap();
    person.langs = "fr, de".to_owned();
    tx.update_person(&person).await.unwrap();
    tx.commit().await.unwrap();
    house.asks("ana", "First question").await;
    let page = house.get(&lee, "/").await;
    assert!(!page.page().contains("First question"));
    assert!(page.page().contains("1 more are put aside, in languages"));
    assert_eq!(house.get(&lee, "/next").await.location(), "/?done=empty");
}

#[tokio::test]
async fn a_customer_who_waits_too_long_is_on_every_page() {
    let house = House::with(&[("SUPERFAN_ALERT_MINUTES", "10")]).await;
    let lee = house.person("lee", Role::Viewer).await;
    house.asks("ana", "It hums").await;
    let banner = "A customer has been waiting for";
    house.clock.advance(SignedDuration::from_mins(10));
    assert!(!house.get(&lee, "/channels").await.page().contains(banner));
    house.clock.advance(SignedDuration::from_mins(1));
    let page = house.get(&lee, "/channels").await;
    assert!(page.page().contains("A customer has been waiting for 11 min"));
}

#[tokio::test]
async fn a_channel_that_is_held_or_stopped_says_so() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Viewer).await;
    let mut tx = house.desk.store.begin().await.unwrap();
    let until = house.desk.stage().now + SignedDuration::from_secs(34);
    tx.hold_channel("webchat", until, "held 34 s by webchat").await.unwrap();
    tx.stop_channel("webchat", Some("the token was <revoked>")).await.unwrap();
    tx.commit().await.unwrap();
    let page = house.get(&lee, "/").await;
    assert!(page.page().contains("webchat asked us to wait; it takes replies again in 34 s."));
    assert!(page.page().contains("webchat is stopped: the token was &#60;revoked&#62;"));
    assert!(house.get(&lee, "/channels").await.page().contains("held for 34 s"));
}

#[tokio::test]
async fn the_first_steps_are_an_admins_and_tick_themselves_off() {
    let house = House::open().await;
    let ada = house.person("ada", Role::Admin).await;
    let before = house.get(&ada, "/").await;
    assert!(before.page().contains("Import what your community has accepted."));
    let lee = house.person("lee", Role::Expert).await;
    assert!(house.get(&ada, "/").await.page().contains("2 people can sign in."));
    assert!(!house.get(&lee, "/").await.page().contains("First steps"));
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Viewer).await;
    for path in [
        "/escalations/esc_0000000000001",
        "/escalations/5",
        "/conversations/conv_0000000000001",
        "/conversations/esc_0000000000001",
    ] {
        assert_eq!(house.get(&lee, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_question_can_be_tried_before_any_answer_is_in() {
    let house = House::open().await;
    let vic = house.person("vic", Role::Viewer).await;
    let seen = house.post(&vic, "/try", &[("text", "Why does it hum?"), ("lang", "en")]).await;
    assert!(seen.page().contains("The bot would call a person"));
    assert!(seen.page().contains("No accepted answer shares a telling word"));
    assert!(seen.page().contains("Why does it hum?</textarea>"));
    let seen = house.post(&vic, "/try", &[("text", "  ")]).await;
    assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(seen.body.contains("the question is empty"));
}

#[tokio::test]
async fn answers_are_filtered_by_source_language_and_whether_they_may_be_sent() {
    let house = House::open().await;
    let vic = house.person("vic", Role::Viewer).await;
    let mut tx = house.desk.store.begin().await.unwrap();
    let row = samples::answer().row;
    for (seq, (id, lang, sendable, live)) in (1..).zip([
        ("a/1", "en", true, true),
        ("b", "fr", true, true),
        ("c", "en", false, true),
        ("d", "en", true, false),
    ]) {
        let (source, source_id) = ("forum".to_owned(), id.to_owned());
        let (id, title, lang) = (id.to_owned(), format!("Title of {id}"), lang.to_owned());
        let row =
            AnswerRow { id, source, source_id, lang, title, sendable, live, seq, ..row.clone() };
        tx.put_answer(&row).await.unwrap();
    }
    tx.commit().await.unwrap();
    for (query, expected) in [
        ("", "c b a/1"),
        ("?lang=en", "c a/1"),
        ("?lang=en&sendable=yes", "a/1"),
        ("?sendable=no", "c"),
        ("?sendable=retired", "d"),
        ("?source=elsewhere", ""),
        ("?before=3", "b a/1"),
    ] {
        let seen = house.get(&vic, &format!("/answers{query}")).await;
        let titles = seen.page().split("Title of ").skip(1);
        let ids: Vec<&str> = titles.map(|rest| rest.split('<').next().unwrap()).collect();
        assert_eq!(ids.join(" "), expected, "{query}");
    }
    let seen = house.get(&vic, "/answers").await;
    assert!(seen.page().contains("href=\"/answers/a%2F1\""));
    assert!(house.get(&vic, "/answers/a%2F1").await.page().contains("Title of a/1"));
    assert_eq!(house.get(&vic, "/answers/none").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_address_with_a_number_that_is_none_gets_a_page_of_ours() {
    let house = House::open().await;
    let ada = house.person("ada", Role::Admin).await;
    for wrong in ["soon", "", "1.5", "99999999999999999999"] {
        for path in ["/insights?days=", "/insights.csv?days=", "/fans?days=", "/answers?before="] {
            let seen = house.get(&ada, &format!("{path}{wrong}")).await;
            assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{path}{wrong}");
            assert!(seen.body.contains("That did not work"), "{path}{wrong}");
            assert!(seen.body.contains("address cannot be read"), "{path}{wrong}");
        }
    }
    for n in [i64::MIN, -1, 0, 8, i64::MAX] {
        for path in ["/insights?days=", "/insights.csv?days=", "/fans?days=", "/answers?before="]
            .into_iter()
            .chain(["/replay?from=", "/replay?after="])
        {
            let seen = house.get(&ada, &format!("{path}{n}")).await;
            assert_eq!(seen.status, StatusCode::OK, "{path}{n}");
        }
    }
    let seen = house.get(&ada, "/fans?lang=en&lang=el").await;
    assert!(seen.body.contains("That did not work"), "{}", seen.body);
}
