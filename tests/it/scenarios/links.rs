//! One person on several channels: only with proof, nothing shown before it, and undone at any time.

use superfan::ids::CustomerId;
use superfan::store::customers::Customer;
use superfan::vocabulary::{Ending, Handler};

use crate::desk::{TestDesk, minutes, scenarios, seconds};

scenarios! {
    a_customer_links_a_second_account_with_a_code,
    nobody_is_linked_by_guessing_by_late_or_used_codes,
    who_asks_again_on_a_linked_account_asked_again,
    whoever_is_forgotten_is_linked_with_nobody,
}

async fn customer(desk: &TestDesk, channel: &str, name: &str) -> CustomerId {
    let all = desk.reads(async |tx| tx.customers((Some(channel), None), None, 50).await).await;
    let is_them = |one: &Customer| one.name.as_deref() == Some(name) || one.external_id == name;
    all.into_iter().find(is_them).expect("they wrote").id
}

/// The others that a customer is.
async fn others(desk: &TestDesk, id: CustomerId) -> Vec<CustomerId> {
    let circle = desk.reads(async |tx| tx.circle_of(id).await).await;
    circle.into_iter().map(|one| one.customer_id).collect()
}

/// The code that ana reads after `/link`.
async fn code(desk: &TestDesk) -> String {
    desk.telegram("ana").says("/link").await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    let (_, after) = news.split_once("◀ Send /link ").unwrap_or_else(|| panic!("{news}"));
    after.chars().take_while(char::is_ascii_digit).collect()
}

async fn a_customer_links_a_second_account_with_a_code(desk: &mut TestDesk) {
    let code = code(desk).await;
    assert_eq!(code.len(), 6);
    let shop = desk.caller("shop");
    shop.says("m1", "hello").await;
    desk.is_quiet().await;
    desk.telegram("ana").says(&format!("/link {code}")).await;
    desk.passes(seconds(5)).await;
    assert!(desk.news().contains("telegram/ana   ◀ This code is for your other account."));
    shop.says("m2", &format!("/link {code}")).await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    let linked = |who: &str, there: &str| {
        format!("{who} ◀ This account and the one on {there} are linked now")
    };
    assert!(news.contains(&linked("webhook/shop  ", "telegram")), "{news}");
    assert!(news.contains(&linked("telegram/ana  ", "webhook")), "{news}");
    assert!(news.contains("[Undo]"), "{news}");

    let (ana, there) =
        (customer(desk, "telegram", "ana").await, customer(desk, "webhook", "shop").await);
    assert_eq!((others(desk, ana).await, others(desk, there).await), (vec![there], vec![ana]));
    desk.telegram("ana").asks("my cat walked on the router").await;
    let row = desk.escalation(1).await;
    let here = row.conversation_id;
    let elsewhere =
        desk.reads(async |tx| tx.conversations_elsewhere(row.customer_id, here, 10).await).await;
    assert_eq!(elsewhere.len(), 1, "the card leads to the other conversation");
    assert_eq!(elsewhere[0].channel, "webhook");

    desk.telegram("ana").presses("Undo").await;
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert!(news.contains("telegram/ana   ◀ The link is undone."), "{news}");
    assert_eq!((others(desk, ana).await, others(desk, there).await), (vec![], vec![]));
    let elsewhere =
        desk.reads(async |tx| tx.conversations_elsewhere(row.customer_id, here, 10).await).await;
    assert_eq!(elsewhere.len(), 0);
    for (id, words) in [(ana, "my cat walked on the router"), (there, "hello")] {
        let kept = desk.reads(async |tx| tx.texts_of(id).await).await;
        assert!(kept.iter().any(|one| one.text == words), "each keeps its own: {words}");
    }
}

async fn nobody_is_linked_by_guessing_by_late_or_used_codes(desk: &mut TestDesk) {
    let late = code(desk).await;
    desk.passes(minutes(11)).await;
    let tries = async |name: &str, n: usize, code: &str| {
        desk.caller(name).says(&format!("m{n}"), &format!("/link {code}")).await;
        desk.passes(seconds(2)).await;
    };
    tries("late", 1, &late).await;
    assert!(desk.news().contains("webhook/late   ◀ This code can't be used or has expired."));
    let code = code(desk).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for n in 1..=5 {
        tries("mallory", n, wrong).await;
    }
    tries("mallory", 6, &code).await;
    let news = desk.news();
    assert_eq!(news.matches("◀ This code can't be used or has expired.").count(), 6, "{news}");
    let ana = customer(desk, "telegram", "ana").await;
    assert_eq!(others(desk, ana).await, []);
    // Who has the code is not kept out by who guessed, and nobody uses it twice.
    tries("shop", 1, &code).await;
    tries("second", 1, &code).await;
    let news = desk.news();
    assert_eq!(news.matches("are linked now").count(), 2, "{news}");
    assert_eq!(news.matches("can't be used").count(), 1, "{news}");
    assert_eq!(others(desk, ana).await, [customer(desk, "webhook", "shop").await]);
}

async fn who_asks_again_on_a_linked_account_asked_again(desk: &mut TestDesk) {
    let answer = desk.knows("How do I pair my speaker?", "Press the round button.").await;
    desk.overlooks_details();
    for name in ["shop", "other"] {
        desk.caller(name).says("m0", "hello").await;
        desk.is_quiet().await;
    }
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    let identity = async |tx: &mut superfan::store::Tx, name: &str| {
        let all = tx.customers((Some("webhook"), None), None, 50).await.unwrap();
        let id = all.into_iter().find(|one| one.external_id == name).unwrap().id;
        let conversation_id = tx.conversations_of(id).await.unwrap()[0];
        superfan::store::links::Identity { customer_id: id, conversation_id }
    };
    let (shop, other) = (identity(&mut tx, "shop").await, identity(&mut tx, "other").await);
    tx.join_identities(shop, other, stage.now).await.unwrap();
    tx.commit().await.unwrap();

    desk.caller("shop").asks("m1", "How do I pair my speaker?").await;
    desk.passes(minutes(60)).await;
    desk.caller("other").asks("m1", "How do I pair my speaker?").await;
    desk.passes(minutes(60)).await;
    let ending = async |id: CustomerId| {
        let rows = desk.reads(async |tx| tx.cases_from(id, 0.into()).await).await;
        let all: Vec<Ending> =
            rows.iter().filter(|row| row.handler == Handler::All).map(|row| row.ending).collect();
        all
    };
    assert_eq!(ending(shop.customer_id).await, [Ending::AskedAgain], "{answer}");
    assert_eq!(ending(other.customer_id).await, [Ending::Silent]);
}

async fn whoever_is_forgotten_is_linked_with_nobody(desk: &mut TestDesk) {
    desk.overlooks_details();
    for (name, id) in [("shop", "m1"), ("other", "m1"), ("third", "m1")] {
        desk.caller(name).says(id, "hello").await;
    }
    desk.is_quiet().await;
    let mut ids = Vec::new();
    for name in ["shop", "other", "third"] {
        ids.push(customer(desk, "webhook", name).await);
    }
    let mut tx = desk.desk().store.begin().await.unwrap();
    let now = desk.desk().stage().now;
    let mut identities = Vec::new();
    for id in &ids {
        let conversation_id = tx.conversations_of(*id).await.unwrap()[0];
        identities.push(superfan::store::links::Identity { customer_id: *id, conversation_id });
    }
    tx.join_identities(identities[0], identities[1], now).await.unwrap();
    tx.join_identities(identities[1], identities[2], now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(others(desk, ids[0]).await, ids[1..]);
    let mut tx = desk.desk().store.begin().await.unwrap();
    tx.erase_customer(ids[0], now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(others(desk, ids[0]).await, []);
    assert_eq!(others(desk, ids[1]).await, [ids[2]], "the others go on together");
}
