//! Whether a word holds an address, as far as that can be known without X's list of domains.

/// Endings that certainly are domains: the old ones, and those our answers are likely to name.
const CERTAIN: [&str; 40] = [
    "com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "io", "dev", "app", "co", "me",
    "tv", "ai", "us", "uk", "eu", "de", "fr", "es", "it", "nl", "be", "at", "ch", "gr", "pl", "pt",
    "se", "no", "fi", "dk", "jp", "cn", "tw", "th", "br", "in",
];

/// Endings beside [`CERTAIN`] and two letters that people write after a dot and X takes for an
/// address.
const LIKELY: [&str; 14] = [
    "zip", "mov", "page", "cloud", "tech", "xyz", "site", "online", "store", "shop", "blog",
    "news", "wiki", "help",
];

/// Invisible and without width; keeps two letters apart for X, not for the eye.
pub(in crate::x) const JOINER: char = '\u{2060}';

/// What a word holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::x) enum Link {
    /// Nothing that could be an address.
    No,
    /// Something that X may take for one, so often at most.
    Possible(usize),
    /// An address with its scheme under a domain that certainly exists, between these offsets.
    Certain {
        /// Where it begins.
        start: usize,
        /// Where it ends.
        end: usize,
    },
}

/// Looks for an address in one word.
pub(in crate::x) fn link(word: &str) -> Link {
    let lower = word.to_ascii_lowercase();
    let scheme = ["https://", "http://"].iter().find_map(|scheme| {
        let at = lower.find(scheme)?;
        Some((at, at + scheme.len()))
    });
    let Some((start, host_start)) = scheme else {
        let n = n_dotted_names(&lower);
        return if n > 0 { Link::Possible(n) } else { Link::No };
    };
    let begins_freely = word[..start].chars().next_back().is_none_or(|c| "([\"'“‘「".contains(c));
    let in_host = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let host_len = lower[host_start..].find(|c| !in_host(c)).unwrap_or(lower.len() - host_start);
    let host = &lower[host_start..host_start + host_len];
    let is_known = host.rsplit_once('.').is_some_and(|(name, ending)| {
        !name.is_empty() && !name.ends_with(['.', '-']) && CERTAIN.contains(&ending)
    });
    let after_host = &lower[host_start + host_len..];
    let ends_plainly = after_host.is_empty()
        || after_host.starts_with('/')
        || after_host.starts_with(|c: char| c.is_whitespace() || ",;!)]\"'".contains(c));
    let possible = Link::Possible(n_dotted_names(&lower) + lower.matches("://").count());
    if !(begins_freely && is_known && ends_plainly) {
        return possible;
    }
    let end = host_start + host_len + path_len(after_host);
    // A second address in the same word is beyond us.
    let more = |text: &str| text.contains("://") || n_dotted_names(text) > 0;
    if more(&lower[..start]) || more(&lower[end..]) {
        return possible;
    }
    Link::Certain { start, end }
}

/// How far X certainly reads a path: up to the first character it might not take.
fn path_len(after_host: &str) -> usize {
    if !after_host.starts_with('/') {
        return 0;
    }
    let in_path = |c: char| c.is_ascii_alphanumeric() || "/-_=?#%&+.~".contains(c);
    let taken = &after_host[..after_host.find(|c| !in_path(c)).unwrap_or(after_host.len())];
    taken.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '/').len()
}

/// `name.ending` with an ending of two letters or more: an address even without its scheme.
fn n_dotted_names(word: &str) -> usize {
    let parts: Vec<&str> = word.split('.').collect();
    let pairs = parts.windows(2).filter(|pair| {
        let named = pair[0].chars().next_back().is_some_and(char::is_alphanumeric);
        let ending = pair[1].chars().take_while(|c| c.is_alphabetic()).count();
        named && ending >= 2
    });
    pairs.count()
}

/// Whether X will probably take something in a word for an address and charge for it.
pub(in crate::x) fn is_charged(word: &str) -> bool {
    word.contains("://") || dots_before_endings(word).next().is_some()
}

/// The word with its addresses no longer readable as such for X.
pub(in crate::x) fn defused(word: &str) -> String {
    let mut out = String::with_capacity(word.len() + 3);
    let mut done = 0;
    for dot in dots_before_endings(word) {
        out.push_str(&word[done..=dot]);
        out.push(JOINER);
        done = dot + 1;
    }
    out.push_str(&word[done..]);
    out
}

/// Where a dot stands before something that is probably the ending of a domain.
fn dots_before_endings(word: &str) -> impl Iterator<Item = usize> {
    word.match_indices('.').map(|(dot, _)| dot).filter(|dot| {
        let named = word[..*dot].chars().next_back().is_some_and(char::is_alphanumeric);
        let ending: String = word[dot + 1..].chars().take_while(|c| c.is_alphabetic()).collect();
        let ending = ending.to_lowercase();
        let is_ending = ending.chars().count() == 2
            || CERTAIN.contains(&ending.as_str())
            || LIKELY.contains(&ending.as_str())
            || (!ending.is_empty() && !ending.is_ascii());
        named && is_ending
    })
}
