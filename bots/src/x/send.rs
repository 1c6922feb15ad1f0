//! Calls to the API of X: one request each, no sleeping, no repeating, and an exact outcome.

mod amend;
mod limits;
mod outcome;
mod register;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::Clock;
use super::auth::{Auth, Door};
use super::render::Payload;
use super::wire::{Created, DmEvent, Page, Single, User};
use crate::text::with_causes;
use crate::{Consent, HoldScope, Outgoing, RefusalScope, SendError, Sent};
pub(super) use limits::Limits;
use limits::Room;
use outcome::{Answer, Attempt};

/// Posts in fifteen minutes, by <https://docs.x.com/x-api/fundamentals/rate-limits>.
const POSTS_WINDOW: u64 = 100;
/// Direct messages in fifteen minutes.
const DIRECT_WINDOW: u64 = 15;

/// What X counts calls of separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Endpoint {
    /// Creating posts.
    Posts,
    /// Sending direct messages.
    Direct,
    /// Reading our mentions.
    Mentions,
    /// Reading direct messages.
    DirectList,
    /// Everything asked rarely.
    Other,
}

/// The API of one account.
pub(super) struct Api {
    http: reqwest::Client,
    base: String,
    auth: Auth,
    now: Clock,
    time_out: Duration,
    /// Until when X has nothing left for us, by what it last said.
    used_up: Mutex<HashMap<Endpoint, Timestamp>>,
    /// What is left of the short windows.
    rooms: Mutex<HashMap<Endpoint, Room>>,
    /// Deliveries whose words X has already; they go out again in a slightly other form.
    said_before: Mutex<BTreeSet<String>>,
}

/// One request to make.
struct Call<'a> {
    endpoint: Endpoint,
    method: &'static str,
    path: &'a str,
    query: &'a [(&'a str, String)],
    body: Option<Value>,
}

impl Api {
    pub(super) fn new(
        http: reqwest::Client,
        base: &Url,
        auth: Auth,
        now: Clock,
        time_out: Duration,
    ) -> Self {
        let base = base.as_str().trim_end_matches('/').to_owned();
        let (used_up, rooms) = (Mutex::default(), Mutex::default());
        let said_before = Mutex::default();
        Self { http, base, auth, now, time_out, used_up, rooms, said_before }
    }

    pub(super) fn answer_within(&mut self, time_out: Duration) {
        self.time_out = time_out;
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Sends one part.
    pub(super) async fn send(&self, outgoing: Outgoing<'_>) -> Result<Sent, SendError> {
        let part: Payload =
            serde_json::from_value(outgoing.part.payload.clone()).map_err(|error| {
                refused(RefusalScope::Part, format!("not a payload of ours: {error}"))
            })?;
        match outgoing.address.value.strip_prefix("dm:") {
            Some(person) => self.send_direct(person, &part, outgoing).await,
            None => self.send_post(&part, outgoing).await,
        }
    }

    async fn send_post(&self, part: &Payload, outgoing: Outgoing<'_>) -> Result<Sent, SendError> {
        self.check_room(Endpoint::Posts, outgoing)?;
        let target = outgoing.previous.or(part.reply_to.as_deref()).ok_or_else(|| {
            refused(RefusalScope::Part, "there is no post of theirs to reply to".to_owned())
        })?;
        let text = self.written(part, outgoing);
        let call = Call {
            endpoint: Endpoint::Posts,
            method: "POST",
            path: "/2/tweets",
            query: &[],
            body: Some(json!({ "text": text, "reply": { "in_reply_to_tweet_id": target } })),
        };
        self.attempt(call, outgoing).await
    }

    /// The text with the name before it that X would put there; it makes replies to different
    /// people different, which X demands.
    fn written(&self, part: &Payload, outgoing: Outgoing<'_>) -> String {
        let name = outgoing.address.value.split_once('/').map(|(_, name)| name);
        let mut text = match name {
            Some(name) if part.number == 0 => format!("@{name} {}", part.text),
            _ => part.text.clone(),
        };
        if self.was_said_before(outgoing.key) {
            text.push_str(" ·");
        }
        text
    }

    async fn send_direct(
        &self,
        person: &str,
        part: &Payload,
        outgoing: Outgoing<'_>,
    ) -> Result<Sent, SendError> {
        self.check_room(Endpoint::Direct, outgoing)?;
        if let Some(since) = outgoing.in_doubt_since
            && let Some(sent) =
                self.find_direct(person, &part.text, since).await.map_err(in_the_dark)?
        {
            return Ok(sent);
        }
        let call = Call {
            endpoint: Endpoint::Direct,
            method: "POST",
            path: &format!("/2/dm_conversations/with/{person}/messages"),
            query: &[],
            body: Some(json!({ "text": part.text })),
        };
        self.attempt(call, outgoing).await
    }

    async fn attempt(&self, call: Call<'_>, outgoing: Outgoing<'_>) -> Result<Sent, SendError> {
        let endpoint = call.endpoint;
        let answer = self.call(call, outgoing.now).await?;
        if let Some(room) = self.rooms().get_mut(&endpoint) {
            room.learn(&answer.limits, outgoing.now);
        }
        if let Some(until) = answer.limits.used_up_until() {
            self.used_up
                .lock()
                .expect("nothing panics while it holds this")
                .insert(endpoint, until);
        }
        let renewable = answer.status == 401 && self.auth.forget_access().await;
        let attempt = Attempt {
            endpoint,
            now: outgoing.now,
            key: outgoing.key,
            in_doubt: outgoing.in_doubt_since.is_some(),
            renewable,
        };
        match outcome::outcome(&answer, &attempt) {
            Ok(None) => {
                let created: Single<Created> = answer.read()?;
                self.forget_said_before(outgoing.key);
                Ok(Sent { message_id: created.data.id })
            }
            Ok(Some(sent)) => Ok(sent),
            Err(error) => {
                if outcome::is_duplicate(&answer) {
                    self.note_said_before(outgoing.key);
                }
                Err(error)
            }
        }
    }

    /// What X said it has no room for is not even tried.
    fn check_room(&self, endpoint: Endpoint, outgoing: Outgoing<'_>) -> Result<(), SendError> {
        let now = outgoing.now;
        let used_up = self.used_up.lock().expect("nothing panics while it holds this");
        let until = used_up.get(&endpoint).copied().filter(|until| *until > now);
        drop(used_up);
        let full = if endpoint == Endpoint::Direct { DIRECT_WINDOW } else { POSTS_WINDOW };
        let room = match until {
            Some(until) => Err(until),
            None => self.rooms().entry(endpoint).or_insert(Room::new(full, now)).take(full, now),
        };
        room.map_err(|until| SendError::Held {
            wait: Some(limits::wait(now, until, outgoing.key)),
            scope: HoldScope::Conversation,
            reason: "X has no room for more until its next window".to_owned(),
        })
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<Endpoint, Room>> {
        self.rooms.lock().expect("nothing panics while it holds this")
    }

    /// Our own message with this text to a person, if it arrived after `since`.
    async fn find_direct(
        &self,
        person: &str,
        text: &str,
        since: Timestamp,
    ) -> Result<Option<Sent>, SendError> {
        // Their clock and ours need not agree to the second.
        let since = since - SignedDuration::from_mins(1);
        let (page, _) = self.direct_page(None).await?;
        let events = page.data.into_iter().filter_map(|value| serde_json::from_value(value).ok());
        let is_it = |event: &DmEvent| {
            let at: Option<Timestamp> = event.created_at.as_deref().and_then(|at| at.parse().ok());
            let conversation = event.dm_conversation_id.as_deref().unwrap_or_default();
            event.sender_id.as_deref() != Some(person)
                && conversation.split('-').any(|id| id == person)
                && super::receive::same_words(&event.text, text)
                && at.is_none_or(|at| at >= since)
        };
        Ok(events.filter(is_it).map(|event| Sent { message_id: event.id }).next())
    }

    /// Asks who we are.
    pub(super) async fn account(&self) -> Result<User, SendError> {
        let call = Call {
            endpoint: Endpoint::Other,
            method: "GET",
            path: "/2/users/me",
            query: &[("user.fields", "username,name".to_owned())],
            body: None,
        };
        let found: Single<User> = self.ask(call).await?.0;
        Ok(found.data)
    }

    /// One page of the posts that mention us, newest first, after `since`.
    pub(super) async fn mentions_page(
        &self,
        me: &str,
        since: Option<&str>,
        token: Option<&str>,
    ) -> Result<(Page, Limits), SendError> {
        let mut query = vec![
            ("max_results", "100".to_owned()),
            ("expansions", "author_id,referenced_tweets.id".to_owned()),
            (
                "tweet.fields",
                "attachments,author_id,conversation_id,created_at,edit_history_tweet_ids,entities,\
                 in_reply_to_user_id,lang,note_tweet,referenced_tweets"
                    .to_owned(),
            ),
            ("user.fields", "name,protected,username".to_owned()),
        ];
        query.extend(since.map(|since| ("since_id", since.to_owned())));
        query.extend(token.map(|token| ("pagination_token", token.to_owned())));
        let path = format!("/2/users/{me}/mentions");
        let endpoint = Endpoint::Mentions;
        self.ask(Call { endpoint, method: "GET", path: &path, query: &query, body: None }).await
    }

    /// One page of direct messages, newest first.
    pub(super) async fn direct_page(
        &self,
        token: Option<&str>,
    ) -> Result<(Page, Limits), SendError> {
        let fields =
            "id,text,event_type,created_at,sender_id,dm_conversation_id,attachments".to_owned();
        let mut query = vec![
            ("max_results", "100".to_owned()),
            ("event_types", "MessageCreate".to_owned()),
            ("dm_event.fields", fields),
            ("expansions", "sender_id".to_owned()),
            ("user.fields", "name,username".to_owned()),
        ];
        query.extend(token.map(|token| ("pagination_token", token.to_owned())));
        let (endpoint, path) = (Endpoint::DirectList, "/2/dm_events");
        self.ask(Call { endpoint, method: "GET", path, query: &query, body: None }).await
    }

    pub(super) fn consent_link(&self, consent: &Consent) -> Option<Url> {
        self.auth.consent_link(&Url::parse(&self.base).ok()?, consent)
    }

    pub(super) async fn take_consent(
        &self,
        consent: &Consent,
        code: &str,
    ) -> Result<(), SendError> {
        let door = Door { http: &self.http, base: &self.base, time_out: self.time_out };
        self.auth.take_consent(&door, (consent, code), self.now()).await
    }

    async fn ask<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<(T, Limits), SendError> {
        let now = self.now();
        let endpoint = call.endpoint;
        let answer = self.call(call, now).await?;
        let renewable = answer.status == 401 && self.auth.forget_access().await;
        let attempt = Attempt { endpoint, now, key: "", in_doubt: false, renewable };
        outcome::outcome(&answer, &attempt)?;
        Ok((answer.read()?, answer.limits))
    }

    /// One request. `Err` only if there is no status: never connected, or lost on the way.
    async fn call(&self, call: Call<'_>, now: Timestamp) -> Result<Answer, SendError> {
        let mut url = Url::parse(&format!("{}{}", self.base, call.path)).map_err(|error| {
            refused(RefusalScope::Part, format!("cannot write the address: {error}"))
        })?;
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query);
        }
        let door = Door { http: &self.http, base: &self.base, time_out: self.time_out };
        let authorization = self.auth.header(&door, call.method, &url, now).await?;
        let method = call.method.parse().expect("methods are spelled right here");
        let mut request = self
            .http
            .request(method, url)
            .timeout(self.time_out)
            .header(http::header::AUTHORIZATION, authorization);
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        receive(request).await
    }

    fn was_said_before(&self, key: &str) -> bool {
        self.said_before.lock().expect("nothing panics while it holds this").contains(key)
    }

    fn note_said_before(&self, key: &str) {
        self.said_before.lock().expect("nothing panics while it holds this").insert(key.to_owned());
    }

    fn forget_said_before(&self, key: &str) {
        self.said_before.lock().expect("nothing panics while it holds this").remove(key);
    }
}

/// Sends a request and reads its whole answer.
async fn receive(request: reqwest::RequestBuilder) -> Result<Answer, SendError> {
    let response = request.send().await.map_err(|error| {
        let error = error.without_url();
        let reason = with_causes(&error);
        if error.is_connect() || error.is_builder() {
            SendError::NotSent { reason }
        } else {
            SendError::Unknown { reason }
        }
    })?;
    let limits = Limits::read(response.headers());
    let status = response.status().as_u16();
    let body = response.bytes().await.ok().and_then(|body| serde_json::from_slice(&body).ok());
    Ok(Answer { status, limits, body })
}

/// Whoever may not look for a message that may have arrived will never know.
fn in_the_dark(error: SendError) -> SendError {
    match error {
        SendError::Refused { scope: RefusalScope::Part | RefusalScope::Conversation, reason } => {
            SendError::UnknownForGood {
                reason: format!("it may have arrived, and cannot be looked for: {reason}"),
            }
        }
        error => error,
    }
}

/// Direct messages have windows of their own, which must not hold the posts.
fn scope_of(endpoint: Endpoint) -> HoldScope {
    match endpoint {
        Endpoint::Direct | Endpoint::DirectList => HoldScope::Conversation,
        _ => HoldScope::Channel,
    }
}

fn refused(scope: RefusalScope, reason: String) -> SendError {
    SendError::Refused { scope, reason }
}
