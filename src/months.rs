//! Months as people write them: `2026-11`, in UTC. One month has one name, since letters and pages
//! are kept under it.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz};

/// The month of a time.
pub fn month(at: Timestamp) -> String {
    name(at.to_zoned(tz::TimeZone::UTC).date())
}

/// The month before it.
pub fn month_before(at: Timestamp) -> String {
    let first = at.to_zoned(tz::TimeZone::UTC).date().first_of_month();
    name(first.checked_sub(1.month()).unwrap_or(first))
}

/// When a month begins and ends; `None` if it is written in another way, or is none.
pub(crate) fn days_of(month: &str) -> Option<(Timestamp, Timestamp)> {
    let first: Date = format!("{month}-01").parse().ok()?;
    let next = first.checked_add(1.month()).ok()?;
    let midnight = |day: Date| day.to_zoned(tz::TimeZone::UTC).ok().map(|at| at.timestamp());
    let span = (midnight(first)?, midnight(next)?);
    (name(first) == month).then_some(span)
}

fn name(day: Date) -> String {
    day.strftime("%Y-%m").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_days() {
        let (from, to) = days_of("2026-02").unwrap();
        assert_eq!(to.duration_since(from).as_hours(), 28 * 24);
        assert_eq!((month(from), month_before(from)), ("2026-02".into(), "2026-01".into()));
        assert_eq!(month(to), "2026-03");
    }

    #[test]
    fn a_month_has_one_name() {
        for other in ["", "soon", "2026-13", "2026-2", " 2026-02", "+002026-02", "-000001-02"] {
            assert_eq!(days_of(other), None, "{other}");
        }
        assert_eq!((days_of("2026-02-01T00"), days_of("9999-12")), (None, None));
    }
}
