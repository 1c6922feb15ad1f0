//! Chatwoot: every escalation is a conversation in an inbox of its own (the API channel).
//!
//! What the customer says is posted as the contact with the client API, what our people say from
//! elsewhere as a private note; an agent's reply and *Resolve* come back by the inbox's webhook.
//! <https://developers.chatwoot.com/api-reference/introduction>

use std::fmt;

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use super::call::{call, id_of};
use super::{Attempt, DeskEvent, DeskEventKind, DeskMessage, Direction, FromDesk, HelpDesk};
use crate::text::hex_signature::from_hex;
use crate::{ReceiveError, SendError, WebhookRequest};

/// How far a signed time may lie from now, in seconds.
const WINDOW: u64 = 300;

/// Settings of a Chatwoot account.
#[derive(Clone, Debug)]
pub struct ChatwootConfig {
    /// Scheme, host and port.
    pub url: Url,
    /// The number of the account.
    pub account: String,
    /// The identifier of the inbox, as its settings page shows it.
    pub inbox: String,
    /// An agent's access token: notes, and resolving.
    pub token: SecretString,
    /// The inbox's webhook secret.
    pub secret: SecretString,
}

/// A Chatwoot account.
pub struct Chatwoot {
    config: ChatwootConfig,
    http: reqwest::Client,
}

impl Chatwoot {
    /// An account with these settings.
    pub fn new(config: ChatwootConfig, http: reqwest::Client) -> Self {
        Self { config, http }
    }

    /// An address of the client API below the contact.
    fn public(&self, path: &[&str]) -> Url {
        let inbox = &self.config.inbox;
        address(&self.config.url, &["public", "api", "v1", "inboxes", inbox], path)
    }

    /// A call of the application API about one conversation.
    fn private(&self, conversation: &str, what: &str) -> reqwest::RequestBuilder {
        let account = &self.config.account;
        let start = ["api", "v1", "accounts", account, "conversations"];
        let url = address(&self.config.url, &start, &[conversation, what]);
        self.http.post(url).header("api_access_token", self.config.token.expose_secret())
    }

    async fn open(
        &self,
        event: &DeskEvent,
        attempt: Attempt<'_>,
    ) -> Result<Option<String>, SendError> {
        let customer = &event.escalation.customer;
        let name = customer.name.as_deref().unwrap_or(&customer.external_id);
        // A contact with a known source id is found, not made again.
        let contact = self.http.post(self.public(&["contacts"])).json(&json!({
            "source_id": customer.id, "identifier": customer.id, "name": name,
            "custom_attributes": customer.attributes,
        }));
        let contact = id_of(&call(contact).await?, "source_id")?;
        let conversations = self.public(&["contacts", &contact, "conversations"]);
        let known = if attempt.repeated {
            let all = call(self.http.get(conversations.clone())).await?;
            made_before(&all, &event.escalation.url)
        } else {
            None
        };
        let (conversation, is_said) = if let Some(known) = known {
            known
        } else {
            let new = self.http.post(conversations).json(&json!({}));
            (id_of(&call(new).await?, "id")?, false)
        };
        if !is_said {
            let number = event.escalation.number;
            let text =
                format!("{}\n\n#{number} {}", event.escalation.question, event.escalation.url);
            self.say(&contact, &conversation, &text).await?;
        }
        Ok(Some(format!("{contact}/{conversation}")))
    }

    async fn say(&self, contact: &str, conversation: &str, text: &str) -> Result<(), SendError> {
        let url = self.public(&["contacts", contact, "conversations", conversation, "messages"]);
        call(self.http.post(url).json(&json!({ "content": text }))).await.map(drop)
    }

    async fn pass_on(
        &self,
        message: &DeskMessage,
        (contact, conversation): (&str, &str),
        attempt: Attempt<'_>,
    ) -> Result<(), SendError> {
        let text = match message.direction {
            Direction::In => message.text.clone(),
            Direction::Out => format!("{}: {}", message.author, message.text),
        };
        if attempt.repeated && self.has(contact, conversation, &text).await? {
            return Ok(());
        }
        match message.direction {
            Direction::In => self.say(contact, conversation, &text).await,
            Direction::Out => {
                let note = json!({ "content": text, "message_type": "outgoing", "private": true });
                call(self.private(conversation, "messages").json(&note)).await.map(drop)
            }
        }
    }

    /// Whether these words are the last ones there already: an earlier attempt arrived.
    async fn has(&self, contact: &str, conversation: &str, text: &str) -> Result<bool, SendError> {
        let path = ["contacts", contact, "conversations", conversation, "messages"];
        let all = call(self.http.get(self.public(&path))).await?;
        let last = all.as_array().and_then(|all| all.last());
        Ok(last.is_some_and(|last| last["content"] == text))
    }
}

/// The conversation made for an escalation, and whether the question stands in it: the one whose
/// first message names our page, else one in which nothing was said yet.
fn made_before(all: &Value, page: &str) -> Option<(String, bool)> {
    let all = all.as_array()?;
    let first = |one: &Value| one["messages"][0]["content"].as_str().map(str::to_owned);
    let ours = all.iter().find(|one| first(one).is_some_and(|text| text.contains(page)));
    let found = ours.or_else(|| all.iter().find(|one| first(one).is_none()))?;
    Some((found["id"].to_string(), ours.is_some()))
}

fn address(base: &Url, start: &[&str], path: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(start).extend(path);
    }
    url
}

impl fmt::Debug for Chatwoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chatwoot({})", self.config.url.host_str().unwrap_or_default())
    }
}

#[async_trait]
impl HelpDesk for Chatwoot {
    fn name(&self) -> &'static str {
        "Chatwoot"
    }

    async fn deliver(
        &self,
        event: &DeskEvent,
        attempt: Attempt<'_>,
    ) -> Result<Option<String>, SendError> {
        if event.kind == DeskEventKind::Created {
            return self.open(event, attempt).await;
        }
        // What never got there needs no more words.
        let Some((contact, conversation)) = attempt.ticket.and_then(|t| t.split_once('/')) else {
            return Ok(None);
        };
        match (event.kind, &event.message) {
            (DeskEventKind::Message, Some(message)) => {
                self.pass_on(message, (contact, conversation), attempt).await?;
            }
            (DeskEventKind::Closed, _) => {
                let resolved = json!({ "status": "resolved" });
                call(self.private(conversation, "toggle_status").json(&resolved)).await?;
            }
            _ => {}
        }
        Ok(None)
    }

    fn receive(
        &self,
        request: &WebhookRequest,
        now: Timestamp,
    ) -> Result<Vec<FromDesk>, ReceiveError> {
        verify(&self.config.secret, request, now)?;
        let webhook: Delivery = serde_json::from_slice(&request.body)
            .map_err(|error| ReceiveError::Undecodable(error.to_string()))?;
        Ok(webhook.read().into_iter().collect())
    }
}

/// `sha256=` and the hexadecimal HMAC of `timestamp.body`.
fn verify(
    secret: &SecretString,
    request: &WebhookRequest,
    now: Timestamp,
) -> Result<(), ReceiveError> {
    let refused = |why: &str| ReceiveError::Unverified(why.to_owned());
    let header = |name: &str| {
        let value = request.headers.get(name).and_then(|value| value.to_str().ok());
        value.ok_or_else(|| refused(&format!("{name} is missing")))
    };
    let timestamp = header("x-chatwoot-timestamp")?;
    let given = header("x-chatwoot-signature")?;
    let seconds: i64 = timestamp.parse().map_err(|_| refused("the time is no number"))?;
    if now.as_second().abs_diff(seconds) > WINDOW {
        return Err(refused("the time is more than five minutes from now"));
    }
    let given = given.strip_prefix("sha256=").and_then(|hex| from_hex(hex.as_bytes()));
    let given = given.ok_or_else(|| refused("the signature is not sha256= and hexadecimal"))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .map_err(|_| refused("the secret cannot be used"))?;
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(&request.body);
    mac.verify_slice(&given).map_err(|_| refused("the signature does not match"))
}

/// A webhook of an API inbox.
/// <https://www.chatwoot.com/hc/user-guide/articles/1677693021-how-to-use-webhooks>
#[derive(Deserialize)]
struct Delivery {
    event: String,
    #[serde(default)]
    id: Value,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    message_type: Value,
    #[serde(default)]
    private: bool,
    #[serde(default)]
    sender: Option<Sender>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    conversation: Option<Conversation>,
    #[serde(default)]
    contact_inbox: Option<ContactInbox>,
}

#[derive(Deserialize)]
struct Sender {
    #[serde(default)]
    name: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Conversation {
    id: Value,
    #[serde(default)]
    contact_inbox: Option<ContactInbox>,
}

#[derive(Deserialize)]
struct ContactInbox {
    source_id: String,
}

impl Delivery {
    fn read(self) -> Option<FromDesk> {
        match self.event.as_str() {
            "message_created" => self.reply(),
            "conversation_status_changed" | "conversation_resolved" => {
                let contact = self.contact_inbox?.source_id;
                (self.status.as_deref() == Some("resolved"))
                    .then(|| FromDesk::Closed { ticket: format!("{contact}/{}", self.id) })
            }
            _ => None,
        }
    }

    /// Only what an agent says to the customer; not notes, not the customer's own words, not bots.
    fn reply(self) -> Option<FromDesk> {
        let is_outgoing = self.message_type == "outgoing" || self.message_type == 1;
        let conversation = self.conversation?;
        let contact = conversation.contact_inbox?.source_id;
        let sender = self.sender.filter(|sender| sender.kind.as_deref() != Some("agent_bot"))?;
        let text = self.content.filter(|text| !text.trim().is_empty())?;
        (is_outgoing && !self.private).then(|| FromDesk::Reply {
            ticket: format!("{contact}/{}", conversation.id),
            key: format!("chatwoot:{}", self.id),
            author: sender.name.unwrap_or_else(|| "Support".to_owned()),
            text,
        })
    }
}
