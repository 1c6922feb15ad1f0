//! Answers' light Markdown as values that a template escapes piece by piece.

/// A piece of an answer, one below the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// Lines of words.
    Paragraph(Vec<Vec<Inline>>),
    /// Points, or numbered steps from a first number.
    List { first: Option<u32>, items: Vec<Vec<Inline>> },
    /// Code as it is.
    Code(String),
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Inline {
    /// Words.
    Words(String),
    /// A few words of code.
    Code(String),
    /// An address of the web.
    Link(String),
}

/// Reads paragraphs, `- ` and `1. ` lists, fenced and inline code and bare links.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (n, piece) in text.split("```").enumerate() {
        if n % 2 == 1 {
            let code = piece.split_once('\n').map_or(piece, |(_, code)| code);
            blocks.push(Block::Code(code.trim_end_matches('\n').to_owned()));
            continue;
        }
        let mut ends_paragraph = true;
        for line in piece.lines() {
            if line.trim().is_empty() {
                ends_paragraph = true;
            } else {
                add_line(&mut blocks, line, ends_paragraph);
                ends_paragraph = false;
            }
        }
    }
    blocks
}

fn add_line(blocks: &mut Vec<Block>, line: &str, is_new: bool) {
    let Some((number, rest)) = item(line) else {
        let inlines = inlines(line.trim());
        match blocks.last_mut() {
            Some(Block::Paragraph(lines)) if !is_new => lines.push(inlines),
            _ => blocks.push(Block::Paragraph(vec![inlines])),
        }
        return;
    };
    let item = inlines(rest);
    match blocks.last_mut() {
        Some(Block::List { first, items }) if first.is_some() == number.is_some() => {
            items.push(item);
        }
        _ => blocks.push(Block::List { first: number, items: vec![item] }),
    }
}

/// A list item's number, if it has one, and its words.
fn item(line: &str) -> Option<(Option<u32>, &str)> {
    let line = line.trim_start();
    if let Some(rest) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((None, rest.trim_start()));
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = line.split_at(digits);
    let rest = rest.strip_prefix(". ").or_else(|| rest.strip_prefix(") "))?;
    number.parse().ok().map(|number| (Some(number), rest.trim_start()))
}

fn inlines(line: &str) -> Vec<Inline> {
    let mut made = Vec::new();
    let pieces: Vec<&str> = line.split('`').collect();
    // An odd backtick is no code, just a backtick.
    if pieces.len().is_multiple_of(2) {
        link_words(line, &mut made);
        return made;
    }
    for (n, piece) in pieces.into_iter().enumerate() {
        match n % 2 {
            1 if !piece.is_empty() => made.push(Inline::Code(piece.to_owned())),
            1 => {}
            _ => link_words(piece, &mut made),
        }
    }
    made
}

fn link_words(mut words: &str, made: &mut Vec<Inline>) {
    while let Some(at) = ["https://", "http://"].iter().filter_map(|s| words.find(s)).min() {
        let (before, rest) = words.split_at(at);
        let end =
            rest.find(|c: char| c.is_whitespace() || "<>\"'`".contains(c)).unwrap_or(rest.len());
        let link = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']']);
        if !before.is_empty() {
            made.push(Inline::Words(before.to_owned()));
        }
        made.push(Inline::Link(link.to_owned()));
        words = &rest[link.len()..];
    }
    if !words.is_empty() {
        made.push(Inline::Words(words.to_owned()));
    }
}

/// The beginning of a text in one line, at most `n_chars` long, cut between words.
pub(super) fn excerpt(text: &str, n_chars: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = words.char_indices().nth(n_chars) else {
        return words;
    };
    let cut = &words[..end];
    // Languages without spaces are cut where the room ends.
    let cut = cut.rsplit_once(' ').map_or(cut, |(kept, _)| kept);
    format!("{cut} …")
}

/// The address if it is one of the web; anything else is no link.
pub(super) fn web_link(address: Option<&String>) -> Option<&str> {
    let address = address?.as_str();
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    is_web.then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_markdown_becomes_blocks() {
        let words = |text: &str| Inline::Words(text.to_owned());
        let text =
            "Do:\n1. Hold `power`\n2. Wait\n\nSee https://a.example/x. Or\n```sh\nls <b>\n```";
        let expected = [
            Block::Paragraph(vec![vec![words("Do:")]]),
            Block::List {
                first: Some(1),
                items: vec![
                    vec![words("Hold "), Inline::Code("power".to_owned())],
                    vec![words("Wait")],
                ],
            },
            Block::Paragraph(vec![vec![
                words("See "),
                Inline::Link("https://a.example/x".to_owned()),
                words(". Or"),
            ]]),
            Block::Code("ls <b>".to_owned()),
        ];
        assert_eq!(blocks(text), expected);
    }

    #[test]
    fn an_excerpt_is_cut_between_words() {
        assert_eq!(excerpt("one  two\nthree", 50), "one two three");
        assert_eq!(excerpt("one two three", 9), "one two …");
        assert_eq!(excerpt("重置耳机的方法", 3), "重置耳 …");
    }

    #[test]
    fn only_the_web_is_linked() {
        assert_eq!(web_link(Some(&"javascript:alert(1)".to_owned())), None);
        assert_eq!(web_link(Some(&"https://a.example".to_owned())), Some("https://a.example"));
    }
}
