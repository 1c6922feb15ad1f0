//! X in a story: an account for the desk, and people who post.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use superfan::channels::ChannelKeeper;
use superfan::clock::Clock;
use superfan_bots::fakes::http_client;
use superfan_bots::x::fake::Person;
use superfan_bots::x::{Keys, Mode, Prices, Style280, Surroundings, X, XConfig};
use superfan_bots::{Host, SendError};
use tokio_util::sync::CancellationToken;

use super::TestDesk;

/// Somebody on X.
pub(crate) struct Poster<'a> {
    desk: &'a TestDesk,
    /// The account.
    pub(crate) person: Person,
    name: String,
}

impl TestDesk {
    /// The desk gets an account on X, with a daily cap in US dollars.
    pub(crate) async fn joins_x(&mut self, cap: &str) {
        let keys = self.x.keys();
        let url = self.x.base_url().to_string();
        self.restarts_with(&[
            ("X_CONSUMER_KEY", &keys.consumer_key),
            ("X_CONSUMER_SECRET", keys.consumer_secret.expose_secret()),
            ("X_ACCESS_TOKEN", &keys.access_token),
            ("X_ACCESS_TOKEN_SECRET", keys.access_token_secret.expose_secret()),
            ("X_MODE", "webhook"),
            ("X_DAILY_SPEND_CAP", cap),
            ("X_API_URL", &url),
        ])
        .await;
    }

    /// Somebody on X; the same name is the same person.
    pub(crate) fn poster(&self, name: &str) -> Poster<'_> {
        Poster { desk: self, person: self.x.person(name), name: name.to_owned() }
    }

    /// Reads mentions and direct messages once, as the listener does.
    pub(crate) async fn polls_x(&self) -> Result<(), SendError> {
        let config = XConfig {
            keys: Keys::Account(self.x.keys()),
            user_id: None,
            mode: Mode::Poll,
            poll_every: Duration::from_mins(1),
            daily_spend_cap: 1.0,
            prices: Prices::default(),
            style: Style280::default(),
            api_url: self.x.base_url(),
        };
        let clock = self.clock.clone();
        let now: superfan_bots::x::Clock = Arc::new(move || clock.now());
        let (store, vault) = (self.desk().store.clone(), self.desk().vault.clone());
        let around = Surroundings {
            now: now.clone(),
            seed: self.x.calls().len() as u64,
            keeper: Arc::new(ChannelKeeper { store, vault, channel: "x".to_owned() }),
        };
        let x = X::new(config, http_client(), around);
        let intake = Arc::new(self.desk().intake("x"));
        let stop = CancellationToken::new();
        x.poll_once(&Host { intake, stop, clock: now, webhook: None }).await?;
        self.settle().await;
        Ok(())
    }

    /// What the brand said on X since the last look.
    pub(super) fn look_at_x(&self) {
        let mut script = self.script();
        let posts = self.x.posts().split_off(script.n_posts);
        script.n_posts += posts.len();
        for post in posts {
            script.write("x", "◀", &post.text);
        }
        let directs = self.x.directs().split_off(script.n_directs);
        script.n_directs += directs.len();
        for direct in directs {
            let text = super::transcript::shortened(&direct.text);
            script.write("x/in private", "◀", &text);
        }
    }
}

impl Poster<'_> {
    fn heard(&self, what: &str) {
        self.desk.script().write(&format!("x/{}", self.name), "▶", what);
    }

    /// Posts and waits for the reply; the post's id.
    pub(crate) async fn posts(&self, text: &str) -> String {
        self.heard(text);
        let id = self.person.posts(text).await;
        self.desk.is_quiet().await;
        id
    }

    /// Replies to the newest post of the brand and waits.
    pub(crate) async fn replies(&self, text: &str) -> String {
        self.heard(text);
        let newest = self.desk.x.posts().pop().unwrap();
        let id = self.person.replies(&newest.id, text).await;
        self.desk.is_quiet().await;
        id
    }

    /// Writes a direct message and waits for the reply.
    pub(crate) async fn writes(&self, text: &str) {
        self.heard(&format!("(in private) {text}"));
        self.person.writes_direct(text).await;
        self.desk.is_quiet().await;
    }
}
