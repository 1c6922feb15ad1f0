//! Texts cut into runs of letters and runs of digits, with what stands between them: `KH-200`,
//! `KH200` and `kh 200` are the same two runs.

use unicode_normalization::UnicodeNormalization;

/// Characters of a text that are read.
const READ_CHARS: usize = 20_000;

/// What stands between a run and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    Nothing,
    Dot,
    Dash,
    Space,
    Break,
}

impl Gap {
    /// What both together are: several spaces are one, any other mixture ends a name.
    fn and(self, next: Self) -> Self {
        match (self, next) {
            (Self::Nothing, one) | (one, Self::Nothing) => one,
            (one, next) if one == next => one,
            _ => Self::Break,
        }
    }
}

/// What a run is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Digits,
    Latin,
    Other,
    /// One character of a script that writes without spaces.
    Unspaced,
}

/// A run of letters or of digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// In lower case.
    pub(super) text: String,
    pub(super) kind: Kind,
    /// What stands before it.
    pub(super) gap: Gap,
    /// Whether it has a capital.
    pub(super) has_capital: bool,
}

impl Token {
    /// Whether a name may end before this run: `Halo 3` does in `Halo 3's` and not in `Halo 3x`.
    pub(super) fn begins_anew(&self) -> bool {
        self.gap != Gap::Nothing
            || self.text == "s"
            || matches!(self.kind, Kind::Other | Kind::Unspaced)
    }
}

/// Cuts `text` into runs.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let read = text.chars().take(READ_CHARS);
    // ASCII is in its normal form already, which is dear to find out letter by letter.
    if text.is_ascii() { cut(read) } else { cut(read.nfkc()) }
}

fn cut(text: impl Iterator<Item = char>) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut gap = Gap::Break;
    for c in text {
        let Some(kind) = kind_of(c) else {
            gap = gap.and(gap_of(c));
            continue;
        };
        let goes_on = gap == Gap::Nothing && kind != Kind::Unspaced;
        match tokens.last_mut().filter(|last| goes_on && last.kind == kind) {
            Some(last) => {
                last.text.extend(folded(c));
                last.has_capital |= c.is_uppercase();
            }
            None => tokens.push(Token {
                text: folded(c).collect(),
                kind,
                gap,
                has_capital: c.is_uppercase(),
            }),
        }
        gap = Gap::Nothing;
    }
    tokens
}

fn kind_of(c: char) -> Option<Kind> {
    match c {
        '0'..='9' | '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}' | '\u{e50}'..='\u{e59}' => {
            Some(Kind::Digits)
        }
        '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{9fff}' => Some(Kind::Unspaced),
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => Some(Kind::Latin),
        c if c.is_alphabetic() => Some(Kind::Other),
        _ => None,
    }
}

fn gap_of(c: char) -> Gap {
    match c {
        '.' => Gap::Dot,
        '-' | '_' | '‐' | '‑' | '–' => Gap::Dash,
        ' ' | '\u{a0}' | '\u{202f}' | '\t' => Gap::Space,
        // Joiners and direction marks are not seen.
        '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{640}' => Gap::Nothing,
        _ => Gap::Break,
    }
}

/// In lower case, digits of every script as 0–9.
fn folded(c: char) -> impl Iterator<Item = char> {
    let zero = match c {
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        '\u{e50}'..='\u{e59}' => 0xe50,
        _ => return c.to_lowercase(),
    };
    let digit = u32::from('0') + (u32::from(c) - zero);
    char::from_u32(digit).unwrap_or(c).to_lowercase()
}
