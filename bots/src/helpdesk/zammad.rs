//! Zammad: every escalation is a ticket.
//!
//! What the customer says is a note of sender *Customer*, what our people say from elsewhere an
//! internal note; an agent's public article and a closed ticket come back by a trigger's webhook.
//! <https://docs.zammad.org/en/latest/api/intro.html>

use std::fmt;

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use sha1::Sha1;
use url::Url;

use super::call::{call, id_of};
use super::{Attempt, DeskEvent, DeskEventKind, DeskMessage, Direction, FromDesk, HelpDesk};
use crate::text::hex_signature::from_hex;
use crate::{ReceiveError, SendError, WebhookRequest};

/// How many letters of a question a title shows.
const TITLE: usize = 80;

/// Settings of a Zammad.
#[derive(Clone, Debug)]
pub struct ZammadConfig {
    /// Scheme, host and port.
    pub url: Url,
    /// The group that gets the tickets.
    pub group: String,
    /// An access token with the permission `ticket.agent`.
    pub token: SecretString,
    /// The webhook's HMAC SHA1 signature token.
    pub secret: SecretString,
}

/// A Zammad.
pub struct Zammad {
    config: ZammadConfig,
    http: reqwest::Client,
}

impl Zammad {
    /// A Zammad with these settings.
    pub fn new(config: ZammadConfig, http: reqwest::Client) -> Self {
        Self { config, http }
    }

    fn address(&self, path: &str) -> Url {
        let mut url = self.config.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1"]).extend(path.split('/'));
        }
        url
    }

    fn request(&self, method: http::Method, path: &str) -> reqwest::RequestBuilder {
        self.request_to(method, self.address(path))
    }

    fn request_to(&self, method: http::Method, url: Url) -> reqwest::RequestBuilder {
        let token = self.config.token.expose_secret();
        self.http.request(method, url).header("authorization", format!("Token token={token}"))
    }

    async fn open(&self, event: &DeskEvent, attempt: Attempt<'_>) -> Result<String, SendError> {
        let escalation = &event.escalation;
        if attempt.repeated
            && let Some(ticket) = self.made_before(&escalation.id).await?
        {
            return Ok(ticket);
        }
        let start: String = escalation.question.chars().take(TITLE).collect();
        let customer = &escalation.customer;
        let who = customer.name.as_deref().unwrap_or(&customer.external_id);
        let ticket = json!({
            "title": format!("#{} {}", escalation.number, start.replace('\n', " ")),
            "group": self.config.group,
            // Zammad finds or makes the customer; nothing is ever mailed to this domain.
            "customer_id": format!("guess:{}@superfan.invalid", customer.id),
            "note": escalation.id,
            "article": article(
                &format!("{}\n\n{who} on {}\n{}", escalation.question, escalation.channel, escalation.url),
                Direction::In,
            ),
        });
        let made = call(self.request(http::Method::POST, "tickets").json(&ticket)).await?;
        id_of(&made, "id")
    }

    async fn made_before(&self, escalation: &str) -> Result<Option<String>, SendError> {
        let mut search = self.address("tickets/search");
        let query = format!("note:\"{escalation}\"");
        search.query_pairs_mut().append_pair("query", &query).append_pair("expand", "true");
        let found = call(self.request_to(http::Method::GET, search)).await?;
        let all = found.as_array().into_iter().flatten();
        all.filter(|one| one["note"] == escalation).map(|one| id_of(one, "id")).next().transpose()
    }

    async fn pass_on(
        &self,
        message: &DeskMessage,
        ticket: &str,
        attempt: Attempt<'_>,
    ) -> Result<(), SendError> {
        let text = match message.direction {
            Direction::In => message.text.clone(),
            Direction::Out => format!("{}: {}", message.author, message.text),
        };
        if attempt.repeated && self.has(ticket, &text).await? {
            return Ok(());
        }
        let mut article = article(&text, message.direction);
        article["ticket_id"] = ticket.parse::<i64>().unwrap_or_default().into();
        call(self.request(http::Method::POST, "ticket_articles").json(&article)).await.map(drop)
    }

    /// Whether these words are the last ones there already: an earlier attempt arrived.
    async fn has(&self, ticket: &str, text: &str) -> Result<bool, SendError> {
        let path = format!("ticket_articles/by_ticket/{ticket}");
        let all = call(self.request(http::Method::GET, &path)).await?;
        let last = all.as_array().and_then(|all| all.last());
        Ok(last.is_some_and(|last| last["body"] == text))
    }
}

fn article(text: &str, direction: Direction) -> Value {
    let (sender, internal) = match direction {
        Direction::In => ("Customer", false),
        Direction::Out => ("Agent", true),
    };
    json!({
        "body": text, "content_type": "text/plain", "type": "note", "sender": sender,
        "internal": internal,
    })
}

impl fmt::Debug for Zammad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zammad({})", self.config.url.host_str().unwrap_or_default())
    }
}

#[async_trait]
impl HelpDesk for Zammad {
    fn name(&self) -> &'static str {
        "Zammad"
    }

    async fn deliver(
        &self,
        event: &DeskEvent,
        attempt: Attempt<'_>,
    ) -> Result<Option<String>, SendError> {
        if event.kind == DeskEventKind::Created {
            return self.open(event, attempt).await.map(Some);
        }
        // What never got there needs no more words.
        let Some(ticket) = attempt.ticket else { return Ok(None) };
        match (event.kind, &event.message) {
            (DeskEventKind::Message, Some(message)) => {
                self.pass_on(message, ticket, attempt).await?;
            }
            (DeskEventKind::Closed, _) => {
                let closed = self.request(http::Method::PUT, &format!("tickets/{ticket}"));
                call(closed.json(&json!({ "state": "closed" }))).await?;
            }
            _ => {}
        }
        Ok(None)
    }

    fn receive(
        &self,
        request: &WebhookRequest,
        _: Timestamp,
    ) -> Result<Vec<FromDesk>, ReceiveError> {
        verify(&self.config.secret, request)?;
        let delivery: Delivery = serde_json::from_slice(&request.body)
            .map_err(|error| ReceiveError::Undecodable(error.to_string()))?;
        Ok(delivery.read())
    }
}

/// `sha1=` and the hexadecimal HMAC of the body; Zammad signs no time, so replies are told apart
/// by their article.
fn verify(secret: &SecretString, request: &WebhookRequest) -> Result<(), ReceiveError> {
    let refused = |why: &str| ReceiveError::Unverified(why.to_owned());
    let given = request.headers.get("x-hub-signature").and_then(|value| value.to_str().ok());
    let given = given.ok_or_else(|| refused("x-hub-signature is missing"))?;
    let given = given.strip_prefix("sha1=").and_then(|hex| from_hex(hex.as_bytes()));
    let given = given.ok_or_else(|| refused("the signature is not sha1= and hexadecimal"))?;
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.expose_secret().as_bytes())
        .map_err(|_| refused("the secret cannot be used"))?;
    mac.update(&request.body);
    mac.verify_slice(&given).map_err(|_| refused("the signature does not match"))
}

/// What a trigger posts.
/// <https://admin-docs.zammad.org/en/latest/manage/webhook/payload.html>
#[derive(Deserialize)]
struct Delivery {
    ticket: Ticket,
    #[serde(default)]
    article: Option<Article>,
}

#[derive(Deserialize)]
struct Ticket {
    id: i64,
    /// Its name; older versions write an object.
    #[serde(default)]
    state: Value,
}

#[derive(Deserialize)]
struct Article {
    #[serde(default)]
    id: Option<i64>,
    #[serde(default)]
    body: String,
    #[serde(default)]
    content_type: String,
    #[serde(default)]
    internal: bool,
    #[serde(default)]
    sender: Value,
    #[serde(default)]
    created_by: Option<User>,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    firstname: String,
    #[serde(default)]
    lastname: String,
}

impl Delivery {
    fn read(self) -> Vec<FromDesk> {
        let ticket = self.ticket.id.to_string();
        let state = self.ticket.state["name"].as_str().or(self.ticket.state.as_str());
        let is_closed = matches!(state, Some("closed" | "merged"));
        let reply = self.article.and_then(|article| article.reply(&ticket));
        let closed = is_closed.then_some(FromDesk::Closed { ticket });
        reply.into_iter().chain(closed).collect()
    }
}

impl Article {
    /// Only what an agent says openly.
    fn reply(self, ticket: &str) -> Option<FromDesk> {
        let sender = self.sender["name"].as_str().or(self.sender.as_str());
        if self.internal || sender != Some("Agent") {
            return None;
        }
        let text = if self.content_type == "text/html" { plain(&self.body) } else { self.body };
        let name = self.created_by.map(|user| format!("{} {}", user.firstname, user.lastname));
        let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        (!text.trim().is_empty()).then_some(FromDesk::Reply {
            ticket: ticket.to_owned(),
            key: format!("zammad:{}", self.id?),
            author: name.unwrap_or_else(|| "Support".to_owned()),
            text: text.trim().to_owned(),
        })
    }
}

/// The words of an agent's HTML: line breaks kept, tags dropped, the five entities read.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('>') else { break };
        let tag = rest[at + 1..at + end].to_ascii_lowercase();
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').find(|part| !part.is_empty());
        let ends_line = matches!(name, Some("br"))
            || (tag.starts_with('/') && matches!(name, Some("p" | "div" | "li" | "tr")));
        if ends_line {
            text.push('\n');
        }
        rest = &rest[at + end + 1..];
    }
    text.push_str(rest);
    let entities = [
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    entities.iter().fold(text, |text, (entity, letter)| text.replace(entity, letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agents_html_becomes_lines() {
        let html = "<div>Hold <b>power</b> for 7&nbsp;s.<br>Then &lt;wait&gt;.</div><p>Bye</p>";
        assert_eq!(plain(html), "Hold power for 7 s.\nThen <wait>.\nBye\n");
    }
}
