//! The scenario language: a whole desk on a clock that the story moves, over fake platforms.
//!
//! In: what people do, one sentence each. Out: a transcript of what everybody read. No worker runs
//! by itself: [`TestDesk::settle`] steps answerer and senders until nothing is due, and
//! [`TestDesk::passes`] moves the clock from one due moment to the next. Who leaves the scene with
//! something unread, unhandled or unsent has failed.

mod amended;
mod answers;
mod api;
mod discord;
mod door;
mod forum;
mod handovers;
mod live;
mod mail;
mod people;
mod story;
mod transcript;
mod unusual;
mod x;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use superfan::clock::{Clock, TestClock};
use superfan::desk::Desk;
use superfan::search::Search;
use superfan::store::{StoreError, Tx};
use superfan::vocabulary::DeliveryState;
use superfan_bots::discord::fake::FakeDiscord;
use superfan_bots::discourse::fake::FakeDiscourse;
use superfan_bots::github::fake::FakeGithub;
use superfan_bots::telegram::fake::FakeTelegram;
use superfan_bots::webhook::fake::FakeHelpDesk;
use superfan_bots::x::fake::FakeX;

use live::Live;
pub(crate) use mail::{FakeMail, MailFault};
pub(crate) use people::Agent;
pub(crate) use story::{Backend, scenarios, tell};
use transcript::Script;

/// A desk at work, the platforms around it, and what was read so far.
pub(crate) struct TestDesk {
    /// Telegram as the desk reaches it.
    pub(crate) telegram: FakeTelegram,
    /// X, once the desk has an account there.
    pub(crate) x: FakeX,
    /// A system that speaks the generic webhook.
    pub(crate) help_desk: FakeHelpDesk,
    /// A forum, once the desk follows one.
    discourse: Option<FakeDiscourse>,
    /// A repository, once the desk follows one.
    github: Option<FakeGithub>,
    /// Discord, once a story has joined it.
    discord: Option<FakeDiscord>,
    /// The time, moved by the story only.
    pub(crate) clock: Arc<TestClock>,
    /// The SQLite folder, also when the store is PostgreSQL.
    pub(crate) data_dir: tempfile::TempDir,
    /// The index; it outlives restarts as a folder on disk would.
    search: Search,
    settings: BTreeMap<String, String>,
    script: Mutex<Script>,
    live: Option<Live>,
}

/// The longest pause between two messages that stories do not speak of.
const PACE: SignedDuration = SignedDuration::from_millis(1100);

pub(crate) fn seconds(n: i64) -> SignedDuration {
    SignedDuration::from_secs(n)
}

pub(crate) fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

impl TestDesk {
    /// Opens a desk on an empty store.
    pub(crate) async fn open(backend: Backend) -> Self {
        let start: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
        let (telegram, help_desk) = (FakeTelegram::start().await, FakeHelpDesk::start().await);
        telegram.set_now(start);
        let data_dir = tempfile::tempdir().unwrap();
        let mut settings = BTreeMap::from([
            ("TELEGRAM_TOKEN", telegram.token().expose_secret().to_owned()),
            ("TELEGRAM_MODE", "webhook".to_owned()),
            ("TELEGRAM_WEBHOOK_SECRET", "s3cret_-ABC".to_owned()),
            ("TELEGRAM_API_URL", telegram.base_url().to_string()),
            ("WEBHOOK_SECRET", help_desk.secret().expose_secret().to_owned()),
            ("WEBHOOK_REPLY_URL", help_desk.reply_url().to_string()),
            ("SUPERFAN_API_TOKEN", crate::web::TOKEN.to_owned()),
            ("SUPERFAN_DATA_DIR", data_dir.path().display().to_string()),
        ])
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect::<BTreeMap<_, _>>();
        if let Some(url) = backend.database_url().await {
            settings.insert("SUPERFAN_DATABASE_URL".to_owned(), url);
        }
        let mut desk = Self {
            telegram,
            x: FakeX::start().await,
            help_desk,
            discourse: None,
            github: None,
            discord: None,
            clock: Arc::new(TestClock::starting(start)),
            data_dir,
            search: answers::sure_of_same_words(),
            settings,
            script: Mutex::default(),
            live: None,
        };
        desk.opens().await;
        desk
    }

    async fn opens(&mut self) {
        let live = Live::open(&self.settings, self.search.clone(), self.clock.clone()).await;
        self.telegram.deliver_to(&live.door.url("telegram"), "s3cret_-ABC");
        self.x.deliver_to(&live.door.url("x"));
        if let Some(forum) = &self.discourse {
            forum.deliver_to(&live.door.url("discourse"));
        }
        if let Some(github) = &self.github {
            github.deliver_to(&live.door.url("github"));
        }
        self.live = Some(live);
    }

    /// Ends the process and starts it again on the same store; what waited in memory is gone.
    pub(crate) async fn restarts(&mut self) {
        self.stops().await;
        self.clock.advance(SignedDuration::from_millis(1));
        self.opens().await;
        self.settle().await;
    }

    /// The same with other settings.
    pub(crate) async fn restarts_with(&mut self, settings: &[(&str, &str)]) {
        for (name, value) in settings {
            self.settings.insert((*name).to_owned(), (*value).to_owned());
        }
        self.restarts().await;
    }

    /// Ends the process; deliveries find nobody until it starts again.
    pub(crate) async fn stops(&mut self) {
        if let Some(live) = self.live.take() {
            live.close().await;
        }
    }

    fn discord_if_joined(&self) -> Option<&FakeDiscord> {
        self.discord.as_ref()
    }

    fn live(&self) -> &Live {
        self.live.as_ref().expect("the desk is running")
    }

    /// The desk itself, for what the language has no words for.
    pub(crate) fn desk(&self) -> &Desk {
        &self.live().desk
    }

    /// Does whatever is due now, until nothing is. The second between two messages to one chat is
    /// let pass; longer waits are not.
    pub(crate) async fn settle(&self) {
        loop {
            while self.live().step().await {
                self.look().await;
            }
            self.look().await;
            let room_at = self.live().room_at();
            let Some(at) = room_at.or(self.paced_until().await) else { return };
            self.clock.advance(at.duration_since(self.clock.now()));
            self.platforms_are_at(at);
        }
    }

    /// When the next message may leave that waits for nothing but the pace of its chat.
    async fn paced_until(&self) -> Option<Timestamp> {
        let rows = self.deliveries(DeliveryState::Due).await.into_iter();
        let paced = rows.filter(|row| {
            row.reason.as_deref().is_some_and(|reason| reason.starts_with("paced"))
                && row.due_at > self.clock.now()
                && row.due_at <= self.clock.now() + PACE
        });
        paced.map(|row| row.due_at).min()
    }

    /// Lets time pass, stopping wherever something falls due.
    pub(crate) async fn passes(&self, time: SignedDuration) {
        let end = self.clock.now() + time;
        loop {
            self.settle().await;
            let now = self.clock.now();
            let next = self.live().next_due().filter(|at| *at > now && *at < end);
            let to = next.unwrap_or(end);
            self.clock.advance(to.duration_since(now));
            self.platforms_are_at(to);
            if to == end {
                return self.settle().await;
            }
        }
    }

    /// Lets the quiet time after free text pass.
    pub(crate) async fn is_quiet(&self) {
        self.passes(self.desk().config.rules.quiet).await;
    }

    /// Lets time pass while the process is down.
    pub(crate) fn passes_unseen(&self, time: SignedDuration) {
        self.clock.advance(time);
        self.platforms_are_at(self.clock.now());
    }

    fn platforms_are_at(&self, now: Timestamp) {
        self.telegram.set_now(now);
        self.x.set_now(now);
        if let Some(discord) = &self.discord {
            discord.set_now(now);
        }
    }

    /// Where this channel's platform delivers.
    pub(crate) fn door(&self, channel: &str) -> url::Url {
        self.live().door.url(channel)
    }

    /// Where the brand's own help desk posts.
    pub(crate) fn help_desk_door(&self) -> url::Url {
        self.live().door.help_desk_url()
    }

    /// Reads something from the store.
    pub(crate) async fn reads<T>(
        &self,
        read: impl AsyncFnOnce(&mut Tx) -> Result<T, StoreError>,
    ) -> T {
        let mut tx = self.desk().store.read().await.unwrap();
        read(&mut tx).await.unwrap()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }
}
