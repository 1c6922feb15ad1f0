//! The gateway: holds the connection, hands on what happens, and says how it is.
//!
//! Interactions are stored and answered at once, because Discord waits three seconds; everything
//! else goes through one line, in order, behind what a reconnect has to read first.

use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::Stream;
use secrecy::ExposeSecret;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::timeout;
use twilight_gateway::error::ReceiveMessageErrorType;
use twilight_gateway::queue::InMemoryQueue;
use twilight_gateway::{ConfigBuilder, Intents, Message as Frame, Shard, ShardId};

use super::history::{self, Heard};
use super::interaction::{self, Interacted};
use super::read;
use crate::discord::send::{ACKNOWLEDGED, Api, Failure};
use crate::discord::wire::{GatewayInfo, Payload, Ready};
use crate::discord::{Discord, Mode, NO_CONTENT};
use crate::{Health, HoldScope, Host, RefusalScope, SendError};

/// So many events wait at most; behind them the connection itself has to wait.
const LINE: usize = 10_000;
/// Discord waits three seconds for the first answer to an interaction.
const IN_TIME: Duration = Duration::from_millis(2900);
const ONE_TRY: Duration = Duration::from_millis(900);
const BETWEEN_TRIES: Duration = Duration::from_millis(50);
/// <https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes>
const BAD_TOKEN: u16 = 4004;
const DISALLOWED_INTENTS: u16 = 4014;

/// Why listening ended, and with it how long to wait.
pub(super) enum Trouble {
    /// The token is not (or no longer) valid.
    Unauthorized(String),
    /// Discord named a time.
    Wait(Duration),
    /// No answer, or a broken one.
    Unreachable(String),
    /// The same again with fewer wishes.
    AskForLess,
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure.error {
            SendError::Refused { scope: RefusalScope::Channel, reason } => {
                Self::Unauthorized(reason)
            }
            SendError::Held { wait: Some(wait), scope: HoldScope::Channel, .. } => Self::Wait(wait),
            error => Self::Unreachable(error.to_string()),
        }
    }
}

/// Says how the listener is, each state once.
pub(super) struct Pulse<'a> {
    discord: &'a Discord,
    host: &'a Host,
    reported: Mutex<Option<Health>>,
}

impl Pulse<'_> {
    /// All is well, as far as our rights go.
    pub(super) fn beat(&self) {
        let refused = self.discord.content_refused.load(Ordering::Relaxed);
        self.report(if refused { Health::Degraded(NO_CONTENT.to_owned()) } else { Health::Ok });
    }

    /// Whether the last thing that was said was not of trouble.
    fn is_well(&self) -> bool {
        let reported = self.reported.lock().expect("nothing panics while it holds this lock");
        let words = match &*reported {
            Some(Health::Degraded(words)) => words,
            Some(Health::Ok) => return true,
            _ => return false,
        };
        words == NO_CONTENT
    }

    pub(super) fn report(&self, health: Health) {
        let mut reported = self.reported.lock().expect("nothing panics while it holds this lock");
        if reported.as_ref() != Some(&health) {
            tracing::info!(?health, "the Discord listener changed its state");
            self.host.intake.health(health.clone());
            *reported = Some(health);
        }
    }
}

/// Listens until told to stop. In interactions mode it only makes sure that we know our own name.
pub(in crate::discord) async fn listen(discord: &Discord, host: &Host) {
    let pulse = Pulse { discord, host, reported: Mutex::default() };
    let mut trouble_wait = discord.patience.after_trouble;
    let mut restored = discord.config.mode == Mode::Interactions;
    loop {
        let turn = async {
            if !restored {
                history::restore(discord, host).await?;
                restored = true;
            }
            match discord.config.mode {
                Mode::Gateway => Err(connect(discord, host, &pulse).await),
                Mode::Interactions => look_around(discord, &pulse).await,
            }
        };
        let turn = tokio::select! {
            () = host.stop.cancelled() => break,
            turn = turn => turn,
        };
        let wait = match turn {
            Ok(()) => return,
            Err(Trouble::AskForLess) => continue,
            Err(Trouble::Unauthorized(reason)) => {
                pulse.report(Health::Stopped(format!("Discord refuses the token: {reason}")));
                discord.patience.longest
            }
            Err(Trouble::Wait(wait)) => {
                let words = format!("Discord asked us to wait {} s", wait.as_secs());
                pulse.report(Health::Degraded(words));
                wait
            }
            Err(Trouble::Unreachable(reason)) => {
                if pulse.is_well() {
                    trouble_wait = discord.patience.after_trouble;
                }
                pulse.report(Health::Degraded(format!("Discord does not answer: {reason}")));
                let wait = trouble_wait;
                trouble_wait = (wait * 2).min(discord.patience.longest);
                wait
            }
        };
        tokio::select! {
            () = host.stop.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
        }
    }
    history::save(discord, host).await;
}

async fn look_around(discord: &Discord, pulse: &Pulse<'_>) -> Result<(), Trouble> {
    match discord.look_around().await {
        Ok(_) => {
            pulse.beat();
            Ok(())
        }
        Err(error) => Err(Failure::from(error).into()),
    }
}

/// Holds one connection per shard, until one of them ends for good.
async fn connect(discord: &Discord, host: &Host, pulse: &Pulse<'_>) -> Trouble {
    let info = match gateway_info(discord).await {
        Ok(info) => info,
        Err(trouble) => return trouble,
    };
    let (line, waiting) = mpsc::channel(LINE);
    let queue = info.session_start_limit.map_or_else(InMemoryQueue::default, |limit| {
        let total = limit.total.max(limit.remaining);
        let reset_after = Duration::from_millis(limit.reset_after);
        InMemoryQueue::new(limit.max_concurrency, limit.remaining, reset_after, total)
    });
    let n_shards = info.shards.unwrap_or(1).max(1);
    let shards = (0..n_shards).map(|number| {
        let token = discord.sender.api.token().expose_secret().to_owned();
        let config = ConfigBuilder::new(token, intents(discord))
            .proxy_url(proxy_url(&info.url))
            .queue(queue.clone())
            .build();
        let shard = Shard::with_config(ShardId::new(number, n_shards), config);
        Box::pin(Connection { discord, host, pulse, line: line.clone() }.hold(shard))
    });
    let shards = futures::future::select_all(shards);
    tokio::select! {
        (trouble, ..) = shards => trouble,
        trouble = history::store_all(discord, host, pulse, waiting) => trouble,
    }
}

async fn gateway_info(discord: &Discord) -> Result<GatewayInfo, Trouble> {
    let value = match discord.sender.api.fetch("gateway/bot").await {
        Ok(value) => value,
        Err(failure) if failure.status == 404 => discord.sender.api.fetch("gateway").await?,
        Err(failure) => return Err(failure.into()),
    };
    read(value).map_err(|error| Trouble::Unreachable(error.to_string()))
}

fn intents(discord: &Discord) -> Intents {
    let always = Intents::GUILDS | Intents::GUILD_MESSAGES | Intents::DIRECT_MESSAGES;
    if discord.content_refused.load(Ordering::Relaxed) {
        always
    } else {
        always | Intents::MESSAGE_CONTENT
    }
}

/// The gateway's address as the connection wants it, which appends `/?v=10…` by itself: a path of
/// an address must not become another path by that.
fn proxy_url(url: &str) -> String {
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    match path {
        Some((_, path)) if !path.trim_matches('/').is_empty() => {
            let sign = if url.contains('?') { '&' } else { '?' };
            format!("{url}{sign}v=10&encoding=json&_=")
        }
        _ => url.trim_end_matches('/').to_owned(),
    }
}

/// One shard's connection.
struct Connection<'a> {
    discord: &'a Discord,
    host: &'a Host,
    pulse: &'a Pulse<'a>,
    line: mpsc::Sender<Heard>,
}

impl Connection<'_> {
    /// Hands on what happens, through reconnects, until Discord ends it for good.
    async fn hold(self, mut shard: Shard<InMemoryQueue>) -> Trouble {
        let mut last_close = None;
        loop {
            let next = std::future::poll_fn(|context| Pin::new(&mut shard).poll_next(context));
            match next.await {
                None => return self.end(last_close),
                Some(Ok(Frame::Close(frame))) => {
                    let reason = frame.as_ref().map(|frame| frame.reason.to_string());
                    last_close = frame.map(|frame| frame.code);
                    tracing::debug!(code = last_close, reason, "the gateway's connection closed");
                }
                Some(Ok(Frame::Text(text))) => self.hear(&text).await,
                Some(Err(error)) if matches!(error.kind(), ReceiveMessageErrorType::Reconnect) => {
                    let words = format!("Discord's gateway does not answer: {error}");
                    self.pulse.report(Health::Degraded(words));
                }
                Some(Err(error)) => {
                    tracing::warn!(%error, "skipped an event that cannot be decoded");
                }
            }
        }
    }

    fn end(&self, last_close: Option<u16>) -> Trouble {
        match last_close {
            Some(BAD_TOKEN) => Trouble::Unauthorized("authentication failed (4004)".to_owned()),
            Some(DISALLOWED_INTENTS)
                if !self.discord.content_refused.swap(true, Ordering::Relaxed) =>
            {
                tracing::warn!("{NO_CONTENT}");
                Trouble::AskForLess
            }
            code => Trouble::Unreachable(format!("the gateway ended the session ({code:?})")),
        }
    }

    async fn hear(&self, text: &str) {
        let Ok(Payload { op: 0, name: Some(name), data }) = serde_json::from_str(text) else {
            return;
        };
        let heard = match name.as_str() {
            "READY" | "RESUMED" => {
                if let Ok(ready) = read::<Ready>(data) {
                    self.discord.is_now(&ready.user.id);
                }
                self.pulse.beat();
                Heard::Connected
            }
            "INTERACTION_CREATE" => return self.interact(data),
            _ => Heard::Event(name, data),
        };
        // Full means that the store is down; then the connection waits with it.
        let _ = self.line.send(heard).await;
    }

    /// Stores an interaction, then answers it, beside everything else.
    fn interact(&self, data: Value) {
        let now = (self.host.clock)();
        let me = self.discord.me();
        let interacted = match interaction::decode(data, &self.discord.view(me.as_deref(), now)) {
            Ok(interacted) => interacted,
            Err(error) => {
                tracing::warn!(%error, "skipped an interaction that cannot be decoded");
                return;
            }
        };
        let (api, intake) = (self.discord.sender.api.clone(), self.host.intake.clone());
        tokio::spawn(async move {
            let Interacted { message, answer, callback: (id, token) } = interacted;
            if let Some(message) = message
                && let Err(error) = intake.accept(message).await
            {
                tracing::error!("an interaction is lost: {error}");
                return;
            }
            if timeout(IN_TIME, call_back(&api, (&id, &token), &answer)).await.is_err() {
                tracing::warn!("could not answer an interaction in time");
            }
        });
    }
}

/// Answers an interaction, again and again while nobody knows whether Discord heard it: it takes
/// one answer and refuses every other.
async fn call_back(api: &Api, of: (&str, &str), answer: &Value) {
    loop {
        let failure = match timeout(ONE_TRY, api.call_back(of, answer)).await {
            Ok(Ok(_)) => return,
            Ok(Err(failure)) if failure.code == ACKNOWLEDGED => return,
            Ok(Err(failure)) => failure.error,
            Err(_) => SendError::Unknown { reason: "no answer in time".to_owned() },
        };
        let wait = match &failure {
            SendError::Refused { .. } => {
                tracing::warn!("an interaction is not waited for any more: {failure}");
                return;
            }
            SendError::Held { wait: Some(wait), .. } => *wait,
            _ => BETWEEN_TRIES,
        };
        tracing::debug!("answering an interaction again: {failure}");
        tokio::time::sleep(wait).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_gateways_address_stays_its_path() {
        assert_eq!(proxy_url("wss://gateway.discord.gg"), "wss://gateway.discord.gg");
        assert_eq!(proxy_url("ws://127.0.0.1:8123/"), "ws://127.0.0.1:8123");
        let with_path = proxy_url("ws://127.0.0.1:8123/gateway");
        assert_eq!(with_path, "ws://127.0.0.1:8123/gateway?v=10&encoding=json&_=");
    }
}
