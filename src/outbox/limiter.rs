//! The one limiter: runs the quotas that each platform publishes, per account and conversation.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::Duration;

use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota as Rate, RateLimiter};
use superfan_bots::{Quota, QuotaScope};

use crate::clock::{SharedClock, Ticks};
use crate::ids::ConversationId;

type Keyed =
    RateLimiter<ConversationId, HashMapStateStore<ConversationId>, Ticks, NoOpMiddleware<Nanos>>;

/// Stands for the whole account where a quota counts over it.
const WHOLE_ACCOUNT: ConversationId = ConversationId(0);

/// Says whether something may be sent now, or how long it has to wait.
#[derive(Debug)]
pub struct Limiter {
    clock: SharedClock,
    accounts: Mutex<HashMap<String, Vec<Running>>>,
}

#[derive(Debug)]
struct Running {
    quota: Quota,
    limiter: Keyed,
}

/// How long to wait, and for which quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How long, at least a millisecond.
    pub time: Duration,
    /// Whose quota is used up.
    pub quota: Quota,
}

impl Wait {
    /// In words for people: "paced: at most 1 message in 1 s here".
    pub fn in_words(&self) -> String {
        let place = match self.quota.scope {
            QuotaScope::Channel => "on this channel",
            QuotaScope::Conversation => "in one conversation",
            QuotaScope::Group => "in one group",
        };
        format!("paced: at most {} in {} s {place}", self.quota.n, self.quota.per.as_secs())
    }
}

impl Limiter {
    /// A limiter on this clock; accounts join with their first use.
    pub fn new(clock: SharedClock) -> Self {
        Self { clock, accounts: Mutex::default() }
    }

    /// Uses `weight` of the account's own quotas.
    pub fn use_account(&self, channel: &str, quotas: &[Quota], weight: u32) -> Result<(), Wait> {
        let counts = |scope| scope == QuotaScope::Channel;
        self.use_quotas((channel, quotas), WHOLE_ACCOUNT, weight, counts)
    }

    /// Uses `weight` of a conversation's quotas.
    pub fn use_conversation(
        &self,
        channel: &str,
        quotas: &[Quota],
        (conversation, is_group): (ConversationId, bool),
        weight: u32,
    ) -> Result<(), Wait> {
        self.use_quotas((channel, quotas), conversation, weight, |scope| match scope {
            QuotaScope::Channel => false,
            QuotaScope::Conversation => true,
            QuotaScope::Group => is_group,
        })
    }

    /// Forgets conversations that have been quiet long enough to be as good as new.
    pub fn forget_quiet(&self) {
        let accounts = self.accounts.lock().expect("nothing panics while it holds this lock");
        for running in accounts.values().flatten() {
            running.limiter.retain_recent();
        }
    }

    fn use_quotas(
        &self,
        (channel, quotas): (&str, &[Quota]),
        key: ConversationId,
        weight: u32,
        counts: impl Fn(QuotaScope) -> bool,
    ) -> Result<(), Wait> {
        let mut accounts = self.accounts.lock().expect("nothing panics while it holds this lock");
        if !accounts.contains_key(channel) {
            accounts.insert(channel.to_owned(), self.start(quotas));
        }
        let ticks = Ticks::new(self.clock.clone());
        for running in accounts.get(channel).into_iter().flatten() {
            if !counts(running.quota.scope) {
                continue;
            }
            // A part heavier than a whole burst would never fit; it waits for a full one.
            let weight = weight.clamp(1, running.quota.burst.max(1));
            let weight = NonZeroU32::new(weight).expect("clamped to at least one");
            if let Ok(Err(not_until)) = running.limiter.check_key_n(&key, weight) {
                let time = not_until.wait_time_from(ticks.now()).max(Duration::from_millis(1));
                return Err(Wait { time, quota: running.quota });
            }
        }
        Ok(())
    }

    fn start(&self, quotas: &[Quota]) -> Vec<Running> {
        let start = |quota: &Quota| {
            let per_unit = quota.per / quota.n.max(1);
            let burst = NonZeroU32::new(quota.burst.max(1)).expect("at least one");
            let rate = Rate::with_period(per_unit).expect("a quota's period is not zero");
            let limiter = RateLimiter::new(
                rate.allow_burst(burst),
                HashMapStateStore::default(),
                Ticks::new(self.clock.clone()),
            );
            Running { quota: *quota, limiter }
        };
        quotas.iter().map(start).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::SignedDuration;

    use super::*;
    use crate::clock::{TestClock, from_millis};

    const QUOTAS: &[Quota] = &[
        Quota { scope: QuotaScope::Channel, n: 4, per: Duration::from_secs(1), burst: 2 },
        Quota { scope: QuotaScope::Conversation, n: 1, per: Duration::from_secs(1), burst: 1 },
    ];

    fn limiter() -> (Arc<TestClock>, Limiter) {
        let clock = Arc::new(TestClock::starting(from_millis(1_764_000_000_000)));
        (clock.clone(), Limiter::new(clock))
    }

    #[test]
    fn an_account_waits_when_its_burst_is_used_up() {
        let (clock, limiter) = limiter();
        assert!(limiter.use_account("t", QUOTAS, 2).is_ok());
        let wait = limiter.use_account("t", QUOTAS, 1).unwrap_err();
        assert_eq!(wait.time, Duration::from_millis(250));
        clock.advance(SignedDuration::from_millis(250));
        assert!(limiter.use_account("t", QUOTAS, 1).is_ok());
    }

    #[test]
    fn one_conversations_wait_does_not_hold_another() {
        let (_, limiter) = limiter();
        let (ana, ben) = (ConversationId(1), ConversationId(2));
        assert!(limiter.use_conversation("t", QUOTAS, (ana, false), 1).is_ok());
        assert!(limiter.use_conversation("t", QUOTAS, (ana, false), 1).is_err());
        assert!(limiter.use_conversation("t", QUOTAS, (ben, false), 1).is_ok());
    }

    #[test]
    fn a_part_heavier_than_a_burst_still_gets_through() {
        let (_, limiter) = limiter();
        assert!(limiter.use_conversation("t", QUOTAS, (ConversationId(9), false), 5).is_ok());
    }
}
