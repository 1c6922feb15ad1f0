//! Keeping quoted names from pinging strangers: `@ana` on the forum is somebody else on a channel.

/// Invisible and without width; keeps `@` and the name apart for the platform, not for the eye.
const JOINER: char = '\u{2060}';

/// Separates every `@` from the name that follows it, except inside web addresses and e-mail.
pub(crate) fn defuse_mentions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for token in text.split_inclusive(char::is_whitespace) {
        if token.contains("://") {
            out.push_str(token);
            continue;
        }
        let mut before = None;
        let mut chars = token.chars().peekable();
        while let Some(c) = chars.next() {
            out.push(c);
            let starts_name = chars.peek().is_some_and(|next| next.is_alphanumeric());
            if c == '@' && starts_name && !before.is_some_and(char::is_alphanumeric) {
                out.push(JOINER);
            }
            before = Some(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(defuse_mentions(text).replace(JOINER, "|"), expected);
    }

    #[test]
    fn names_are_separated_addresses_stay_whole() {
        check("answer by @ana, (@lee)", "answer by @|ana, (@|lee)");
        check("write to help@brand.example", "write to help@brand.example");
        check("https://forum.example/@ana/12 ok", "https://forum.example/@ana/12 ok");
        check("@ alone @", "@ alone @");
        check("@everyone", "@|everyone");
    }
}
