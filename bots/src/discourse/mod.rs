//! A Discourse forum with the Solved plugin: its accepted answers, its webhooks, and posting there.
//!
//! In: deliveries, and what its API tells. Out: [`Forum`] in neutral words, posts. Every call is
//! one attempt; who calls keeps the pace.

mod client;
pub mod connect;
#[cfg(feature = "fakes")]
pub mod fake;
mod posting;
mod receive;
mod verify;
mod wire;

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use crate::{
    AccountName, Forum, ForumError, ForumKind, ForumNews, ForumPage, FoundTopic, NewTopic,
    OpenedTopic, Posted, ReceiveError, TopicState, WebhookRequest,
};

/// What a forum is reached with.
#[derive(Clone, Debug)]
pub struct DiscourseConfig {
    /// Where it is, with the folder if it is in one.
    pub url: Url,
    /// An API key; a public forum is read without.
    pub api_key: Option<SecretString>,
    /// Whose name we act under.
    pub api_user: String,
    /// What its webhooks are signed with.
    pub webhook_secret: Option<SecretString>,
    /// The licence its posts are under; Discourse does not say.
    pub licence: Option<String>,
    /// How many calls a minute may take.
    pub per_minute: u32,
}

impl DiscourseConfig {
    /// A public forum that we have no key for, at the usual pace.
    pub fn public(url: Url) -> Self {
        let api_user = "system".to_owned();
        let (api_key, webhook_secret, licence) = (None, None, None);
        Self { url, api_key, api_user, webhook_secret, licence, per_minute: 60 }
    }
}

/// One forum.
pub struct Discourse {
    config: DiscourseConfig,
    http: reqwest::Client,
    categories: Mutex<Categories>,
}

/// The forum's categories as it last listed them.
#[derive(Default)]
struct Categories {
    /// Whether each is closed to the public.
    closed: HashMap<i64, bool>,
    /// How often this list was asked.
    n_asked: u32,
}

impl fmt::Debug for Discourse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discourse").field("url", &self.config.url.as_str()).finish_non_exhaustive()
    }
}

impl Discourse {
    /// A forum that nothing was asked of yet.
    pub fn new(config: DiscourseConfig, http: reqwest::Client) -> Self {
        Self { config, http, categories: Mutex::default() }
    }
}

#[async_trait]
impl Forum for Discourse {
    fn kind(&self) -> ForumKind {
        ForumKind::Discourse
    }

    fn source(&self) -> String {
        let url = &self.config.url;
        let host = url.host_str().unwrap_or_default();
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{host}{port}{}", url.path().trim_end_matches('/'))
    }

    fn pace(&self) -> Duration {
        Duration::from_mins(1) / self.config.per_minute.max(1)
    }

    fn receive(&self, request: &WebhookRequest) -> Result<ForumNews, ReceiveError> {
        let body = verify::verify(request, self.config.webhook_secret.as_ref())?;
        let event = request.headers.get(receive::EVENT_HEADER);
        receive::receive(&body, event.and_then(|event| event.to_str().ok()))
    }

    async fn solved(&self, page: Option<&str>) -> Result<ForumPage, ForumError> {
        self.list_solved(page).await
    }

    async fn topic(&self, id: &str) -> Result<TopicState, ForumError> {
        self.read_topic(id).await
    }

    async fn check(&self) -> Result<AccountName, ForumError> {
        self.who_am_i().await
    }

    fn takes_topics(&self) -> bool {
        self.config.api_key.is_some()
    }

    async fn open_topic(&self, new: &NewTopic) -> Result<Posted, ForumError> {
        self.create_topic(new).await
    }

    async fn opened_topic(&self, external_id: &str) -> Result<Option<OpenedTopic>, ForumError> {
        let topic = self.topic_by_external_id(external_id).await?;
        Ok(topic.map(|topic| OpenedTopic { url: self.topic_address(&topic), topic }))
    }

    fn topic_address(&self, topic: &str) -> String {
        self.at(&format!("t/-/{topic}")).into()
    }

    async fn find_topics(&self, words: &str) -> Result<Vec<FoundTopic>, ForumError> {
        self.search(words).await
    }
}
