//! What X says is left of its limits: of the window of fifteen minutes, and of the day.
//! <https://docs.x.com/x-api/fundamentals/rate-limits>

use std::time::Duration;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

/// Header beginnings of every limit: the endpoint's own, and those of account and application.
const FAMILIES: [&str; 3] = ["x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour"];

/// What is left, and until when it must last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::x) struct Limits {
    windows: Vec<Window>,
    /// `Retry-After` in seconds, as proxies send it.
    pub(super) retry_after: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    remaining: u64,
    reset: Timestamp,
}

/// How long the shorter window is.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Two windows that begin so close together are the same one.
const SAME: SignedDuration = SignedDuration::from_secs(5);

/// What is left of a window of fifteen minutes, counted here too: several calls may be under way
/// before X has told of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    remaining: u64,
    reset: Timestamp,
}

impl Room {
    /// A window of which nothing is known but how much it holds.
    pub(super) fn new(full: u64, now: Timestamp) -> Self {
        Self { remaining: full, reset: now + WINDOW }
    }

    /// Uses one call up; or until when there is none left.
    pub(super) fn take(&mut self, full: u64, now: Timestamp) -> Result<(), Timestamp> {
        if self.reset <= now {
            *self = Self::new(full, now);
        }
        match self.remaining.checked_sub(1) {
            Some(left) => {
                self.remaining = left;
                Ok(())
            }
            None => Err(self.reset),
        }
    }

    /// What X said: the less of both counts, unless it speaks of a later window.
    pub(super) fn learn(&mut self, limits: &Limits, now: Timestamp) {
        let Some(told) = limits.windows.first().filter(|window| window.reset > now) else {
            return;
        };
        let is_later = told.reset > self.reset + SAME;
        let remaining = self.remaining.min(told.remaining);
        self.remaining = if is_later { told.remaining } else { remaining };
        self.reset = told.reset;
    }
}

impl Limits {
    /// Reads the headers of an answer.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let number =
            |name: &str| -> Option<i64> { headers.get(name)?.to_str().ok()?.trim().parse().ok() };
        let window = |family: &&str| {
            let remaining = number(&format!("{family}-remaining"))?;
            let reset = Timestamp::from_second(number(&format!("{family}-reset"))?).ok()?;
            Some(Window { remaining: u64::try_from(remaining).unwrap_or(0), reset })
        };
        let retry_after = number("retry-after").and_then(|seconds| u64::try_from(seconds).ok());
        Self {
            windows: FAMILIES.iter().filter_map(window).collect(),
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    /// When something is left again, if a limit is used up.
    pub(in crate::x) fn used_up_until(&self) -> Option<Timestamp> {
        let used_up = self.windows.iter().filter(|window| window.remaining == 0);
        used_up.map(|window| window.reset).max()
    }

    /// How long to wait after a 429: until what is used up is there again, or else the first reset.
    pub(super) fn wait(&self, now: Timestamp, key: &str) -> Option<Duration> {
        let first = || self.windows.iter().map(|window| window.reset).min();
        let until = self.used_up_until().or_else(first);
        until.map(|until| wait(now, until, key)).or(self.retry_after)
    }

    /// The pause before the next call that makes what is left last until the reset, as soon as
    /// little is left.
    pub(in crate::x) fn pause(&self, now: Timestamp) -> Option<Duration> {
        let pauses = self.windows.iter().filter(|window| window.remaining <= 5).map(|window| {
            let left = Duration::try_from(window.reset.duration_since(now)).unwrap_or_default();
            let calls = u32::try_from(window.remaining).unwrap_or(u32::MAX).max(1);
            if window.remaining == 0 { left + Duration::from_secs(1) } else { left / calls }
        });
        pauses.max()
    }
}

/// The time from `now` to `until` and a little more, not the same for all who wait.
pub(super) fn wait(now: Timestamp, until: Timestamp, key: &str) -> Duration {
    let jitter =
        key.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
    left + Duration::from_secs(1) + Duration::from_millis(jitter % 2000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(pairs: &[(&'static str, &str)]) -> Limits {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        Limits::read(&headers)
    }

    #[test]
    fn the_used_up_limit_counts_and_the_longest_of_several() {
        let now = Timestamp::from_second(1000).unwrap();
        let short = [("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "1030")];
        let day = [
            ("x-rate-limit-remaining", "7"),
            ("x-rate-limit-reset", "1030"),
            ("x-user-limit-24hour-remaining", "0"),
            ("x-user-limit-24hour-reset", "5000"),
        ];
        let check = |pairs: &[(&'static str, &str)], expected: Option<u64>| {
            assert_eq!(limits(pairs).wait(now, "").map(|wait| wait.as_secs()), expected);
        };
        check(&short, Some(31));
        check(&day, Some(4001));
        check(&day[..2], Some(31));
        check(&[("retry-after", "9")], Some(9));
        check(&[], None);
        assert_eq!(limits(&day[..2]).used_up_until(), None);
    }

    #[test]
    fn a_window_is_counted_here_and_corrected_by_x() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let told = |remaining: &str, reset: &str| {
            limits(&[("x-rate-limit-remaining", remaining), ("x-rate-limit-reset", reset)])
        };
        let mut room = Room::new(3, at(0));
        assert_eq!(room.take(3, at(1)), Ok(()));
        assert_eq!(room.take(3, at(1)), Ok(()));
        // The answer to the first call does not know of the second.
        room.learn(&told("2", "600"), at(2));
        assert_eq!(room.take(3, at(2)), Ok(()));
        assert_eq!(room.take(3, at(2)), Err(at(600)));
        assert_eq!(room.take(3, at(600)), Ok(()));
        room.learn(&told("0", "1500"), at(601));
        assert_eq!(room.take(3, at(700)), Err(at(1500)));
        room.learn(&told("2", "2400"), at(1499));
        assert_eq!(room.take(3, at(1499)), Ok(()));
        room.learn(&told("0", "1400"), at(1499));
        assert_eq!(room.take(3, at(1499)), Ok(()));
    }

    #[test]
    fn what_is_left_is_spread_over_the_window() {
        let now = Timestamp::from_second(1000).unwrap();
        let check = |remaining: &str, expected: Option<u64>| {
            let pairs = [("x-rate-limit-remaining", remaining), ("x-rate-limit-reset", "1100")];
            assert_eq!(limits(&pairs).pause(now).map(|pause| pause.as_secs()), expected);
        };
        check("14", None);
        check("5", Some(20));
        check("1", Some(100));
        check("0", Some(101));
    }
}
