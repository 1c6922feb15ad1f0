//! Channel accounts: one of each kind from the environment, more from `[[channels]]`.

use std::collections::BTreeMap;

use secrecy::SecretString;
use superfan_bots::ChannelKind;
use superfan_bots::discord::DiscordConfig;
use superfan_bots::telegram::{Mode, TelegramConfig};
use superfan_bots::webhook::WebhookConfig;
use superfan_bots::x::XConfig;
use url::Url;

use super::settings::{ConfigError, Origin, Settings, invalid};
use super::variables::{VARIABLES, Variable};
use super::{Given, discord, web_address, x};

/// One channel account.
#[derive(Clone, Debug)]
pub struct ChannelConfig {
    /// Its name: `[a-z0-9-]+`, unique.
    pub name: String,
    /// What its kind needs.
    pub settings: ChannelSettings,
    /// Whether it starts in shadow: the bot drafts, people release. `SUPERFAN_SHADOW`, names of
    /// channels separated by commas or `*`; `shadow` in `[[channels]]`; default none.
    pub shadow: bool,
}

/// What each kind of channel needs.
#[derive(Clone, Debug)]
pub enum ChannelSettings {
    /// A Telegram bot.
    Telegram(TelegramConfig),
    /// A Discord application.
    Discord(Box<DiscordConfig>),
    /// An X account.
    X(Box<XConfig>),
    /// The generic signed webhook.
    Webhook(WebhookConfig),
    /// Our own web chat.
    Webchat,
}

impl ChannelConfig {
    /// An account that somebody connects in the console: what they entered, and whatever else the
    /// settings say of its kind that is not about one account.
    pub fn connected(
        (kind, name): (ChannelKind, &str),
        given: &Given,
        entered: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let shared = VARIABLES.iter().filter(|variable| is_shared(variable));
        let shared = shared.filter_map(|v| Some((v.name.to_owned(), given.0.text(v.name)?.0)));
        let mut pairs: BTreeMap<String, String> = shared.collect();
        if kind == ChannelKind::Telegram && !pairs.contains_key("TELEGRAM_MODE") {
            let is_reached = given
                .0
                .text("SUPERFAN_PUBLIC_URL")
                .is_some_and(|(url, _)| url.starts_with("https:"));
            let mode = if is_reached { "webhook" } else { "poll" };
            pairs.insert("TELEGRAM_MODE".to_owned(), mode.to_owned());
        }
        pairs.extend(entered.clone());
        let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let settings = account(kind, &Settings::from_pairs(pairs))?;
        let settings = settings.ok_or_else(|| ConfigError::Missing {
            name: format!("the secret of {name}"),
            advice: "enter the token or the keys".to_owned(),
        })?;
        Ok(Self { name: name.to_owned(), settings, shadow: false })
    }
}

/// Whether a setting is about every account of a kind rather than one.
fn is_shared(variable: &Variable) -> bool {
    // `DISCORD_APPLICATION_ID`, `X_CONSUMER_KEY` … are about one account, secret or not.
    let (_, end) = variable.name.rsplit_once('_').unwrap_or_default();
    let is_reply_address = variable.name == "WEBHOOK_REPLY_URL";
    !variable.is_secret && !matches!(end, "ID" | "KEY" | "TOKEN") && !is_reply_address
}

impl ChannelSettings {
    /// Which kind it is.
    pub fn kind(&self) -> ChannelKind {
        match self {
            Self::Telegram(_) => ChannelKind::Telegram,
            Self::Discord(_) => ChannelKind::Discord,
            Self::X(_) => ChannelKind::X,
            Self::Webhook(_) => ChannelKind::Webhook,
            Self::Webchat => ChannelKind::Webchat,
        }
    }
}

impl ChannelSettings {
    /// Where the platform is reached, if there is one.
    pub fn api_url(&self) -> Option<&Url> {
        match self {
            Self::Telegram(config) => Some(&config.api_url),
            Self::Discord(config) => Some(&config.api_url),
            Self::X(config) => Some(&config.api_url),
            Self::Webhook(_) | Self::Webchat => None,
        }
    }
}

/// What is configured by its settings; the web chat needs none.
const KINDS: [ChannelKind; 4] =
    [ChannelKind::Telegram, ChannelKind::Discord, ChannelKind::X, ChannelKind::Webhook];

/// Every configured account; the web chat always is.
pub(super) fn read(settings: &Settings) -> Result<Vec<ChannelConfig>, ConfigError> {
    let mut channels = vec![ChannelConfig {
        name: ChannelKind::Webchat.to_string(),
        settings: ChannelSettings::Webchat,
        shadow: false,
    }];
    for kind in KINDS {
        if let Some(found) = account(kind, settings)? {
            let name = kind.to_string();
            channels.push(ChannelConfig { name, settings: found, shadow: false });
        }
    }
    for entry in settings.channel_entries() {
        let channel = from_entry(&entry)?;
        if channels.iter().any(|other| other.name == channel.name) {
            let advice = "give each channel a name of its own";
            return Err(invalid("[[channels]].name", channel.name, Origin::File, advice));
        }
        channels.push(channel);
    }
    let places = settings.list("SUPERFAN_SUPPORT_PLACES");
    let shadows = settings.list("SUPERFAN_SHADOW");
    for channel in &mut channels {
        channel.shadow |= shadows.iter().any(|name| name == "*" || *name == channel.name);
        if let ChannelSettings::Discord(config) = &mut channel.settings {
            config.support_places = places_of(&channel.name, &places);
        }
    }
    Ok(channels)
}

/// The places of one account, of a list of `channel:place`.
fn places_of(channel: &str, places: &[String]) -> Vec<String> {
    let here = places.iter().filter_map(|place| place.strip_prefix(channel)?.strip_prefix(':'));
    here.map(str::to_owned).collect()
}

fn from_entry(entry: &toml::Table) -> Result<ChannelConfig, ConfigError> {
    let text =
        |key: &str| entry.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    let name = text("name");
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(fits) {
        let advice = "use lower-case letters, digits and hyphens";
        return Err(invalid("[[channels]].name", name, Origin::File, advice));
    }
    let kind = text("kind");
    let Some(kind) = KINDS.into_iter().find(|known| known.as_str() == kind) else {
        let advice = format!("use {}", KINDS.map(ChannelKind::as_str).join(" or "));
        return Err(invalid("[[channels]].kind", kind, Origin::File, &advice));
    };
    let settings = account(kind, &Settings::of_channel(entry))?;
    let settings = settings.ok_or_else(|| ConfigError::Missing {
        name: format!("the secret of channel {name}"),
        advice: "add token (telegram, discord), consumer_key (x) or secret (webhook)".to_owned(),
    })?;
    let shadow = entry.get("shadow").and_then(toml::Value::as_bool).unwrap_or(false);
    Ok(ChannelConfig { name, settings, shadow })
}

fn account(kind: ChannelKind, settings: &Settings) -> Result<Option<ChannelSettings>, ConfigError> {
    match kind {
        ChannelKind::Telegram => Ok(telegram(settings)?.map(ChannelSettings::Telegram)),
        ChannelKind::Discord => {
            Ok(discord::read(settings)?.map(|config| ChannelSettings::Discord(Box::new(config))))
        }
        ChannelKind::X => Ok(x::read(settings)?.map(|config| ChannelSettings::X(Box::new(config)))),
        ChannelKind::Webhook => Ok(webhook(settings)?.map(ChannelSettings::Webhook)),
        ChannelKind::Webchat => Ok(None),
    }
}

/// `TELEGRAM_TOKEN` `TELEGRAM_MODE` `TELEGRAM_WEBHOOK_SECRET` `TELEGRAM_API_URL`
/// `TELEGRAM_LINK_PREVIEWS`.
fn telegram(settings: &Settings) -> Result<Option<TelegramConfig>, ConfigError> {
    let Some(token) = settings.secret("TELEGRAM_TOKEN") else {
        return Ok(None);
    };
    let mode = match settings.text("TELEGRAM_MODE") {
        None => Mode::Poll,
        Some((text, origin)) => match text.as_str() {
            "poll" => Mode::Poll,
            "webhook" => Mode::Webhook,
            _ => return Err(invalid("TELEGRAM_MODE", text, origin, "write poll or webhook")),
        },
    };
    let api_url = base(settings, "TELEGRAM_API_URL", "https://api.telegram.org")?;
    let webhook_secret = settings.secret("TELEGRAM_WEBHOOK_SECRET");
    let link_previews = settings.parsed("TELEGRAM_LINK_PREVIEWS", false, "write true or false")?;
    Ok(Some(TelegramConfig { token, webhook_secret, api_url, mode, link_previews }))
}

/// `WEBHOOK_SECRET` `WEBHOOK_REPLY_URL`.
fn webhook(settings: &Settings) -> Result<Option<WebhookConfig>, ConfigError> {
    let Some((text, origin)) = settings.text("WEBHOOK_SECRET") else {
        return Ok(None);
    };
    let secrets: Vec<SecretString> = text.split_whitespace().map(SecretString::from).collect();
    let config = WebhookConfig { secrets, reply_url: web_address(settings, "WEBHOOK_REPLY_URL")? };
    match config.check() {
        Ok(()) => Ok(Some(config)),
        Err(error) => {
            let advice = format!("{error}; write whsec_ and base64, several separated by spaces");
            Err(invalid("WEBHOOK_SECRET", "…".to_owned(), origin, &advice))
        }
    }
}

/// A platform's base address: scheme, host and port only.
pub(super) fn base(settings: &Settings, name: &str, default: &str) -> Result<Url, ConfigError> {
    match web_address(settings, name)? {
        Some(url) => Ok(url),
        None => Ok(Url::parse(default).expect("the default addresses are valid")),
    }
}
