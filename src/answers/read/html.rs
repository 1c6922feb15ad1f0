//! Forum HTML to readable light Markdown, for people and for search.
//!
//! Kept: paragraphs, lists (`- `, `1. `), code (inline and fenced), quotes (`> `), links as
//! `text (address)`. Dropped: emphasis, scripts, styles, pictures without a description.
//! Lines are never wrapped. Works on the token stream, so nothing grows with nesting.

mod layout;

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use self::layout::Layout;

/// Reads HTML, well-formed or not, as text.
pub fn html_to_text(html: &str) -> String {
    let sink = Sink(RefCell::new(Writer::default()));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.0.into_inner().layout.into_text()
}

/// Whether `text` is HTML rather than plain text that mentions a `<` or a `<key>`.
///
/// True with a known closing tag, or one of the tags that stand alone.
pub fn looks_like_html(text: &str) -> bool {
    const CLOSED: [&str; 24] = [
        "a",
        "b",
        "blockquote",
        "code",
        "dd",
        "div",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "i",
        "kbd",
        "li",
        "ol",
        "p",
        "pre",
        "span",
        "strong",
        "table",
        "u",
        "ul",
    ];
    const ALONE: [&str; 3] = ["br", "hr", "p"];
    text.match_indices('<').any(|(at, _)| {
        let rest = &text[at + 1..];
        let (names, rest): (&[&str], _) =
            rest.strip_prefix('/').map_or((&ALONE, rest), |rest| (&CLOSED, rest));
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        names.contains(&name.as_str()) && rest[end..].trim_start().starts_with(['>', '/'])
    })
}

struct Sink(RefCell<Writer>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut writer = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => writer.text(&text),
            Token::NullCharacterToken => writer.text("\u{fffd}"),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let is_raw = matches!(&*tag.name, "script" | "style" | "iframe" | "noframes");
                writer.start(&tag);
                if is_raw {
                    return TokenSinkResult::RawData(RawKind::Rawtext);
                }
            }
            Token::TagToken(tag) => writer.end(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

#[derive(Default)]
struct Writer {
    layout: Layout,
    /// The element whose content is dropped until it closes.
    dropped: Option<String>,
    link: Option<Link>,
}

struct Link {
    address: String,
    text: String,
}

impl Writer {
    fn text(&mut self, text: &str) {
        if self.dropped.is_some() {
            return;
        }
        if let Some(link) = &mut self.link {
            link.text.push_str(text);
        } else {
            self.layout.text(text);
        }
    }

    fn start(&mut self, tag: &Tag) {
        if self.dropped.is_some() {
            return;
        }
        match &*tag.name {
            name @ ("script" | "style" | "iframe" | "noframes" | "template" | "title") => {
                self.dropped = Some(name.to_owned());
            }
            "a" => {
                self.close_link();
                self.link =
                    attribute(tag, "href").map(|address| Link { address, text: String::new() });
            }
            "img" => {
                if let Some(described) = attribute(tag, "alt") {
                    self.text(&described);
                }
            }
            "br" if self.link.is_some() => self.text(" "),
            "code" | "kbd" | "samp" | "tt" if self.link.is_some() => {}
            name => {
                if is_block(name) {
                    self.close_link();
                }
                let first = attribute(tag, "start").and_then(|number| number.parse().ok());
                self.layout.start(name, first.unwrap_or(1));
            }
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(dropped) = &self.dropped {
            if dropped == name {
                self.dropped = None;
            }
            return;
        }
        match name {
            "a" => self.close_link(),
            "code" | "kbd" | "samp" | "tt" if self.link.is_some() => {}
            _ => {
                if is_block(name) {
                    self.close_link();
                }
                self.layout.end(name);
            }
        }
    }

    fn close_link(&mut self) {
        let Some(Link { address, text }) = self.link.take() else { return };
        let shown = text.trim();
        let is_web = address.starts_with("https://") || address.starts_with("http://");
        if !is_web || address == shown {
            self.layout.text(&text);
        } else if shown.is_empty() || is_shortened(shown, &address) {
            self.layout.text(&address);
        } else {
            self.layout.text(text.trim_end());
            self.layout.text(&format!(" ({address})"));
        }
        if text.ends_with(char::is_whitespace) {
            self.layout.text(" ");
        }
    }
}

/// Whether the text of a link is its address as forums abbreviate it.
fn is_shortened(shown: &str, address: &str) -> bool {
    let bare = |text: &str| {
        let text = text.trim_start_matches("https://").trim_start_matches("http://");
        text.trim_start_matches("www.").trim_end_matches('/').to_owned()
    };
    let (shown, address) = (bare(shown), bare(address));
    let kept = shown.trim_end_matches('…').trim_end_matches("...");
    shown == address || (kept.len() < shown.len() && kept.len() > 3 && address.starts_with(kept))
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "ul"
            | "ol"
            | "li"
            | "pre"
            | "blockquote"
            | "table"
            | "tr"
            | "hr"
            | "dl"
            | "dd"
    )
}

fn attribute(tag: &Tag, name: &str) -> Option<String> {
    let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name)?;
    let value = found.value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{html_to_text, looks_like_html};

    #[track_caller]
    fn check(html: &str, expected: &str) {
        assert_eq!(html_to_text(html), expected, "{html}");
    }

    #[test]
    fn paragraphs_and_breaks_become_lines() {
        check("<p>One\n two </p><p>Three<br>four</p>", "One two\n\nThree\nfour");
        check("<p></p><p> </p><div>x</div>", "x");
        check("a<hr>b", "a\n\n---\n\nb");
    }

    #[test]
    fn lists_keep_their_marks_and_nesting() {
        check("<p>Do:</p><ol><li>Open</li><li>Close</li></ol>", "Do:\n\n1. Open\n2. Close");
        check("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>d", "- a\n  - b\n- c\n\nd");
        check("<ol start=3><li><p>x</p><p>y</p></li></ol>", "3. x\n\n   y");
        check("<ul><li>open<li>never closed", "- open\n- never closed");
    }

    #[test]
    fn code_is_kept_letter_by_letter() {
        check("Run <code>a  b</code>.", "Run `a  b`.");
        check("<pre><code>if a {\n    b\n}\n</code></pre>x", "```\nif a {\n    b\n}\n```\n\nx");
        check("<ul><li>see<pre>a\nb</pre></li></ul>", "- see\n\n  ```\n  a\n  b\n  ```");
    }

    #[test]
    fn links_show_where_they_lead() {
        check(
            "<a href='https://x.example/a'>the page</a>, ok",
            "the page (https://x.example/a), ok",
        );
        check("<a href='https://x.example/a'>https://x.example/a</a>", "https://x.example/a");
        check("<a href='https://x.example/abcdef'>x.example/abc…</a>", "https://x.example/abcdef");
        check("<a href='javascript:alert(1)'>press</a>", "press");
        check("<a href='https://x.example/'><img src=y></a>", "https://x.example/");
    }

    #[test]
    fn quotes_are_marked_on_every_line() {
        check("<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc");
        check("a<blockquote>b</blockquote><blockquote>c</blockquote>", "a\n\n> b\n\n> c");
    }

    #[test]
    fn entities_are_read_and_scripts_dropped() {
        check("Tools&nbsp;&gt; <b>A&amp;B</b> &#x2192; &lt;br&gt;", "Tools > A&B → <br>");
        check("a<script>if (a<b) '</p>'</script><style>p{}</style>b", "ab");
        check("a <!-- no --> b", "a b");
    }

    #[test]
    fn deep_nesting_costs_no_more_than_its_text() {
        let html =
            ["<blockquote>".repeat(50_000), "x".to_owned(), "<ul><li>y".repeat(50_000)].concat();
        assert!(html_to_text(&html).len() < 100 * 50_000);
    }

    #[test]
    fn plain_text_is_told_from_html() {
        for html in ["<p>a", "a<br>b", "<b>x</b>", "a <a href='x'>b</a>", "a<BR/>"] {
            assert!(looks_like_html(html), "{html}");
        }
        for plain in ["a < b > c", "set <your name> here", "5 <br", "List<a> x", "&amp; </Server>"]
        {
            assert!(!looks_like_html(plain), "{plain}");
        }
    }
}
