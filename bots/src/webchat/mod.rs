//! Our own web chat. The page talks to the application, not to a platform, so little is left here:
//! reading what the page posts, and saying what the page shows.

mod receive;
mod render;
mod send;
mod verify;
mod wire;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::{
    AccountName, Adapter, ChannelKind, Outgoing, Part, Quota, ReceiveError, Received, Reply,
    SendError, Sent, WebhookRequest,
};
use url::Url;

pub use receive::{Visitor, decode};
pub use verify::origin_allowed;

/// The web chat.
#[derive(Clone, Copy, Debug, Default)]
pub struct Webchat;

impl Webchat {
    /// It has no settings.
    pub fn new() -> Self {
        Self
    }
}

#[async_trait]
impl Adapter for Webchat {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Webchat
    }

    fn receive(&self, _: &WebhookRequest, _: Timestamp) -> Result<Received, ReceiveError> {
        Err(ReceiveError::Unverified("the web chat takes no webhooks".to_owned()))
    }

    fn render(&self, reply: &Reply) -> Vec<Part> {
        vec![render::render(reply)]
    }

    async fn send(&self, outgoing: Outgoing<'_>) -> Result<Sent, SendError> {
        Ok(send::shown(outgoing))
    }

    fn repeats_safely(&self) -> bool {
        true
    }

    fn quotas(&self) -> &'static [Quota] {
        &[]
    }

    async fn check(&self) -> Result<AccountName, SendError> {
        Ok(AccountName { name: "web chat".to_owned(), notes: Vec::new() })
    }

    async fn register(&self, _: Option<&Url>) -> Result<Vec<String>, SendError> {
        Ok(vec!["nothing to set: the page is served at /chat".to_owned()])
    }
}
