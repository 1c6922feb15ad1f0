//! What the tests share: adapters wired to fakes, an intake that remembers, replies to send.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use superfan_bots::discord::fake::FakeDiscord;
use superfan_bots::discord::{self, Discord, DiscordConfig};
use superfan_bots::fakes::http_client;
use superfan_bots::telegram::fake::FakeTelegram;
use superfan_bots::telegram::{Mode, Patience, Telegram, TelegramConfig};
use superfan_bots::{
    Accepted, Adapter, Health, Host, InboundMessage, Intake, IntakeError, Outgoing, Reply,
    ReplyAddress, ReplyKind, Room, SendError, Sent, WebhookRequest,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

/// The secret of the vectors.
pub(crate) const SECRET: &str = "s3cret_-ABC";

pub(crate) fn now() -> Timestamp {
    "2026-01-05T09:00:00Z".parse().unwrap()
}

pub(crate) fn telegram(fake: &FakeTelegram, mode: Mode) -> Telegram {
    let config = TelegramConfig {
        token: fake.token(),
        webhook_secret: Some(SECRET.into()),
        api_url: fake.base_url(),
        mode,
        link_previews: false,
    };
    let short = Duration::from_millis(1);
    let answer = Duration::from_secs(5);
    let patience = Patience { answer, after_trouble: short, after_conflict: short, longest: short };
    Telegram::new(config, http_client()).with_patience(patience)
}

/// What a fake Discord expects of its application.
pub(crate) fn discord_config(fake: &FakeDiscord, mode: discord::Mode) -> DiscordConfig {
    DiscordConfig {
        token: fake.token(),
        application_id: None,
        public_key: Some(fake.public_key()),
        api_url: fake.base_url(),
        mode,
        style: discord::Style::Plain,
        threads: false,
        ephemeral: false,
        support_places: Vec::new(),
        staff: None,
    }
}

/// An application that waits for nothing.
pub(crate) fn discord_with(config: DiscordConfig) -> Discord {
    let short = Duration::from_millis(1);
    Discord::new(config, http_client()).with_patience(discord::Patience {
        answer: Duration::from_secs(5),
        after_trouble: short,
        longest: short,
        between_reads: Duration::ZERO,
    })
}

pub(crate) fn discord(fake: &FakeDiscord, mode: discord::Mode) -> Discord {
    discord_with(discord_config(fake, mode))
}

pub(crate) fn webhook_request(
    secret: Option<&str>,
    body: impl Into<bytes::Bytes>,
) -> WebhookRequest {
    let mut headers = http::HeaderMap::new();
    if let Some(secret) = secret {
        headers.insert("X-Telegram-Bot-Api-Secret-Token", secret.parse().unwrap());
    }
    WebhookRequest { headers, query: String::new(), body: body.into() }
}

pub(crate) fn reply(text: &str) -> Reply {
    Reply {
        kind: ReplyKind::Answer,
        text: text.to_owned(),
        credit: None,
        buttons: Vec::new(),
        lang: "en".to_owned(),
        answer_id: None,
        confidence: None,
        human: None,
        in_reply_to: None,
    }
}

/// Renders a reply and sends its parts; the outcome of the first that fails, or of the last.
pub(crate) async fn send(
    adapter: &dyn Adapter,
    address: &str,
    reply: &Reply,
) -> Result<Sent, SendError> {
    let address = ReplyAddress { value: address.to_owned(), expires_at: None };
    let mut last = Ok(Sent { message_id: None });
    for part in adapter.render(reply) {
        let outgoing = Outgoing {
            address: &address,
            part: &part,
            key: "out_1",
            now: now(),
            previous: None,
            in_doubt_since: None,
        };
        last = adapter.send(outgoing).await;
        if last.is_err() {
            break;
        }
    }
    last
}

/// What an intake was told, in order.
#[derive(Debug, PartialEq)]
pub(crate) enum Told {
    Message(Box<InboundMessage>),
    Health(Health),
}

/// An intake that passes on what it is told, and can refuse.
pub(crate) struct Recorder {
    told: mpsc::UnboundedSender<Told>,
    keys: Mutex<Vec<String>>,
    refusals: Mutex<VecDeque<IntakeError>>,
    cursors: Mutex<BTreeMap<String, String>>,
}

/// A listener at work.
pub(crate) struct Listening {
    pub(crate) told: mpsc::UnboundedReceiver<Told>,
    pub(crate) intake: Arc<Recorder>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

pub(crate) fn listen(adapter: impl Adapter + 'static) -> Listening {
    listen_from(adapter, None)
}

/// The same from a position that an earlier listener stored.
pub(crate) fn listen_from(adapter: impl Adapter + 'static, position: Option<&str>) -> Listening {
    listen_with(adapter, position, None)
}

/// The same where the outside reaches us here.
pub(crate) fn listen_at(adapter: impl Adapter + 'static, webhook: &str) -> Listening {
    listen_with(adapter, None, Some(webhook.parse().unwrap()))
}

fn listen_with(
    adapter: impl Adapter + 'static,
    position: Option<&str>,
    webhook: Option<Url>,
) -> Listening {
    let (sender, told) = mpsc::unbounded_channel();
    let intake = Arc::new(Recorder {
        told: sender,
        keys: Mutex::default(),
        refusals: Mutex::default(),
        cursors: Mutex::new(
            position.map(|at| ("places".to_owned(), at.to_owned())).into_iter().collect(),
        ),
    });
    let stop = CancellationToken::new();
    let (kept, stops) = (intake.clone(), stop.clone());
    let host = Host { intake: kept, stop: stops, clock: Arc::new(now), webhook };
    let task = tokio::spawn(async move { adapter.listen(host).await });
    Listening { told, intake, stop, task }
}

impl Listening {
    pub(crate) async fn next(&mut self) -> Told {
        let next = tokio::time::timeout(Duration::from_secs(10), self.told.recv());
        next.await.expect("the listener says nothing more").expect("the listener is gone")
    }

    pub(crate) async fn next_message(&mut self) -> InboundMessage {
        loop {
            if let Told::Message(message) = self.next().await {
                return *message;
            }
        }
    }

    pub(crate) async fn next_health(&mut self) -> Health {
        loop {
            if let Told::Health(health) = self.next().await {
                return health;
            }
        }
    }

    pub(crate) async fn stops(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }

    /// Waits until the listener returns by itself.
    pub(crate) async fn ends(self) {
        self.task.await.unwrap();
    }
}

impl Recorder {
    /// The position that was stored last.
    pub(crate) fn position(&self) -> Option<String> {
        self.cursors.lock().unwrap().get("places").cloned()
    }

    pub(crate) fn refuse_next(&self, reason: &str) {
        let retry_after = Duration::from_millis(1);
        let refusal = IntakeError { reason: reason.to_owned(), retry_after };
        self.refusals.lock().unwrap().push_back(refusal);
    }
}

#[async_trait]
impl Intake for Recorder {
    async fn accept(&self, message: InboundMessage) -> Result<Accepted, IntakeError> {
        if let Some(refusal) = self.refusals.lock().unwrap().pop_front() {
            return Err(refusal);
        }
        let mut keys = self.keys.lock().unwrap();
        if keys.contains(&message.event_key) {
            return Ok(Accepted::Duplicate);
        }
        keys.push(message.event_key.clone());
        let _ = self.told.send(Told::Message(Box::new(message)));
        Ok(Accepted::Stored)
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>, IntakeError> {
        Ok(self.cursors.lock().unwrap().get(name).cloned())
    }

    async fn save_cursor(&self, name: &str, value: &str) -> Result<(), IntakeError> {
        self.cursors.lock().unwrap().insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// The clock stands still here, so all that is shown is shown in the same second.
    fn room_for_courtesy(&self) -> Room {
        let n_heard = self.keys.lock().unwrap().len();
        if n_heard <= SHOWN { Room::Given } else { Room::Needed }
    }

    fn health(&self, state: Health) {
        let _ = self.told.send(Told::Health(state));
    }
}

/// For how many messages typing may be shown.
const SHOWN: usize = 10;
