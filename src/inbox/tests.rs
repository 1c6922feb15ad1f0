//! What arrives is durable first and sorted then.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use superfan_bots::{Accepted, Author, AuthorKind, Content, InboundMessage, Place, ReplyAddress};
use superfan_index::Index;
use tempfile::TempDir;

use super::Inbox;
use crate::clock::{Clock, TestClock, from_millis};
use crate::config::{Config, Settings};
use crate::ids::MessageId;
use crate::open::open_with;
use crate::search::Search;
use crate::store::Store;
use crate::store::conversations::Conversation;

struct Room {
    inbox: Inbox,
    store: Store,
    clock: Arc<TestClock>,
    _folder: TempDir,
}

impl Room {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::read(&Settings::from_pairs([]), Some(folder.path())).unwrap();
        let clock = Arc::new(TestClock::starting(from_millis(1_764_000_000_000)));
        let store = Store::open_embedded(folder.path()).await.unwrap();
        let search = Search::new(Arc::new(Index::in_ram()));
        let desk = open_with(config, store.clone(), search, clock.clone()).await.unwrap();
        Self { inbox: desk.inbox.clone(), store, clock, _folder: folder }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn hears(&self, id: &str) -> Accepted {
        self.inbox.store("webchat", message(id, self.now())).await.unwrap().accepted
    }

    async fn conversations(&self) -> Vec<Conversation> {
        let mut tx = self.store.read().await.unwrap();
        tx.conversations(None, None, None, 10).await.unwrap()
    }
}

fn message(id: &str, at: Timestamp) -> InboundMessage {
    InboundMessage {
        event_key: format!("msg:ana:{id}"),
        conversation: "ana".to_owned(),
        address: ReplyAddress { value: "ana".to_owned(), expires_at: None },
        place: Place::Private,
        author: Author { id: "ana".to_owned(), name: None, lang: None, kind: AuthorKind::Person },
        message_id: Some(id.to_owned()),
        reply_to: None,
        content: Content::Text { text: "my cat".to_owned() },
        sent_at: at,
    }
}

#[tokio::test]
async fn an_event_is_one_message_before_and_after_it_is_sorted() {
    let room = Room::open().await;
    assert_eq!(room.hears("1").await, Accepted::Stored);
    assert_eq!(room.hears("1").await, Accepted::Duplicate);
    assert!(room.conversations().await.is_empty());

    room.inbox.sort(room.now(), room.now()).await.unwrap();
    assert_eq!(room.hears("1").await, Accepted::Duplicate);
    assert_eq!(room.hears("2").await, Accepted::Stored);
    room.inbox.sort(room.now(), room.now()).await.unwrap();
    let found = room.conversations().await;
    let mut tx = room.store.read().await.unwrap();
    assert_eq!(tx.messages(found[0].id, 10).await.unwrap().len(), 2);
    assert_eq!(tx.oldest_arrival().await.unwrap(), None);
}

#[tokio::test]
async fn a_message_waits_for_silence_from_when_it_came_not_from_when_it_was_sorted() {
    let room = Room::open().await;
    room.hears("1").await;
    let due = room.now() + SignedDuration::from_millis(1_500);
    room.clock.advance(SignedDuration::from_millis(400));
    room.inbox.sort(room.now(), room.now()).await.unwrap();
    let mut tx = room.store.read().await.unwrap();
    assert_eq!(tx.next_wake().await.unwrap(), Some(due));
}

#[tokio::test]
async fn deliveries_in_line_are_stored_before_others_are_sorted_but_not_for_ever() {
    let room = Room::open().await;
    room.hears("1").await;
    let oldest = room.now();
    // Whoever holds the writer makes what arrives stand in line.
    let busy = room.store.begin().await.unwrap();
    let waiting = ["2", "3"].map(|id| {
        let (inbox, message) = (room.inbox.clone(), message(id, oldest));
        tokio::spawn(async move { inbox.store("webchat", message).await.unwrap() })
    });
    while !room.inbox.is_waited_for() {
        tokio::task::yield_now().await;
    }
    room.inbox.sort(oldest, room.now()).await.unwrap();
    assert!(room.conversations().await.is_empty());

    room.clock.advance(SignedDuration::from_secs(2));
    let sorting = room.inbox.sort(oldest, room.now());
    drop(busy);
    sorting.await.unwrap();
    assert_eq!(room.conversations().await.len(), 1);
    for stored in waiting {
        assert_eq!(stored.await.unwrap().accepted, Accepted::Stored);
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_filed_does_not_hold_up_the_others() {
    let room = Room::open().await;
    room.hears("1").await;
    let mut tx = room.store.begin().await.unwrap();
    let mut arrivals = tx.take_arrivals(1).await.unwrap();
    drop(tx);
    for arrival in &mut arrivals {
        arrival.id = MessageId(arrival.id.0 + 1);
        arrival.event_key = "msg:ana:torn".to_owned();
        arrival.body = "{".to_owned();
    }
    room.store.keep_arrivals(&arrivals).await.unwrap();
    room.inbox.sort(room.now(), room.now()).await.unwrap();
    let found = room.conversations().await;
    assert_eq!(found[0].address.value, "ana");
    let mut tx = room.store.read().await.unwrap();
    assert_eq!(tx.unhandled().await.unwrap(), 2);
    assert_eq!(tx.new_messages(found[0].id, 10).await.unwrap().len(), 1);
}
