//! Channel accounts: one of each kind from the environment, more from `[[channels]]`.

use secrecy::SecretString;
use superfan_bots::ChannelKind;
use superfan_bots::discord::DiscordConfig;
use superfan_bots::telegram::{Mode, TelegramConfig};
use superfan_bots::webhook::WebhookConfig;
use superfan_bots::x::XConfig;
use url::Url;

use super::settings::{ConfigError, Origin, Settings, invalid};
use super::{discord, web_address, x};

/// One channel account.
#[derive(Clone, Debug)]
pub struct ChannelConfig {
    /// Its name: `[a-z0-9-]+`, unique.
    pub name: String,
    /// What its kind needs.
    pub settings: ChannelSettings,
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
    }];
    for kind in KINDS {
        if let Some(found) = account(kind, settings)? {
            channels.push(ChannelConfig { name: kind.to_string(), settings: found });
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
    for channel in &mut channels {
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
    Ok(ChannelConfig { name, settings })
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

/// `TELEGRAM_TOKEN` `TELEGRAM_MODE` `TELEGRAM_WEBHOOK_SECRET` `TELEGRAM_API_URL`.
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
    Ok(Some(TelegramConfig { token, webhook_secret, api_url, mode }))
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
