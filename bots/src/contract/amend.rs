//! Taking back or mending what left: what a channel allows, and one such change.

use serde::{Deserialize, Serialize};

/// What a channel lets us do to our own messages later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amends {
    /// They can be given another text.
    pub edit: bool,
    /// They can be removed.
    pub delete: bool,
}

/// A change to one of our messages. Doing it twice is as good as once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum Amendment {
    /// The message says the part that is sent from now on, and has its buttons.
    Edit {
        /// The platform's id of our message.
        message_id: String,
    },
    /// The message is removed.
    Delete {
        /// The platform's id of our message.
        message_id: String,
    },
}
