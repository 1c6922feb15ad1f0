//! The same for what goes elsewhere than to customers: a topic in the forum, a card in the channel
//! of the brand's own people.

use std::os::unix::process::ExitStatusExt;

use secrecy::ExposeSecret;
use superfan::clock::{Clock, SystemClock};
use superfan::crash::{CARDS, POSTING};
use superfan::store::bridges::BridgeRow;
use superfan::store::{Store, StoreError, Tx};
use superfan::vocabulary::{BridgeState, DeliveryState};
use superfan_bots::Forum as _;
use superfan_bots::discord::fake::FakeDiscord;
use superfan_bots::discourse::Discourse;
use superfan_bots::discourse::fake::{API_KEY, FakeDiscourse, WEBHOOK_SECRET};
use superfan_bots::fakes::http_client;

use super::Town;
use crate::patience::eventually;

impl Town {
    /// Reads something from the store while nobody holds it, or beside somebody who does.
    async fn reads<T>(&self, read: impl AsyncFnOnce(&mut Tx) -> Result<T, StoreError>) -> T {
        let store = Store::open_embedded(&self.data_dir()).await.unwrap();
        let found = read(&mut store.read().await.unwrap()).await.unwrap();
        store.close().await;
        found
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_posting_there_is_one_topic() {
    for point in POSTING {
        let forum = FakeDiscourse::start().await;
        let mut town = Town::found().await;
        town.also = vec![
            ("DISCOURSE_URL", forum.base_url().to_string()),
            ("DISCOURSE_API_KEY", API_KEY.to_owned()),
            ("DISCOURSE_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
            ("DISCOURSE_PER_MINUTE", "60000".to_owned()),
        ];
        town.hears_from_two().await;
        town.recovers().await;
        let row = agreed(&town, &Discourse::new(forum.config(), http_client()).source()).await;

        let status = town.starts(Some(point)).await.dies().await;
        assert_eq!(status.signal(), Some(6), "{point}: it did not die there");
        let server = town.starts(None).await;
        let store = Store::open_embedded(&town.data_dir()).await.unwrap();
        eventually("an open topic", async || {
            let mut tx = store.read().await.unwrap();
            let row = tx.bridge(row.escalation_id).await.unwrap().unwrap();
            row.state != BridgeState::Posting
        })
        .await;
        store.close().await;
        server.ends_at_once();

        let row = town.reads(async |tx| tx.bridge(row.escalation_id).await).await.unwrap();
        assert_eq!(row.state, BridgeState::Open, "{point}: {row:?}");
        let topics = forum.topics();
        let ours: Vec<_> = topics.iter().filter(|topic| topic.external_id.is_some()).collect();
        assert_eq!(ours.len(), 1, "{point}: {topics:?}");
        assert_eq!(row.topic, Some(ours[0].id.to_string()), "{point}");
    }
}

/// Somebody agreed that their question is posted, and a moderator had it posted.
async fn agreed(town: &Town, source: &str) -> BridgeRow {
    let store = Store::open_embedded(&town.data_dir()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let now = SystemClock.now();
    let escalation = tx.escalations(None, None, 1).await.unwrap().pop().unwrap();
    let row = BridgeRow {
        escalation_id: escalation.id,
        state: BridgeState::Posting,
        source: source.to_owned(),
        title: "Who painted the moon?".to_owned(),
        text: "Nobody in the team knows who painted the moon.".to_owned(),
        name: "sf-1".to_owned(),
        automatic: false,
        leader: None,
        topic: None,
        url: None,
        answer_id: None,
        round: 0,
        trouble: None,
        tries: 0,
        due_at: now,
        asked_at: Some(now),
        agreed_at: Some(now),
        created_at: now,
    };
    tx.put_bridge(&row, now).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    row
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_showing_a_card_there_is_one_card_for_each_question() {
    for point in CARDS {
        let discord = FakeDiscord::start().await;
        discord.runs_from(SystemClock.now());
        let staff = discord.channel("staff");
        let mut town = Town::found().await;
        town.also = vec![
            ("DISCORD_TOKEN", discord.token().expose_secret().to_owned()),
            ("DISCORD_API_URL", discord.base_url().to_string()),
            ("DISCORD_STAFF_CHANNEL_ID", staff.to_string()),
        ];
        town.hears_from_two().await;
        let server = town.starts(Some(point)).await;
        town.callers_post(&server).await;
        assert_eq!(server.dies().await.signal(), Some(6), "{point}: it did not die there");
        town.recovers().await;

        let shown = discord.sent().into_iter().filter(|sent| sent.channel_id == staff);
        let mut cards: Vec<String> =
            shown.map(|sent| sent.content.chars().take_while(|c| *c != ' ').collect()).collect();
        cards.sort();
        assert_eq!(cards, [r"**#1", r"**#2"], "{point}");
        let uncertain = DeliveryState::Uncertain;
        let uncertain = town.reads(async |tx| tx.deliveries(Some(uncertain), None, 10).await).await;
        assert!(uncertain.iter().all(|row| row.channel != "discord"), "{point}: {uncertain:?}");
    }
}
