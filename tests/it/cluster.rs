//! Two nodes on one PostgreSQL: one conversation is handled once, one sender works at a time, and
//! when a node goes the other carries on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;
use secrecy::ExposeSecret;
use superfan::clock::{SharedClock, SystemClock, TestClock};
use superfan::config::{Config, Settings};
use superfan::desk::Desk;
use superfan::open::{open_store, open_with};
use superfan::search::Search;
use superfan::serve;
use superfan_bots::webhook::fake::FakeHelpDesk;
use superfan_index::Index;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::patience::{eventually, is_done};
use crate::postgres::Cluster;

/// What both nodes share.
struct Site {
    help_desk: FakeHelpDesk,
    clock: SharedClock,
    url: String,
}

/// One node at work.
struct Node {
    desk: Desk,
    stop: CancellationToken,
    workers: JoinSet<()>,
}

impl Site {
    async fn found(clock: SharedClock) -> Self {
        Self {
            help_desk: FakeHelpDesk::start().await,
            clock,
            url: Cluster::shared().database().await,
        }
    }

    async fn node(&self) -> Node {
        let reply_url = self.help_desk.reply_url();
        let settings = Settings::from_pairs([
            ("SUPERFAN_DATABASE_URL", self.url.as_str()),
            ("SUPERFAN_QUIET_MS", "0"),
            ("WEBHOOK_SECRET", self.help_desk.secret().expose_secret()),
            ("WEBHOOK_REPLY_URL", reply_url.as_str()),
        ]);
        let config = Config::read(&settings, None).unwrap();
        let store = open_store(&config).await.unwrap();
        let search = Search::new(Arc::new(Index::in_ram()));
        let desk = open_with(config, store, search, self.clock.clone()).await.unwrap();
        let stop = CancellationToken::new();
        let workers = serve::start_workers(&desk, &stop);
        Node { desk, stop, workers }
    }

    /// A node hears a message of a conversation.
    async fn hears(&self, node: &Node, conversation: &str, id: &str, text: &str) {
        let body = FakeHelpDesk::text(conversation, id, conversation, text);
        let now = self.clock.now();
        let adapter = node.desk.channels.adapter("webhook").unwrap();
        let received = adapter.receive(&self.help_desk.request(&body, now), now).unwrap();
        for message in received.messages {
            node.desk.inbox.store("webhook", message).await.unwrap();
        }
    }

    async fn is_idle(&self, node: &Node, n_conversations: usize) {
        let store = &node.desk.store;
        eventually("an idle site", async || is_done(store, n_conversations).await.unwrap()).await;
    }
}

impl Node {
    /// Ends the node in order.
    async fn stops(mut self) {
        self.stop.cancel();
        while self.workers.join_next().await.is_some() {}
    }

    /// Ends the node as a power cut does: nothing is given back.
    async fn vanishes(mut self) {
        self.workers.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_answerers_on_two_nodes_handle_three_hundred_messages_once_each() {
    // On the system's clock, so that ids of both nodes tell the order.
    let site = Site::found(Arc::new(SystemClock)).await;
    let (one, two) = (site.node().await, site.node().await);
    let names: Vec<String> = (0..100).map(|n| format!("c{n}")).collect();
    for id in ["1", "2", "3"] {
        let heard = names.iter().zip([&one, &two].into_iter().cycle()).map(|(name, node)| {
            let site = &site;
            async move { site.hears(node, name, id, &format!("question {id} of {name}")).await }
        });
        futures::future::join_all(heard).await;
    }
    site.is_idle(&one, 100).await;

    let mut tx = one.desk.store.read().await.unwrap();
    for conversation in tx.conversations(None, None, None, 1000).await.unwrap() {
        let decisions = tx.decisions_of(conversation.id).await.unwrap();
        let messages = tx.messages(conversation.id, 10).await.unwrap();
        assert_eq!(decisions.len(), 3, "{decisions:?}");
        let decided: Vec<_> = messages.iter().map(|message| message.decision_id.unwrap()).collect();
        assert_eq!(decided, decisions.iter().map(|one| one.id).collect::<Vec<_>>());
        assert!(decided.is_sorted(), "handled out of order: {decided:?}");
    }
    drop(tx);
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for reply in site.help_desk.replies() {
        *times.entry(reply.id).or_default() += 1;
    }
    assert_eq!(times.len(), 400, "a greeting and three notices for each");
    assert!(times.values().all(|n| *n == 1), "a reply was posted twice");
    let owners = site.help_desk.replies();
    let texts: BTreeSet<&str> = owners.iter().filter_map(|one| one.body["text"].as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("(#100)")), "numbers are given once each");
    one.stops().await;
    two.stops().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_a_node_stops_or_vanishes_the_other_sends() {
    let clock = Arc::new(TestClock::starting("2026-01-05T09:00:00Z".parse().unwrap()));
    let site = Site::found(clock.clone()).await;
    let one = site.node().await;
    site.hears(&one, "c1", "1", "who painted the moon?").await;
    site.is_idle(&one, 1).await;
    let two = site.node().await;
    one.stops().await;
    site.hears(&two, "c2", "1", "who painted the moon?").await;
    site.is_idle(&two, 2).await;
    let three = site.node().await;
    two.vanishes().await;

    site.hears(&three, "c3", "1", "who painted the moon?").await;
    // The lease of the node that vanished ends by itself.
    clock.advance(SignedDuration::from_secs(16));
    site.is_idle(&three, 3).await;

    let replies = site.help_desk.replies();
    assert_eq!(replies.len(), 6, "{replies:?}");
    three.stops().await;
}
