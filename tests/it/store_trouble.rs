//! A store that cannot take what arrives says why and what to do, and nothing is lost by it.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use superfan::outbox::Progress;
use superfan::store::{Store, StoreError};
use superfan::vocabulary::DeliveryState;
use superfan_bots::webhook::fake::FakeHelpDesk;

use crate::desk::{Backend, TestDesk, seconds, tell};

#[test]
fn a_database_locked_by_another_process_turns_deliveries_away_for_a_while() {
    tell(Backend::Sqlite, async |desk: &mut TestDesk| {
        let file = desk.data_dir.path().join("superfan.db");
        let mut other = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
        let ana = desk.telegram("ana");
        let said = FakeHelpDesk::text("c1", "1", "c1", "who painted the moon?");

        assert_eq!(desk.caller("c1").knocks(&said).await, 503);
        ana.customer.says("who painted the moon?").await;
        assert_eq!(desk.telegram.waiting().len(), 1, "Telegram keeps what was not taken");

        sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
        other.close().await.unwrap();
        assert_eq!(desk.caller("c1").knocks(&said).await, 200);
        assert_eq!(desk.telegram.deliver().await, [200]);
        desk.is_quiet().await;
        let told = desk.transcript();
        assert!(told.contains("telegram/ana   ◀") && told.contains("webhook/c1     ◀"), "{told}");
    });
}

#[test]
fn what_a_platform_said_is_kept_until_the_store_takes_it() {
    tell(Backend::Sqlite, async |desk: &mut TestDesk| {
        let said = FakeHelpDesk::text("c1", "1", "c1", "who painted the moon?");
        assert_eq!(desk.caller("c1").knocks(&said).await, 200);
        desk.passes_unseen(seconds(2));
        desk.decides(1).await;
        let mut sends = desk.sends("webhook");
        assert_eq!(sends.start_due().await.unwrap(), Progress::Started(1));

        let file = desk.data_dir.path().join("superfan.db");
        let mut other = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
        sends.all_ended().await;
        assert_eq!(desk.help_desk.replies().len(), 1);
        assert_eq!(desk.deliveries(DeliveryState::Sending).await.len(), 1);

        sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
        other.close().await.unwrap();
        sends.all_ended().await;
        assert_eq!(desk.deliveries(DeliveryState::Sent).await.len(), 1);
        desk.settle().await;
        assert_eq!(desk.help_desk.replies().len(), 2, "greeting and notice, each once");
        desk.transcript();
    });
}

#[tokio::test]
async fn a_locked_database_is_named_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_embedded(dir.path()).await.unwrap();
    let file = dir.path().join("superfan.db");
    let mut other = SqliteConnectOptions::new().filename(&file).connect().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();

    let error = store.begin().await.unwrap_err();

    assert!(matches!(error, StoreError::Locked { .. }), "{error:?}");
    let told = format!("{} is locked by another process", file.display());
    assert!(error.reason().contains(&told), "{}", error.reason());
}

#[tokio::test]
async fn a_full_disk_is_named_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_embedded(dir.path()).await.unwrap();
    store.rehearse_full_disk(true).await.unwrap();
    let mut tx = store.begin().await.unwrap();

    let long = "a".repeat(100_000);
    let error = tx.set_setting("note", &long).await.unwrap_err();

    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    let told = format!("{} is full; free some space", dir.path().join("superfan.db").display());
    assert!(error.reason().contains(&told), "{}", error.reason());
}

#[test]
fn a_running_desk_turns_deliveries_away_while_the_disk_is_full_and_goes_on_after() {
    tell(Backend::Sqlite, async |desk: &mut TestDesk| {
        let ana = desk.telegram("ana");
        ana.customer.says("hello").await;
        desk.settle().await;
        desk.disk_is_full(true).await;

        let long = format!("who painted the moon? {}", "please ".repeat(3_000));
        let said = FakeHelpDesk::text("c1", "1", "c1", &long);
        assert_eq!(desk.caller("c1").knocks(&said).await, 503);
        assert_eq!(desk.caller("c1").knocks(&said).await, 503, "again, and nothing is half done");
        ana.customer.says(&long).await;
        assert_eq!(desk.telegram.waiting().len(), 1, "Telegram keeps what was not taken");

        desk.disk_is_full(false).await;
        assert_eq!(desk.caller("c1").knocks(&said).await, 200);
        assert_eq!(desk.telegram.deliver().await, [200]);
        desk.is_quiet().await;
        let told = desk.transcript();
        assert!(told.contains("telegram/ana   ◀") && told.contains("webhook/c1     ◀"), "{told}");
    });
}
