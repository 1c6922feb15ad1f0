//! The sender of one channel account: takes what is due, in order and paced, sends it once, and
//! writes down what became of it.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use superfan_bots::{
    Adapter, Amendment, HoldScope, Next, Outgoing, Permit, RefusalScope, ReplyAddress, SendError,
    Sent,
};

use super::amend::{self, waits};
use super::drafts::{WAITS, needs_release};
use super::limiter::{Limiter, Wait};
use super::refusals::refusal;
use super::rules::{charge, facts, give_back, kind_of};
use crate::clock::SharedClock;
use crate::crash;
use crate::store::channels::ChannelRow;
use crate::store::outbox::DeliveryRow;
use crate::store::staff::STAFF;
use crate::store::{Store, StoreError, Tx};
use crate::vocabulary::DeliveryState;
use crate::wakes::{News, Wakes};

/// How often a row is tried before a person has to decide.
const MAX_ATTEMPTS: i64 = 60;
/// How long a channel that could not send keeps trying.
const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(72);
/// A pause of the whole account that is too short to be written into the row that waits.
const WORTH_A_WORD: Duration = Duration::from_secs(1);
/// How long a row waits that a pause or a lost lease holds back.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(5);

/// Sends what is due on one channel account.
#[derive(Clone)]
pub struct Sender {
    /// The account's name.
    pub channel: String,
    /// Its adapter.
    pub adapter: Arc<dyn Adapter>,
    /// Where rows are.
    pub store: Store,
    /// The one limiter.
    pub limiter: Arc<Limiter>,
    /// The time.
    pub clock: SharedClock,
    /// Who wants to know.
    pub wakes: Wakes,
    /// The lease and its holder, where several nodes share the store: checked before each take.
    pub lease: Option<(String, String)>,
}

/// What one look at the outbox came to.
#[derive(Default)]
pub(super) struct Taken {
    /// Rows that are marked `sending` now; each is handed to [`Sender::send`] once.
    pub(super) rows: Vec<Takeoff>,
    /// When the account's own quota has room again, if it is used up: until then nothing can leave,
    /// whatever else is due.
    free_at: Option<Timestamp>,
}

/// A row that may leave, and all that sending it needs.
pub(super) struct Takeoff {
    row: DeliveryRow,
    address: ReplyAddress,
    /// The platform's id of the part before it.
    previous: Option<String>,
    /// The earlier message it changes.
    amendment: Option<Amendment>,
}

/// A send that was made, and what the platform said.
pub(super) struct Ended {
    pub(super) row: DeliveryRow,
    outcome: Result<Sent, SendError>,
}

/// What the transaction that takes rows decided for one of them.
enum Verdict {
    Send(Box<Takeoff>),
    Skip,
}

impl Sender {
    /// Puts rows that a process left in the middle of a send where they belong: repeated where
    /// that cannot reach the customer twice, otherwise `uncertain`. A channel that had stopped is
    /// tried again.
    pub async fn recover(&self, before: Timestamp) -> Result<usize, StoreError> {
        let mut tx = self.store.begin().await?;
        // Whoever starts a channel may have new settings for it.
        tx.stop_channel(&self.channel, None).await?;
        let interrupted = tx.interrupted_deliveries(&self.channel, before).await?;
        for row in &interrupted {
            let error =
                SendError::Unknown { reason: "the server stopped while sending".to_owned() };
            self.write_failure(&mut tx, row, &error).await?;
        }
        tx.commit().await?;
        Ok(interrupted.len())
    }

    /// When there is something to take next, after a look that took nothing.
    pub(super) async fn next_due(&self, taken: &Taken) -> Result<Option<Timestamp>, StoreError> {
        if taken.free_at.is_some() {
            return Ok(taken.free_at);
        }
        let mut tx = self.store.read().await?;
        let held = tx.channel(&self.channel).await?.held_until;
        let due = tx.next_due(&self.channel).await?;
        Ok(due.map(|due| held.map_or(due, |held| due.max(held))))
    }

    /// One transaction: looks at `n` rows that are due, re-checks everything, takes what may leave.
    pub(super) async fn take(&self, n: usize) -> Result<Taken, StoreError> {
        let now = self.clock.now();
        let quotas = self.adapter.quotas();
        if let Err(wait) = self.limiter.has_room(&self.channel, quotas)
            && wait.time < WORTH_A_WORD
        {
            let free_at = Some(later(now, wait.time));
            return Ok(Taken { free_at, ..Taken::default() });
        }
        {
            // Most looks find nothing; they need not wait for the writer.
            let mut tx = self.store.read().await?;
            let channel = tx.channel(&self.channel).await?;
            let held_until = channel.held_until.filter(|until| *until > now);
            if let Some(until) = held_until {
                self.limiter.hold(&self.channel, until);
            }
            if held_until.is_some()
                || channel.stopped_reason.is_some()
                || tx.due_deliveries(&self.channel, now, 1).await?.is_empty()
            {
                return Ok(Taken::default());
            }
        }
        let mut tx = self.store.begin().await?;
        if let Some((lease, holder)) = &self.lease
            && !tx.holds_lease(lease, holder, now).await?
        {
            return Ok(Taken::default());
        }
        let channel = tx.channel(&self.channel).await?;
        let mut taken = Taken::default();
        let mut account_is_free = false;
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        for row in tx.due_deliveries(&self.channel, now, n).await? {
            if !account_is_free {
                let weight = row.payload.weight;
                match self.limiter.use_account(&self.channel, quotas, weight) {
                    Ok(()) => account_is_free = true,
                    Err(wait) => {
                        if wait.time >= WORTH_A_WORD {
                            self.hold(&mut tx, &row, now, &wait).await?;
                        }
                        taken.free_at = Some(later(now, wait.time));
                        break;
                    }
                }
            }
            if let Verdict::Send(takeoff) = self.judge(&mut tx, row, &channel, now).await? {
                account_is_free = false;
                if let Some(more) = self.adapter.n_calls(&takeoff.address).checked_sub(2) {
                    self.limiter.owe_account(&self.channel, quotas, more + 1);
                }
                taken.rows.push(*takeoff);
            }
        }
        tx.commit().await?;
        Ok(taken)
    }

    /// Everything that can keep a row from leaving, checked in the transaction that takes it.
    async fn judge(
        &self,
        tx: &mut Tx,
        row: DeliveryRow,
        channel: &ChannelRow,
        now: Timestamp,
    ) -> Result<Verdict, StoreError> {
        let is_bot = row.priority > 0;
        let Some(conversation) = tx.conversation(row.conversation_id).await? else {
            tx.settle(row.id, DeliveryState::Dead, "its conversation is gone", now).await?;
            return Ok(Verdict::Skip);
        };
        if let Some(reason) = refusal(tx, &row, &conversation, now).await? {
            tx.settle(row.id, DeliveryState::Dead, &reason, now).await?;
            return Ok(Verdict::Skip);
        }
        if let Some(reason) = waits(tx, &row, is_bot && channel.paused).await? {
            tx.postpone(row.id, now + LOOK_AGAIN, reason).await?;
            return Ok(Verdict::Skip);
        }
        let is_free = row.released_by.is_some() || !needs_release(kind_of(&row), row.decision_id);
        if is_bot && channel.shadow && !is_free {
            tx.make_draft(row.id, WAITS).await?;
            return Ok(Verdict::Skip);
        }
        let (adapter, amendment) = (&*self.adapter, amend::amendment(tx, &row).await?);
        let facts = facts(tx, adapter, &row, (&conversation, now)).await?;
        match amend::permit(adapter, &row, &facts, amendment.as_ref()) {
            Permit::Allowed => {}
            Permit::Hold { until, reason } => {
                tx.postpone(row.id, until.unwrap_or(now + LOOK_AGAIN), &reason).await?;
                return Ok(Verdict::Skip);
            }
            Permit::Forbidden { reason } => {
                tx.settle(row.id, DeliveryState::Dead, &reason, now).await?;
                return Ok(Verdict::Skip);
            }
        }
        let key = (conversation.id, conversation.is_group());
        let (quotas, weight) = (self.adapter.quotas(), row.payload.weight);
        if let Err(wait) = self.limiter.use_conversation(&self.channel, quotas, key, weight) {
            self.hold(tx, &row, now, &wait).await?;
            return Ok(Verdict::Skip);
        }
        if !tx.take_delivery(row.id, now).await? {
            return Ok(Verdict::Skip);
        }
        let address = conversation.address;
        if amendment.is_none() {
            charge(tx, adapter, &row, (&address, now)).await?;
        }
        let previous = if row.part > 0 { tx.part_before(&row).await? } else { None };
        Ok(Verdict::Send(Box::new(Takeoff { row, address, previous, amendment })))
    }

    async fn hold(
        &self,
        tx: &mut Tx,
        row: &DeliveryRow,
        now: Timestamp,
        wait: &Wait,
    ) -> Result<(), StoreError> {
        metrics::histogram!("superfan_limiter_wait_seconds", "channel" => self.channel.clone())
            .record(wait.time.as_secs_f64());
        tx.postpone(row.id, later(now, wait.time), &wait.in_words()).await
    }

    /// Sends a taken row, once.
    pub(super) async fn send(self, takeoff: Takeoff) -> Ended {
        let Takeoff { row, address, previous, amendment } = takeoff;
        let key = row.id.to_string();
        let outgoing = Outgoing {
            address: &address,
            part: &row.payload,
            key: &key,
            now: self.clock.now(),
            previous: previous.as_deref(),
            in_doubt_since: row.in_doubt_since,
        };
        let is_card = row.kind == STAFF;
        crash::point("before_send");
        if is_card {
            crash::point("before_card");
        }
        let outcome = amend::send(&*self.adapter, outgoing, amendment.as_ref()).await;
        if is_card {
            crash::point("after_card");
        }
        crash::point("after_send");
        Ended { row, outcome }
    }

    /// Writes down what became of some sends, in one go.
    pub(super) async fn write_down(&self, ended: &[Ended]) -> Result<(), StoreError> {
        if ended.is_empty() {
            return Ok(());
        }
        crash::point("before_mark");
        let mut tx = self.store.begin().await?;
        for Ended { row, outcome } in ended {
            match outcome {
                Ok(sent) => self.write_success(&mut tx, row, sent).await?,
                Err(error) => self.write_failure(&mut tx, row, error).await?,
            }
        }
        tx.commit().await?;
        crash::point("after_mark");
        for Ended { row, .. } in ended {
            self.wakes.tell(News::Conversation(row.conversation_id));
        }
        Ok(())
    }

    async fn write_success(
        &self,
        tx: &mut Tx,
        row: &DeliveryRow,
        sent: &Sent,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        tracing::info!(
            delivery.id = %row.id, channel = %self.channel, conversation.id = %row.conversation_id,
            "sent {} on {}", row.id, self.channel
        );
        tx.mark_sent(row.id, sent.message_id.as_deref(), now).await
    }

    /// Writes down what a failed send means; [`SendError::next`] decided it.
    async fn write_failure(
        &self,
        tx: &mut Tx,
        row: &DeliveryRow,
        error: &SendError,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let changes = amend::amendment(tx, row).await?.is_some();
        // What is changed twice is changed once.
        let next = error.next(changes || self.adapter.repeats_safely());
        if !changes {
            give_back(tx, &*self.adapter, row, (error, now)).await?;
        }
        if matches!(error, SendError::Unknown { .. }) {
            tx.mark_in_doubt(row.id).await?;
        }
        tracing::warn!(
            delivery.id = %row.id, channel = %self.channel, conversation.id = %row.conversation_id,
            "could not send {} on {}: {error}", row.id, self.channel
        );
        match next {
            Next::After(wait, scope) => {
                let until = later(now, wait);
                let reason = format!("held {} s by {}", wait.as_secs(), self.adapter.kind());
                if scope == HoldScope::Channel {
                    self.limiter.hold(&self.channel, until);
                    tx.hold_channel(&self.channel, until, &reason).await?;
                }
                tx.postpone(row.id, until, &reason).await
            }
            Next::Backoff if is_exhausted(row, now) => {
                let reason = format!("given up after {} attempts: {error}", row.attempts + 1);
                tx.settle(row.id, DeliveryState::Dead, &reason, now).await
            }
            Next::Backoff => {
                let until = later(now, backoff(row.attempts));
                tx.postpone(row.id, until, &format!("{error}; trying again")).await
            }
            Next::Uncertain => {
                metrics::counter!("superfan_outbox_uncertain_total", "channel" => self.channel.clone())
                    .increment(1);
                tx.settle(row.id, DeliveryState::Uncertain, &error.to_string(), now).await
            }
            Next::Dead(scope) => self.write_refusal(tx, row, scope, error).await,
            Next::Move { conversation, address } => {
                tx.move_conversation(row.conversation_id, &conversation, &address).await?;
                tx.postpone(row.id, now, "the conversation moved; sending it there").await
            }
        }
    }

    async fn write_refusal(
        &self,
        tx: &mut Tx,
        row: &DeliveryRow,
        scope: RefusalScope,
        error: &SendError,
    ) -> Result<(), StoreError> {
        let (now, reason) = (self.clock.now(), error.to_string());
        match scope {
            RefusalScope::Part => {}
            RefusalScope::Conversation => {
                tx.set_conversation_closed(row.conversation_id, Some(&reason)).await?;
                tx.settle_waiting(row.conversation_id, &reason, now).await?;
            }
            RefusalScope::Channel => {
                tx.stop_channel(&self.channel, Some(&reason)).await?;
                tracing::error!(channel = %self.channel, "the channel stopped: {reason}");
                // The row is fine; it leaves once the channel works again.
                return tx.postpone(row.id, now, &format!("the channel stopped: {reason}")).await;
            }
        }
        tx.settle(row.id, DeliveryState::Dead, &reason, now).await
    }
}

pub(crate) fn later(now: Timestamp, wait: Duration) -> Timestamp {
    SignedDuration::try_from(wait).ok().and_then(|wait| now.checked_add(wait).ok()).unwrap_or(now)
}

/// 5 s, 10 s, 20 s … up to an hour.
pub(crate) fn backoff(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(0, 12)).unwrap_or(12);
    Duration::from_secs((5 << doublings).min(3600))
}

fn is_exhausted(row: &DeliveryRow, now: Timestamp) -> bool {
    row.attempts + 1 >= MAX_ATTEMPTS || now.duration_since(row.created_at) >= GIVE_UP_AFTER
}
