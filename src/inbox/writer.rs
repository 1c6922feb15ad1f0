//! One writer: whatever waits is stored with one commit.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use superfan_bots::{Accepted, Content, InboundMessage, IntakeError, Place};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::content::{cleaned, kind, readable};
use super::intake::refused;
use crate::clock::SharedClock;
use crate::config::Rules;
use crate::crash;
use crate::ids::{ConversationId, CustomerId, Ids, MessageId};
use crate::store::conversations::SeenConversation;
use crate::store::customers::SeenCustomer;
use crate::store::inbox::NewMessage;
use crate::store::{Store, StoreError, Tx};
use crate::wakes::{News, Wakes};

/// How many deliveries share a commit at most.
const BATCH: usize = 128;
/// How often the number of unhandled messages is looked up.
const BACKLOG_LOOK_MS: i64 = 1000;

/// Stores messages; cheap to clone.
#[derive(Clone, Debug)]
pub struct Inbox {
    jobs: mpsc::Sender<Job>,
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
    /// It has a thread of its own: storing a batch waits for the database half a dozen times, and
    /// as a task it would stand at the end of a busy server's queue after each.
    pub fn start(
        store: Store,
        clock: SharedClock,
        ids: Arc<Ids>,
        rules: Rules,
        wakes: Wakes,
    ) -> Self {
        let (jobs, waiting) = mpsc::channel(4 * BATCH);
        let backlog = Backlog { limit: rules.inbox_limit, n: 0.into(), looked_at: 0.into() };
        let heard = Mutex::default();
        let writer = Writer { store, clock, ids, rules, wakes, backlog, heard };
        let runtime = Handle::current();
        std::thread::Builder::new()
            .name("inbox".to_owned())
            .spawn(move || runtime.block_on(writer.run(waiting)))
            .expect("a server that cannot have one more thread cannot start");
        Self { jobs }
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
}

struct Writer {
    store: Store,
    clock: SharedClock,
    ids: Arc<Ids>,
    rules: Rules,
    wakes: Wakes,
    backlog: Backlog,
    /// Channels that were heard in this process.
    heard: Mutex<HashSet<String>>,
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
            Ok(kept) => {
                let wakes = self.wakes.clone();
                tokio::spawn(async move { tell(&wakes, jobs, kept) });
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

    async fn store_all(&self, jobs: &[Job]) -> Result<Kept, Failure> {
        self.check_backlog().await?;
        crash::point("before_store");
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let customers = self.see_customers(&mut tx, jobs).await?;
        let conversations = self.see_conversations(&mut tx, jobs, &customers).await?;
        let mut new: Vec<NewMessage> = Vec::with_capacity(jobs.len());
        let mut keys = HashSet::new();
        for job in jobs {
            if !keys.insert((&*job.channel, &*job.message.event_key)) {
                continue;
            }
            new.push(NewMessage {
                id: self.ids.next(),
                channel: job.channel.clone(),
                conversation_id: conversations.ids[&conversation_key(job)],
                customer_id: customers[&customer_key(job)],
                kind: kind(&job.message.content),
                text: readable(&job.message.content),
                message: job.message.clone(),
                body: job.body.clone(),
                received_at: now,
            });
        }
        let added: HashSet<MessageId> = tx.store_messages(&new).await?.into_iter().collect();
        let fresh: Vec<&NewMessage> = new.iter().filter(|m| added.contains(&m.id)).collect();
        let mut waking: BTreeMap<Duration, Vec<ConversationId>> = BTreeMap::new();
        let known = |m: &&&NewMessage| !conversations.opened.contains(&m.conversation_id);
        for message in fresh.iter().filter(known) {
            let quiet = self.quiet_for(&message.message);
            waking.entry(quiet).or_default().push(message.conversation_id);
        }
        for (quiet, conversations) in waking {
            tx.wake_conversations(&conversations, now, quiet).await?;
        }
        self.note_first_events(&mut tx, &fresh).await?;
        let outcomes = outcomes(&mut tx, jobs, &fresh).await?;
        tx.commit().await?;
        crash::point("after_store");
        self.backlog.n.fetch_add(i64::try_from(fresh.len()).unwrap_or(0), Ordering::Relaxed);
        let heard = fresh.iter().map(|message| message.conversation_id).collect();
        Ok(Kept { outcomes, heard })
    }

    async fn see_customers<'a>(
        &self,
        tx: &mut Tx,
        jobs: &'a [Job],
    ) -> Result<HashMap<Key<'a>, CustomerId>, StoreError> {
        // In the order of their names, so that two nodes never wait for each other.
        let mut seen = BTreeMap::new();
        for job in jobs {
            seen.entry(customer_key(job)).or_insert_with(|| SeenCustomer {
                id: self.ids.next(),
                channel: job.channel.clone(),
                external_id: job.message.author.id.clone(),
                name: job.message.author.name.clone(),
                lang: job.message.author.lang.clone(),
                at: self.clock.now(),
            });
        }
        let (keys, seen): (Vec<Key<'a>>, Vec<SeenCustomer>) = seen.into_iter().unzip();
        Ok(keys.into_iter().zip(tx.see_customers(&seen).await?).collect())
    }

    async fn see_conversations<'a>(
        &self,
        tx: &mut Tx,
        jobs: &'a [Job],
        customers: &HashMap<Key<'a>, CustomerId>,
    ) -> Result<Conversations<'a>, StoreError> {
        let now = self.clock.now();
        let mut seen: BTreeMap<Key<'a>, SeenConversation> = BTreeMap::new();
        for job in jobs {
            let message = &job.message;
            let quiet = self.quiet_for(message);
            let before = seen.get(&conversation_key(job)).and_then(|seen| seen.quiet);
            let conversation = SeenConversation {
                id: self.ids.next(),
                channel: job.channel.clone(),
                external_id: message.conversation.clone(),
                customer_id: customers[&customer_key(job)],
                address: message.address.clone(),
                place_id: match &message.place {
                    Place::Private => None,
                    Place::Group { id, .. } | Place::Staff { id, .. } => Some(id.clone()),
                },
                quiet: Some(before.map_or(quiet, |before| before.min(quiet))),
                at: now,
            };
            seen.insert(conversation_key(job), conversation);
        }
        let (keys, seen): (Vec<Key<'a>>, Vec<SeenConversation>) = seen.into_iter().unzip();
        let known = tx.see_conversations(&seen).await?;
        let opened = seen.iter().zip(&known).filter(|(seen, id)| seen.id == **id);
        let opened = opened.map(|(seen, _)| seen.id).collect();
        Ok(Conversations { ids: keys.into_iter().zip(known).collect(), opened })
    }

    /// A channel page turns green with the first real event; one look per channel and process.
    async fn note_first_events(
        &self,
        tx: &mut Tx,
        fresh: &[&NewMessage],
    ) -> Result<(), StoreError> {
        for message in fresh {
            let unseen = {
                let mut heard = self.heard.lock().expect("nothing panics while it holds this lock");
                heard.insert(message.channel.clone())
            };
            if unseen {
                tx.mark_first_event(&message.channel, message.received_at).await?;
            }
        }
        Ok(())
    }

    fn quiet_for(&self, message: &InboundMessage) -> Duration {
        match message.content {
            // A picture waits for what is written beside it.
            Content::Text { .. } | Content::Edited { .. } | Content::Unreadable { .. } => {
                Duration::try_from(self.rules.quiet).unwrap_or_default()
            }
            _ => Duration::ZERO,
        }
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

/// A batch that is durable.
struct Kept {
    /// What became of each message.
    outcomes: Vec<Stored>,
    /// The conversations of those that were new.
    heard: Vec<ConversationId>,
}

/// Tells everyone who waits for a batch that it is durable.
fn tell(wakes: &Wakes, jobs: Vec<Job>, kept: Kept) {
    for (job, outcome) in jobs.into_iter().zip(kept.outcomes) {
        let is_new = outcome.accepted == Accepted::Stored;
        count(&job.channel, if is_new { "stored" } else { "duplicate" });
        // A caller that went away finds a duplicate when it comes back.
        let _ = job.done.send(Ok(outcome));
    }
    if !kept.heard.is_empty() {
        wakes.inbox();
    }
    for conversation in kept.heard {
        wakes.tell(News::Conversation(conversation));
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

async fn outcomes(
    tx: &mut Tx,
    jobs: &[Job],
    fresh: &[&NewMessage],
) -> Result<Vec<Stored>, StoreError> {
    let mut outcomes = Vec::with_capacity(jobs.len());
    let mut told = HashSet::new();
    for job in jobs {
        let key = &job.message.event_key;
        let new = fresh.iter().find(|m| m.channel == job.channel && m.message.event_key == *key);
        let id = match new {
            Some(message) => message.id,
            None => tx.stored_message_id(&job.channel, key).await?.ok_or_else(|| {
                StoreError::Inconsistent { table: "inbox", detail: "a row vanished".to_owned() }
            })?,
        };
        let is_new = new.is_some() && told.insert(id);
        let accepted = if is_new { Accepted::Stored } else { Accepted::Duplicate };
        outcomes.push(Stored { id, accepted });
    }
    Ok(outcomes)
}

/// Channel and the channel's own id.
type Key<'a> = (&'a str, &'a str);

/// The conversations of a batch.
struct Conversations<'a> {
    ids: HashMap<Key<'a>, ConversationId>,
    /// Those that are new; they are stored with their time to wake.
    opened: HashSet<ConversationId>,
}

fn customer_key(job: &Job) -> Key<'_> {
    (&job.channel, &job.message.author.id)
}

fn conversation_key(job: &Job) -> Key<'_> {
    (&job.channel, &job.message.conversation)
}

fn count(channel: &str, result: &'static str) {
    metrics::counter!("superfan_inbound_total", "channel" => channel.to_owned(), "result" => result)
        .increment(1);
}
