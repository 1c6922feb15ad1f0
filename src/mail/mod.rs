//! Mail to the brand's own people: one letter, plain and as a page, handed to the server they have.
//!
//! In: settings, a letter. Out: taken by the server, or why not. Nothing is said on a line that
//! others can read, unless the server is this machine. Must not know: what the letter is about.

mod dialogue;
mod letter;

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::{MailConfig, MailTls};
use dialogue::Dialogue;
pub use letter::Letter;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Why a letter was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The line broke, or never came about.
    #[error("the mail server did not answer")]
    Unreachable(#[from] std::io::Error),
    /// The line cannot be kept from others.
    #[error("no safe line to the mail server: {0}")]
    Unsafe(String),
    /// It said no.
    #[error("the mail server said {0}")]
    Refused(String),
    /// It said something else than the protocol knows.
    #[error("the mail server's answer makes no sense")]
    Unreadable,
    /// It took too long.
    #[error("the mail server took too long")]
    TooSlow,
}

/// Hands a letter over. One attempt; after an error nobody knows for sure that it was not taken, and
/// the same letter keeps its id.
pub async fn send(config: &MailConfig, letter: &Letter<'_>) -> Result<(), MailError> {
    let sent = tokio::time::timeout(PATIENCE, hand_over(config, letter));
    sent.await.unwrap_or(Err(MailError::TooSlow))
}

async fn hand_over(config: &MailConfig, letter: &Letter<'_>) -> Result<(), MailError> {
    let line = TcpStream::connect((config.host.as_str(), config.port)).await?;
    let name = config.from.rsplit('@').next().unwrap_or_default();
    match config.tls {
        MailTls::Local => {
            let mut dialogue = Dialogue::begin(line, name).await?;
            dialogue.hand_over(config, letter).await
        }
        MailTls::Implicit => {
            let mut dialogue = Dialogue::begin(encrypted(&config.host, line).await?, name).await?;
            dialogue.hand_over(config, letter).await
        }
        MailTls::StartTls => {
            let line = Dialogue::begin(line, name).await?.wants_tls().await?;
            let line = encrypted(&config.host, line).await?;
            let mut dialogue = Dialogue::go_on(line, name).await?;
            dialogue.hand_over(config, letter).await
        }
    }
}

async fn encrypted(host: &str, line: TcpStream) -> Result<TlsStream<TcpStream>, MailError> {
    let broken = |error: String| MailError::Unsafe(error);
    let config = rustls::ClientConfig::with_platform_verifier();
    let config = config.map_err(|error| broken(error.to_string()))?;
    let name = ServerName::try_from(host.to_owned()).map_err(|error| broken(error.to_string()))?;
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, line).await.map_err(|error| broken(error.to_string()))
}
