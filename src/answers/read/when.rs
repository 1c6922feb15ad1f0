//! Dates in the shapes that exports have.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Seconds of the year 5138; a larger number counts milliseconds.
const LARGEST_SECONDS: i64 = 100_000_000_000;

/// Reads a point in time: RFC 3339, the same without zone (then UTC) or without time (then
/// midnight), a space for the `T`, seconds or milliseconds since 1970, or a mail date.
///
/// `None` when it is none of these.
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    // Fewer digits are a year or a day written as a number, which nobody means as 1970.
    if text.len() >= 9
        && let Ok(number) = text.parse::<i64>()
    {
        return from_epoch(number);
    }
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Ok(at) = text.parse::<DateTime>() {
        return at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    }
    if let Ok(date) = text.parse::<Date>() {
        return date.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    }
    jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp())
}

/// Seconds or, when too large for that, milliseconds since 1970.
pub(super) fn from_epoch(number: i64) -> Option<Timestamp> {
    if number.abs() < LARGEST_SECONDS {
        Timestamp::from_second(number).ok()
    } else {
        Timestamp::from_millisecond(number).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::parse_time;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let found = parse_time(text).map_or_else(|| "none".to_owned(), |at| at.to_string());
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn every_shape_is_the_same_moment() {
        let noon = "2024-01-02T12:00:00Z";
        for text in [
            "2024-01-02T12:00:00Z",
            "2024-01-02T14:00:00+02:00",
            "2024-01-02T12:00:00",
            "2024-01-02T12:00:00.000",
            "2024-01-02 12:00:00",
            "2024-01-02 12:00:00 UTC",
            "1704196800",
            "1704196800000",
            "Tue, 2 Jan 2024 12:00:00 GMT",
        ] {
            check(text, noon);
        }
        check("2024-01-02", "2024-01-02T00:00:00Z");
        check("2024-01-02T12:00:00.123", "2024-01-02T12:00:00.123Z");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["", "soon", "2024", "2024-13-02", "99999999999999999999"] {
            check(text, "none");
        }
    }
}
