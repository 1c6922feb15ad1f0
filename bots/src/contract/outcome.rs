//! What sending means: one attempt, every way it can end, and the limits it has to keep.

use std::time::Duration;

use jiff::Timestamp;

use super::inbound::ReplyAddress;
use super::reply::Part;

/// One send attempt.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Where to.
    pub address: &'a ReplyAddress,
    /// What.
    pub part: &'a Part,
    /// Our public id of this delivery (`out_…`, at most 25 characters), the same on every repeat:
    /// the idempotency key where the platform has one.
    pub key: &'a str,
    /// Now, for signatures.
    pub now: Timestamp,
    /// The platform's id of the part before this one, where a reply has several.
    pub previous: Option<&'a str>,
    /// Since when an earlier attempt may have arrived: its outcome was never known.
    pub in_doubt_since: Option<Timestamp>,
}

/// A part the platform took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The platform's id of our message, if it gave one.
    pub message_id: Option<String>,
}

/// Why a part was not (or perhaps not) delivered; [`SendError::next`] says what happens now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The platform asked us to wait; it did nothing.
    #[error("held by the platform: {reason}")]
    Held {
        /// How long, if it said.
        wait: Option<Duration>,
        /// Who has to wait.
        scope: HoldScope,
        /// In words.
        reason: String,
    },
    /// Nothing reached the platform, or it promised not to have acted.
    #[error("not delivered: {reason}")]
    NotSent {
        /// In words.
        reason: String,
    },
    /// A 5xx, a cut connection, a time-out, an unreadable 2xx: nobody knows.
    #[error("outcome unknown: {reason}")]
    Unknown {
        /// In words.
        reason: String,
    },
    /// The same for a call that the platform cannot tell from a second one, whatever the channel
    /// otherwise offers.
    #[error("outcome unknown: {reason}")]
    UnknownForGood {
        /// In words.
        reason: String,
    },
    /// The platform will never take it.
    #[error("refused: {reason}")]
    Refused {
        /// What is affected.
        scope: RefusalScope,
        /// The platform's words.
        reason: String,
    },
    /// The conversation lives elsewhere now; send it there.
    #[error("the conversation moved to {conversation}")]
    Moved {
        /// The new public id.
        conversation: String,
        /// The new address.
        address: ReplyAddress,
    },
}

impl SendError {
    /// What happens next; decided here so that no caller guesses.
    ///
    /// `repeats_safely` is [`Adapter::repeats_safely`](crate::Adapter::repeats_safely) of the channel.
    pub fn next(&self, repeats_safely: bool) -> Next {
        match self {
            Self::Held { wait: Some(wait), scope, .. } => Next::After(*wait, *scope),
            Self::Held { wait: None, .. } | Self::NotSent { .. } => Next::Backoff,
            Self::Unknown { .. } if repeats_safely => Next::Backoff,
            Self::Unknown { .. } | Self::UnknownForGood { .. } => Next::Uncertain,
            Self::Refused { scope, .. } => Next::Dead(*scope),
            Self::Moved { conversation, address } => {
                Next::Move { conversation: conversation.clone(), address: address.clone() }
            }
        }
    }
}

/// Who waits when a platform says "too many".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldScope {
    /// Everything this account sends.
    Channel,
    /// This conversation only.
    Conversation,
}

/// How far a refusal reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalScope {
    /// This part only (too long, bad markup).
    Part,
    /// The whole conversation (blocked, kicked, deleted).
    Conversation,
    /// The whole account (token revoked).
    Channel,
}

/// What the outbox does after a failed send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Repeat after exactly this long.
    After(Duration, HoldScope),
    /// Repeat with growing pauses.
    Backoff,
    /// Mark the row `uncertain`; a person decides.
    Uncertain,
    /// Mark the row `dead`.
    Dead(RefusalScope),
    /// Rewrite the conversation's address, then repeat at once.
    Move {
        /// The new public id.
        conversation: String,
        /// The new address.
        address: ReplyAddress,
    },
}

/// A published limit: at most `n` sends in `per`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// What the limit counts over.
    pub scope: QuotaScope,
    /// How many units of [`Part::weight`].
    pub n: u32,
    /// In how long.
    pub per: Duration,
    /// How many may go at once after a quiet time, at most `n`.
    pub burst: u32,
}

/// What a quota counts over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuotaScope {
    /// Everything one account sends.
    Channel,
    /// One conversation.
    Conversation,
    /// One conversation that is a group.
    Group,
}

/// What the application knows when it asks [`Adapter::permit`](crate::Adapter::permit).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Only the customer and we read along.
    pub private: bool,
    /// The message that is answered addressed us (private always does).
    pub summoned: bool,
    /// Other automatic replies sent for the message that is answered.
    pub replies_to_this: u32,
    /// US dollars spent today (UTC) on this channel.
    pub spent_today: f64,
    /// US dollars that this part costs: [`Adapter::cost`](crate::Adapter::cost).
    pub cost: f64,
    /// When the customer last wrote here.
    pub last_inbound: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

/// A platform's verdict on a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Permit {
    /// Send it.
    Allowed,
    /// Not now; stays `due`, shown with the reason.
    Hold {
        /// When to look again.
        until: Option<Timestamp>,
        /// In words.
        reason: String,
    },
    /// Never; becomes `dead` with the reason.
    Forbidden {
        /// In words.
        reason: String,
    },
}
