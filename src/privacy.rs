//! Personal data in customers' words: found, and masked before others read them.
//!
//! In: text in any language. Out: where it says who somebody is or how to reach them, and the same
//! text without that. Goes by shapes (addresses, numbers, handles) and by words that announce a
//! number; a name is masked only where it is known ([`mask_naming`]). Rather masks too much than
//! too little, except for what products are called (`WH-1000XM4`), versions and dates. Must not
//! know: where the text comes from or goes to.

mod labels;
mod numbers;

use std::ops::Range;

/// What a piece of text gives away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Personal {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// An order, a serial number, an account, a card: anything long enough to name one thing.
    Number,
    /// `@somebody`, or a name that is known.
    Name,
    /// A network address, or what follows `?` in a link.
    Address,
    /// What follows "password:".
    Secret,
}

impl Personal {
    /// What stands in its place.
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::Email => "[e-mail]",
            Self::Phone => "[phone]",
            Self::Number => "[number]",
            Self::Name => "[name]",
            Self::Address => "[address]",
            Self::Secret => "[secret]",
        }
    }
}

/// A piece of personal data: bytes of the text, and what they give away.
pub type Finding = (Range<usize>, Personal);

/// The text with personal data replaced by what it was: `[e-mail]`, `[phone]`, `[number]` …
pub fn mask(text: &str) -> String {
    mask_naming(text, &[])
}

/// The same, with these people's names too, wherever they stand as a word of their own.
pub fn mask_naming(text: &str, names: &[&str]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for (range, what) in find_naming(text, names) {
        masked.push_str(&text[from..range.start]);
        masked.push_str(what.placeholder());
        from = range.end;
    }
    masked.push_str(&text[from..]);
    masked
}

/// The text without personal data and these people's names, nothing in their place: for what counts
/// words.
pub fn without(text: &str, names: &[&str]) -> String {
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for (range, _) in find_naming(text, names) {
        left.push_str(&text[from..range.start]);
        left.push(' ');
        from = range.end;
    }
    left.push_str(&text[from..]);
    left
}

/// The personal data in a text, in order, none overlapping another.
pub fn find(text: &str) -> Vec<Finding> {
    find_naming(text, &[])
}

fn find_naming(text: &str, names: &[&str]) -> Vec<Finding> {
    let letters = Letters::new(text);
    let mut found = Vec::new();
    secrets(&letters, &mut found);
    links(&letters, &mut found);
    at_signs(&letters, &mut found);
    network_addresses(&letters, &mut found);
    numbers::find(&letters, &mut found);
    for name in names {
        named(&letters, name, &mut found);
    }
    in_bytes(&letters, found)
}

/// A text as letters, lower-cased one by one so that places stay the same.
struct Letters {
    /// As written.
    chars: Vec<char>,
    /// Lower-cased.
    lower: Vec<char>,
    /// Where each starts, in bytes; one more for the end.
    at: Vec<usize>,
}

impl Letters {
    fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let lower = chars.iter().map(|c| c.to_lowercase().next().unwrap_or(*c)).collect();
        let mut at: Vec<usize> = text.char_indices().map(|(byte, _)| byte).collect();
        at.push(text.len());
        Self { chars, lower, at }
    }

    /// The end of the run from `from` on whose letters all fit.
    fn run(&self, from: usize, fits: impl Fn(char) -> bool) -> usize {
        let n = self.chars[from..].iter().take_while(|c| fits(**c)).count();
        from + n
    }

    /// The start of the run that ends before `to`.
    fn run_back(&self, to: usize, fits: impl Fn(char) -> bool) -> usize {
        to - self.chars[..to].iter().rev().take_while(|c| fits(**c)).count()
    }

    /// Whether these lower-case words stand at a place, as words of their own where the script
    /// separates words.
    fn says(&self, at: usize, words: &str) -> Option<usize> {
        let end = at + words.chars().count();
        let is_here = self.lower.get(at..end)?.iter().copied().eq(words.chars());
        let joins = |place: Option<&char>| place.is_some_and(char::is_ascii_alphanumeric);
        let first_joins = words.starts_with(|c: char| c.is_ascii_alphanumeric())
            && at > 0
            && joins(self.chars.get(at - 1));
        let last_joins =
            words.ends_with(|c: char| c.is_ascii_alphanumeric()) && joins(self.chars.get(end));
        (is_here && !first_joins && !last_joins).then_some(end)
    }
}

type Found = Vec<(Range<usize>, Personal)>;

fn secrets(letters: &Letters, found: &mut Found) {
    for at in 0..letters.chars.len() {
        let after = labels::SECRETS.iter().find_map(|label| letters.says(at, label));
        let Some(after) = after else { continue };
        let from = letters.run(after, char::is_whitespace);
        let said = labels::SAID.iter().find_map(|word| letters.says(from, word));
        let Some(said) = said else { continue };
        let start = letters.run(said, |c| c.is_whitespace() || c == '"' || c == '\'');
        let end = letters.run(start, |c| !c.is_whitespace());
        if end > start {
            found.push((start..end, Personal::Secret));
        }
    }
}

/// What a link carries after `?` or `#`, and who signs in with it.
fn links(letters: &Letters, found: &mut Found) {
    for at in 0..letters.chars.len() {
        let schemes = ["https://", "http://", "www."];
        let Some(host) = schemes.iter().find_map(|scheme| {
            let end = at + scheme.len();
            let is_here = letters.lower.get(at..end)?.iter().copied().eq(scheme.chars());
            is_here.then_some(end)
        }) else {
            continue;
        };
        let in_link = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"' | ')');
        let end = letters.run(host, in_link);
        let query = letters.run(host, |c| in_link(c) && c != '?' && c != '#');
        if query + 1 < end {
            found.push((query..end, Personal::Address));
        }
        let authority = letters.run(host, |c| in_link(c) && !matches!(c, '/' | '?' | '#'));
        if let Some(n) = letters.chars[host..authority].iter().position(|c| *c == '@') {
            found.push((host..host + n, Personal::Secret));
        }
    }
}

/// `name@host.example`, and `@somebody`.
fn at_signs(letters: &Letters, found: &mut Found) {
    let in_local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let in_host = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    let in_handle = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    for (at, _) in letters.chars.iter().enumerate().filter(|(_, c)| **c == '@' || **c == '＠') {
        let start = letters.run_back(at, in_local);
        let mut end = letters.run(at + 1, in_host);
        while end > at + 1 && matches!(letters.chars[end - 1], '.' | '-') {
            end -= 1;
        }
        if start < at && end > at + 1 {
            found.push((start..end, Personal::Email));
            continue;
        }
        let is_apart = at == 0 || !letters.chars[at - 1].is_ascii_alphanumeric();
        let mut end = letters.run(at + 1, in_handle);
        while end > at + 1 && letters.chars[end - 1] == '.' {
            end -= 1;
        }
        if is_apart && end > at + 2 {
            found.push((at..end, Personal::Name));
        }
    }
}

fn network_addresses(letters: &Letters, found: &mut Found) {
    let belongs = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    let mut at = 0;
    while at < letters.chars.len() {
        let end = letters.run(at, belongs);
        if end == at {
            at += 1;
            continue;
        }
        let token: String = letters.chars[at..end].iter().collect();
        let token = token.trim_end_matches(['.', ':']);
        let is_apart = at == 0 || !letters.chars[at - 1].is_alphanumeric();
        if is_apart && token.len() > 6 && token.parse::<std::net::IpAddr>().is_ok() {
            found.push((at..at + token.len(), Personal::Address));
        } else if is_apart && is_hardware_address(token) {
            found.push((at..at + token.len(), Personal::Number));
        }
        at = end;
    }
}

/// Six pairs of hexadecimal digits.
fn is_hardware_address(token: &str) -> bool {
    let is_pair = |pair: &str| pair.len() == 2 && pair.chars().all(|c| c.is_ascii_hexdigit());
    token.split(':').count() == 6 && token.split(':').all(is_pair)
}

fn named(letters: &Letters, name: &str, found: &mut Found) {
    let name: String = name.trim().chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
    if name.chars().count() < 2 {
        return;
    }
    let places = (0..letters.chars.len()).filter_map(|at| Some((at, letters.says(at, &name)?)));
    found.extend(places.map(|(at, end)| (at..end, Personal::Name)));
}

/// In order and apart: of two that overlap, the one that starts first counts.
fn in_bytes(letters: &Letters, mut found: Found) -> Vec<Finding> {
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut apart: Vec<Finding> = Vec::with_capacity(found.len());
    for (range, what) in found {
        let bytes = letters.at[range.start]..letters.at[range.end];
        if apart.last().is_none_or(|(last, _)| last.end <= bytes.start) {
            apart.push((bytes, what));
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(mask(text), expected);
    }

    #[test]
    fn addresses_and_handles_are_masked() {
        check("write to ana.k+x@mail.example.gr.", "write to [e-mail].");
        check("联系我ana@mail.example谢谢", "联系我[e-mail]谢谢");
        check(
            "@mara_k said so, ask @bo.",
            "[name] said so, ask @bo.".replace("@bo", "[name]").as_str(),
        );
        check("5 @ 20 euro", "5 @ 20 euro");
        check(
            "see https://shop.example/orders?email=a&n=4 now",
            "see https://shop.example/orders[address] now",
        );
        check("at 192.168.17.4 and fe80::1ff:fe23:4567", "at [address] and [address]");
        check("its MAC is 00:1b:44:11:3a:b7", "its MAC is [number]");
    }

    #[test]
    fn telephone_numbers_are_masked_however_they_are_written() {
        for number in [
            "+30 210 123 4567",
            "+49 (0)170 1234567",
            "06.12.34.56.78",
            "(555) 123-4567",
            "555-1234",
            "0170/1234567",
            "٠١٢٣٤٥٦٧٨٩٠",
        ] {
            check(&format!("call {number} please"), "call [phone] please");
        }
    }

    #[test]
    fn numbers_that_name_one_thing_are_masked() {
        check("order 1234567", "order [number]");
        check("my order no. KST-20394 is late", "my order no. [number] is late");
        check("S/N: AB4471Z", "S/N: [number]");
        check("订单号：20394", "订单号：[number]");
        check("Bestellnummer 4821", "Bestellnummer [number]");
        check("αριθμός παραγγελίας 4821", "αριθμός παραγγελίας [number]");
        check("IBAN DE89370400440532013000", "IBAN [number]");
        check("card 4111 1111 1111 1111", "card [number]");
        check("password: hunter2", "password: [secret]");
        check("密码是abc 谢谢", "密码是[secret] 谢谢");
    }

    #[test]
    fn products_versions_dates_and_plain_amounts_stay() {
        for text in [
            "my WH-1000XM4 and WF-1000XM5 on firmware 10.0.19045.3448",
            "since 2026-11-26 10:23, or 26.11.2026, or 11/26/2026",
            "it shows error 4821 after 15 minutes at 44100 Hz",
            "how do I reset my password?",
            "in order to connect 2 phones to the Halo 3",
            "it was ordered in 2024",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn known_names_are_masked_as_words() {
        assert_eq!(mask_naming("I am Ana, not Anastasia", &["ana"]), "I am [name], not Anastasia");
        assert_eq!(mask_naming("我是王小明", &["王小明"]), "我是[name]");
    }

    #[test]
    fn what_was_found_lies_apart_and_in_order() {
        let text = "order 1234567, ana@mail.example, +30 210 123 4567; https://a.example?x=@bo";
        let found = find(text);
        assert_eq!(found.len(), 4);
        assert!(found.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start));
        assert!(find(&mask(text)).is_empty());
    }
}
