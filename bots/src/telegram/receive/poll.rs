//! Long polling: asks for updates, stores a whole page, and only then tells Telegram so.
//!
//! The offset is the acknowledgement (<https://core.telegram.org/bots/api#getupdates>): it moves
//! on after every update of the page was accepted, so a crash means a second delivery, not a loss.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::{Decoded, decode};
use crate::telegram::send::Refusal;
use crate::telegram::{Mode, Telegram};
use crate::{Accepted, Content, Health, Host, InboundMessage, IntakeError};

/// What went wrong in one turn, and with it how long to wait.
enum Trouble {
    /// The token is not (or no longer) valid.
    Unauthorized(String),
    /// Another poller or a webhook holds the token.
    Conflict(String),
    /// Telegram named a time.
    Wait(Duration),
    /// No answer, or a broken one.
    Unreachable(String),
    /// What was asked is refused, and will be again.
    Refused(String),
    /// Our own store did not take a message.
    Intake(IntakeError),
}

/// The waits that are left to grow, and what was last reported.
struct Pulse {
    trouble_wait: Duration,
    conflict_wait: Duration,
    reported: Option<Health>,
}

/// Listens until told to stop. In webhook mode it only makes sure that we know our own name, and
/// that Telegram knows where to deliver.
pub(in crate::telegram) async fn listen(telegram: &Telegram, host: &Host) {
    let mut pulse = Pulse::fresh(telegram);
    let mut poll = Poll { offset: 0, prepared: false, flowing: false };
    loop {
        let turn = async {
            match telegram.mode {
                Mode::Poll => poll.turn(telegram, host).await,
                Mode::Webhook => open_webhook(telegram, host).await,
            }
        };
        let turn = tokio::select! {
            () = host.stop.cancelled() => return,
            turn = turn => turn,
        };
        let wait = match turn {
            Ok(()) => {
                pulse.beat(telegram, host);
                if telegram.mode == Mode::Webhook {
                    return;
                }
                continue;
            }
            Err(trouble) => {
                poll.flowing = false;
                pulse.miss(telegram, host, &trouble)
            }
        };
        tokio::select! {
            () = host.stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Where the poll stands.
struct Poll {
    offset: i64,
    /// A webhook left from before has been removed.
    prepared: bool,
    /// The last page came through: the next one may be waited for.
    flowing: bool,
}

impl Poll {
    async fn turn(&mut self, telegram: &Telegram, host: &Host) -> Result<(), Trouble> {
        if telegram.account.get().is_none()
            && let Err(trouble @ Trouble::Unauthorized(_)) = learn_account(telegram).await
        {
            return Err(trouble);
        }
        if !self.prepared {
            telegram.api.delete_webhook().await?;
            self.prepared = true;
        }
        // The first page is asked for without waiting, so that health is known at once.
        let wait_secs = if self.flowing { 50 } else { 0 };
        let page = telegram.api.updates(self.offset, wait_secs).await?;
        let mut last = self.offset - 1;
        for value in page.updates {
            if let Some(update_id) = value.get("update_id").and_then(Value::as_i64) {
                last = last.max(update_id);
            }
            if let Some(message) = understand(value, telegram, page.served_at) {
                store(message, telegram, host).await?;
            }
        }
        self.offset = last + 1;
        self.flowing = true;
        Ok(())
    }
}

/// One update that cannot be decoded must not hold up the others: it is logged and skipped.
fn understand(value: Value, telegram: &Telegram, now: Option<Timestamp>) -> Option<InboundMessage> {
    match decode(value, &telegram.me(), now) {
        Ok(Decoded::Message(message)) => Some(*message),
        Ok(Decoded::Ignored(reason)) => {
            tracing::debug!("ignored an update: {reason}");
            None
        }
        Err(error) => {
            tracing::warn!(%error, "skipped an update that cannot be decoded");
            None
        }
    }
}

async fn store(message: InboundMessage, telegram: &Telegram, host: &Host) -> Result<(), Trouble> {
    let accepted = host.intake.accept(message.clone()).await.map_err(Trouble::Intake)?;
    // A press that was stored before a crash may not have been answered yet; twice does no harm.
    let is_press = matches!(message.content, Content::Press { .. });
    if accepted == Accepted::Stored || is_press {
        let room = host.intake.room_for_courtesy();
        let api = telegram.api.clone();
        tokio::spawn(async move { api.acknowledge(&message, room).await });
    }
    Ok(())
}

/// Where there is no public address, somebody else has to tell Telegram.
async fn open_webhook(telegram: &Telegram, host: &Host) -> Result<(), Trouble> {
    learn_account(telegram).await?;
    if let (Some(url), Some(secret)) = (&host.webhook, &telegram.webhook_secret) {
        telegram.api.set_webhook(url, secret).await?;
        tracing::info!("Telegram delivers to {url}");
    }
    Ok(())
}

async fn learn_account(telegram: &Telegram) -> Result<(), Trouble> {
    if telegram.account.get().is_some() {
        return Ok(());
    }
    let account = telegram.api.ask_account().await?;
    let _ = telegram.account.set(account);
    Ok(())
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Self {
        match refusal.status {
            Some(401 | 404) => Self::Unauthorized(refusal.reason),
            Some(409) => Self::Conflict(refusal.reason),
            Some(400) => Self::Refused(refusal.reason),
            Some(_) if refusal.wait.is_some() => Self::Wait(refusal.wait.unwrap_or_default()),
            _ => Self::Unreachable(refusal.reason),
        }
    }
}

impl Pulse {
    fn fresh(telegram: &Telegram) -> Self {
        Self {
            trouble_wait: telegram.patience.after_trouble,
            conflict_wait: telegram.patience.after_conflict,
            reported: None,
        }
    }

    fn beat(&mut self, telegram: &Telegram, host: &Host) {
        *self = Self { reported: self.reported.take(), ..Self::fresh(telegram) };
        self.report(host, Health::Ok);
    }

    /// Reports the trouble and says how long to wait before the next turn.
    fn miss(&mut self, telegram: &Telegram, host: &Host, trouble: &Trouble) -> Duration {
        let longest = telegram.patience.longest;
        let grow = |wait: &mut Duration| {
            let now = *wait;
            *wait = (now * 2).min(longest);
            now
        };
        let (health, wait) = match trouble {
            Trouble::Unauthorized(reason) => {
                (Health::Stopped(format!("Telegram refuses the token: {reason}")), longest)
            }
            Trouble::Conflict(reason) => (
                Health::Degraded(format!("another instance uses this bot's token: {reason}")),
                grow(&mut self.conflict_wait),
            ),
            Trouble::Wait(wait) => {
                (Health::Degraded(format!("Telegram asked us to wait {} s", wait.as_secs())), *wait)
            }
            Trouble::Unreachable(reason) => (
                Health::Degraded(format!("Telegram does not answer: {reason}")),
                grow(&mut self.trouble_wait),
            ),
            Trouble::Refused(reason) => {
                (Health::Degraded(format!("Telegram refuses what we ask: {reason}")), longest)
            }
            Trouble::Intake(error) => (Health::Degraded(error.to_string()), error.retry_after),
        };
        self.report(host, health);
        wait
    }

    fn report(&mut self, host: &Host, health: Health) {
        if self.reported.as_ref() != Some(&health) {
            tracing::info!(?health, "the Telegram listener changed its state");
            host.intake.health(health.clone());
            self.reported = Some(health);
        }
    }
}
