//! The application handle and what acts need of it.
//!
//! `Desk` is held by `main`, routers and tests only; a function takes the two or three parts it
//! uses, and an act takes a [`Stage`].

use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;
use superfan_bots::helpdesk::HelpDesk;

use crate::channels::{Channels, Vault};
use crate::clock::SharedClock;
use crate::config::{Config, Rules};
use crate::forums::Forums;
use crate::ids::Ids;
use crate::inbox::{ChannelIntake, Inbox};
use crate::insights::Reports;
use crate::outbox::Limiter;
use crate::search::Search;
use crate::store::Store;
use crate::wakes::Wakes;

/// The handle; cheap to clone, as every request does.
#[derive(Clone, Debug)]
pub struct Desk(Arc<Parts>);

impl From<Parts> for Desk {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Desk {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Everything the running application consists of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Every setting.
    pub config: Arc<Config>,
    /// The database.
    pub store: Store,
    /// What arrives.
    pub inbox: Inbox,
    /// The index.
    pub search: Search,
    /// The channel accounts.
    pub channels: Channels,
    /// Seals secrets that the store keeps.
    pub vault: Vault,
    /// The forums that are followed.
    pub forums: Forums,
    /// The reports that were read last.
    pub reports: Reports,
    /// The time.
    pub clock: SharedClock,
    /// The help desk the brand has.
    pub help_desk: Option<Arc<dyn HelpDesk>>,
    /// Ids that we make.
    pub ids: Arc<Ids>,
    /// Who wants to know that something happened.
    pub wakes: Wakes,
    /// The pace of every account.
    pub limiter: Arc<Limiter>,
    /// This process, as leases and claims name it.
    pub node: Arc<str>,
}

impl Parts {
    /// What an act or a decision needs, as of now.
    pub fn stage(&self) -> Stage<'_> {
        Stage {
            now: self.clock.now(),
            ids: &self.ids,
            channels: &self.channels,
            rules: &self.config.rules,
        }
    }
}

impl Parts {
    /// The inbox as one channel account's adapter sees it.
    pub fn intake(&self, channel: &str) -> ChannelIntake {
        ChannelIntake {
            channel: channel.to_owned(),
            inbox: self.inbox.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            health: self.channels.health().clone(),
            limiter: self.limiter.clone(),
            quotas: self.channels.adapter(channel).map_or(&[], |adapter| adapter.quotas()),
        }
    }
}

/// What an act or a decision needs: the time, ids, channels to render for, and the rules.
#[derive(Clone, Copy, Debug)]
pub struct Stage<'a> {
    /// Now.
    pub now: Timestamp,
    /// Ids that we make.
    pub ids: &'a Ids,
    /// The channel accounts.
    pub channels: &'a Channels,
    /// The rules.
    pub rules: &'a Rules,
}
