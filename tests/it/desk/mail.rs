//! A mail server of our own for tests: a line to speak on, a little state, the real one's order of
//! things, and faults on demand.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Name and password that are accepted, as `AUTH PLAIN` writes them: `\0desk\0s3cret`.
const LOGIN: &str = "AGRlc2sAczNjcmV0";

/// What goes wrong with the next letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MailFault {
    /// Nothing can be taken now.
    Busy,
    /// The line breaks before the letter was taken.
    Cut,
}

/// A running mail server.
pub(crate) struct FakeMail {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    letters: Vec<FakeLetter>,
    fault: Option<MailFault>,
    n_lines: usize,
}

/// A letter that was taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct FakeLetter {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) mail: String,
}

impl FakeLetter {
    /// What its parts say.
    pub(crate) fn parts(&self) -> Vec<String> {
        let parts = self.mail.split("base64\r\n\r\n").skip(1);
        let parts = parts.map(|part| part.split("\r\n--").next().unwrap().replace("\r\n", ""));
        let words = |part| String::from_utf8(STANDARD.decode(part).unwrap()).unwrap();
        parts.map(|part| words(part).replace("\r\n", "\n")).collect()
    }
}

impl FakeMail {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let ours = seen.clone();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                ours.lock().unwrap().n_lines += 1;
                let _ = talk(line, &ours).await;
            }
        });
        Self { port, seen }
    }

    /// What `SUPERFAN_MAIL_URL` would be.
    pub(crate) fn url(&self, password: &str) -> String {
        format!("smtp://desk:{password}@127.0.0.1:{}", self.port)
    }

    /// The letters that were taken, oldest first.
    pub(crate) fn letters(&self) -> Vec<FakeLetter> {
        self.seen.lock().unwrap().letters.clone()
    }

    /// Subjects and plain words of the letters that were taken, oldest first.
    pub(crate) fn notes(&self) -> Vec<(String, String)> {
        let note = |letter: FakeLetter| {
            let subject = letter.mail.lines().find_map(|line| line.strip_prefix("Subject: "));
            (subject.unwrap_or_default().to_owned(), letter.parts().swap_remove(0))
        };
        self.letters().into_iter().map(note).collect()
    }

    /// How often somebody called.
    pub(crate) fn n_calls(&self) -> usize {
        self.seen.lock().unwrap().n_lines
    }

    /// The next letter fares so.
    pub(crate) fn fail_next(&self, fault: MailFault) {
        self.seen.lock().unwrap().fault = Some(fault);
    }
}

async fn talk(line: TcpStream, seen: &Mutex<Seen>) -> std::io::Result<()> {
    let mut line = BufReader::new(line);
    line.write_all(b"220 mail.example\r\n").await?;
    let (mut is_in, mut letter) = (false, FakeLetter::default());
    loop {
        let mut said = String::new();
        if line.read_line(&mut said).await? == 0 {
            return Ok(());
        }
        let said = said.trim_end();
        let inside = |start: &str| {
            said.strip_prefix(start).and_then(|rest| rest.strip_suffix('>')).map(str::to_owned)
        };
        let answer = if said.starts_with("EHLO ") {
            "250-mail.example\r\n250-SIZE 1000000\r\n250 AUTH PLAIN"
        } else if let Some(word) = said.strip_prefix("AUTH PLAIN ") {
            is_in = word == LOGIN;
            if is_in { "235 welcome" } else { "535 5.7.8 wrong name or password" }
        } else if said == "QUIT" {
            line.write_all(b"221 bye\r\n").await?;
            return Ok(());
        } else if said == "NOOP" {
            "250 still here"
        } else if !is_in {
            "530 5.7.0 who are you?"
        } else if let Some(from) = inside("MAIL FROM:<") {
            letter = FakeLetter { from, ..FakeLetter::default() };
            "250 ok"
        } else if let Some(to) = inside("RCPT TO:<").filter(|_| !letter.from.is_empty()) {
            if to.ends_with("@brand.example") {
                letter.to.push(to);
                "250 ok"
            } else {
                "550 5.1.1 nobody of that name"
            }
        } else if said == "DATA" && !letter.to.is_empty() {
            let fault = seen.lock().unwrap().fault.take();
            line.write_all(b"354 go on\r\n").await?;
            letter.mail = until_dot(&mut line).await?;
            match fault {
                Some(MailFault::Cut) => return Ok(()),
                Some(MailFault::Busy) => "451 4.3.0 try again later",
                None => {
                    seen.lock().unwrap().letters.push(std::mem::take(&mut letter));
                    "250 taken"
                }
            }
        } else {
            "503 5.5.1 not in this order"
        };
        line.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

async fn until_dot(line: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut mail = String::new();
    loop {
        let start = mail.len();
        if line.read_line(&mut mail).await? == 0 || &mail[start..] == ".\r\n" {
            mail.truncate(start);
            return Ok(mail);
        }
    }
}
