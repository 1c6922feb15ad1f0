//! Doorbell's JSON, as far as we read and write it. A real one links the platform's page on each.

use serde::{Deserialize, Serialize};

/// Somebody rang.
#[derive(Debug, Deserialize)]
pub(super) struct Ring {
    pub(super) id: String,
    pub(super) door: String,
    pub(super) who: String,
    pub(super) words: Option<String>,
}

/// What we say there.
#[derive(Debug, Serialize)]
pub(super) struct Say<'a> {
    pub(super) door: &'a str,
    pub(super) words: &'a str,
    /// Said once, however often it is sent.
    pub(super) key: &'a str,
}
