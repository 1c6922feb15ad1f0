//! The answered Discussions of a GitHub repository, and the webhooks that tell of them.
//!
//! In: deliveries, and what GraphQL tells. Out: [`Forum`] in neutral words. Every call is one
//! attempt; who calls keeps the pace.

mod client;
#[cfg(feature = "fakes")]
pub mod fake;
mod receive;
mod verify;
mod wire;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use url::Url;

use crate::{
    AccountName, Forum, ForumError, ForumKind, ForumNews, ForumPage, ReceiveError, TopicState,
    WebhookRequest,
};

/// How long to leave between two calls: GitHub counts by the hour, and dislikes bursts.
const PACE: Duration = Duration::from_millis(750);

/// What a repository is reached with.
#[derive(Clone, Debug)]
pub struct GithubConfig {
    /// `owner/name`.
    pub repository: String,
    /// A token that may read its discussions; GraphQL answers nobody without one.
    pub token: Option<SecretString>,
    /// What its webhooks are signed with.
    pub webhook_secret: Option<SecretString>,
    /// The licence of what is said there; GitHub does not say.
    pub licence: Option<String>,
    /// Where GraphQL is, without `/graphql`.
    pub api_url: Url,
}

impl GithubConfig {
    /// Whether a text names a repository: `owner/name`.
    pub fn is_repository(text: &str) -> bool {
        let fits = |part: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            !part.is_empty() && !matches!(part, "." | "..") && part.chars().all(allowed)
        };
        text.split_once('/').is_some_and(|(owner, name)| fits(owner) && fits(name))
    }
}

/// One repository.
pub struct Github {
    config: GithubConfig,
    http: reqwest::Client,
}

impl fmt::Debug for Github {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let repository = &self.config.repository;
        f.debug_struct("Github").field("repository", repository).finish_non_exhaustive()
    }
}

impl Github {
    /// A repository that nothing was asked of yet.
    pub fn new(config: GithubConfig, http: reqwest::Client) -> Self {
        Self { config, http }
    }
}

#[async_trait]
impl Forum for Github {
    fn kind(&self) -> ForumKind {
        ForumKind::Github
    }

    fn source(&self) -> String {
        self.config.repository.to_lowercase()
    }

    fn pace(&self) -> Duration {
        // A server of one's own counts nobody's calls.
        match self.config.api_url.host_str() {
            Some("127.0.0.1" | "localhost") => Duration::from_millis(1),
            _ => PACE,
        }
    }

    fn receive(&self, request: &WebhookRequest) -> Result<ForumNews, ReceiveError> {
        let body = verify::verify(request, self.config.webhook_secret.as_ref())?;
        receive::receive(&body, &self.config.repository)
    }

    async fn solved(&self, page: Option<&str>) -> Result<ForumPage, ForumError> {
        self.list_answered(page).await
    }

    async fn topic(&self, id: &str) -> Result<TopicState, ForumError> {
        self.read_discussion(id).await
    }

    async fn check(&self) -> Result<AccountName, ForumError> {
        self.who_am_i().await
    }
}
