//! What is said to a mail server, and what it says. <https://www.rfc-editor.org/rfc/rfc5321>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use super::{Letter, MailError};
use crate::config::MailConfig;

/// The longest line and the most lines of one answer.
const LONGEST_LINE: u64 = 2_000;
const MOST_LINES: usize = 100;

/// A line to a server that has greeted and been greeted.
pub(super) struct Dialogue<S> {
    line: BufReader<S>,
    /// What the server said it can.
    offers: String,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    /// Hears the greeting and answers it.
    pub(super) async fn begin(line: S, name: &str) -> Result<Self, MailError> {
        let mut dialogue = Self { line: BufReader::new(line), offers: String::new() };
        dialogue.hears("220").await?;
        dialogue.greets(name).await
    }

    /// Goes on where the line has been made safe.
    pub(super) async fn go_on(line: S, name: &str) -> Result<Self, MailError> {
        let dialogue = Self { line: BufReader::new(line), offers: String::new() };
        dialogue.greets(name).await
    }

    async fn greets(mut self, name: &str) -> Result<Self, MailError> {
        self.offers = self.says(&format!("EHLO {name}"), "250").await?.to_uppercase();
        Ok(self)
    }

    /// Asks for a safe line; what the server said before it is safe does not count.
    pub(super) async fn wants_tls(mut self) -> Result<S, MailError> {
        if !self.offers.lines().any(|offer| offer.trim() == "STARTTLS") {
            return Err(MailError::Unsafe("it offers no STARTTLS".to_owned()));
        }
        self.says("STARTTLS", "220").await?;
        if !self.line.buffer().is_empty() {
            return Err(MailError::Unsafe("it went on without it".to_owned()));
        }
        Ok(self.line.into_inner())
    }

    /// Hands one letter over.
    pub(super) async fn hand_over(
        &mut self,
        config: &MailConfig,
        letter: &Letter<'_>,
    ) -> Result<(), MailError> {
        if let Some((name, password)) = &config.login {
            let word = STANDARD.encode(format!("\0{name}\0{}", password.expose_secret()));
            self.says(&format!("AUTH PLAIN {word}"), "235").await?;
        }
        self.says(&format!("MAIL FROM:<{}>", config.from), "250").await?;
        for one in &config.to {
            self.says(&format!("RCPT TO:<{one}>"), "25").await?;
        }
        self.says("DATA", "354").await?;
        let mail = letter.composed(&config.from, &config.to);
        self.says(&format!("{mail}."), "250").await?;
        // It has the letter; whether it hears our goodbye is nothing to us.
        let _ = self.says("QUIT", "221").await;
        Ok(())
    }

    /// Says a line and hears the answer, which begins so.
    async fn says(&mut self, words: &str, wanted: &str) -> Result<String, MailError> {
        self.line.write_all(format!("{words}\r\n").as_bytes()).await?;
        self.line.flush().await?;
        self.hears(wanted).await
    }

    /// Hears an answer of one or several lines, without their numbers.
    async fn hears(&mut self, wanted: &str) -> Result<String, MailError> {
        let mut said = String::new();
        for _ in 0..MOST_LINES {
            let mut line = String::new();
            let n = (&mut self.line).take(LONGEST_LINE).read_line(&mut line).await?;
            if n == 0 {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
            let (number, words) =
                line.trim_end().split_at_checked(3).ok_or(MailError::Unreadable)?;
            if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(MailError::Unreadable);
            }
            said.push_str(words.get(1..).unwrap_or_default());
            if words.starts_with('-') {
                said.push('\n');
                continue;
            }
            if number.starts_with(wanted) {
                return Ok(said);
            }
            return Err(MailError::Refused(format!("{number} {said}")));
        }
        Err(MailError::Unreadable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of asking for a safe line where the server says this.
    async fn asks_for_tls(server: &str) -> Result<(), String> {
        let (ours, mut theirs) = tokio::io::duplex(10_000);
        theirs.write_all(server.as_bytes()).await.unwrap();
        let dialogue = Dialogue::begin(ours, "brand.example").await;
        let dialogue = dialogue.map_err(|error| error.to_string())?;
        dialogue.wants_tls().await.map(|_| ()).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn nothing_is_said_on_a_line_that_cannot_be_made_safe() {
        let offers =
            "220 hello\r\n250-mail.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n220 go on\r\n";
        assert_eq!(asks_for_tls(offers).await, Ok(()));
        let hides = "220 hello\r\n250-mail.example\r\n250 AUTH PLAIN\r\n";
        assert!(asks_for_tls(hides).await.unwrap_err().contains("no STARTTLS"));
        let slips_in = format!("{offers}250 all is well\r\n");
        assert!(asks_for_tls(&slips_in).await.unwrap_err().contains("went on without"));
        let busy = "421-too many\r\n421 come back\r\n";
        assert_eq!(
            asks_for_tls(busy).await.unwrap_err(),
            "the mail server said 421 too many\ncome back"
        );
        assert!(asks_for_tls("HTTP/1.1 400\r\n").await.unwrap_err().contains("no sense"));
    }
}
