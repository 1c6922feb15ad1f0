//! Which pages may talk to the chat: our own, and those the admin named.

/// Whether a request with this `Origin` header may be served.
///
/// Browsers send the header with every cross-origin request and every post, so none at all is
/// not a foreign page. `own` and `allowed` are written like the header: scheme, host and port.
pub fn origin_allowed(origin: Option<&str>, own: &str, allowed: &[String]) -> bool {
    let same =
        |a: &str, b: &str| a.trim_end_matches('/').eq_ignore_ascii_case(b.trim_end_matches('/'));
    origin.is_none_or(|origin| {
        same(origin, own) || allowed.iter().any(|allowed| same(origin, allowed))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_page_and_named_pages_may_talk() {
        let allowed = ["https://shop.example".to_owned()];
        let check = |origin, expected| {
            assert_eq!(origin_allowed(origin, "http://127.0.0.1:8080", &allowed), expected);
        };
        check(None, true);
        check(Some("http://127.0.0.1:8080"), true);
        check(Some("https://shop.example"), true);
        check(Some("https://shop.example.evil.example"), false);
        check(Some("null"), false);
    }
}
