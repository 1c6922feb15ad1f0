//! How sure a share is that was counted on a few cases.

/// Standard deviations of a 95 % interval.
const Z: f64 = 1.96;

/// A share, 0..=1; 0 of nothing.
pub(crate) fn share(part: i64, whole: i64) -> f64 {
    if whole > 0 { number(part) / number(whole) } else { 0.0 }
}

/// Wilson's 95 % interval of the share `part` of `whole`; `None` of nothing.
///
/// <https://doi.org/10.1080/01621459.1927.10502953>
pub(crate) fn interval(part: i64, whole: i64) -> Option<(f64, f64)> {
    (whole > 0).then(|| {
        let (n, share) = (number(whole), share(part, whole));
        let middle = share + Z * Z / (2.0 * n);
        let width = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let whole = 1.0 + Z * Z / n;
        (((middle - width) / whole).max(0.0), ((middle + width) / whole).min(1.0))
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn number(n: i64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(part: i64, whole: i64, expected: &str) {
        let found = interval(part, whole).map(|(low, high)| format!("{low:.3} {high:.3}"));
        assert_eq!(found.as_deref().unwrap_or("none"), expected);
    }

    #[test]
    fn an_interval_narrows_with_what_was_counted() {
        check(0, 0, "none");
        check(5, 10, "0.237 0.763");
        check(50, 100, "0.404 0.596");
        check(10, 10, "0.722 1.000");
        check(0, 10, "0.000 0.278");
    }
}
