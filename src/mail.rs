//! Mail to the brand's own people: one letter, plain and as a page, handed to the server they have.
//!
//! In: settings, a letter. Out: taken by the server, or why not. Nothing is said on a line that
//! others can read, unless the server is this machine. Must not know: what the letter is about.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::address::{Address, AddressError};
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Mailbox, MessageBuilder, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;

use crate::config::{MailConfig, MailTls};

/// How long one step of it may take.
const PATIENCE: Duration = Duration::from_secs(30);

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

/// What people read in a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about.
    pub subject: String,
    /// Its words, plain.
    pub text: String,
    /// The same as a page.
    pub html: String,
}

impl Note {
    /// A few lines, each with the address where more stands.
    pub fn of_lines(subject: String, lines: &[(String, String)]) -> Self {
        let text = lines.iter().map(|(line, url)| format!("{line}\n{url}\n"));
        let items = lines.iter().map(|(line, url)| {
            format!("<li dir=\"auto\"><a href=\"{}\">{}</a></li>\n", escaped(url), escaped(line))
        });
        let html = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             </head><body>\n<h1>{title}</h1>\n<ul>\n{}</ul>\n</body></html>\n",
            items.collect::<String>(),
            title = escaped(&subject),
        );
        Self { text: text.collect::<Vec<_>>().join("\n"), html, subject }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Why a letter was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// From or to whom makes no sense.
    #[error("{address} is no address")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        #[source]
        source: AddressError,
    },
    /// It cannot be put into the form of a mail.
    #[error("the letter cannot be written: {0}")]
    Unwritable(#[from] lettre::error::Error),
    /// No line to the server, or it said no.
    #[error("the mail server did not take it")]
    NotTaken(#[from] lettre::transport::smtp::Error),
    /// It answered and says it can do nothing for us.
    #[error("the mail server says it can take nothing now")]
    Silent,
}

/// Hands a letter over. One attempt; after an error nobody knows for sure that it was not taken, and
/// the same letter keeps its id.
pub async fn send(config: &MailConfig, letter: &Letter<'_>) -> Result<(), MailError> {
    let message = composed(config, letter)?;
    transport(config)?.send(message).await?;
    Ok(())
}

/// Whether the server is there, on a safe line, and knows us; nothing is sent.
pub async fn check(config: &MailConfig) -> Result<(), MailError> {
    for address in config.to.iter().chain([&config.from]) {
        mailbox(address)?;
    }
    if transport(config)?.test_connection().await? { Ok(()) } else { Err(MailError::Silent) }
}

fn composed(config: &MailConfig, letter: &Letter<'_>) -> Result<Message, MailError> {
    let to = config.to.iter().map(|one| mailbox(one)).collect::<Result<Vec<_>, _>>()?;
    let message = to
        .into_iter()
        .fold(Message::builder(), MessageBuilder::to)
        .from(mailbox(&config.from)?)
        // A header ends with its line.
        .subject(letter.subject.replace(['\r', '\n'], " "))
        .message_id(Some(format!("<{}@{}>", letter.id, domain(config))))
        .date(SystemTime::from(letter.at))
        .multipart(
            MultiPart::alternative()
                .singlepart(part(ContentType::TEXT_PLAIN, letter.text))
                .singlepart(part(ContentType::TEXT_HTML, letter.html)),
        )?;
    Ok(message)
}

/// Words in any script, as every server takes them.
fn part(kind: ContentType, words: &str) -> SinglePart {
    let part = SinglePart::builder().header(kind).header(ContentTransferEncoding::Base64);
    part.body(words.to_owned())
}

fn mailbox(address: &str) -> Result<Mailbox, MailError> {
    let parsed = address.parse::<Address>();
    let parsed =
        parsed.map_err(|source| MailError::Address { address: address.to_owned(), source })?;
    Ok(Mailbox::new(None, parsed))
}

fn domain(config: &MailConfig) -> &str {
    config.from.rsplit('@').next().unwrap_or_default()
}

fn transport(
    config: &MailConfig,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, lettre::transport::smtp::Error> {
    let safe = || TlsParameters::new(config.host.clone());
    let tls = match config.tls {
        MailTls::Local => Tls::None,
        MailTls::Implicit => Tls::Wrapper(safe()?),
        MailTls::StartTls => Tls::Required(safe()?),
    };
    let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
        .port(config.port)
        .tls(tls)
        .timeout(Some(PATIENCE))
        .hello_name(ClientId::Domain(domain(config).to_owned()));
    if let Some((name, password)) = &config.login {
        let password = password.expose_secret().to_owned();
        transport = transport.credentials(Credentials::new(name.clone(), password));
    }
    Ok(transport.build())
}
