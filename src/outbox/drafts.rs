//! Shadow: what the bot would say on a channel is drafted, and a person releases it.

use superfan_bots::ReplyKind;

use crate::ids::DecisionId;
use crate::interval::{interval, share};
use crate::store::{StoreError, Tx};

/// Why a draft waits.
pub(super) const WAITS: &str = "waits for a person to release it: the channel is in shadow";

/// How well the drafts of a channel did, by the people who released them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShadowRecord {
    /// Drafted answers that were judged.
    pub n: i64,
    /// The share that was right, 0..=1.
    pub precision: f64,
    /// Its 95 % interval.
    pub interval: (f64, f64),
    /// Whether even the lower end reaches the target: the channel may go live.
    pub is_proven: bool,
}

/// The record of a channel's drafts against the target; `None` before the first was judged.
pub async fn shadow_record(
    tx: &mut Tx,
    channel: &str,
    target: f64,
) -> Result<Option<ShadowRecord>, StoreError> {
    let judged = tx.judged_drafts(channel).await?;
    Ok(interval(judged.n_right, judged.n).map(|interval| ShadowRecord {
        n: judged.n,
        precision: share(judged.n_right, judged.n),
        interval,
        is_proven: interval.0 >= target,
    }))
}

/// Whether a reply is one that people release where a channel is in shadow: what the bot says of
/// itself. The answer to a command belongs to no decision and is given all the same.
pub(super) fn needs_release(kind: ReplyKind, decision: Option<DecisionId>) -> bool {
    match kind {
        ReplyKind::Human => false,
        ReplyKind::Greeting => true,
        _ => decision.is_some(),
    }
}

/// Whether a kind of reply is judged: answers are right or wrong, other sentences are not.
pub(super) fn is_judged(kind: ReplyKind) -> bool {
    matches!(kind, ReplyKind::Answer | ReplyKind::Choices)
}
