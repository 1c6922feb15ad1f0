//! Opening the parts: database, index, channel accounts; the same for the server and for commands.

use std::sync::{Arc, Once};
use std::time::Duration;

use rand::TryRngCore;
use rand::rngs::OsRng;
use secrecy::{ExposeSecret, SecretString};
use superfan_bots::Adapter;
use superfan_bots::discord::Discord;
use superfan_bots::helpdesk::{Chatwoot, HelpDesk, Hook, Zammad};
use superfan_bots::telegram::Telegram;
use superfan_bots::webchat::Webchat;
use superfan_bots::webhook::Webhook;
use superfan_bots::x::{Surroundings, X, XConfig};

use crate::calibrate::put_in_force;
use crate::channels::{ChannelKeeper, Channels, Vault, adopt};
use crate::clock::{SharedClock, SystemClock};
use crate::config::{ChannelConfig, ChannelSettings, Config, HelpDeskSettings};
use crate::desk::{Desk, Parts};
use crate::forums::Forums;
use crate::ids::Ids;
use crate::inbox::Inbox;
use crate::insights::Reports;
use crate::outbox::Limiter;
use crate::people::random_token;
use crate::search::Search;
use crate::store::{Store, StoreError};
use crate::wakes::Wakes;

/// Why the parts could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data dir cannot be used.
    #[error(
        "cannot use the data dir {path}: {source}; make it writable or set SUPERFAN_DATA_DIR to \
         another folder"
    )]
    DataDir {
        /// The folder.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index cannot be opened.
    #[error("cannot open the index in {path}: {reason}")]
    Index {
        /// The folder.
        path: String,
        /// Why.
        reason: String,
    },
    /// A channel's settings cannot be used.
    #[error("cannot set up channel {channel}: {reason}")]
    Channel {
        /// The account.
        channel: String,
        /// Why.
        reason: String,
    },
    /// The help desk's settings cannot be used.
    #[error("cannot set up the help desk: {reason}; SUPERFAN_HELPDESK_SECRET is whsec_ and base64")]
    HelpDesk {
        /// Why.
        reason: String,
    },
    /// The HTTP client cannot be made.
    #[error("cannot set up outgoing HTTP")]
    Http(#[source] reqwest::Error),
}

/// Opens everything that `config` describes; must run inside a tokio runtime.
pub async fn open_desk(config: Config, search: Search) -> Result<Desk, OpenError> {
    let store = open_store(&config).await?;
    put_in_force(&store, &search).await?;
    open_with(config, store, search, Arc::new(SystemClock)).await
}

/// The database that `config` describes.
pub async fn open_store(config: &Config) -> Result<Store, OpenError> {
    if let Some(url) = &config.database_url {
        return Ok(Store::open_postgres(url.expose_secret()).await?);
    }
    prepare_data_dir(config)?;
    Ok(Store::open_embedded(&config.data_dir).await?)
}

/// Puts opened parts together; tests bring their own clock.
pub async fn open_with(
    config: Config,
    store: Store,
    search: Search,
    clock: SharedClock,
) -> Result<Desk, OpenError> {
    let http = http_client().map_err(OpenError::Http)?;
    let vault = Vault::new(config.secret_key.clone(), &config.data_dir);
    let mut accounts = Vec::new();
    for channel in &config.channels {
        let adapter = adapter(&store, &vault, channel, (http.clone(), &clock)).await?;
        accounts.push((channel.name.clone(), adapter));
    }
    start_shadows(&store, &config).await?;
    let forums = Forums::of(&config.forums, &http);
    let help_desk = config.help_desk.as_ref().map(|desk| help_desk(desk, http)).transpose()?;
    let seed = random_number();
    let ids = Arc::new(Ids::new(clock.clone(), seed));
    let wakes = Wakes::default();
    let (rules, limiter) = (config.rules.clone(), Arc::new(Limiter::new(clock.clone())));
    let inbox = Inbox::start(store.clone(), clock.clone(), ids.clone(), rules, wakes.clone());
    let desk = Desk::from(Parts {
        config: Arc::new(config),
        store,
        inbox,
        search,
        channels: Channels::new(accounts),
        vault,
        forums,
        reports: Reports::default(),
        help_desk,
        clock,
        ids,
        wakes,
        limiter,
        node: format!("{}-{seed:08x}", std::process::id()).into(),
    });
    adopt(&desk).await?;
    Ok(desk)
}

/// The adapter of an account that is connected while the program runs.
pub(crate) async fn open_adapter(
    desk: &Desk,
    channel: &ChannelConfig,
) -> Result<Arc<dyn Adapter>, OpenError> {
    let http = http_client().map_err(OpenError::Http)?;
    adapter(&desk.store, &desk.vault, channel, (http, &desk.clock)).await
}

/// Notes which channels the settings start in shadow.
async fn start_shadows(store: &Store, config: &Config) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    for channel in &config.channels {
        tx.set_starts_in_shadow(&channel.name, channel.shadow).await?;
    }
    tx.commit().await
}

/// The one client for everything that goes out.
///
/// Follows no redirects: platforms do not send any, and addresses in content must not lead us
/// elsewhere.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Only fails when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .user_agent(concat!("superfan/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(70))
        // A connection that the other side closed meanwhile would make an outcome unknown.
        .pool_idle_timeout(Duration::from_secs(20))
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

async fn adapter(
    store: &Store,
    vault: &Vault,
    channel: &ChannelConfig,
    (http, clock): (reqwest::Client, &SharedClock),
) -> Result<Arc<dyn Adapter>, OpenError> {
    Ok(match &channel.settings {
        ChannelSettings::Telegram(config) => {
            let mut config = config.clone();
            if config.webhook_secret.is_none() {
                config.webhook_secret = Some(webhook_secret(store, &channel.name).await?);
            }
            Arc::new(Telegram::new(config, http))
        }
        ChannelSettings::Discord(config) => Arc::new(Discord::new(*config.clone(), http)),
        ChannelSettings::X(config) => {
            let (store, vault, channel) = (store.clone(), vault.clone(), channel.name.clone());
            let (clock, seed) = (clock.clone(), random_number());
            let keeper = Arc::new(ChannelKeeper { store, vault, channel });
            let around = Surroundings { now: Arc::new(move || clock.now()), seed, keeper };
            Arc::new(X::new(XConfig::clone(config), http, around))
        }
        ChannelSettings::Webhook(config) => {
            let webhook = Webhook::new(config.clone(), http).map_err(|error| {
                OpenError::Channel { channel: channel.name.clone(), reason: error.to_string() }
            })?;
            Arc::new(webhook)
        }
        ChannelSettings::Webchat => Arc::new(Webchat::new()),
    })
}

fn help_desk(
    settings: &HelpDeskSettings,
    http: reqwest::Client,
) -> Result<Arc<dyn HelpDesk>, OpenError> {
    Ok(match settings {
        HelpDeskSettings::Webhook { url, secret } => {
            let hook = Hook::new(url.clone(), secret, http);
            Arc::new(hook.map_err(|error| OpenError::HelpDesk { reason: error.to_string() })?)
        }
        HelpDeskSettings::Chatwoot(config) => Arc::new(Chatwoot::new(config.clone(), http)),
        HelpDeskSettings::Zammad(config) => Arc::new(Zammad::new(config.clone(), http)),
    })
}

fn random_number() -> u64 {
    OsRng.try_next_u64().expect("the system's random source works")
}

/// The webhook secret of an account: made once, then kept.
async fn webhook_secret(store: &Store, channel: &str) -> Result<SecretString, StoreError> {
    let name = format!("webhook secret of {channel}");
    if let Some(kept) = store.read().await?.setting(&name).await? {
        return Ok(kept.into());
    }
    let mut tx = store.begin().await?;
    let kept = tx.setting_or_insert(&name, &random_token()).await?;
    tx.commit().await?;
    Ok(kept.into())
}

/// Makes the data dir if it is missing, and checks that it can be written.
pub fn prepare_data_dir(config: &Config) -> Result<(), OpenError> {
    let dir = &config.data_dir;
    let failed = |source| OpenError::DataDir { path: dir.display().to_string(), source };
    std::fs::create_dir_all(dir).map_err(failed)?;
    let probe = dir.join(".writable");
    std::fs::write(&probe, b"").map_err(failed)?;
    std::fs::remove_file(&probe).map_err(failed)
}
