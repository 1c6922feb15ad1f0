//! X's rules for automated accounts, and our own cap on what a day may cost. Pure.
//! <https://docs.x.com/x-api/posts/manage-tweets/introduction> and
//! <https://help.x.com/en/rules-and-policies/x-automation>

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::{Facts, Permit, ReplyKind};

/// Whether a reply may leave now.
pub(super) fn permit(kind: ReplyKind, facts: &Facts, daily_cap: f64) -> Permit {
    let forbidden = |reason: &str| Permit::Forbidden { reason: reason.to_owned() };
    if facts.private && facts.last_inbound.is_none() {
        return forbidden("X allows a direct message only after the customer wrote one");
    }
    if !facts.private && !facts.summoned {
        return forbidden("X lets us reply only to people who mention or quote us");
    }
    if !facts.private && kind != ReplyKind::Human && facts.replies_to_this > 0 {
        return forbidden("X allows one automatic reply to each post");
    }
    // A hundredth of a cent is lost in adding fractions, not spent.
    if facts.spent_today + facts.cost > daily_cap + 0.000_1 {
        return Permit::Hold {
            until: next_day(facts.now),
            reason: format!(
                "the daily spend cap of ${daily_cap:.2} is reached: ${:.3} spent today, this one \
                 costs ${:.3}; waits until tomorrow (UTC)",
                facts.spent_today, facts.cost
            ),
        };
    }
    Permit::Allowed
}

/// The next midnight, UTC.
fn next_day(now: Timestamp) -> Option<Timestamp> {
    let tomorrow = now.to_zoned(TimeZone::UTC).date().checked_add(1.day()).ok()?;
    Some(tomorrow.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let now = "2026-01-05T22:15:00Z".parse().unwrap();
        Facts { summoned: true, last_inbound: Some(now), cost: 0.01, now, ..Facts::default() }
    }

    #[track_caller]
    fn check(kind: ReplyKind, facts: &Facts, expected: &str) {
        let words = match permit(kind, facts, 1.0) {
            Permit::Allowed => "allowed".to_owned(),
            Permit::Hold { until, reason } => format!("until {}: {reason}", until.unwrap()),
            Permit::Forbidden { reason } => format!("never: {reason}"),
        };
        assert_eq!(words, expected);
    }

    #[test]
    fn who_is_summoned_may_reply_once() {
        check(ReplyKind::Answer, &facts(), "allowed");
        let unsummoned = Facts { summoned: false, ..facts() };
        let only = "never: X lets us reply only to people who mention or quote us";
        check(ReplyKind::Answer, &unsummoned, only);
        check(ReplyKind::Human, &unsummoned, only);
        let second = Facts { replies_to_this: 1, ..facts() };
        check(ReplyKind::Notice, &second, "never: X allows one automatic reply to each post");
        check(ReplyKind::Human, &second, "allowed");
    }

    #[test]
    fn a_direct_message_follows_one_of_theirs() {
        let private = Facts { private: true, summoned: false, replies_to_this: 3, ..facts() };
        check(ReplyKind::Answer, &private, "allowed");
        check(
            ReplyKind::Human,
            &Facts { last_inbound: None, ..private },
            "never: X allows a direct message only after the customer wrote one",
        );
    }

    #[test]
    fn the_cap_of_a_day_holds_until_the_next() {
        check(ReplyKind::Answer, &Facts { spent_today: 0.99, ..facts() }, "allowed");
        check(
            ReplyKind::Human,
            &Facts { spent_today: 0.995, ..facts() },
            "until 2026-01-06T00:00:00Z: the daily spend cap of $1.00 is reached: $0.995 spent \
             today, this one costs $0.010; waits until tomorrow (UTC)",
        );
    }
}
