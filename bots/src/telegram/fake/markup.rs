//! Reads Telegram's HTML the way Telegram does, with its exact complaints.
//! <https://core.telegram.org/bots/api#html-style>

/// The tags Telegram knows.
const TAGS: [&str; 16] = [
    "a",
    "b",
    "blockquote",
    "code",
    "del",
    "em",
    "i",
    "ins",
    "pre",
    "s",
    "span",
    "strike",
    "strong",
    "tg-emoji",
    "tg-spoiler",
    "u",
];

/// The visible text, or the description of the 400.
pub(super) fn visible_text(html: &str) -> Result<String, String> {
    read(html).map_err(|problem| format!("Bad Request: can't parse entities: {problem}"))
}

fn read(html: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut open: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(c) = html[at..].chars().next() {
        match c {
            '&' => {
                let (decoded, width) = entity(&html[at..]).unwrap_or(('&', 1));
                text.push(decoded);
                at += width;
            }
            '<' => {
                let rest = &html[at + 1..];
                let end = rest
                    .find('>')
                    .ok_or_else(|| format!("Unclosed start tag at byte offset {at}"))?;
                tag(&rest[..end], at, &mut open)?;
                at += end + 2;
            }
            _ => {
                text.push(c);
                at += c.len_utf8();
            }
        }
    }
    match open.pop() {
        Some(name) => Err(format!("Can't find end tag corresponding to start tag \"{name}\"")),
        None => Ok(text),
    }
}

fn tag(inner: &str, at: usize, open: &mut Vec<String>) -> Result<(), String> {
    if let Some(name) = inner.strip_prefix('/') {
        let name = name.trim().to_lowercase();
        return match open.pop() {
            None => Err(format!("Unexpected end tag at byte offset {at}")),
            Some(expected) if expected == name => Ok(()),
            Some(expected) => Err(format!(
                "Unmatched end tag at byte offset {at}, expected \"</{expected}>\", found \"</{name}>\""
            )),
        };
    }
    let name = inner.split(char::is_whitespace).next().unwrap_or_default().to_lowercase();
    if !TAGS.contains(&name.as_str()) {
        return Err(format!("Unsupported start tag \"{name}\" at byte offset {at}"));
    }
    open.push(name);
    Ok(())
}

/// Only four names and numbers are decoded; everything else stays as written.
fn entity(from: &str) -> Option<(char, usize)> {
    let end = from.find(';').filter(|end| *end <= 10)?;
    let name = &from[1..end];
    let c = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: &str) {
        let read = read(html).unwrap_or_else(|problem| format!("! {problem}"));
        assert_eq!(read, expected);
    }

    #[test]
    fn telegrams_own_complaints() {
        check("<b>1 &lt; 2</b> &amp; &nbsp; &#x41;", "1 < 2 & &nbsp; A");
        check("a <p>b", "! Unsupported start tag \"p\" at byte offset 2");
        check("a < b", "! Unclosed start tag at byte offset 2");
        check("<b>a", "! Can't find end tag corresponding to start tag \"b\"");
        check("a</b>", "! Unexpected end tag at byte offset 1");
        check(
            "<b>a</i>",
            "! Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"",
        );
    }
}
