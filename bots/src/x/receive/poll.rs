//! Polling: reads what is new since the stored position, stores it, and only then moves on.
//!
//! In webhook mode the same reading is a sweep for what X failed to deliver.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::super::send::Limits;
use super::super::wire::Page;
use super::super::{Mode, X};
use super::{Decoded, listed_message, listed_post};
use crate::{Health, Host, InboundMessage, IntakeError, ReceiveError, RefusalScope, SendError};

/// Where the positions are kept.
const MENTIONS: &str = "since_id";
const DIRECT: &str = "dm since_id";
/// At the very first start only what was written so recently is taken up.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(1);
/// X lists no more than 800 mentions, five on the smallest page.
const MOST_PAGES: usize = 160;
/// How often the sweep beside a webhook looks.
const SWEEP: Duration = Duration::from_mins(5);
/// When direct messages that may not be read are asked for again.
const NOT_ALLOWED: Duration = Duration::from_mins(15);

/// What went wrong in one turn.
enum Trouble {
    /// The keys are not (or no longer) valid.
    Unauthorized(String),
    /// X named a time.
    Wait(Duration, String),
    /// No answer, or a broken one.
    Unreachable(String),
    /// Our own store did not take a message.
    Intake(IntakeError),
}

/// The two lists, and the waits that are left to grow.
struct Rhythm {
    mentions: List,
    direct: List,
    trouble_wait: Duration,
    reported: Option<Health>,
}

/// When a list is read next, and what is in the way.
#[derive(Default)]
struct List {
    at: Timestamp,
    trouble: Option<String>,
}

/// Listens until told to stop.
pub(in crate::x) async fn listen(x: &X, host: &Host) {
    let mut rhythm = Rhythm {
        mentions: List::default(),
        direct: List::default(),
        trouble_wait: x.patience.after_trouble,
        reported: None,
    };
    loop {
        let turn = tokio::select! {
            () = host.stop.cancelled() => return,
            turn = rhythm.turn(x, host) => turn,
        };
        let wait = match turn {
            Ok(health) => {
                rhythm.trouble_wait = x.patience.after_trouble;
                rhythm.report(host, health);
                let next = rhythm.mentions.at.min(rhythm.direct.at);
                Duration::try_from(next.duration_since(x.api.now())).unwrap_or_default()
            }
            Err(trouble) => rhythm.miss(x, host, &trouble),
        };
        tokio::select! {
            () = host.stop.cancelled() => return,
            () = x.signed_in.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Reads both lists once, for stories on a clock of their own.
pub(in crate::x) async fn poll_once(x: &X, host: &Host) -> Result<(), SendError> {
    let told = |trouble| match trouble {
        Trouble::Unauthorized(reason) => {
            SendError::Refused { scope: RefusalScope::Channel, reason }
        }
        Trouble::Wait(_, reason) | Trouble::Unreachable(reason) => SendError::NotSent { reason },
        Trouble::Intake(error) => SendError::NotSent { reason: error.reason },
    };
    learn_account(x).await.map_err(told)?;
    read_mentions(x, host).await.map_err(told)?;
    let direct = read_direct(x, host).await.map_err(told)?;
    direct.map_err(|reason| SendError::Refused { scope: RefusalScope::Part, reason })?;
    Ok(())
}

impl Rhythm {
    /// Reads whatever is due; how the channel is then.
    async fn turn(&mut self, x: &X, host: &Host) -> Result<Health, Trouble> {
        learn_account(x).await?;
        let interval = match x.mode {
            Mode::Poll => x.poll_every,
            Mode::Webhook => SWEEP,
        };
        if self.mentions.at <= x.api.now() {
            let read = read_mentions(x, host).await.map(Ok);
            self.mentions = List::after(read, "mentions", (x.api.now(), interval))?;
        }
        if self.direct.at <= x.api.now() {
            let read = read_direct(x, host).await;
            self.direct = List::after(read, "direct messages", (x.api.now(), interval))?;
        }
        let trouble = self.mentions.trouble.as_ref().or(self.direct.trouble.as_ref());
        Ok(trouble.map_or(Health::Ok, |words| Health::Degraded(words.clone())))
    }

    /// Reports the trouble and says how long to wait before the next turn.
    fn miss(&mut self, x: &X, host: &Host, trouble: &Trouble) -> Duration {
        let (health, wait) = match trouble {
            Trouble::Unauthorized(reason) => (Health::Stopped(reason.clone()), x.patience.longest),
            Trouble::Wait(wait, reason) => (
                Health::Degraded(format!("X asked us to wait {} s: {reason}", wait.as_secs())),
                *wait,
            ),
            Trouble::Unreachable(reason) => {
                let wait = self.trouble_wait;
                self.trouble_wait = (wait * 2).min(x.patience.longest);
                (Health::Degraded(format!("X does not answer: {reason}")), wait)
            }
            Trouble::Intake(error) => (Health::Degraded(error.to_string()), error.retry_after),
        };
        self.report(host, health);
        wait
    }

    fn report(&mut self, host: &Host, health: Health) {
        if self.reported.as_ref() != Some(&health) {
            tracing::info!(?health, "the X listener changed its state");
            host.intake.health(health.clone());
            self.reported = Some(health);
        }
    }
}

impl List {
    /// When to read it again after this; only what concerns the other list too is trouble.
    fn after(
        read: Result<Result<Limits, String>, Trouble>,
        what: &str,
        (now, interval): (Timestamp, Duration),
    ) -> Result<Self, Trouble> {
        let (pause, trouble) = match read {
            Ok(Ok(limits)) => (limits.pause(now), None),
            Ok(Err(reason)) => {
                (Some(NOT_ALLOWED), Some(format!("{what} cannot be read: {reason}")))
            }
            Err(Trouble::Wait(wait, reason)) => {
                let secs = wait.as_secs();
                let words = format!("X asked us to wait {secs} s before {what} are read: {reason}");
                (Some(wait), Some(words))
            }
            Err(trouble) => return Err(trouble),
        };
        let wait = interval.max(pause.unwrap_or_default());
        let at = now + SignedDuration::try_from(wait).unwrap_or(FIRST_LOOK);
        Ok(Self { at, trouble })
    }
}

/// Our id in the settings is enough to go on with, should X not tell.
async fn learn_account(x: &X) -> Result<(), Trouble> {
    if x.account.get().is_some() {
        return Ok(());
    }
    match x.learn_account().await.map_err(Trouble::from) {
        Err(trouble @ (Trouble::Unauthorized(_) | Trouble::Wait(..))) => Err(trouble),
        Err(trouble) if x.me().id.is_none() => Err(trouble),
        _ => Ok(()),
    }
}

/// Stores every mention since the position, oldest first, and then moves the position.
async fn read_mentions(x: &X, host: &Host) -> Result<Limits, Trouble> {
    let me = x.me().id.unwrap_or_default().to_owned();
    let since = host.intake.cursor(MENTIONS).await.map_err(Trouble::Intake)?;
    let mut found = Found::since(since);
    let (mut token, mut limits) = (None::<String>, Limits::default());
    for _ in 0..MOST_PAGES {
        let since = found.since.as_deref();
        let (page, left) = x.api.mentions_page(&me, since, token.as_deref()).await?;
        limits = left;
        token.clone_from(&page.meta.next_token);
        let now = x.api.now();
        found.take(page, now, |value, page| listed_post(value, &page.includes, &x.me(), now));
        if token.is_none() || found.reached {
            break;
        }
    }
    found.store(host, MENTIONS, x.api.now()).await?;
    host.intake.spent(found.cost(x.prices.mention)).await;
    Ok(limits)
}

/// The same for direct messages, whose list knows no position; `Ok(Err)` if we may not read it.
async fn read_direct(x: &X, host: &Host) -> Result<Result<Limits, String>, Trouble> {
    let since = host.intake.cursor(DIRECT).await.map_err(Trouble::Intake)?;
    let mut found = Found::since(since);
    let (mut token, mut limits) = (None::<String>, Limits::default());
    for _ in 0..MOST_PAGES {
        let (page, left) = match x.api.direct_page(token.as_deref()).await {
            Ok(page) => page,
            Err(SendError::Refused { scope: RefusalScope::Channel, reason }) => {
                return Err(Trouble::Unauthorized(reason));
            }
            Err(SendError::Refused { reason, .. }) => return Ok(Err(reason)),
            Err(error) => return Err(error.into()),
        };
        limits = left;
        token.clone_from(&page.meta.next_token);
        let now = x.api.now();
        found.take(page, now, |value, page| listed_message(value, &page.includes, &x.me(), now));
        if token.is_none() || found.reached {
            break;
        }
    }
    found.store(host, DIRECT, x.api.now()).await?;
    host.intake.spent(found.cost(x.prices.dm_event)).await;
    Ok(Ok(limits))
}

/// What a reading has found, newest first.
struct Found {
    since: Option<String>,
    newest: Option<String>,
    messages: Vec<InboundMessage>,
    n_read: u32,
    /// Something at or before the position was seen; at the first start, something too old.
    reached: bool,
}

impl Found {
    fn since(since: Option<String>) -> Self {
        Self { newest: since.clone(), since, messages: Vec::new(), n_read: 0, reached: false }
    }

    /// One entry that cannot be decoded must not hold up the others: it is logged and skipped.
    fn take(
        &mut self,
        mut page: Page,
        now: Timestamp,
        decode: impl Fn(Value, &Page) -> Result<Decoded, ReceiveError>,
    ) {
        for value in std::mem::take(&mut page.data) {
            let id = value.get("id").and_then(Value::as_str).map(str::to_owned);
            if id.as_deref().is_some_and(|id| !is_newer(id, self.since.as_deref())) {
                self.reached = true;
                continue;
            }
            self.n_read += 1;
            if let Some(id) = id.filter(|id| is_newer(id, self.newest.as_deref())) {
                self.newest = Some(id);
            }
            match decode(value, &page) {
                Ok(Decoded::Message(message)) => {
                    let is_old = now.duration_since(message.sent_at) > FIRST_LOOK;
                    self.reached |= self.since.is_none() && is_old;
                    self.messages.push(*message);
                }
                Ok(Decoded::Ignored(reason)) => tracing::debug!("ignored an entry: {reason}"),
                Err(error) => tracing::warn!(%error, "skipped an entry that cannot be decoded"),
            }
        }
    }

    async fn store(&mut self, host: &Host, cursor: &str, now: Timestamp) -> Result<(), Trouble> {
        let is_first = self.since.is_none();
        for message in self.messages.drain(..).rev() {
            if !is_first || now.duration_since(message.sent_at) <= FIRST_LOOK {
                host.intake.accept(message).await.map_err(Trouble::Intake)?;
            }
        }
        // An account without any entry yet starts at the very beginning.
        let newest = self.newest.clone().unwrap_or_else(|| "1".to_owned());
        if self.since.as_ref() != Some(&newest) {
            host.intake.save_cursor(cursor, &newest).await.map_err(Trouble::Intake)?;
        }
        Ok(())
    }

    fn cost(&self, each: f64) -> f64 {
        f64::from(self.n_read) * each
    }
}

/// Ids are numbers too long for numbers: the longer one is newer, then the greater text.
fn is_newer(id: &str, than: Option<&str>) -> bool {
    than.is_none_or(|than| (id.len(), id) > (than.len(), than))
}

impl From<SendError> for Trouble {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Refused { scope: RefusalScope::Channel, reason } => {
                Self::Unauthorized(reason)
            }
            SendError::Held { wait: Some(wait), reason, .. } => Self::Wait(wait, reason),
            other => Self::Unreachable(other.to_string()),
        }
    }
}
