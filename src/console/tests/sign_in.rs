//! Getting in, staying in, getting out.

use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use jiff::SignedDuration;

use super::house::{House, Visitor};
use crate::vocabulary::Role;

#[tokio::test]
async fn who_is_not_signed_in_is_asked_to_and_comes_back() {
    let house = House::open().await;
    let seen = house.get(&Visitor::default(), "/outbox?state=dead").await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER);
    assert_eq!(seen.location(), "/sign-in?next=%2Foutbox%3Fstate%3Ddead");
}

#[tokio::test]
async fn a_link_survives_previews_and_works_once() {
    let house = House::open().await;
    let path = format!("/sign-in/{}", house.link("lee", Role::Expert).await);
    let nobody = Visitor::default();
    for _ in 0..2 {
        assert!(house.get(&nobody, &path).await.page().contains("lee@team.example"));
    }
    let seen = house.post(&nobody, &path, &[]).await;
    assert_eq!(seen.location(), "/account?welcome=1");
    let lee = Visitor { cookie: seen.cookie(), csrf: String::new() };
    assert!(house.get(&lee, "/").await.page().contains("lee"));
    assert!(house.post(&nobody, &path, &[]).await.page().contains("does not work"));
    assert!(house.get(&nobody, &path).await.page().contains("does not work"));
}

#[tokio::test]
async fn the_cookie_is_secure_where_the_public_address_is() {
    for (url, secure) in [("http://desk.example", false), ("https://desk.example", true)] {
        let house = House::with(&[("SUPERFAN_PUBLIC_URL", url)]).await;
        let path = format!("/sign-in/{}", house.link("lee", Role::Expert).await);
        let seen = house.post(&Visitor::default(), &path, &[]).await;
        let cookie = seen.headers[SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("; HttpOnly; SameSite=Lax"), "{cookie}");
        assert_eq!(cookie.contains("; Secure"), secure, "{cookie}");
    }
}

#[tokio::test]
async fn a_password_lets_in_and_guesses_are_few() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Expert).await;
    let fields = [("password", "long enough 1"), ("again", "long enough 1")];
    let seen = house.post(&lee, "/account/password", &fields).await;
    assert_eq!(seen.location(), "/account?done=password");

    let nobody = Visitor::default();
    let guess = [("email", "lee@team.example"), ("password", "wrong")];
    for _ in 0..8 {
        let seen = house.post(&nobody, "/sign-in", &guess).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let right =
        [("email", " Lee@team.example"), ("password", "long enough 1"), ("next", "/outbox")];
    let seen = house.post(&nobody, "/sign-in", &right).await;
    assert_eq!(seen.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(seen.headers[RETRY_AFTER], "16");

    house.clock.advance(SignedDuration::from_secs(16));
    let seen = house.post(&nobody, "/sign-in", &right).await;
    assert_eq!((seen.status, seen.location()), (StatusCode::SEE_OTHER, "/outbox"));
}

#[tokio::test]
async fn a_short_or_mistyped_password_is_refused_in_words() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Viewer).await;
    for (password, again, said) in
        [("short", "short", "at least ten"), ("long enough 1", "long enough 2", "differ")]
    {
        let fields = [("password", password), ("again", again)];
        let seen = house.post(&lee, "/account/password", &fields).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(seen.body.contains(said));
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_not_only_the_cookie() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Expert).await;
    let seen = house.post(&lee, "/sign-out", &[]).await;
    assert!(seen.headers[SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(house.get(&lee, "/").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let house = House::open().await;
    let lee = house.person("lee", Role::Expert).await;
    house.clock.advance(SignedDuration::from_hours(24 * 14 + 1));
    assert_eq!(house.get(&lee, "/").await.status, StatusCode::SEE_OTHER);
}
