//! Channel accounts that are connected on the page: whose keys they are, what is kept of them, and
//! who signs in.

use axum::http::StatusCode;
use secrecy::ExposeSecret;
use superfan_bots::telegram::fake::FakeTelegram;
use superfan_bots::x::fake::FakeX;
use url::Url;

use super::house::House;
use crate::channels::adopt;
use crate::vocabulary::Role;

#[tokio::test]
async fn a_pasted_token_comes_back_as_a_name_and_is_sealed() {
    let telegram = FakeTelegram::start().await;
    let url = telegram.base_url().to_string();
    let house = House::with(&[("TELEGRAM_API_URL", &url)]).await;
    let ada = house.person("ada", Role::Admin).await;
    let path = "/channels/connect/telegram";
    let form = house.get(&ada, path).await;
    assert!(form.page().contains("type=\"password\""));
    let seen = house.post(&ada, path, &[("TELEGRAM_TOKEN", "1:wrong")]).await;
    assert!(seen.page().contains("telegram does not take this"), "{}", seen.body);
    assert!(!seen.body.contains("1:wrong"));

    let token = telegram.token().expose_secret().to_owned();
    let seen = house.post(&ada, path, &[("TELEGRAM_TOKEN", &token)]).await;
    assert!(seen.page().contains("Connected as @"), "{}", seen.body);
    assert!(seen.body.contains("waits for its first message") && !seen.body.contains(&token));
    assert!(house.desk.channels.adapter("telegram").is_some());
    let kept = house.desk.store.read().await.unwrap().channel_accounts().await.unwrap();
    assert_eq!((kept.len(), kept[0].name.as_str()), (1, "telegram"));
    assert!(!kept[0].settings.contains(&token), "{kept:?}");

    // Another node, or the next start, takes it up too, once.
    let version = house.desk.channels.version("telegram");
    adopt(&house.desk).await.unwrap();
    assert_eq!(house.desk.channels.version("telegram"), version);
    let again = house.get(&ada, "/channels/telegram").await;
    assert!(again.page().contains("telegram") && !again.body.contains(&token));
}

#[tokio::test]
async fn a_channel_that_cannot_be_delivered_to_says_so() {
    let telegram = FakeTelegram::start().await;
    let (token, url) = (telegram.token(), telegram.base_url().to_string());
    let settings = [
        ("TELEGRAM_TOKEN", token.expose_secret()),
        ("TELEGRAM_API_URL", url.as_str()),
        ("TELEGRAM_MODE", "webhook"),
    ];
    let house = House::with(&settings).await;
    let ada = house.person("ada", Role::Admin).await;
    let seen = house.get(&ada, "/channels/telegram").await;
    assert!(seen.page().contains("set SUPERFAN_PUBLIC_URL"), "{}", seen.body);
    let reached =
        House::with(&[&settings[..], &[("SUPERFAN_PUBLIC_URL", "https://a.example")]].concat())
            .await;
    let ada = reached.person("ada", Role::Admin).await;
    let seen = reached.get(&ada, "/channels/telegram").await;
    assert!(!seen.page().contains("set SUPERFAN_PUBLIC_URL"), "{}", seen.body);
}

#[tokio::test]
async fn only_an_admin_connects_and_typed_addresses_lead_outside() {
    let telegram = FakeTelegram::start().await;
    let house = House::open().await;
    let (ada, lee) =
        (house.person("ada", Role::Admin).await, house.person("lee", Role::Moderator).await);
    let token = telegram.token().expose_secret().to_owned();
    let url = telegram.base_url().to_string();
    let fields = [("TELEGRAM_TOKEN", token.as_str()), ("TELEGRAM_API_URL", url.as_str())];
    let path = "/channels/connect/telegram";
    assert_eq!(house.get(&lee, path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.post(&lee, path, &fields).await.status, StatusCode::FORBIDDEN);
    let seen = house.post(&ada, path, &fields).await;
    assert!(seen.page().contains("SUPERFAN_ALLOW_PRIVATE_ADDRESSES"), "{}", seen.body);
    assert_eq!(telegram.calls(), Vec::<String>::new());
    for (name, words) in
        [("webchat", "is configured"), ("No Good", "is no name"), ("pause", "is a word")]
    {
        let fields = [("name", name), ("TELEGRAM_TOKEN", "1:t")];
        let seen = house.post(&ada, path, &fields).await;
        assert!(seen.page().contains(words), "{name}: {}", seen.body);
    }
}

#[tokio::test]
async fn the_owner_of_an_x_account_signs_in_once() {
    let x = FakeX::start().await;
    let url = x.base_url().to_string();
    let house = House::with(&[("X_API_URL", &url)]).await;
    let ada = house.person("ada", Role::Admin).await;
    let fields = [
        ("X_CLIENT_ID", "client"),
        ("X_CLIENT_SECRET", "client-secret"),
        ("X_DAILY_SPEND_CAP", "1"),
    ];
    let seen = house.post(&ada, "/channels/connect/x", &fields).await;
    assert!(
        seen.page().contains("Sign in with X") && seen.body.contains("Automated"),
        "{}",
        seen.body
    );
    let link = house.get(&ada, "/channels/x/sign-in").await;
    let back: Url = x.consents(&link.location().parse().unwrap());
    let path = format!("{}?{}", back.path(), back.query().unwrap());
    let stolen = format!("{}?state=guessed&code=consented", back.path());
    let seen = house.get(&ada, &stolen).await;
    assert!(seen.page().contains("is not one of ours"), "{}", seen.body);
    assert_eq!(house.get(&ada, &path).await.location(), "/channels/x?done=signed-in");
    let page = house.get(&ada, "/channels/x").await;
    assert!(page.page().contains("@brand_care"), "{}", page.body);
    // The way back works once.
    assert!(house.get(&ada, &path).await.page().contains("is not one of ours"));
    let kept = house.desk.store.read().await.unwrap().setting("refresh token of x").await.unwrap();
    assert!(kept.unwrap().starts_with("sealed:"));
    let refused = format!("{}?error=access_denied&state=x", back.path());
    assert!(house.get(&ada, &refused).await.page().contains("access_denied"));
}
