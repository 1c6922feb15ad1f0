//! How each channel account is doing, as its listener and its sender last said.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use superfan_bots::Health;

/// The last word on every channel account.
#[derive(Clone, Debug, Default)]
pub struct HealthBoard(Arc<RwLock<BTreeMap<String, Health>>>);

impl HealthBoard {
    /// Sets how an account is; returns whether that is news.
    pub fn set(&self, channel: &str, health: Health) -> bool {
        let mut board = self.0.write().expect("nothing panics while it holds this lock");
        let up = if matches!(health, Health::Stopped(_)) { 0.0 } else { 1.0 };
        metrics::gauge!("superfan_channel_up", "channel" => channel.to_owned()).set(up);
        board.insert(channel.to_owned(), health.clone()) != Some(health)
    }

    /// How an account is; `Ok` until it says otherwise.
    pub fn of(&self, channel: &str) -> Health {
        let board = self.0.read().expect("nothing panics while it holds this lock");
        board.get(channel).cloned().unwrap_or(Health::Ok)
    }
}
