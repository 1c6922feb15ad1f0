//! What arrived goes into its conversation, which is opened if it is new.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use superfan_bots::{Author, AuthorKind, Content, InboundMessage, Place, ReplyAddress};

use super::content::{kind, readable};
use crate::config::Rules;
use crate::crash;
use crate::ids::{ConversationId, CustomerId, Ids};
use crate::store::arrivals::Arrival;
use crate::store::conversations::SeenConversation;
use crate::store::customers::SeenCustomer;
use crate::store::inbox::NewMessage;
use crate::store::{Store, StoreError, Tx};
use crate::wakes::{News, Wakes};

/// How many arrivals share a transaction at most.
const BATCH: usize = 256;

/// Puts what arrived into its conversations.
#[derive(Debug)]
pub(super) struct Sorter {
    pub(super) store: Store,
    pub(super) ids: Arc<Ids>,
    pub(super) rules: Rules,
    pub(super) wakes: Wakes,
    /// Channels that were heard in this process.
    pub(super) heard: Mutex<HashSet<String>>,
    /// One at a time: a second one would wait for the first and find nothing.
    pub(super) turn: tokio::sync::Mutex<()>,
}

impl Sorter {
    /// Sorts until nothing waits; at once, if somebody else does.
    pub(super) async fn sort(&self) -> Result<(), StoreError> {
        let Ok(_turn) = self.turn.try_lock() else { return Ok(()) };
        while self.sort_some().await? {}
        Ok(())
    }

    /// Whether more may wait.
    async fn sort_some(&self) -> Result<bool, StoreError> {
        let mut tx = self.store.begin().await?;
        let arrivals = tx.take_arrivals(BATCH.try_into().unwrap_or(i64::MAX)).await?;
        let Err(error) = self.file(tx, &arrivals).await else {
            return Ok(arrivals.len() == BATCH);
        };
        tracing::error!(
            n_messages = arrivals.len(),
            "could not put what arrived into its conversations; it is tried again: {}",
            error.reason()
        );
        // One message that cannot be filed must not hold up the others.
        for arrival in arrivals.chunks(1).filter(|_| arrivals.len() > 1) {
            if let Err(error) = self.file(self.store.begin().await?, arrival).await {
                let message = arrival.iter().map(|arrival| arrival.id).next();
                tracing::error!(?message, "this message is in the way: {}", error.reason());
            }
        }
        Ok(false)
    }

    /// Files arrivals, no two of which are the same event, and tells who waits for them.
    async fn file(&self, mut tx: Tx, arrivals: &[Arrival]) -> Result<(), StoreError> {
        if arrivals.is_empty() {
            return Ok(());
        }
        crash::point("before_sort");
        let came: Vec<Came<'_>> = arrivals.iter().map(Came::new).collect();
        let customers = self.see_customers(&mut tx, &came).await?;
        let conversations = self.see_conversations(&mut tx, &came, &customers).await?;
        let new: Vec<NewMessage> = came
            .iter()
            .map(|came| NewMessage {
                id: came.arrival.id,
                channel: came.arrival.channel.clone(),
                conversation_id: conversations[&came.conversation()],
                customer_id: customers[&came.author()],
                kind: kind(&came.message.content),
                text: readable(&came.message.content),
                event_key: came.arrival.event_key.clone(),
                channel_message_id: came.message.message_id.clone(),
                body: came.arrival.body.clone(),
                sent_at: came.message.sent_at,
                received_at: came.arrival.received_at,
            })
            .collect();
        tx.store_messages(&new).await?;
        tx.drop_arrivals(arrivals).await?;
        self.note_first_events(&mut tx, arrivals).await?;
        tx.commit().await?;
        crash::point("after_sort");
        self.wakes.inbox();
        for message in new {
            self.wakes.tell(News::Conversation(message.conversation_id));
        }
        Ok(())
    }

    async fn see_customers<'a>(
        &self,
        tx: &mut Tx,
        came: &'a [Came<'_>],
    ) -> Result<HashMap<Key<'a>, CustomerId>, StoreError> {
        // In the order of their names, so that two nodes never wait for each other.
        let mut seen = BTreeMap::new();
        for came in came {
            seen.entry(came.author()).or_insert_with(|| SeenCustomer {
                id: self.ids.next(),
                channel: came.arrival.channel.clone(),
                external_id: came.arrival.author.clone(),
                name: came.message.author.name.clone(),
                lang: came.message.author.lang.clone(),
                at: came.arrival.received_at,
            });
        }
        let (keys, seen): (Vec<Key<'a>>, Vec<SeenCustomer>) = seen.into_iter().unzip();
        Ok(keys.into_iter().zip(tx.see_customers(&seen).await?).collect())
    }

    async fn see_conversations<'a>(
        &self,
        tx: &mut Tx,
        came: &'a [Came<'_>],
        customers: &HashMap<Key<'a>, CustomerId>,
    ) -> Result<HashMap<Key<'a>, ConversationId>, StoreError> {
        let mut seen: BTreeMap<Key<'a>, SeenConversation> = BTreeMap::new();
        let mut heard: HashMap<Key<'a>, Vec<(Timestamp, Duration)>> = HashMap::new();
        for came in came {
            let (message, at) = (&came.message, came.arrival.received_at);
            let quiet = self.quiet_for(message);
            let before = seen.remove(&came.conversation());
            let waking = before.as_ref().map(|before| before.waking).unwrap_or_default();
            let conversation = SeenConversation {
                id: self.ids.next(),
                channel: came.arrival.channel.clone(),
                external_id: came.arrival.conversation.clone(),
                customer_id: customers[&came.author()],
                address: message.address.clone(),
                place_id: match &message.place {
                    Place::Private => None,
                    Place::Group { id, .. } | Place::Staff { id, .. } => Some(id.clone()),
                },
                waking: waking.after(at, quiet),
                at,
            };
            // What cannot be read does not say where it was written.
            let conversation = match before {
                Some(before) if message.address.value.is_empty() => {
                    SeenConversation { waking: conversation.waking, at, ..before }
                }
                _ => conversation,
            };
            seen.insert(came.conversation(), conversation);
            heard.entry(came.conversation()).or_default().push((at, quiet));
        }
        let (keys, seen): (Vec<Key<'a>>, Vec<SeenConversation>) = seen.into_iter().unzip();
        let ids = tx.see_conversations(&seen).await?;
        let known = keys.iter().zip(&seen).zip(&ids).filter(|((_, seen), id)| seen.id != **id);
        let known = known.map(|((key, _), id)| (*id, heard.remove(key).unwrap_or_default()));
        wake(tx, known.collect()).await?;
        Ok(keys.into_iter().zip(ids).collect())
    }

    /// A channel page turns green with the first real event; one look per channel and process.
    async fn note_first_events(&self, tx: &mut Tx, arrivals: &[Arrival]) -> Result<(), StoreError> {
        for arrival in arrivals {
            let unseen = {
                let mut heard = self.heard.lock().expect("nothing panics while it holds this lock");
                heard.insert(arrival.channel.clone())
            };
            if unseen {
                tx.mark_first_event(&arrival.channel, arrival.received_at).await?;
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
}

/// Channel and the channel's own id.
type Key<'a> = (&'a str, &'a str);

/// An arrival and what it says.
struct Came<'a> {
    arrival: &'a Arrival,
    message: InboundMessage,
}

impl<'a> Came<'a> {
    fn new(arrival: &'a Arrival) -> Self {
        let message = serde_json::from_str(&arrival.body);
        Self { arrival, message: message.unwrap_or_else(|_| unreadable(arrival)) }
    }

    fn author(&self) -> Key<'a> {
        (&self.arrival.channel, &self.arrival.author)
    }

    fn conversation(&self) -> Key<'a> {
        (&self.arrival.channel, &self.arrival.conversation)
    }
}

/// Stands for a message that cannot be read; the answerer will find that out and call people.
fn unreadable(arrival: &Arrival) -> InboundMessage {
    InboundMessage {
        event_key: arrival.event_key.clone(),
        conversation: arrival.conversation.clone(),
        address: ReplyAddress { value: String::new(), expires_at: None },
        place: Place::Private,
        author: Author {
            id: arrival.author.clone(),
            name: None,
            lang: None,
            kind: AuthorKind::Person,
        },
        message_id: None,
        reply_to: None,
        content: Content::Unreadable { what: "unreadable".to_owned() },
        sent_at: arrival.received_at,
    }
}

/// Wakes known conversations for what came, in its order.
async fn wake(
    tx: &mut Tx,
    heard: HashMap<ConversationId, Vec<(Timestamp, Duration)>>,
) -> Result<(), StoreError> {
    let ids: Vec<ConversationId> = heard.keys().copied().collect();
    let mut wakings = tx.wakings(&ids).await?;
    for (id, waking) in &mut wakings {
        for (at, quiet) in heard.get(id).into_iter().flatten() {
            *waking = waking.after(*at, *quiet);
        }
    }
    tx.set_wakings(&wakings).await
}
