//! Signing in with the forum's account.

use secrecy::SecretString;
use url::Url;

use super::settings::{ConfigError, Settings};
use super::web_address;

/// A forum that says who somebody is.
#[derive(Clone, Debug)]
pub struct ConnectConfig {
    /// The forum. `SUPERFAN_CONNECT_URL`, default none.
    pub url: Url,
    /// Shared with it: `discourse connect provider secrets` there. `SUPERFAN_CONNECT_SECRET`.
    pub secret: SecretString,
    /// Its members become experts here; nobody new comes in without.
    /// `SUPERFAN_CONNECT_GROUP`, default none.
    pub group: String,
}

impl ConnectConfig {
    /// Off without an address.
    pub(super) fn read(settings: &Settings) -> Result<Option<Self>, ConfigError> {
        let Some(url) = web_address(settings, "SUPERFAN_CONNECT_URL")? else {
            return Ok(None);
        };
        let name = "SUPERFAN_CONNECT_SECRET";
        let secret = settings.secret(name).ok_or_else(|| ConfigError::Missing {
            name: name.to_owned(),
            advice: "set the forum's discourse connect provider secret".to_owned(),
        })?;
        let group = settings.text("SUPERFAN_CONNECT_GROUP").map(|(text, _)| text);
        Ok(Some(Self { url, secret, group: group.unwrap_or_default() }))
    }
}
