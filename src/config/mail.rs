//! Mail to the brand's own people.

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::settings::{ConfigError, Settings, invalid};

/// How the line to the mail server is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// From the first byte on (`smtps://`).
    Implicit,
    /// Asked for before anything is said (`smtp://`); without it nothing is said.
    StartTls,
    /// Not at all: the server is on this machine.
    Local,
}

/// The server that takes our mail, and to whom it goes.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// Its name. `SUPERFAN_MAIL_URL`, `smtp://user:password@host:587` or `smtps://…:465`, default
    /// none: no mail.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the line is kept.
    pub tls: MailTls,
    /// Name and password there, if it asks for them.
    pub login: Option<(String, SecretString)>,
    /// Who writes. `SUPERFAN_MAIL_FROM`.
    pub from: String,
    /// Who reads. `SUPERFAN_MAIL_TO`, addresses separated by commas.
    pub to: Vec<String>,
}

impl MailConfig {
    /// Off without an address.
    pub(super) fn read(settings: &Settings) -> Result<Option<Self>, ConfigError> {
        let name = "SUPERFAN_MAIL_URL";
        let Some((_, origin)) = settings.text(name) else { return Ok(None) };
        let given = settings.secret(name).unwrap_or_default();
        let bad = || {
            let advice = "write smtp://user:password@host:587 or smtps://user:password@host:465";
            invalid(name, "…".to_owned(), origin, advice)
        };
        let url = Url::parse(given.expose_secret()).map_err(|_| bad())?;
        let (tls, port) = match url.scheme() {
            "smtps" => (MailTls::Implicit, 465),
            "smtp" if is_here(&url) => (MailTls::Local, 25),
            "smtp" => (MailTls::StartTls, 587),
            _ => return Err(bad()),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(bad)?.to_owned();
        let login = (!url.username().is_empty()).then(|| {
            let password = decoded(url.password().unwrap_or_default());
            (decoded(url.username()), SecretString::from(password))
        });
        let from = settings.text("SUPERFAN_MAIL_FROM").map(|(text, _)| text);
        let to = settings.list("SUPERFAN_MAIL_TO");
        Ok(Some(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(port),
            tls,
            login,
            from: address("SUPERFAN_MAIL_FROM", from)?,
            to: if to.is_empty() {
                vec![address("SUPERFAN_MAIL_TO", None)?]
            } else {
                let one = |text| address("SUPERFAN_MAIL_TO", Some(text));
                to.into_iter().map(one).collect::<Result<_, _>>()?
            },
        }))
    }
}

/// Whether the server is this machine.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        // Schemes the standard does not know have their hosts unread.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        None => false,
    }
}

/// A part of an address without its percent signs.
fn decoded(part: &str) -> String {
    let pair = format!("x={}", part.replace('+', "%2B"));
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    pairs.next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// An address that can stand in a command to the server.
fn address(name: &str, given: Option<String>) -> Result<String, ConfigError> {
    let fits = |text: &String| {
        let strange = |c: char| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c);
        text.is_ascii()
            && !text.contains(strange)
            && text.split_once('@').is_some_and(|(one, other)| !one.is_empty() && !other.is_empty())
    };
    given.filter(fits).ok_or_else(|| ConfigError::Missing {
        name: name.to_owned(),
        advice: "write an address such as desk@example.org".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, to: &str, expected: &str) {
        let pairs = [
            ("SUPERFAN_MAIL_URL", url),
            ("SUPERFAN_MAIL_FROM", "desk@brand.example"),
            ("SUPERFAN_MAIL_TO", to),
        ];
        let given = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let words = match MailConfig::read(&Settings::from_pairs(given)) {
            Ok(None) => "off".to_owned(),
            Ok(Some(mail)) => {
                let login =
                    mail.login.map(|(name, word)| format!("{name}:{}", word.expose_secret()));
                let login = login.unwrap_or_default();
                format!("{} {} {:?} {login} {}", mail.host, mail.port, mail.tls, mail.to.join(" "))
            }
            Err(error) => error.to_string(),
        };
        assert!(words.starts_with(expected), "{words}");
    }

    #[test]
    fn an_address_says_where_and_how() {
        check("", "lee@brand.example", "off");
        let url = "smtp://desk%40brand.example:a%2Fb@mail.example";
        check(
            url,
            "a@x.example, b@x.example",
            "mail.example 587 StartTls desk@brand.example:a/b a@x",
        );
        check(
            "smtps://u:p@mail.example",
            "a@x.example",
            "mail.example 465 Implicit u:p a@x.example",
        );
        check("smtp://127.0.0.1:2525", "a@x.example", "127.0.0.1 2525 Local  a@x.example");
        check("smtp://localhost", "a@x.example", "localhost 25 Local  a@x.example");
        check("smtp://mail.example", "", "SUPERFAN_MAIL_TO is missing");
        check("smtp://mail.example", "a@x> RCPT", "SUPERFAN_MAIL_TO is missing");
        check("https://mail.example", "a@x.example", "SUPERFAN_MAIL_URL is \"…\"");
    }
}
