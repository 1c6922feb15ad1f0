//! Every setting, read once at start. `.env.example` says the same lines; a test compares them.

mod channels;
mod connect;
mod discord;
mod forums;
mod helpdesk;
mod mail;
mod settings;
mod variables;
mod x;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::SignedDuration;
use secrecy::SecretString;
use url::Url;

pub use channels::{ChannelConfig, ChannelSettings};
pub use connect::ConnectConfig;
pub use forums::ForumsConfig;
pub use helpdesk::{HelpDeskKind, HelpDeskSettings, LookupConfig};
pub use mail::{MailConfig, MailTls};
pub use settings::{ConfigError, Origin, Settings};
pub use variables::{VARIABLES, Variable};

use settings::invalid;

use crate::products::{self, Products};

/// Every setting of the program.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where HTTP is served. `SUPERFAN_LISTEN`, default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// How the outside reaches us. `SUPERFAN_PUBLIC_URL`, default none.
    pub public_url: Option<Url>,
    /// Where everything durable is. `SUPERFAN_DATA_DIR`, default `data`.
    pub data_dir: PathBuf,
    /// PostgreSQL instead of the embedded database. `SUPERFAN_DATABASE_URL`, default none.
    pub database_url: Option<SecretString>,
    /// Kept for sharing index generations between nodes; nothing reads it yet. `SUPERFAN_ARTIFACTS`.
    pub artifacts: Option<String>,
    /// Sentence models. `SUPERFAN_SEMANTIC_MODEL`, folders separated by commas, default none.
    pub semantic_models: Vec<PathBuf>,
    /// What the acts and the answerer go by.
    pub rules: Rules,
    /// The API's own admin token. `SUPERFAN_API_TOKEN`, default none.
    pub api_token: Option<SecretString>,
    /// Sites that may embed the web chat. `SUPERFAN_CHAT_ORIGINS`, default its own origin.
    pub chat_origins: Vec<String>,
    /// Whether everybody may read who solved the most. `SUPERFAN_PUBLIC_FANS`, default `false`.
    pub public_fans: bool,
    /// Where the month of gaps is mailed. `SUPERFAN_MAIL_URL` and its other settings, default
    /// none.
    pub mail: Option<Box<MailConfig>>,
    /// Proxies whose `X-Forwarded-For` counts. `SUPERFAN_TRUSTED_PROXIES`, default none.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether addresses people enter may be private ones. `SUPERFAN_ALLOW_PRIVATE_ADDRESSES`,
    /// default `false`.
    pub allow_private_addresses: bool,
    /// Where staff are told that a customer waits too long. `SUPERFAN_STAFF_WEBHOOK_URL`, default
    /// none.
    pub staff_webhook_url: Option<Url>,
    /// Signs what is sent there, `whsec_<base64>`. `SUPERFAN_STAFF_WEBHOOK_SECRET`, default none.
    pub staff_webhook_secret: Option<SecretString>,
    /// Seals the secrets that the store keeps, the same on every node. `SUPERFAN_SECRET_KEY`, at
    /// least 32 characters, default made and kept in the data dir.
    pub secret_key: Option<SecretString>,
    /// The help desk the brand has. `SUPERFAN_HELPDESK_KIND`, `_URL`, `_SECRET`, `_TOKEN`,
    /// `_ACCOUNT`, `_INBOX`, `_GROUP`; off without an address.
    pub help_desk: Option<HelpDeskSettings>,
    /// The address that knows the brand's customers.
    pub lookup: Option<LookupConfig>,
    /// Signing in with the forum's account.
    pub connect: Option<ConnectConfig>,
    /// The configured channel accounts.
    pub channels: Vec<ChannelConfig>,
    /// The forums whose answers are brought in and followed.
    pub forums: ForumsConfig,
    /// What was given, for accounts that are connected later.
    pub given: Given,
}

/// The settings as they were given; shown to nobody, for some are secret.
#[derive(Clone)]
pub struct Given(Arc<Settings>);

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Given(…)")
    }
}

/// The rules that acts and answers go by.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Who runs this, in the bot's words. `SUPERFAN_BRAND_NAME`, default `our`.
    pub brand: String,
    /// Share of automatic replies that must be right, 0.5..1. `SUPERFAN_TARGET_PRECISION`, default
    /// `0.95`.
    pub target_precision: f64,
    /// How long free text waits for more of it. `SUPERFAN_QUIET_MS`, default 1500, 0 is off.
    pub quiet: SignedDuration,
    /// Older messages go to people. `SUPERFAN_MAX_AGE_MINUTES`, default 60.
    pub max_age: SignedDuration,
    /// How long a claim holds while its owner is idle. `SUPERFAN_CLAIM_MINUTES`, whole minutes,
    /// default 15.
    pub claim_lapses_after: SignedDuration,
    /// Groups where every question is listened to. `SUPERFAN_SUPPORT_PLACES`, `channel:place`
    /// separated by commas, default none.
    pub support_places: Vec<String>,
    /// Unhandled messages beyond which deliveries are turned away. `SUPERFAN_INBOX_LIMIT`, default
    /// 100000.
    pub inbox_limit: i64,
    /// When staff are told that an escalation waits. `SUPERFAN_ALERT_MINUTES`, default 30.
    pub alert_after: SignedDuration,
    /// What one case costs a person, for the hours that a replay says were saved.
    /// `SUPERFAN_MINUTES_PER_CASE`, whole minutes, default 10.
    pub minutes_per_case: i64,
    /// Topics a human must take, beside the built-in ones. `SUPERFAN_SENSITIVE_TOPICS`, phrases
    /// separated by commas, default none.
    pub sensitive_topics: Vec<String>,
    /// What experts must not write. `SUPERFAN_FORBIDDEN_PHRASES`, phrases separated by commas,
    /// default none.
    pub forbidden_phrases: Vec<String>,
    /// Whether a moderator reads experts' words before they go out. `SUPERFAN_EXPERT_REVIEW`,
    /// default `false`.
    pub expert_review: bool,
    /// Which help desk is told of escalations, if any.
    pub help_desk: Option<HelpDeskKind>,
    /// What the brand makes. `SUPERFAN_PRODUCTS`, a file, default `products.toml` in the data dir
    /// where there is one.
    pub products: Arc<Products>,
    /// How many customers who ask the same within an hour are an incident.
    /// `SUPERFAN_INCIDENT_CUSTOMERS`, default 5, 0 is never.
    pub incident_from: i64,
    /// Whether an answer that its forum no longer accepts is taken back from everyone who got it
    /// without asking a moderator. `SUPERFAN_RECALL`, `offer` or `automatic`, default `offer`.
    pub recalls_by_itself: bool,
}

impl Config {
    /// Reads everything; `data_dir` from the command line counts more than the settings.
    pub fn read(settings: &Settings, data_dir: Option<&Path>) -> Result<Self, ConfigError> {
        let listen = settings.parsed(
            "SUPERFAN_LISTEN",
            SocketAddr::from(([127, 0, 0, 1], 8080)),
            "write an address and a port such as 127.0.0.1:8080",
        )?;
        let data_dir = match data_dir {
            Some(dir) => dir.to_owned(),
            None => settings.parsed("SUPERFAN_DATA_DIR", PathBuf::from("data"), "write a path")?,
        };
        let help_desk = HelpDeskSettings::read(settings)?;
        let mut rules = Rules::read(settings)?;
        rules.help_desk = help_desk.as_ref().map(HelpDeskSettings::kind);
        rules.products = products(settings, &data_dir)?;
        Ok(Self {
            listen,
            public_url: web_address(settings, "SUPERFAN_PUBLIC_URL")?,
            database_url: database_url(settings)?,
            artifacts: settings.text("SUPERFAN_ARTIFACTS").map(|(text, _)| text),
            semantic_models: paths(settings, "SUPERFAN_SEMANTIC_MODEL"),
            rules,
            api_token: settings.secret("SUPERFAN_API_TOKEN"),
            chat_origins: settings.list("SUPERFAN_CHAT_ORIGINS"),
            public_fans: settings.parsed("SUPERFAN_PUBLIC_FANS", false, "write true or false")?,
            mail: MailConfig::read(settings)?.map(Box::new),
            trusted_proxies: proxies(settings)?,
            allow_private_addresses: settings.parsed(
                "SUPERFAN_ALLOW_PRIVATE_ADDRESSES",
                false,
                "write true or false",
            )?,
            staff_webhook_url: web_address(settings, "SUPERFAN_STAFF_WEBHOOK_URL")?,
            staff_webhook_secret: settings.secret("SUPERFAN_STAFF_WEBHOOK_SECRET"),
            secret_key: secret_key(settings)?,
            help_desk,
            lookup: LookupConfig::read(settings)?,
            connect: ConnectConfig::read(settings)?,
            channels: channels::read(settings)?,
            given: Given(Arc::new(settings.clone())),
            forums: forums::read(settings)?,
            data_dir,
        })
    }

    /// Where this server is reached: the public address, else the one it listens on.
    pub fn base_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }
}

impl Rules {
    /// Reads the rules; the products are read with the rest of the configuration.
    pub fn read(settings: &Settings) -> Result<Self, ConfigError> {
        let target: f64 =
            settings.parsed("SUPERFAN_TARGET_PRECISION", 0.95, "write a share such as 0.95")?;
        if !(0.5..1.0).contains(&target) {
            let (value, origin) = settings
                .text("SUPERFAN_TARGET_PRECISION")
                .unwrap_or((String::new(), Origin::Default));
            let advice = "write a share of right replies from 0.5 to 0.999";
            return Err(invalid("SUPERFAN_TARGET_PRECISION", value, origin, advice));
        }
        let brand = settings.text("SUPERFAN_BRAND_NAME").map_or("our".to_owned(), |(text, _)| text);
        Ok(Self {
            brand,
            target_precision: target,
            quiet: SignedDuration::from_millis(whole(settings, "SUPERFAN_QUIET_MS", 1500)?),
            max_age: SignedDuration::from_mins(whole(settings, "SUPERFAN_MAX_AGE_MINUTES", 60)?),
            claim_lapses_after: SignedDuration::from_mins(whole(
                settings,
                "SUPERFAN_CLAIM_MINUTES",
                15,
            )?),
            support_places: settings.list("SUPERFAN_SUPPORT_PLACES"),
            inbox_limit: whole(settings, "SUPERFAN_INBOX_LIMIT", 100_000)?,
            alert_after: SignedDuration::from_mins(whole(settings, "SUPERFAN_ALERT_MINUTES", 30)?),
            minutes_per_case: whole(settings, "SUPERFAN_MINUTES_PER_CASE", 10)?,
            sensitive_topics: settings.list("SUPERFAN_SENSITIVE_TOPICS"),
            forbidden_phrases: settings.list("SUPERFAN_FORBIDDEN_PHRASES"),
            expert_review: settings.parsed(
                "SUPERFAN_EXPERT_REVIEW",
                false,
                "write true or false",
            )?,
            help_desk: None,
            products: Arc::default(),
            incident_from: whole(settings, "SUPERFAN_INCIDENT_CUSTOMERS", 5)?,
            recalls_by_itself: recalls_by_itself(settings)?,
        })
    }
}

/// The brand's products: the file that is named, or the data dir's own if it has one.
fn products(settings: &Settings, data_dir: &Path) -> Result<Arc<Products>, ConfigError> {
    let own = data_dir.join(products::FILE);
    let path = match settings.text("SUPERFAN_PRODUCTS") {
        Some((path, _)) => PathBuf::from(path),
        None if own.is_file() => own,
        None => return Ok(Arc::default()),
    };
    Ok(Arc::new(Products::read(&path)?))
}

fn recalls_by_itself(settings: &Settings) -> Result<bool, ConfigError> {
    match settings.text("SUPERFAN_RECALL") {
        None => Ok(false),
        Some((text, _)) if text == "offer" => Ok(false),
        Some((text, _)) if text == "automatic" => Ok(true),
        Some((text, origin)) => {
            Err(invalid("SUPERFAN_RECALL", text, origin, "write offer or automatic"))
        }
    }
}

/// A whole number of zero or more.
pub(super) fn whole(settings: &Settings, name: &str, default: i64) -> Result<i64, ConfigError> {
    let number: u32 = settings.parsed(
        name,
        u32::try_from(default).unwrap_or_default(),
        "write a whole number of zero or more",
    )?;
    Ok(i64::from(number))
}

/// An address of the web, without path.
pub(crate) fn web_address(settings: &Settings, name: &str) -> Result<Option<Url>, ConfigError> {
    let Some((value, origin)) = settings.text(name) else {
        return Ok(None);
    };
    match Url::parse(&value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(Some(url)),
        _ => Err(invalid(name, value, origin, "write an address such as https://help.example.org")),
    }
}

fn database_url(settings: &Settings) -> Result<Option<SecretString>, ConfigError> {
    let Some((value, origin)) = settings.text("SUPERFAN_DATABASE_URL") else {
        return Ok(None);
    };
    if value.starts_with("postgres://") || value.starts_with("postgresql://") {
        return Ok(Some(value.into()));
    }
    let advice = "write postgres://user:password@host/database, or leave it out for SQLite";
    Err(invalid("SUPERFAN_DATABASE_URL", "…".to_owned(), origin, advice))
}

fn secret_key(settings: &Settings) -> Result<Option<SecretString>, ConfigError> {
    let Some((value, origin)) = settings.text("SUPERFAN_SECRET_KEY") else {
        return Ok(None);
    };
    if value.trim().len() >= 32 {
        return Ok(Some(value.into()));
    }
    let advice = "write at least 32 random characters, such as openssl rand -base64 32 gives";
    Err(invalid("SUPERFAN_SECRET_KEY", "…".to_owned(), origin, advice))
}

fn paths(settings: &Settings, name: &str) -> Vec<PathBuf> {
    settings.list(name).into_iter().map(PathBuf::from).collect()
}

fn proxies(settings: &Settings) -> Result<Vec<IpAddr>, ConfigError> {
    let name = "SUPERFAN_TRUSTED_PROXIES";
    let parse = |text: String| {
        text.parse().map_err(|_| {
            let origin = settings.text(name).map_or(Origin::Default, |(_, origin)| origin);
            invalid(name, text, origin, "write IP addresses separated by commas")
        })
    };
    settings.list(name).into_iter().map(parse).collect()
}
