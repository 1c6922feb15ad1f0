//! Forums that are followed: an answer accepted there can be sent within seconds, and one that is
//! no longer accepted is no longer sent.
//!
//! In: webhook deliveries, which say where to look, and the forum's own word when it is asked.
//! Out: answers in the base, and recalls of those that left. Must not know: forums' JSON, SQL.

mod follow;
mod hear;
mod post;
mod settle;
mod sweep;
mod thank;

use std::collections::BTreeMap;
use std::sync::Arc;

use superfan_bots::discourse::Discourse;
use superfan_bots::github::Github;
use superfan_bots::{Forum, ForumKind};

use crate::config::ForumsConfig;

pub use follow::{Follower, Progress};
pub use hear::{Heard, hear};
use settle::settle;

/// The forums that are followed, by the name in their webhook's address.
#[derive(Clone, Debug, Default)]
pub struct Forums {
    followed: Arc<BTreeMap<String, Followed>>,
}

/// A forum that is followed.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The forum.
    pub forum: Arc<dyn Forum>,
    /// What its answers' source is called.
    pub source: String,
}

impl Forums {
    /// The forums that the settings describe.
    pub fn of(config: &ForumsConfig, http: &reqwest::Client) -> Self {
        let discourse = config.discourse.clone().map(|config| {
            let forum: Arc<dyn Forum> = Arc::new(Discourse::new(config, http.clone()));
            (ForumKind::Discourse, forum)
        });
        let github = config.github.clone().map(|config| {
            let forum: Arc<dyn Forum> = Arc::new(Github::new(config, http.clone()));
            (ForumKind::Github, forum)
        });
        let forums = discourse.into_iter().chain(github);
        let followed = forums.map(|(kind, forum)| {
            let source = forum.source();
            (kind.to_string(), Followed { forum, source })
        });
        Self { followed: Arc::new(followed.collect()) }
    }

    /// The forum of this name.
    pub fn named(&self, name: &str) -> Option<&Followed> {
        self.followed.get(name)
    }

    /// The forum where questions of customers can be asked.
    pub fn to_ask_in(&self) -> Option<&Followed> {
        self.followed.values().find(|followed| followed.forum.takes_topics())
    }

    /// Every forum with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Followed)> {
        self.followed.iter()
    }
}
