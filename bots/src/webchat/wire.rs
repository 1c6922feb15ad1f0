//! What our own page posts to `/chat/messages`.

use serde::Deserialize;

/// One post: a text with the page's own id for it, or a press on a reply.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Post {
    /// The same `client_id` is the same message.
    Text { client_id: String, text: String },
    /// `message_id` is the reply that carries the button.
    Press { press: String, message_id: String },
}
