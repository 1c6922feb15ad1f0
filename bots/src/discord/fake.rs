//! A Discord of our own for tests: a real HTTP server and a real gateway with a little state, the
//! real one's checks, limits and words, and faults on demand.

mod amend;
mod checks;
mod people;
mod rest;
mod socket;
mod world;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use ed25519_dalek::{Signer, SigningKey};
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use url::Url;

use super::verify::{PublicKey, SIGNATURE_HEADER, TIMESTAMP_HEADER};
use crate::WebhookRequest;
use crate::fakes::{FakeServer, Fault, http_client};
pub use people::Member;
pub use world::{BOT_ID, BOT_NAME, GUILD_ID};
use world::{FORUM, Session, World};

/// A running fake Discord with one application, `brandbot`, in one server.
pub struct FakeDiscord {
    shared: Arc<Shared>,
    server: FakeServer,
    gateway: JoinHandle<()>,
}

/// A message the bot wrote and Discord took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMessage {
    /// The channel, thread or direct conversation.
    pub channel_id: u64,
    /// Its id.
    pub message_id: u64,
    /// As it was written, markup and all.
    pub content: String,
    /// The message that is shown above it.
    pub reply_to: Option<u64>,
    /// Labels and ids, in reading order.
    pub buttons: Vec<(String, String)>,
    /// Whether only one person sees it.
    pub ephemeral: bool,
    /// How often it was written: an answer that is put where "thinking" stood may be repeated.
    pub n_writes: u32,
    /// On the fake's clock.
    pub at: Timestamp,
}

/// What server, gateway and handles hold together.
pub(crate) struct Shared {
    world: Mutex<World>,
    changed: Notify,
    http: reqwest::Client,
    key: SigningKey,
}

impl FakeDiscord {
    /// Starts on free ports; its clock stands at 2026-01-05 09:00 UTC until [`Self::set_now`].
    pub async fn start() -> Self {
        let now = Timestamp::from_second(1_767_603_600).expect("2026 is in range");
        let (listener, gateway_url) = socket::bind().await;
        let shared = Arc::new(Shared {
            world: Mutex::new(World::new(now, gateway_url)),
            changed: Notify::new(),
            http: http_client(),
            key: SigningKey::from_bytes(&[7; 32]),
        });
        let gateway = tokio::spawn(socket::serve(listener, shared.clone()));
        let server = FakeServer::start(rest::router(shared.clone())).await;
        Self { shared, server, gateway }
    }

    /// What `DISCORD_API_URL` would be.
    pub fn base_url(&self) -> Url {
        self.server.url().clone()
    }

    /// The token that is accepted.
    pub fn token(&self) -> SecretString {
        self.shared.world().token.clone().into()
    }

    /// What interactions are signed with.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::from_hex(&self.public_key_hex()).expect("a key of ours is a key")
    }

    /// The same in hex.
    pub fn public_key_hex(&self) -> String {
        hex(self.shared.key.verifying_key().as_bytes())
    }

    /// Makes the token invalid.
    pub fn revoke_token(&self) {
        "revoked".clone_into(&mut self.shared.world().token);
        socket::close_all(&self.shared, 4004);
    }

    /// Lets the fake's clock run with real time, from `now` on.
    pub fn runs_from(&self, now: Timestamp) {
        self.shared.world().real_time = Some((now, Instant::now()));
    }

    /// How many calls were turned away because they were too many.
    pub fn n_too_many(&self) -> u64 {
        self.shared.world().n_too_many
    }

    /// Sets the fake's clock: dates of messages, and what limits count by.
    pub fn set_now(&self, now: Timestamp) {
        self.shared.world().now = now;
    }

    /// A person on the server; the same name is the same person.
    pub fn member(&self, name: &str) -> Member {
        let id = self.shared.world().user_named(name);
        Member { shared: self.shared.clone(), id, name: name.to_owned() }
    }

    /// A text channel of the server; the same name is the same channel.
    pub fn channel(&self, name: &str) -> u64 {
        self.shared.world().channel_named(name)
    }

    /// A forum of the server; the same name is the same forum.
    pub fn forum(&self, name: &str) -> u64 {
        let mut world = self.shared.world();
        let id = world.channel_named(name);
        world.channel(id).kind = FORUM;
        id
    }

    /// The direct conversation with this person.
    pub fn direct(&self, name: &str) -> u64 {
        let mut world = self.shared.world();
        let user = world.user_named(name);
        world.direct_with(user)
    }

    /// From now on nothing can be written there: status, code and words of the refusal.
    pub fn closes(&self, channel: u64, refusal: (u16, u64, &'static str)) {
        self.shared.world().channel(channel).closed = Some(refusal);
    }

    /// The text of messages may not be asked for.
    pub fn withholds_content(&self) {
        self.shared.world().grants_content = false;
    }

    /// Posts interactions here, signed, instead of handing them to the gateway.
    pub fn posts_interactions_to(&self, url: &Url) {
        self.shared.world().endpoint = Some(url.to_string());
    }

    /// Where interactions are posted, if anywhere.
    pub fn endpoint(&self) -> Option<String> {
        self.shared.world().endpoint.clone()
    }

    /// Ends every connection with this code; their sessions can be resumed.
    pub fn disconnects(&self, code: u16) {
        socket::close_all(&self.shared, code);
    }

    /// Sends every connection a payload that is no dispatch (`reconnect` is op 7).
    pub fn sends_op(&self, op: u8, data: &Value) {
        socket::send_all(&self.shared, &json!({ "op": op, "d": data }));
    }

    /// Nobody is welcomed any more, and what happens from now on is not kept for anybody.
    pub fn goes_down(&self) {
        self.shared.world().is_down = true;
        socket::close_all(&self.shared, 4000);
        self.shared.world().sessions.clear();
    }

    /// Those who wait are welcomed.
    pub fn comes_back(&self) {
        self.shared.world().is_down = false;
        self.shared.changed.notify_waiters();
    }

    /// How long a heartbeat takes, and whether it is answered.
    pub fn beats(&self, interval: Duration, answered: bool) {
        let mut world = self.shared.world();
        (world.heartbeat, world.answers_heartbeats) = (interval, answered);
    }

    /// Waits until this holds, looking again after every call and every event.
    ///
    /// Panics after ten seconds of real time.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let waiting = async {
            loop {
                let changed = self.shared.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if holds(self) {
                    return;
                }
                changed.await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(10), waiting).await;
        assert!(in_time.is_ok(), "the fake waited in vain; calls so far: {:?}", self.calls());
    }

    /// What the bot's messages said after each edit, oldest first; nothing once deleted.
    pub fn amended(&self) -> Vec<SentMessage> {
        self.shared.world().amended.clone()
    }

    /// Everything the bot wrote, oldest first.
    pub fn sent(&self) -> Vec<SentMessage> {
        self.shared.world().sent.clone()
    }

    /// The channels in which typing was shown, in order.
    pub fn typing(&self) -> Vec<u64> {
        self.shared.world().typing.clone()
    }

    /// How this interaction was answered: 5 for "later", 6 for "seen"; `None` if not yet.
    pub fn answered(&self, interaction: u64) -> Option<u64> {
        self.shared.world().interactions.get(&interaction).and_then(|one| one.answered)
    }

    /// Interactions whose "thinking" nothing has taken the place of.
    pub fn thinking(&self) -> Vec<u64> {
        let world = self.shared.world();
        let waits = world
            .interactions
            .iter()
            .filter(|(_, one)| one.answered == Some(5) && one.original.is_none());
        waits.map(|(id, _)| *id).collect()
    }

    /// The calls so far by the names under which they can fail, `messages`, `original` …
    pub fn calls(&self) -> Vec<String> {
        self.shared.world().calls.clone()
    }

    /// Whether somebody is connected and identified.
    pub fn is_connected(&self) -> bool {
        self.shared.world().sessions.values().any(Session::is_connected)
    }

    /// What a channel is called: its own name, or the other one's in a direct conversation.
    pub fn name_of(&self, channel: u64) -> String {
        self.shared.world().name_of(channel)
    }

    /// What happened on the gateway so far: `identify`, `resume`, `invalid`, `closed 4014` …
    pub fn gateway_log(&self) -> Vec<String> {
        self.shared.world().gateway_log.clone()
    }

    /// The names of the registered commands.
    pub fn commands(&self) -> Vec<String> {
        self.shared.world().commands.clone()
    }

    /// The thread under this message, if it was opened; with its name.
    pub fn thread(&self, message: u64) -> Option<String> {
        let world = self.shared.world();
        world.channels.get(&message).filter(|one| one.parent.is_some()).map(|one| one.name.clone())
    }

    /// Opens the thread under a message, as the bot would.
    pub fn opens_thread(&self, channel: u64, message: u64, name: &str) {
        self.shared.world().open_thread(channel, message, name.to_owned());
    }

    /// A delivery of this body with a signature of this moment.
    pub fn signed(&self, body: &str) -> WebhookRequest {
        let (timestamp, signature) = self.shared.sign(body);
        let mut headers = http::HeaderMap::new();
        for (name, value) in [(SIGNATURE_HEADER, hex(&signature)), (TIMESTAMP_HEADER, timestamp)] {
            headers.insert(name, value.parse().expect("digits are a header value"));
        }
        WebhookRequest { headers, query: String::new(), body: body.to_owned().into() }
    }

    /// The next call of this kind fails like this; several wait their turn.
    pub fn fail_next(&self, kind: &str, fault: Fault) {
        let mut world = self.shared.world();
        world.faults.entry(kind.to_owned()).or_default().push_back(fault);
    }

    /// Hands any dispatch to whoever is connected.
    pub fn dispatch(&self, name: &str, data: &Value) {
        socket::dispatch(&self.shared, name, data);
    }

    /// Posts a body with a signature of this moment, spoilt if so wished; status and answer.
    pub async fn posts(&self, url: &Url, body: &str, good: bool) -> (u16, Value) {
        self.shared.post_interaction(url.as_str(), body, good).await
    }
}

impl Drop for FakeDiscord {
    fn drop(&mut self) {
        self.gateway.abort();
    }
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().expect("nothing panics while it holds the lock");
        if let Some((at, then)) = world.real_time {
            world.now = at + then.elapsed();
        }
        world
    }

    /// The fault this call has to have, and the note that it was made.
    fn begin(&self, kind: &str) -> Option<Fault> {
        let mut world = self.world();
        world.calls.push(kind.to_owned());
        world.faults.get_mut(kind).and_then(VecDeque::pop_front)
    }

    fn sign(&self, body: &str) -> (String, [u8; 64]) {
        let timestamp = self.world().now.as_second().to_string();
        let signature = self.key.sign(format!("{timestamp}{body}").as_bytes()).to_bytes();
        (timestamp, signature)
    }

    async fn post_interaction(&self, url: &str, body: &str, good: bool) -> (u16, Value) {
        let (timestamp, mut signature) = self.sign(body);
        if !good {
            signature[0] ^= 1;
        }
        let request = self
            .http
            .post(url)
            .header(SIGNATURE_HEADER, hex(&signature))
            .header(TIMESTAMP_HEADER, timestamp)
            .header("content-type", "application/json")
            .body(body.to_owned());
        let Ok(response) = request.send().await else {
            return (0, Value::Null);
        };
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
