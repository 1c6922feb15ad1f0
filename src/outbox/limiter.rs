//! The one limiter: runs the quotas that each platform publishes, per account and conversation.
//!
//! Each quota is a leaky bucket: something may leave when what left before has been paid for but
//! for a burst. A heavy part leaves as soon as a light one could, and is paid for afterwards.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use superfan_bots::{Quota, QuotaScope};

use crate::clock::SharedClock;
use crate::ids::ConversationId;

/// Stands for the whole account where a quota counts over it.
const WHOLE_ACCOUNT: ConversationId = ConversationId(0);

/// Says whether something may be sent now, or how long it has to wait.
#[derive(Debug)]
pub struct Limiter {
    clock: SharedClock,
    accounts: Mutex<HashMap<String, Vec<Running>>>,
    /// Until when a platform asked for a pause.
    held: Mutex<HashMap<String, Duration>>,
}

#[derive(Debug)]
struct Running {
    quota: Quota,
    /// When everything that was used is paid for, since 1970.
    paid_at: HashMap<ConversationId, Duration>,
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
        Self { clock, accounts: Mutex::default(), held: Mutex::default() }
    }

    /// Whether the account has room, without using it.
    pub fn has_room(&self, channel: &str, quotas: &[Quota]) -> Result<(), Wait> {
        self.with((channel, quotas), |account, now| {
            look(account, WHOLE_ACCOUNT, now, is_of_account)
        })
    }

    /// Uses `weight` of the account's own quotas.
    pub fn use_account(&self, channel: &str, quotas: &[Quota], weight: u32) -> Result<(), Wait> {
        self.with((channel, quotas), |account, now| {
            look(account, WHOLE_ACCOUNT, now, is_of_account)?;
            charge(account, WHOLE_ACCOUNT, (now, weight), is_of_account);
            Ok(())
        })
    }

    /// Uses `weight` more of the account's own quotas, for what one send takes beyond itself; what
    /// follows waits the longer.
    pub fn owe_account(&self, channel: &str, quotas: &[Quota], weight: u32) {
        self.with((channel, quotas), |account, now| {
            charge(account, WHOLE_ACCOUNT, (now, weight), is_of_account);
        });
    }

    /// Notes that a platform asked for a pause of the whole account; what is said keeps to it by
    /// its rows.
    pub fn hold(&self, channel: &str, until: Timestamp) {
        let until = since_1970(until);
        self.held().insert(channel.to_owned(), until);
    }

    /// Uses one of the account's own quotas if nothing is to be paid for: for what is nice to do
    /// and must not take the place of what is said, nor break a pause.
    pub fn use_if_idle(&self, channel: &str, quotas: &[Quota]) -> bool {
        if self.held().get(channel).is_some_and(|until| *until > self.now()) {
            return false;
        }
        self.with((channel, quotas), |account, now| {
            let mut own = account.iter().filter(|running| is_of_account(running.quota.scope));
            let is_idle = own.all(|running| running.is_paid(WHOLE_ACCOUNT, now));
            if is_idle {
                charge(account, WHOLE_ACCOUNT, (now, 1), is_of_account);
            }
            is_idle
        })
    }

    /// Uses `weight` of a conversation's quotas.
    pub fn use_conversation(
        &self,
        channel: &str,
        quotas: &[Quota],
        (conversation, is_group): (ConversationId, bool),
        weight: u32,
    ) -> Result<(), Wait> {
        let counts = |scope| match scope {
            QuotaScope::Channel => false,
            QuotaScope::Conversation => true,
            QuotaScope::Group => is_group,
        };
        self.with((channel, quotas), |account, now| {
            look(account, conversation, now, counts)?;
            charge(account, conversation, (now, weight), counts);
            Ok(())
        })
    }

    /// Forgets conversations that have been quiet long enough to be as good as new.
    pub fn forget_quiet(&self) {
        let now = self.now();
        for running in self.accounts().values_mut().flatten() {
            running.paid_at.retain(|_, paid_at| *paid_at > now);
            running.paid_at.shrink_to_fit();
        }
    }

    fn with<T>(
        &self,
        (channel, quotas): (&str, &[Quota]),
        act: impl FnOnce(&mut Vec<Running>, Duration) -> T,
    ) -> T {
        let now = self.now();
        let mut accounts = self.accounts();
        if !accounts.contains_key(channel) {
            let start = |quota: &Quota| Running { quota: *quota, paid_at: HashMap::new() };
            accounts.insert(channel.to_owned(), quotas.iter().map(start).collect());
        }
        act(accounts.get_mut(channel).expect("it was put there"), now)
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<String, Vec<Running>>> {
        self.accounts.lock().expect("nothing panics while it holds this lock")
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, Duration>> {
        self.held.lock().expect("nothing panics while it holds this lock")
    }

    fn now(&self) -> Duration {
        since_1970(self.clock.now())
    }
}

fn since_1970(at: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(at.as_millisecond()).unwrap_or(0))
}

impl Running {
    /// How long one unit takes to be paid for.
    fn one(&self) -> Duration {
        self.quota.per / self.quota.n.max(1)
    }

    fn is_paid(&self, key: ConversationId, now: Duration) -> bool {
        self.paid_at.get(&key).is_none_or(|paid_at| *paid_at <= now)
    }

    fn wait(&self, key: ConversationId, now: Duration) -> Option<Wait> {
        let borrowed = self.one() * self.quota.burst.saturating_sub(1);
        let time = self.paid_at.get(&key)?.saturating_sub(now + borrowed);
        let is_free = time.is_zero();
        (!is_free).then(|| Wait { time: time.max(Duration::from_millis(1)), quota: self.quota })
    }
}

fn is_of_account(scope: QuotaScope) -> bool {
    scope == QuotaScope::Channel
}

fn look(
    account: &[Running],
    key: ConversationId,
    now: Duration,
    counts: impl Fn(QuotaScope) -> bool,
) -> Result<(), Wait> {
    let counting = account.iter().filter(|running| counts(running.quota.scope));
    match counting.filter_map(|running| running.wait(key, now)).max_by_key(|wait| wait.time) {
        Some(wait) => Err(wait),
        None => Ok(()),
    }
}

fn charge(
    account: &mut [Running],
    key: ConversationId,
    (now, weight): (Duration, u32),
    counts: impl Fn(QuotaScope) -> bool,
) {
    for running in account.iter_mut().filter(|running| counts(running.quota.scope)) {
        let cost = running.one() * weight.max(1);
        let paid_at = running.paid_at.entry(key).or_insert(now);
        *paid_at = (*paid_at).max(now) + cost;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::SignedDuration;

    use super::*;
    use crate::clock::{Clock as _, TestClock, from_millis};

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
    fn a_heavy_part_leaves_like_a_light_one_and_is_paid_for_afterwards() {
        let (clock, limiter) = limiter();
        let ana = (ConversationId(9), false);
        assert!(limiter.use_conversation("t", QUOTAS, ana, 3).is_ok());
        let wait = limiter.use_conversation("t", QUOTAS, ana, 1).unwrap_err();
        assert_eq!(wait.time, Duration::from_secs(3));
        clock.advance(SignedDuration::from_secs(3));
        assert!(limiter.use_conversation("t", QUOTAS, ana, 1).is_ok());
    }

    #[test]
    fn what_is_owed_is_waited_for_by_those_who_follow() {
        let (_, limiter) = limiter();
        assert!(limiter.use_account("t", QUOTAS, 1).is_ok());
        limiter.owe_account("t", QUOTAS, 2);
        let wait = limiter.use_account("t", QUOTAS, 1).unwrap_err();
        assert_eq!(wait.time, Duration::from_millis(500));
    }

    #[test]
    fn courtesies_take_only_what_nobody_needs() {
        let (clock, limiter) = limiter();
        assert!(limiter.use_if_idle("t", QUOTAS));
        assert!(!limiter.use_if_idle("t", QUOTAS));
        assert!(limiter.use_account("t", QUOTAS, 1).is_ok());
        assert!(limiter.use_account("t", QUOTAS, 1).is_err());
        clock.advance(SignedDuration::from_millis(500));
        assert!(limiter.use_if_idle("t", QUOTAS));
    }

    #[test]
    fn a_pause_that_a_platform_asked_for_is_kept_by_courtesies_too() {
        let (clock, limiter) = limiter();
        limiter.hold("t", clock.now() + SignedDuration::from_secs(34));
        assert!(!limiter.use_if_idle("t", QUOTAS));
        assert!(limiter.use_if_idle("u", QUOTAS), "another account");
        clock.advance(SignedDuration::from_secs(34));
        assert!(limiter.use_if_idle("t", QUOTAS));
    }

    #[test]
    fn no_window_sees_more_than_rate_and_burst_however_late_the_sender_looks() {
        let (clock, limiter) = limiter();
        let mut left: Vec<i64> = Vec::new();
        for step in 0..4000_i64 {
            // Now and then the sender is busy with something else.
            let pause = if step % 97 == 0 { 300 } else { 1 };
            clock.advance(SignedDuration::from_millis(pause));
            while limiter.use_account("t", QUOTAS, 1).is_ok() {
                left.push(clock.now().as_millisecond());
            }
        }
        for (n, from) in left.iter().enumerate() {
            let n_in_window = left[n..].iter().take_while(|at| **at - from <= 1000).count();
            assert!(n_in_window <= 6, "{n_in_window} within a second from {from}");
        }
        let seconds = usize::try_from((left[left.len() - 1] - left[0]) / 1000).unwrap();
        assert!(left.len() >= seconds * 4 * 8 / 10, "{} in {seconds} s", left.len());
    }

    #[test]
    fn conversations_that_are_quiet_again_are_forgotten() {
        let (clock, limiter) = limiter();
        assert!(limiter.use_conversation("t", QUOTAS, (ConversationId(9), false), 1).is_ok());
        clock.advance(SignedDuration::from_secs(1));
        limiter.forget_quiet();
        assert!(limiter.accounts().values().flatten().all(|running| running.paid_at.is_empty()));
    }
}
