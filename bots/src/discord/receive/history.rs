//! Storing what happens, in order, and reading what happened while nobody listened.
//!
//! Every place we know has a position: the last message that was stored. After each (re)connect
//! everything behind it is read, before anything new is stored, so that order holds; what comes
//! twice is stored once, by its event key.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::gateway::{Pulse, Trouble};
use super::{Decoded, created, decode, read};
use crate::discord::Discord;
use crate::discord::places::{Known, number};
use crate::discord::wire::{Channel, Message};
use crate::{Accepted, Health, Host, InboundMessage, SendError};

/// The listener's position, under this name.
const PLACES: &str = "places";
/// How often the position is stored; behind is harmless, it only means reading more.
const SAVE_EVERY: Duration = Duration::from_secs(5);
/// Messages in one page.
const PAGE: usize = 100;
/// How often a page is asked for before the place is left for the next time.
const TRIES: u32 = 5;

/// What a connection hands on.
pub(super) enum Heard {
    /// Connected, for the first time or again.
    Connected,
    /// A dispatch and its data.
    Event(String, Value),
}

/// Takes over the position that was stored last.
pub(super) async fn restore(discord: &Discord, host: &Host) -> Result<(), Trouble> {
    match host.intake.cursor(PLACES).await {
        Ok(stored) => {
            discord.places.restore(stored.as_deref().unwrap_or_default());
            Ok(())
        }
        Err(error) => Err(Trouble::Unreachable(error.to_string())),
    }
}

/// Stores the position, if it changed.
pub(super) async fn save(discord: &Discord, host: &Host) {
    if let Some(places) = discord.places.to_store()
        && let Err(error) = host.intake.save_cursor(PLACES, &places).await
    {
        tracing::warn!("could not store how far Discord was read: {error}");
    }
}

/// Stores what is handed on, in order; ends only with a token that is refused.
pub(super) async fn store_all(
    discord: &Discord,
    host: &Host,
    pulse: &Pulse<'_>,
    mut waiting: mpsc::Receiver<Heard>,
) -> Trouble {
    let listener = Listener { discord, host, pulse };
    let mut saved_at = Instant::now();
    loop {
        match timeout(SAVE_EVERY, waiting.recv()).await {
            Err(_) => {}
            Ok(None) => return Trouble::Unreachable("nobody listens".to_owned()),
            Ok(Some(Heard::Connected)) => {
                if let Err(trouble) = listener.catch_up().await {
                    return trouble;
                }
            }
            Ok(Some(Heard::Event(name, data))) => {
                listener.event(&name, data).await;
                if let Err(trouble) = listener.read_unread().await {
                    return trouble;
                }
            }
        }
        if saved_at.elapsed() >= SAVE_EVERY {
            save(discord, host).await;
            saved_at = Instant::now();
        }
    }
}

struct Listener<'a> {
    discord: &'a Discord,
    host: &'a Host,
    pulse: &'a Pulse<'a>,
}

impl Listener<'_> {
    /// One event that cannot be decoded must not hold up the others: it is logged and skipped.
    async fn event(&self, name: &str, data: Value) {
        let message: Option<Message> = match name {
            "MESSAGE_CREATE" | "MESSAGE_UPDATE" => read(data.clone()).ok(),
            _ => None,
        };
        if let Some(message) = &message {
            self.meet_thread(message).await;
        }
        let me = self.discord.me();
        let view = self.discord.view(me.as_deref(), (self.host.clock)());
        match decode(name, data, &view) {
            Ok(Decoded::Messages(messages)) => {
                let home = message.as_ref().filter(|_| name == "MESSAGE_CREATE");
                self.store(messages, home).await;
            }
            Ok(Decoded::Ignored(reason)) => tracing::debug!(name, "ignored an event: {reason}"),
            Err(error) => tracing::warn!(%error, name, "skipped an event that cannot be decoded"),
        }
    }

    /// Threads that began while nobody listened: Discord tells of them after each connect.
    async fn read_unread(&self) -> Result<(), Trouble> {
        for id in self.discord.places.take_unread() {
            if let Some(known) = self.discord.places.known(&id) {
                self.read_place(&id, known).await?;
            }
        }
        Ok(())
    }

    /// A thread that we hear of for the first time: whose is it, and what does it belong to?
    async fn meet_thread(&self, message: &Message) {
        let is_post = message.id == message.channel_id;
        let kind = message.channel_type.unwrap_or_default();
        let is_thread = is_post || (10..=12).contains(&kind);
        if !is_thread || self.discord.places.thread(&message.channel_id).is_some() {
            return;
        }
        if let Some(channel) = self.channel(&message.channel_id).await {
            self.discord.places.learn(&channel, self.discord.me().as_deref());
        }
    }

    async fn channel(&self, id: &str) -> Option<Channel> {
        self.host.intake.counts_call();
        match self.discord.sender.api.fetch(&format!("channels/{id}")).await {
            Ok(value) => read(value).ok(),
            Err(failure) => {
                tracing::debug!("could not ask about a channel: {}", failure.error);
                None
            }
        }
    }

    /// Stores messages; the position of `home` moves on once they are durable.
    async fn store(&self, messages: Vec<InboundMessage>, home: Option<&Message>) {
        if let Some(home) = home {
            let guild = home.guild_id.as_deref();
            if self.discord.places.expect(&home.channel_id, guild, &home.id) {
                save(self.discord, self.host).await;
            }
        }
        for message in messages {
            if self.accept(&message).await == Accepted::Stored {
                let room = self.host.intake.room_for_courtesy();
                let sender = self.discord.sender.clone();
                tokio::spawn(async move { sender.acknowledge(&message, room).await });
            }
        }
        if let Some(home) = home {
            self.discord.places.stored(&home.channel_id, &home.id);
        }
    }

    /// The gateway does not repeat itself, so a message waits here until the store takes it.
    async fn accept(&self, message: &InboundMessage) -> Accepted {
        let mut refused = false;
        loop {
            match self.host.intake.accept(message.clone()).await {
                Ok(accepted) => {
                    if refused {
                        self.pulse.beat();
                    }
                    return accepted;
                }
                Err(error) => {
                    refused = true;
                    self.pulse.report(Health::Degraded(error.to_string()));
                    rest(error.retry_after).await;
                }
            }
        }
    }

    /// Reads what came after the last stored message in every place we know.
    async fn catch_up(&self) -> Result<(), Trouble> {
        for place in &self.discord.config.support_places {
            if self.discord.places.known(place).is_none()
                && let Some(channel) = self.channel(place).await
            {
                // What was said before we came is not ours to answer.
                let last = channel.last_message_id.as_deref().map_or(0, number);
                let next = last.saturating_add(1).to_string();
                self.discord.places.expect(place, channel.guild_id.as_deref(), &next);
            }
        }
        self.discord.places.draw_line();
        for (id, known) in self.discord.places.newest_first() {
            let not_yet_open = known.parent.is_some() && !known.open;
            if !not_yet_open && !known.closed {
                self.read_place(&id, known).await?;
            }
        }
        save(self.discord, self.host).await;
        self.pulse.beat();
        Ok(())
    }

    async fn read_place(&self, id: &str, known: Known) -> Result<(), Trouble> {
        let mut after = known.last;
        loop {
            rest(self.discord.patience.between_reads).await;
            let Some(mut page) = self.page(id, after).await? else {
                return Ok(());
            };
            page.sort_by_key(|message| number(&message.id));
            let is_last = page.len() < PAGE;
            for mut message in page {
                after = after.max(number(&message.id));
                // What is read afterwards does not say where it was written.
                message.guild_id = known.guild.clone();
                let me = self.discord.me();
                let view = self.discord.view(me.as_deref(), (self.host.clock)());
                if let Decoded::Messages(messages) = created(&message, &view) {
                    self.store(messages, Some(&message)).await;
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// One page after a message, oldest last; `None` where nothing can be read.
    async fn page(&self, id: &str, after: u64) -> Result<Option<Vec<Message>>, Trouble> {
        let path = format!("channels/{id}/messages?limit={PAGE}&after={after}");
        let mut wait = self.discord.patience.after_trouble;
        for _ in 0..TRIES {
            self.host.intake.counts_call();
            let failure = match self.discord.sender.api.fetch(&path).await {
                Ok(Value::Array(page)) => {
                    return Ok(Some(page.into_iter().filter_map(|one| read(one).ok()).collect()));
                }
                Ok(_) => return Ok(None),
                Err(failure) => failure,
            };
            match &failure.error {
                _ if failure.status == 401 => return Err(failure.into()),
                SendError::Refused { .. } => return Ok(None),
                // Asking again would hold up everything that waits behind this.
                SendError::NotSent { .. } if failure.status >= 400 => return Ok(None),
                SendError::Held { wait: Some(named), .. } => rest(*named).await,
                error => {
                    let words = format!("could not read what was missed: {error}");
                    self.pulse.report(Health::Degraded(words));
                    rest(wait).await;
                    wait = (wait * 2).min(self.discord.patience.longest);
                }
            }
        }
        tracing::error!(place = id, "what was missed here stays unread until the next reconnect");
        Ok(None)
    }
}

async fn rest(wait: Duration) {
    tokio::time::sleep(wait).await;
}
