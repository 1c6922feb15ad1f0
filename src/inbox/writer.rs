//! One writer: whatever waits is stored with one commit.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use superfan_bots::{Accepted, InboundMessage, IntakeError};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::content::cleaned;
use super::intake::refused;
use super::sorting::Sorter;
use crate::clock::SharedClock;
use crate::config::Rules;
use crate::crash;
use crate::ids::{Ids, MessageId};
use crate::store::arrivals::Arrival;
use crate::store::{Store, StoreError};
use crate::wakes::Wakes;

/// How many deliveries share a commit at most.
const BATCH: usize = 128;
/// How long everything else may wait while deliveries stand in line.
const LATEST: SignedDuration = SignedDuration::from_secs(2);
/// How often the number of unhandled messages is looked up.
const BACKLOG_LOOK_MS: i64 = 1000;

/// Stores messages; cheap to clone.
#[derive(Clone, Debug)]
pub struct Inbox {
    jobs: mpsc::Sender<Job>,
    sorter: Arc<Sorter>,
}

/// A message that is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its id, also if it was stored before.
    pub id: MessageId,
    /// Whether it was new.
    pub accepted: Accepted,
}

#[derive(Debug)]
struct Job {
    channel: String,
    message: Arc<InboundMessage>,
    /// The message as the store keeps it, written here so that the one writer need not.
    body: String,
    done: oneshot::Sender<Result<Stored, IntakeError>>,
}

impl Inbox {
    /// Starts the writer; it ends when every clone of the inbox is gone.
    ///
    /// It has a thread of its own: as a task it would stand at the end of a busy server's queue
    /// after every batch.
    pub fn start(
        store: Store,
        clock: SharedClock,
        ids: Arc<Ids>,
        rules: Rules,
        wakes: Wakes,
    ) -> Self {
        let (jobs, waiting) = mpsc::channel(4 * BATCH);
        let backlog = Backlog { limit: rules.inbox_limit, n: 0.into(), looked_at: 0.into() };
        let sorter = Arc::new(Sorter {
            store: store.clone(),
            ids: ids.clone(),
            rules,
            wakes: wakes.clone(),
            heard: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        });
        let writer = Writer { store, clock, ids, wakes, backlog };
        let runtime = Handle::current();
        std::thread::Builder::new()
            .name("inbox".to_owned())
            .spawn(move || runtime.block_on(writer.run(waiting)))
            .expect("a server that cannot have one more thread cannot start");
        Self { jobs, sorter }
    }

    /// Stores a message durably.
    ///
    /// Errors: the store could not take it, or too much waits unhandled; nothing was stored.
    pub async fn store(
        &self,
        channel: &str,
        message: impl Into<Arc<InboundMessage>>,
    ) -> Result<Stored, IntakeError> {
        let (done, outcome) = oneshot::channel();
        let message = cleaned(message.into());
        let body = serde_json::to_string(&*message).map_err(|error| IntakeError {
            reason: format!("the message cannot be written down: {error}"),
            retry_after: Duration::from_secs(5),
        })?;
        let job = Job { channel: channel.to_owned(), message, body, done };
        let gone = || IntakeError {
            reason: "the server is shutting down".to_owned(),
            retry_after: Duration::from_secs(5),
        };
        self.jobs.send(job).await.map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }

    /// Puts what arrived into its conversations; `oldest` is when the longest waiting came.
    pub async fn sort(&self, oldest: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        if self.goes_before(oldest, now) { Ok(()) } else { self.sorter.sort().await }
    }

    /// Whether work that is due since `since` lets deliveries go first.
    ///
    /// It does while some stand in line to be stored, for two seconds: a platform waits for its
    /// answer and repeats what it does not get acknowledged.
    pub fn goes_before(&self, since: Timestamp, now: Timestamp) -> bool {
        self.is_waited_for() && now.duration_since(since) < LATEST
    }

    /// Whether deliveries stand in line to be stored.
    pub fn is_waited_for(&self) -> bool {
        self.jobs.capacity() < self.jobs.max_capacity()
    }
}

struct Writer {
    store: Store,
    clock: SharedClock,
    ids: Arc<Ids>,
    wakes: Wakes,
    backlog: Backlog,
}

struct Backlog {
    limit: i64,
    n: AtomicI64,
    looked_at: AtomicI64,
}

impl Writer {
    async fn run(self, mut waiting: mpsc::Receiver<Job>) {
        let mut jobs = Vec::with_capacity(BATCH);
        while waiting.recv_many(&mut jobs, BATCH).await > 0 {
            self.store_batch(std::mem::take(&mut jobs)).await;
        }
    }

    async fn store_batch(&self, jobs: Vec<Job>) {
        match self.store_all(&jobs).await {
            // Waking everybody takes as long as storing; the next batch need not wait for it.
            Ok(outcomes) => {
                let wakes = self.wakes.clone();
                tokio::spawn(async move { tell(&wakes, jobs, outcomes) });
            }
            // One message that cannot be stored must not take the others with it.
            Err(error) if jobs.len() > 1 && !matches!(error, Failure::Backlog(_)) => {
                for job in jobs {
                    Box::pin(self.store_batch(vec![job])).await;
                }
            }
            Err(error) => {
                let refusal = error.into_refusal();
                tracing::error!(
                    n_messages = jobs.len(),
                    "could not store what arrived: {}",
                    refusal.reason
                );
                for job in jobs {
                    count(&job.channel, "refused");
                    let again = IntakeError { reason: refusal.reason.clone(), ..refusal };
                    let _ = job.done.send(Err(again));
                }
            }
        }
    }

    async fn store_all(&self, jobs: &[Job]) -> Result<Vec<Stored>, Failure> {
        self.check_backlog().await?;
        crash::point("before_store");
        let now = self.clock.now();
        let mut first: HashMap<Key<'_>, usize> = HashMap::with_capacity(jobs.len());
        let mut arrivals: Vec<Arrival> = Vec::with_capacity(jobs.len());
        for job in jobs {
            first.entry(job.key()).or_insert_with(|| {
                arrivals.push(job.arrival(self.ids.next(), now));
                arrivals.len() - 1
            });
        }
        let new = self.store.keep_arrivals(&arrivals).await?;
        crash::point("after_store");
        let n_new = new.iter().filter(|is_new| **is_new).count();
        self.backlog.n.fetch_add(i64::try_from(n_new).unwrap_or(0), Ordering::Relaxed);
        let mut told = HashSet::new();
        let mut outcomes = Vec::with_capacity(jobs.len());
        for job in jobs {
            let place = first[&job.key()];
            let (id, is_new) = match (&arrivals[place], new[place]) {
                (arrival, true) => (arrival.id, told.insert(place)),
                (arrival, false) => (self.known(arrival).await?, false),
            };
            let accepted = if is_new { Accepted::Stored } else { Accepted::Duplicate };
            outcomes.push(Stored { id, accepted });
        }
        Ok(outcomes)
    }

    /// The id under which an event was stored before.
    async fn known(&self, arrival: &Arrival) -> Result<MessageId, StoreError> {
        let mut tx = self.store.read().await?;
        let known = tx.stored_message_id(&arrival.channel, &arrival.event_key).await?;
        known.ok_or_else(|| StoreError::Inconsistent {
            table: "inbox",
            detail: "a row vanished".to_owned(),
        })
    }

    async fn check_backlog(&self) -> Result<(), Failure> {
        let now = self.clock.now().as_millisecond();
        let looked_at = self.backlog.looked_at.load(Ordering::Relaxed);
        if (now - looked_at).abs() >= BACKLOG_LOOK_MS {
            let n = self.store.read().await?.unhandled().await?;
            self.backlog.n.store(n, Ordering::Relaxed);
            self.backlog.looked_at.store(now, Ordering::Relaxed);
        }
        let n = self.backlog.n.load(Ordering::Relaxed);
        if n >= self.backlog.limit { Err(Failure::Backlog(n)) } else { Ok(()) }
    }
}

/// Tells everyone who waits for a batch that it is durable.
fn tell(wakes: &Wakes, jobs: Vec<Job>, outcomes: Vec<Stored>) {
    let mut any_new = false;
    for (job, outcome) in jobs.into_iter().zip(outcomes) {
        let is_new = outcome.accepted == Accepted::Stored;
        any_new |= is_new;
        count(&job.channel, if is_new { "stored" } else { "duplicate" });
        // A caller that went away finds a duplicate when it comes back.
        let _ = job.done.send(Ok(outcome));
    }
    if any_new {
        wakes.inbox();
    }
}

enum Failure {
    Backlog(i64),
    Store(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    fn into_refusal(self) -> IntakeError {
        match self {
            Self::Store(error) => refused(&error),
            Self::Backlog(n) => IntakeError {
                reason: format!("{n} messages wait unhandled (SUPERFAN_INBOX_LIMIT)"),
                retry_after: Duration::from_secs(10),
            },
        }
    }
}

/// Channel and event key.
type Key<'a> = (&'a str, &'a str);

impl Job {
    fn key(&self) -> Key<'_> {
        (&self.channel, &self.message.event_key)
    }

    fn arrival(&self, id: MessageId, now: Timestamp) -> Arrival {
        Arrival {
            id,
            channel: self.channel.clone(),
            event_key: self.message.event_key.clone(),
            conversation: self.message.conversation.clone(),
            author: self.message.author.id.clone(),
            body: self.body.clone(),
            received_at: now,
        }
    }
}

fn count(channel: &str, result: &'static str) {
    metrics::counter!("superfan_inbound_total", "channel" => channel.to_owned(), "result" => result)
        .increment(1);
}
