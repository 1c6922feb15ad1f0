//! What platforms do rarely: say things again, echo, hand out addresses that expire.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use superfan::clock::Clock;
use superfan::outbox::Sends;
use superfan_bots::{Author, AuthorKind, Content, Host, InboundMessage, Place, ReplyAddress};
use tokio_util::sync::CancellationToken;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

use super::TestDesk;

impl TestDesk {
    /// Now, on the story's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The disk below the embedded store fills up, or is given space again.
    pub(crate) async fn disk_is_full(&self, is_full: bool) {
        self.desk().store.rehearse_full_disk(is_full).await.unwrap();
    }

    /// Names a chat for the transcript.
    pub(crate) fn names_chat(&self, id: i64, name: &str) {
        self.script().knows_chat(id, name);
    }

    /// Telegram hands its newest update out once more, by poll.
    pub(crate) async fn polls_again(&self) {
        let update = self.telegram.last_update().unwrap();
        let (kind, value) =
            update.as_object().unwrap().iter().find(|(name, _)| *name != "update_id").unwrap();
        self.polls().await;
        self.telegram.push(kind, value).await;
        self.polls().await;
        self.settle().await;
    }

    /// The poll listener runs until Telegram has nothing left.
    pub(crate) async fn polls(&self) {
        let adapter = self.desk().channels.adapter("telegram").unwrap().clone();
        let (stop, intake) = (CancellationToken::new(), Arc::new(self.desk().intake("telegram")));
        let clock = self.clock.clone();
        let clock = Arc::new(move || clock.now());
        let host = Host { intake, stop: stop.clone(), clock, webhook: None };
        let listening = tokio::spawn(async move { adapter.listen(host).await });
        self.telegram.until(|telegram| telegram.waiting().is_empty()).await;
        stop.cancel();
        listening.await.unwrap();
    }

    /// A text arrives on the webhook channel, by whatever kind of author.
    pub(crate) async fn hears_itself(&self, text: &str, kind: AuthorKind) {
        let mut message = self.text("echo", "1", text);
        message.author.kind = kind;
        self.desk().inbox.store("webhook", message).await.unwrap();
        self.is_quiet().await;
    }

    /// A text arrives with an address that stops working.
    pub(crate) async fn hears_with_short_address(
        &self,
        id: &str,
        text: &str,
        works: SignedDuration,
    ) {
        let mut message = self.text("short", id, text);
        message.address.expires_at = Some(self.clock.now() + works);
        self.desk().inbox.store("webhook", message).await.unwrap();
        self.settle().await;
    }

    /// The answerer handles `n` messages that are due; nothing is sent yet.
    pub(crate) async fn decides(&self, n: usize) {
        for _ in 0..n {
            self.live().decide_once().await;
        }
    }

    /// The sends of a channel, moved by the story alone.
    pub(crate) fn sends(&self, channel: &str) -> Sends {
        self.live().sends(channel)
    }

    /// Changes rows behind the desk's back.
    pub(crate) async fn sabotages(&self, sql: &'static str) {
        let Some(url) = self.settings.get("SUPERFAN_DATABASE_URL") else {
            let file = self.data_dir.path().join("superfan.db");
            let options = SqliteConnectOptions::new().filename(file);
            let mut connection = options.connect().await.unwrap();
            sqlx::query(sql).execute(&mut connection).await.unwrap();
            return connection.close().await.unwrap();
        };
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    fn text(&self, conversation: &str, id: &str, text: &str) -> InboundMessage {
        InboundMessage {
            event_key: format!("msg:{conversation}:{id}"),
            conversation: conversation.to_owned(),
            address: ReplyAddress { value: conversation.to_owned(), expires_at: None },
            place: Place::Private,
            author: Author {
                id: conversation.to_owned(),
                name: None,
                lang: Some("en".to_owned()),
                kind: AuthorKind::Person,
            },
            message_id: Some(id.to_owned()),
            reply_to: None,
            content: Content::Text { text: text.to_owned() },
            sent_at: self.clock.now(),
        }
    }

    /// Lets the quiet time pass, and holds the answerer at its search while `act` happens.
    ///
    /// The search needs the only blocking thread; until `act` is done that thread is taken.
    pub(crate) async fn while_deciding(&self, act: impl AsyncFnOnce()) {
        self.passes_unseen(self.desk().config.rules.quiet);
        let (release, held) = std::sync::mpsc::channel::<()>();
        let blocker = tokio::task::spawn_blocking(move || held.recv());
        let searching = Arc::new(AtomicBool::new(false));
        let _listening = tracing::subscriber::set_default(Listener(searching.clone()));
        let live = self.live();
        let deciding = RefCell::new(Box::pin(live.decide_once()));
        let reached = std::future::poll_fn(|context| {
            let poll = deciding.borrow_mut().as_mut().poll(context);
            assert!(poll.is_pending(), "the bot decided without a search");
            if searching.load(Ordering::SeqCst) {
                return std::task::Poll::Ready(());
            }
            std::task::Poll::Pending
        });
        reached.await;
        act().await;
        drop(release);
        deciding.into_inner().await;
        let _ = blocker.await.unwrap();
        self.settle().await;
    }
}

/// Hears when the answerer says that it searches.
struct Listener(Arc<AtomicBool>);

struct Words<'a>(&'a AtomicBool);

impl Visit for Words<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" && format!("{value:?}").starts_with("searching") {
            self.0.store(true, Ordering::SeqCst);
        }
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("superfan::answerer")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Words(&self.0));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
