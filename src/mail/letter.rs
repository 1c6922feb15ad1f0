//! A letter as a mail server takes it: headers of plain ASCII, its words twice, in base64.
//! <https://www.rfc-editor.org/rfc/rfc5322>, <https://www.rfc-editor.org/rfc/rfc2045>

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// How many bytes of a subject one encoded word holds.
const WORD: usize = 42;
/// How many characters of base64 stand on one line.
const LINE: usize = 76;

/// What is written to the brand's people.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// Ours, of `[A-Za-z0-9_-]`; the same on every repeat.
    pub id: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// Its words, plain.
    pub text: &'a str,
    /// The same as a page.
    pub html: &'a str,
    /// When it was written.
    pub at: Timestamp,
}

impl Letter<'_> {
    /// All of it, from these addresses; no line begins with a dot.
    pub(super) fn composed(&self, from: &str, to: &[String]) -> String {
        let domain = from.rsplit('@').next().unwrap_or_default();
        let (id, edge) = (self.id, format!("part-{}", self.id));
        let mut mail = String::new();
        let _ = write!(
            mail,
            "From: <{from}>\r\nTo: {}\r\nSubject: {}\r\nDate: {}\r\nMessage-ID: <{id}@{domain}>\r\n\
             MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n\
             Content-Type: multipart/alternative; boundary=\"{edge}\"\r\n",
            to.iter().map(|one| format!("<{one}>")).collect::<Vec<_>>().join(", "),
            encoded(self.subject),
            self.at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        );
        for (kind, words) in [("plain", self.text), ("html", self.html)] {
            let _ = write!(
                mail,
                "\r\n--{edge}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n"
            );
            let words = STANDARD.encode(words);
            let mut rest = words.as_str();
            while !rest.is_empty() {
                let (line, left) = rest.split_at(rest.len().min(LINE));
                let _ = write!(mail, "{line}\r\n");
                rest = left;
            }
        }
        let _ = write!(mail, "\r\n--{edge}--\r\n");
        mail
    }
}

/// A header's text in encoded words, none of which cuts a character.
fn encoded(text: &str) -> String {
    let (mut words, mut word) = (Vec::new(), String::new());
    for c in text.chars() {
        if word.len() + c.len_utf8() > WORD {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let encode = |word: &String| format!("=?utf-8?B?{}?=", STANDARD.encode(word));
    words.iter().map(encode).collect::<Vec<_>>().join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_plain_ascii_whatever_it_says() {
        let at = Timestamp::from_second(1_764_000_000).unwrap();
        let subject =
            "Kestrane: τι ρώτησαν οι πελάτες, και κανείς δεν είχε απαντήσει, 2025-11\r\nBcc: x";
        let text = "Γεια.\n.\nτέλος\n".repeat(40);
        let letter =
            Letter { id: "gaps_2025-11", subject, text: &text, html: "<p>γεια</p>", at };
        let mail = letter.composed("desk@brand.example", &["a@x.example".to_owned()]);
        assert!(mail.is_ascii());
        assert!(mail.contains("Date: Mon, 24 Nov 2025 16:00:00 +0000\r\n"), "{mail}");
        assert!(mail.contains("Message-ID: <gaps_2025-11@brand.example>\r\n"));
        let lines: Vec<&str> = mail.split("\r\n").collect();
        let longest = lines.iter().map(|line| line.len()).max();
        assert!(longest.is_some_and(|n| n <= 78), "{longest:?}");
        assert!(lines.iter().all(|line| !line.starts_with('.') && !line.starts_with("Bcc")));
        let body =
            mail.split("base64\r\n\r\n").nth(1).and_then(|part| part.split("\r\n\r\n").next());
        let body = body.unwrap().replace("\r\n", "");
        assert_eq!(STANDARD.decode(body).unwrap(), text.as_bytes());
    }

    #[test]
    fn a_subject_is_read_as_it_was_written() {
        let subject = "é".repeat(70);
        let words = encoded(&subject);
        let read: Vec<u8> = words
            .split("\r\n ")
            .flat_map(|word| {
                assert!(word.len() <= 75, "{word}");
                STANDARD
                    .decode(word.trim_start_matches("=?utf-8?B?").trim_end_matches("?="))
                    .unwrap()
            })
            .collect();
        assert_eq!(String::from_utf8(read).unwrap(), subject);
    }
}
