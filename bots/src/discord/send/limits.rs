//! The pace Discord asks for in its answers: buckets per route, the global limit, and how many
//! refused requests it bears before it shuts an address out.
//! <https://discord.com/developers/docs/topics/rate-limits>

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

use crate::{HoldScope, SendError};

/// At most 50 requests in a second; what typing and reading take is left over. The application keeps
/// the pace; this is for what it did not foresee.
const PER_SECOND: usize = 48;
const SECOND: SignedDuration = SignedDuration::from_secs(1);
/// Of 10,000 refused requests in ten minutes we use half: others may share the address.
const REFUSED: u32 = 5_000;
const REFUSED_WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// Buckets beyond this number are looked through for those that are full again.
const MANY: usize = 5_000;

/// A kind of request, and the channel or token it concerns: together they have one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Route<'a> {
    /// `messages`, `threads` …
    pub(super) kind: &'static str,
    /// The id that buckets are kept apart by.
    pub(super) major: &'a str,
}

impl Route<'_> {
    /// Answering interactions does not count towards the global limit.
    fn is_global(&self) -> bool {
        self.kind != "webhook"
    }
}

/// What Discord last said.
#[derive(Debug, Default)]
pub(super) struct Limits {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The bucket each kind of request turned out to share.
    shared: HashMap<&'static str, String>,
    /// Until when a bucket is empty.
    empty_until: HashMap<String, Timestamp>,
    recent: VecDeque<Timestamp>,
    refused: (Option<Timestamp>, u32),
}

impl Limits {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("nothing panics while it holds this lock")
    }

    /// Takes a place for one request, or says how long to wait; nothing was sent then.
    pub(super) fn enter(&self, route: Route<'_>, now: Timestamp) -> Result<(), SendError> {
        let mut inner = self.inner();
        if let (Some(since), n) = inner.refused
            && n >= REFUSED
            && now.duration_since(since) < REFUSED_WINDOW
        {
            let reason = "too many refused requests; Discord would shut us out".to_owned();
            return held(since + REFUSED_WINDOW, now, HoldScope::Channel, reason);
        }
        let key = inner.key(route);
        if let Some(until) = inner.empty_until.get(&key).filter(|until| **until > now) {
            let reason = "this channel's bucket is empty".to_owned();
            return held(*until, now, HoldScope::Conversation, reason);
        }
        if !route.is_global() {
            return Ok(());
        }
        while inner.recent.front().is_some_and(|at| now.duration_since(*at) >= SECOND) {
            inner.recent.pop_front();
        }
        if let Some(first) = inner.recent.front().filter(|_| inner.recent.len() >= PER_SECOND) {
            let reason = "50 requests in one second are the most".to_owned();
            return held(*first + SECOND, now, HoldScope::Conversation, reason);
        }
        inner.recent.push_back(now);
        Ok(())
    }

    /// Remembers what an answer says about its bucket, and whether it counts as refused.
    pub(super) fn note(&self, route: Route<'_>, status: u16, headers: &HeaderMap, now: Timestamp) {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mut inner = self.inner();
        let is_shared = text("x-ratelimit-scope") == Some("shared");
        if matches!(status, 401 | 403) || (status == 429 && !is_shared) {
            let (since, n) = &mut inner.refused;
            let lapsed = since.is_none_or(|since| now.duration_since(since) >= REFUSED_WINDOW);
            (*since, *n) = if lapsed { (Some(now), 1) } else { (*since, *n + 1) };
        }
        if let Some(bucket) = text("x-ratelimit-bucket") {
            inner.shared.insert(route.kind, bucket.to_owned());
        }
        let remaining: Option<u32> = text("x-ratelimit-remaining").and_then(|n| n.parse().ok());
        let reset = text("x-ratelimit-reset-after").and_then(|seconds| seconds.parse().ok());
        let key = inner.key(route);
        match (remaining, reset.and_then(seconds)) {
            (Some(0), Some(wait)) => {
                let until =
                    SignedDuration::try_from(wait).ok().and_then(|w| now.checked_add(w).ok());
                inner.empty_until.insert(key, until.unwrap_or(now));
            }
            _ => {
                inner.empty_until.remove(&key);
            }
        }
        if inner.empty_until.len() > MANY {
            inner.empty_until.retain(|_, until| *until > now);
        }
    }
}

impl Inner {
    fn key(&self, route: Route<'_>) -> String {
        let bucket = self.shared.get(route.kind).map_or(route.kind, String::as_str);
        format!("{bucket}:{}", route.major)
    }
}

fn held<T>(
    until: Timestamp,
    now: Timestamp,
    scope: HoldScope,
    reason: String,
) -> Result<T, SendError> {
    let wait = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    Err(SendError::Held { wait: Some(wait.max(Duration::from_millis(1))), scope, reason })
}

/// Seconds with a fraction, as Discord writes them; nonsense is nothing.
pub(super) fn seconds(n: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(n).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Route<'static> = Route { kind: "messages", major: "7" };
    const THERE: Route<'static> = Route { kind: "messages", major: "8" };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_767_603_600_000 + millis).unwrap()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs =
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        pairs.collect::<HeaderMap>()
    }

    #[track_caller]
    fn wait(limits: &Limits, route: Route<'_>, now: Timestamp) -> Duration {
        match limits.enter(route, now) {
            Err(SendError::Held { wait: Some(wait), .. }) => wait,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_empty_bucket_holds_its_own_channel_until_it_is_full_again() {
        let limits = Limits::default();
        let said = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset-after", "1.5")];
        limits.note(HERE, 200, &headers(&said), at(0));
        assert_eq!(wait(&limits, HERE, at(500)), Duration::from_secs(1));
        limits.enter(THERE, at(500)).unwrap();
        limits.enter(HERE, at(1500)).unwrap();
    }

    #[test]
    fn routes_that_share_a_bucket_wait_together() {
        let limits = Limits::default();
        let threads = Route { kind: "threads", major: "7" };
        for route in [HERE, threads] {
            limits.note(route, 200, &headers(&[("x-ratelimit-bucket", "abc")]), at(0));
        }
        let said = [
            ("x-ratelimit-bucket", "abc"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset-after", "2"),
        ];
        limits.note(HERE, 200, &headers(&said), at(0));
        assert_eq!(wait(&limits, threads, at(0)), Duration::from_secs(2));
    }

    #[test]
    fn no_second_sees_more_than_discord_allows_and_interactions_do_not_count() {
        let limits = Limits::default();
        let n_taken = (0..100).filter(|n| limits.enter(THERE, at(n * 5)).is_ok()).count();
        assert_eq!(n_taken, PER_SECOND);
        limits.enter(Route { kind: "webhook", major: "t" }, at(500)).unwrap();
        limits.enter(THERE, at(1000)).unwrap();
    }

    #[test]
    fn refused_requests_are_counted_and_end_before_discord_ends_them() {
        let limits = Limits::default();
        for _ in 0..REFUSED {
            limits.note(HERE, 403, &HeaderMap::new(), at(0));
            limits.note(HERE, 429, &headers(&[("x-ratelimit-scope", "shared")]), at(0));
        }
        assert_eq!(wait(&limits, THERE, at(0)), Duration::from_mins(10));
        limits.enter(THERE, at(600_000)).unwrap();
    }
}
