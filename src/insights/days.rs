//! Which days a report is asked of: what people write, checked.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, tz};

use super::report::Span;

/// Days shown where nobody says which.
pub const USUAL_DAYS: i64 = 30;
const LONGEST: i64 = 3660;

/// The span from one day to another (`2026-11-01`), both included; without `to` until today,
/// without `from` thirty days up to `to`.
///
/// Errors: in words, what to write instead.
pub fn span(from: Option<&str>, to: Option<&str>, now: Timestamp) -> Result<Span, String> {
    let today = Span::latest(1, now).to;
    let to = to.map(day).transpose()?.unwrap_or(today);
    let from = from.map(day).transpose()?.unwrap_or(to - USUAL_DAYS + 1);
    if from > to {
        return Err("the first day lies after the last".to_owned());
    }
    if to - from >= LONGEST {
        return Err(format!("at most {LONGEST} days at once"));
    }
    Ok(Span { from, to })
}

fn day(text: &str) -> Result<i64, String> {
    let midnight = || {
        let date: Date = text.trim().parse().ok()?;
        Some(date.to_zoned(tz::TimeZone::UTC).ok()?.timestamp())
    };
    let midnight = midnight().ok_or_else(|| format!("{text:?} is no day such as 2026-11-01"))?;
    Ok(midnight.as_second().div_euclid(86_400))
}

/// `2026-11-26`.
pub fn day_name(day: i64) -> String {
    let moment = Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_secs(day * 86_400));
    moment.unwrap_or(Timestamp::UNIX_EPOCH).strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: Option<&str>, to: Option<&str>, expected: &str) {
        let now = "2026-03-10T12:00:00Z".parse().unwrap();
        let said = match span(from, to, now) {
            Ok(span) => format!("{} to {}", day_name(span.from), day_name(span.to)),
            Err(error) => error,
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        check(None, None, "2026-02-09 to 2026-03-10");
        check(Some("2026-03-01"), None, "2026-03-01 to 2026-03-10");
        check(Some("2026-01-01"), Some("2026-01-31"), "2026-01-01 to 2026-01-31");
        check(Some("soon"), None, "\"soon\" is no day such as 2026-11-01");
        check(Some("2026-02-02"), Some("2026-02-01"), "the first day lies after the last");
        check(Some("1990-01-01"), None, "at most 3660 days at once");
    }
}
