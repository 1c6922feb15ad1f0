//! Versions and model codes, compared.

use std::fmt;

use super::tokens::{Gap, Kind, Token};

/// A version's numbers, first one first; never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(Vec<u32>);

/// How many of a version's numbers tell one from another: 115.6.1 mends 115.6.0.
const TELLING: usize = 2;

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let numbers: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        numbers.ok().filter(|numbers| !numbers.is_empty()).map(Self)
    }

    /// The version that begins at `at`, and how many runs it takes.
    pub(super) fn at(text: &[Token], at: usize) -> Option<(Self, usize)> {
        let number = |run: &Token| {
            let is_short = run.kind == Kind::Digits && run.text.len() <= 5;
            is_short.then(|| run.text.parse::<u32>().ok()).flatten()
        };
        let mut numbers = vec![number(text.get(at)?)?];
        let after = text[at + 1..].iter().take_while(|run| run.gap == Gap::Dot);
        numbers.extend(after.map_while(number));
        let n_runs = numbers.len();
        Some((Self(numbers), n_runs))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether both may be the same: what one leaves open, the other may say.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).take(TELLING).all(|(one, other)| one == other)
    }

    /// Whether the numbers read as a day: 24.12.2025, 1.1.26.
    pub(super) fn is_date(&self) -> bool {
        let [first, second, third] = self.0[..] else { return false };
        let is_year = |n: u32| (1900..2200).contains(&n);
        (is_year(third) || is_year(first)) && second <= 31
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))
    }
}

/// A model code such as WH-1000XM4: its runs joined, and where its last number begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Code {
    before: String,
    number: String,
    after: String,
}

/// Runs of letters in a code have at most so many letters, or it is a word with a number.
const LETTERS: usize = 4;
/// A code has at most so many runs; more are an identifier of a machine.
const RUNS: usize = 6;
/// From so many characters on, two codes that differ in one of them are siblings.
const LONG: usize = 6;

/// Beginnings of codes that name no product: formats, protocols, systems.
const COMMON: [&str; 36] = [
    "mp", "usb", "utf", "ipv", "ip", "wpa", "sha", "md", "pop", "imap", "win", "hdmi", "tls",
    "ssl", "http", "rfc", "iso", "x", "h", "bt", "wep", "aes", "rsa", "en", "din", "ieee", "os",
    "ps", "gb", "mb", "kb", "id", "nr", "no", "v", "q",
];

impl Code {
    /// The code that begins at `at`, and how many runs it takes.
    pub(super) fn at(text: &[Token], at: usize) -> Option<(Self, usize)> {
        let is_part = |run: &Token| match run.kind {
            Kind::Digits => run.text.len() <= 5,
            Kind::Latin => run.text.len() <= LETTERS && run.text.is_ascii(),
            _ => false,
        };
        let joined = |run: &&Token| matches!(run.gap, Gap::Nothing | Gap::Dash) && is_part(run);
        let first = text.get(at).filter(|run| run.kind == Kind::Latin && is_part(run))?;
        let n_runs = 1 + text[at + 1..].iter().take_while(joined).count();
        let runs = &text[at..at + n_runs];
        let ends = text.get(at + n_runs).is_none_or(Token::begins_anew);
        let last = runs.iter().rposition(|run| run.kind == Kind::Digits)?;
        let n_letters: usize =
            runs.iter().filter(|run| run.kind == Kind::Latin).map(|run| run.text.len()).sum();
        let is_usual = COMMON.contains(&first.text.as_str()) || n_letters < 2 || n_runs > RUNS;
        // `xm4` and `KH-200` are codes, `top-10` and `step1` are words with a number.
        let is_plain = n_runs == 2 && !runs[0].has_capital;
        let is_word = is_plain && (runs[1].gap == Gap::Dash || runs[0].text.len() >= LETTERS);
        if !ends || is_usual || is_word {
            return None;
        }
        let joined = |runs: &[Token]| runs.iter().map(|run| run.text.as_str()).collect::<String>();
        let code = Self {
            before: joined(&runs[..last]),
            number: runs[last].text.clone(),
            after: joined(&runs[last + 1..]),
        };
        Some((code, n_runs))
    }

    pub(super) fn from_written(text: &str) -> Option<Self> {
        let mut parts = text.split('|').map(str::to_owned);
        Some(Self { before: parts.next()?, number: parts.next()?, after: parts.next()? })
    }

    /// Whether both name the same thing: XM4 is the end of WH-1000XM4.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.whole().ends_with(&other.whole()) || other.whole().ends_with(&self.whole())
    }

    /// Whether they differ as two models of one maker do: XM4 and XM5, WH-1000XM4 and WF-1000XM4.
    pub(super) fn is_sibling(&self, other: &Self) -> bool {
        let same_end = self.before.ends_with(&other.before) || other.before.ends_with(&self.before);
        if same_end && self.after == other.after && self.number != other.number {
            return true;
        }
        let (one, other) = (self.whole(), other.whole());
        let n_different = one.chars().zip(other.chars()).filter(|(a, b)| a != b).count();
        one.len() == other.len() && one.len() >= LONG && n_different == 1
    }

    fn whole(&self) -> String {
        format!("{}{}{}", self.before, self.number, self.after)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}|{}", self.before, self.number, self.after)
    }
}
