//! Numbers that name a person or a thing: telephones, orders, serial numbers, cards.

use super::{Found, Letters, Personal, labels};

/// A bare number of this many digits names one thing.
const LONG: usize = 6;
/// So far from the word that announces it a short number is looked for, in letters.
const NEAR: usize = 24;

/// Finds them all.
pub(super) fn find(letters: &Letters, found: &mut Found) {
    announced(letters, found);
    tokens(letters, found);
    sequences(letters, found);
}

/// "order no. KST-20394": short, but said to be a number.
fn announced(letters: &Letters, found: &mut Found) {
    for at in 0..letters.chars.len() {
        let after = labels::NUMBERS.iter().filter_map(|label| letters.says(at, label)).max();
        let Some(after) = after else { continue };
        let end_of_search = (after + NEAR).min(letters.chars.len());
        let mut place = after;
        while place < end_of_search {
            let end = letters.run(place, in_token);
            if end > place {
                let n_digits = digits(&letters.chars[place..end]);
                if n_digits >= 3 && !is_year(&letters.chars[place..end]) {
                    found.push((place..end, Personal::Number));
                    break;
                }
                place = end;
            } else if matches!(letters.chars[place], '\n' | '!' | '?' | '。' | ';' | ',') {
                break;
            } else {
                place += 1;
            }
        }
    }
}

/// Letters and digits in one piece: a serial number, an account, a parcel.
fn tokens(letters: &Letters, found: &mut Found) {
    let mut at = 0;
    while at < letters.chars.len() {
        let end = letters.run(at, in_token);
        let token = &letters.chars[at..end];
        let is_mixed = token.iter().any(char::is_ascii_alphabetic);
        if is_mixed && digits(token) >= LONG {
            found.push((at..end, Personal::Number));
        }
        at = end.max(at + 1);
    }
}

/// Digits in groups, as telephones and cards are written.
fn sequences(letters: &Letters, found: &mut Found) {
    let mut at = 0;
    while at < letters.chars.len() {
        let is_start = letters.chars[at].is_numeric()
            && (at == 0 || !letters.chars[at - 1].is_ascii_alphabetic());
        if !is_start {
            at += 1;
            continue;
        }
        let groups = groups(letters, at);
        let skip = if is_date(letters, &groups) { 3 } else { 0 };
        if let Some(what) = judge(letters, &groups[skip..]) {
            let (mut start, end) = (groups[skip].0, groups[groups.len() - 1].1);
            start = letters.run_back(start, |c| c == '+' || c == '(');
            found.push((start..end, what));
        }
        at = groups.last().map_or(at + 1, |last| last.1);
    }
}

/// The groups of a sequence that starts at a digit: each `start..end`.
fn groups(letters: &Letters, start: usize) -> Vec<(usize, usize)> {
    let mut groups = Vec::new();
    let mut at = start;
    loop {
        let end = letters.run(at, char::is_numeric);
        groups.push((at, end));
        let next = letters.run(end, |c| matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}'));
        let is_joined = next > end
            && next - end <= 2
            && letters.chars.get(next).is_some_and(|c| c.is_numeric());
        if !is_joined {
            return groups;
        }
        at = next;
    }
}

fn judge(letters: &Letters, groups: &[(usize, usize)]) -> Option<Personal> {
    let (first, last) = (groups.first()?, groups.last()?);
    if letters.chars.get(last.1).is_some_and(char::is_ascii_alphabetic) {
        return None;
    }
    let sizes: Vec<usize> = groups.iter().map(|(start, end)| end - start).collect();
    let n: usize = sizes.iter().sum();
    let opened = first.0 > 0 && letters.chars[first.0 - 1] == '+';
    let starts_with_zero = letters.chars[first.0].to_digit(10) == Some(0)
        || matches!(letters.chars[first.0], '٠' | '۰' | '๐');
    let dotted = groups.windows(2).all(|pair| letters.chars[pair[0].1] == '.');
    match sizes.as_slice() {
        _ if opened && n >= 7 => Some(Personal::Phone),
        [n] if starts_with_zero && *n >= 9 => Some(Personal::Phone),
        [n] => (*n >= LONG).then_some(Personal::Number),
        [3, 4] if !dotted => Some(Personal::Phone),
        // Versions are dotted too, but not in pairs.
        _ if dotted => {
            let in_pairs = sizes.len() >= 4 && sizes.iter().all(|n| *n == 2);
            (in_pairs || sizes == [3, 3, 4]).then_some(Personal::Phone)
        }
        _ if n > 15 => Some(Personal::Number),
        _ => (n >= 9).then_some(Personal::Phone),
    }
}

/// `2026-11-26`, `26.11.2026`, `11/26/2026` at the start.
fn is_date(letters: &Letters, groups: &[(usize, usize)]) -> bool {
    let [a, b, c, ..] = groups else { return false };
    let size = |group: &(usize, usize)| group.1 - group.0;
    let joined_by = |end: usize, start: usize| (start - end == 1).then(|| letters.chars[end]);
    let same = joined_by(a.1, b.0).is_some_and(|c| "-./".contains(c))
        && joined_by(a.1, b.0) == joined_by(b.1, c.0);
    let shape = (size(a), size(b), size(c));
    same && matches!(shape, (4, 1..=2, 1..=2) | (1..=2, 1..=2, 4))
}

fn is_year(token: &[char]) -> bool {
    token.len() == 4 && (token.starts_with(&['1', '9']) || token.starts_with(&['2', '0']))
}

fn in_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_' || (c.is_numeric() && !c.is_ascii())
}

fn digits(token: &[char]) -> usize {
    token.iter().filter(|c| c.is_numeric()).count()
}
