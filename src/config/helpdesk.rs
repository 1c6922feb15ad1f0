//! The help desk the brand has, and the address that knows its customers.

use secrecy::SecretString;
use superfan_bots::helpdesk::{ChatwootConfig, ZammadConfig};
use url::Url;

use super::settings::{ConfigError, Origin, Settings, invalid};
use super::web_address;

/// Which kind of help desk it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HelpDeskKind {
    /// Anything that takes a signed webhook and calls the API.
    Webhook,
    /// Chatwoot.
    Chatwoot,
    /// Zammad.
    Zammad,
}

/// A help desk with what it needs.
#[derive(Clone, Debug)]
pub enum HelpDeskSettings {
    /// Anything that takes a signed webhook and calls the API.
    Webhook {
        /// Where events are posted.
        url: Url,
        /// Signs them, `whsec_<base64>`.
        secret: SecretString,
    },
    /// Chatwoot.
    Chatwoot(ChatwootConfig),
    /// Zammad.
    Zammad(ZammadConfig),
}

impl HelpDeskSettings {
    /// Which kind it is.
    pub fn kind(&self) -> HelpDeskKind {
        match self {
            Self::Webhook { .. } => HelpDeskKind::Webhook,
            Self::Chatwoot(_) => HelpDeskKind::Chatwoot,
            Self::Zammad(_) => HelpDeskKind::Zammad,
        }
    }

    /// `SUPERFAN_HELPDESK_…`; off without an address.
    pub(super) fn read(settings: &Settings) -> Result<Option<Self>, ConfigError> {
        let Some(url) = web_address(settings, "SUPERFAN_HELPDESK_URL")? else {
            return Ok(None);
        };
        let needed = |name: &str, advice: &str| {
            settings.text(name).map(|(text, _)| text).ok_or_else(|| ConfigError::Missing {
                name: name.to_owned(),
                advice: format!("{advice}, or leave SUPERFAN_HELPDESK_URL out"),
            })
        };
        let secret = needed("SUPERFAN_HELPDESK_SECRET", "set the webhook's secret")?;
        let secret = SecretString::from(secret);
        let token = |advice| needed("SUPERFAN_HELPDESK_TOKEN", advice).map(SecretString::from);
        let kind = settings.text("SUPERFAN_HELPDESK_KIND");
        let (kind, origin) = kind.unwrap_or(("webhook".to_owned(), Origin::Default));
        Ok(Some(match kind.as_str() {
            "webhook" => Self::Webhook { url, secret },
            "chatwoot" => Self::Chatwoot(ChatwootConfig {
                url,
                secret,
                token: token("set an agent's access token")?,
                account: needed("SUPERFAN_HELPDESK_ACCOUNT", "set the account's number")?,
                inbox: needed("SUPERFAN_HELPDESK_INBOX", "set the API inbox's identifier")?,
            }),
            "zammad" => Self::Zammad(ZammadConfig {
                url,
                secret,
                token: token("set an access token with ticket.agent")?,
                group: needed("SUPERFAN_HELPDESK_GROUP", "set the group that gets tickets")?,
            }),
            _ => {
                let advice = "write webhook, chatwoot or zammad";
                return Err(invalid("SUPERFAN_HELPDESK_KIND", kind, origin, advice));
            }
        }))
    }
}

/// The address that knows the brand's customers.
#[derive(Clone, Debug)]
pub struct LookupConfig {
    /// Where customers are looked up. `SUPERFAN_LOOKUP_URL`, default none.
    pub url: Url,
    /// Signs what is asked, `whsec_<base64>`. `SUPERFAN_LOOKUP_SECRET`, default none.
    pub secret: Option<SecretString>,
}

impl LookupConfig {
    /// Off without an address.
    pub(super) fn read(settings: &Settings) -> Result<Option<Self>, ConfigError> {
        let secret = settings.secret("SUPERFAN_LOOKUP_SECRET");
        let url = web_address(settings, "SUPERFAN_LOOKUP_URL")?;
        Ok(url.map(|url| Self { url, secret }))
    }
}
