//! One life of the process: the opened desk and its workers, stepped by hand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use superfan::answerer::{self, Answerer};
use superfan::clock::SharedClock;
use superfan::config::{Config, Settings};
use superfan::desk::Desk;
use superfan::forums::{self, Followed, Follower};
use superfan::gaps::GapKeeper;
use superfan::helpdesk::{self, DeskSender};
use superfan::open::{open_store, open_with};
use superfan::outbox::{self, Limiter, Sender, Sends};
use superfan::recall::Recaller;
use superfan::search::Search;
use superfan::serve;
use superfan_bots::{ChannelKind, Host};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::door::Door;

/// The longest pause between two sends of one account that says nothing in its rows.
const ACCOUNT_PACE: SignedDuration = SignedDuration::from_millis(200);

/// A running desk whose workers move only when stepped.
pub(super) struct Live {
    /// The desk.
    pub(super) desk: Desk,
    /// Where platforms deliver.
    pub(super) door: Door,
    answerer: Answerer,
    followers: Vec<(String, Follower)>,
    recaller: Recaller,
    gaps: GapKeeper,
    /// Each channel's sends, by its name.
    sends: tokio::sync::Mutex<Vec<(String, Sends)>>,
    /// The listeners that are not stepped by hand, and what ends them.
    listeners: Vec<JoinHandle<()>>,
    stop: CancellationToken,
    /// When each worker said it has something to do next.
    due: Mutex<BTreeMap<String, Timestamp>>,
}

impl Live {
    /// Opens what the settings describe and puts in order what an earlier life left behind.
    pub(super) async fn open(
        settings: &BTreeMap<String, String>,
        search: Search,
        clock: SharedClock,
    ) -> Self {
        let pairs = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let config = Config::read(&Settings::from_pairs(pairs), None).unwrap();
        let store = open_store(&config).await.unwrap();
        let desk = open_with(config, store, search, clock).await.unwrap();
        serve::recover(&desk).await.unwrap();
        let limiter = desk.limiter.clone();
        let (mut sends, mut listeners) = (Vec::new(), Vec::new());
        let stop = CancellationToken::new();
        for (name, adapter) in desk.channels.iter() {
            adapter.check().await.unwrap();
            let sender = sender(&desk, name, limiter.clone());
            sender.recover(desk.clock.now()).await.unwrap();
            sends.push((name.clone(), Sends::new(sender)));
            // A gateway cannot be told when to speak.
            if adapter.kind() == ChannelKind::Discord {
                let (adapter, host) = (adapter.clone(), host(&desk, name, &stop));
                listeners.push(tokio::spawn(async move { adapter.listen(host).await }));
            }
        }
        Self {
            door: Door::open(&desk).await,
            answerer: Answerer::new(desk.clone(), "0"),
            followers: followers(&desk),
            recaller: Recaller::new(desk.clone()),
            gaps: GapKeeper::new(desk.clone()),
            sends: sends.into(),
            listeners,
            stop,
            due: Mutex::default(),
            desk,
        }
    }

    /// Ends this life.
    pub(super) async fn close(self) {
        let Self {
            desk, door, answerer, followers, recaller, gaps, sends, listeners, stop, ..
        } = self;
        door.close();
        stop.cancel();
        for listener in listeners {
            listener.await.unwrap();
        }
        let store = desk.store.clone();
        drop((desk, door, answerer, followers, recaller, gaps, sends));
        store.close().await;
    }

    /// Lets every worker do one round; whether any of them did something.
    pub(super) async fn step(&self) -> bool {
        let mut moved = false;
        match self.answerer.handle_next().await.unwrap() {
            answerer::Progress::Handled => moved = true,
            answerer::Progress::Idle(next) => self.note("answerer", next),
        }
        for (name, follower) in &self.followers {
            match follower.step().await.unwrap() {
                forums::Progress::Moved => moved = true,
                forums::Progress::Idle(next) => self.note(name, next),
            }
        }
        moved |= self.recaller.step().await.unwrap();
        for (channel, sends) in self.sends.lock().await.iter_mut() {
            match sends.start_due().await.unwrap() {
                outbox::Progress::Started(_) => moved = true,
                outbox::Progress::Idle(next) => self.note(channel, next),
            }
            sends.all_ended().await;
        }
        if let Some(sender) = DeskSender::of(&self.desk) {
            match sender.send_next().await.unwrap() {
                helpdesk::Progress::Tried => moved = true,
                helpdesk::Progress::Idle(next) => self.note("help desk", next),
            }
        }
        serve::watch_once(&self.desk).await.unwrap();
        self.gaps.keep_up().await.unwrap();
        moved |= superfan::gaps::send_answers(&self.desk).await.unwrap();
        moved |= superfan::gaps::tell_incidents(&self.desk).await.unwrap();
        while superfan::insights::keep_up(&self.desk).await.unwrap() {}
        while superfan::fans::keep_up(&self.desk).await.unwrap() {}
        moved
    }

    /// The answerer alone does one round.
    pub(super) async fn decide_once(&self) {
        self.answerer.handle_next().await.unwrap();
    }

    /// The sends of a channel, for a story that moves them by itself.
    pub(super) fn sends(&self, channel: &str) -> Sends {
        let limiter = Arc::new(Limiter::new(self.desk.clock.clone()));
        Sends::new(sender(&self.desk, channel, limiter))
    }

    fn note(&self, worker: &str, next: Option<Timestamp>) {
        let mut due = self.due.lock().unwrap();
        match next {
            Some(at) => due.insert(worker.to_owned(), at),
            None => due.remove(worker),
        };
    }

    /// When an account that sends as fast as it may has room again; at once is no pause.
    pub(super) fn room_at(&self) -> Option<Timestamp> {
        let now = self.desk.clock.now();
        let due = self.due.lock().unwrap();
        let of_channel = self.desk.channels.iter().filter_map(|(name, _)| due.get(name));
        of_channel.copied().filter(|at| *at > now && *at <= now + ACCOUNT_PACE).min()
    }

    /// When something falls due next, as the workers last said.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let now = self.desk.clock.now();
        let due = self.due.lock().unwrap();
        due.values().copied().filter(|at| *at > now).min()
    }
}

fn followers(desk: &Desk) -> Vec<(String, Follower)> {
    let follower = |followed: &Followed| Follower::new(desk.clone(), followed.clone());
    desk.forums.iter().map(|(name, followed)| (name.clone(), follower(followed))).collect()
}

fn host(desk: &Desk, channel: &str, stop: &CancellationToken) -> Host {
    let clock = desk.clock.clone();
    let intake = Arc::new(desk.intake(channel));
    let clock = Arc::new(move || clock.now());
    Host { intake, stop: stop.clone(), clock, webhook: None }
}

fn sender(desk: &Desk, channel: &str, limiter: Arc<Limiter>) -> Sender {
    Sender {
        channel: channel.to_owned(),
        adapter: desk.channels.adapter(channel).unwrap().clone(),
        store: desk.store.clone(),
        limiter,
        clock: desk.clock.clone(),
        wakes: desk.wakes.clone(),
        lease: None,
    }
}
