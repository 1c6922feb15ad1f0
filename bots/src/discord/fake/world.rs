//! What the fake Discord remembers: people, channels, what was written, sessions of the gateway.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::SentMessage;
use crate::fakes::Fault;

/// The bot's user id, and the application's.
pub const BOT_ID: u64 = 900_700_100_200_300_401;
/// The bot's name.
pub const BOT_NAME: &str = "brandbot";
/// The one server.
pub const GUILD_ID: u64 = 800_700_100_200_300_402;
/// The kind of a channel in which every post is a thread.
pub(super) const FORUM: u8 = 15;
/// The kinds of channels that have a name of their own.
const NAMED: [u8; 2] = [0, FORUM];
/// Five messages in five seconds, as Discord has it for a channel.
const BUCKET: u32 = 5;
const BUCKET_RESET: SignedDuration = SignedDuration::from_secs(5);
const GLOBAL: usize = 50;

/// A channel, a thread or a direct conversation.
#[derive(Clone, Debug, Default)]
pub(super) struct FakeChannel {
    /// 0 text, 1 direct, 11 thread, 15 forum.
    pub(super) kind: u8,
    pub(super) name: String,
    pub(super) parent: Option<u64>,
    pub(super) owner: Option<u64>,
    /// The other one in a direct conversation.
    pub(super) with: Option<u64>,
    /// Why nothing can be written there.
    pub(super) closed: Option<(u16, u64, &'static str)>,
    /// Everything written there, as the API shows it.
    pub(super) history: Vec<Value>,
    bucket: Option<(Timestamp, u32)>,
}

/// What became of an interaction.
#[derive(Clone, Debug)]
pub(super) struct FakeInteraction {
    pub(super) token: String,
    pub(super) channel: u64,
    pub(super) answered: Option<u64>,
    pub(super) ephemeral: bool,
    /// The message that "thinking" became.
    pub(super) original: Option<u64>,
    pub(super) at: Timestamp,
}

/// One session of the gateway, connected or not.
pub(super) struct Session {
    pub(super) seq: u64,
    pub(super) kept: Vec<Value>,
    pub(super) sees_content: bool,
    pub(super) socket: Option<mpsc::UnboundedSender<Frame>>,
}

impl Session {
    pub(super) fn is_connected(&self) -> bool {
        self.socket.as_ref().is_some_and(|socket| !socket.is_closed())
    }
}

/// What a connection is told to send.
pub(super) enum Frame {
    Text(String),
    Close(u16),
}

/// Everything the fake knows.
pub(super) struct World {
    pub(super) now: Timestamp,
    /// Where the clock stood when it began to run by itself.
    pub(super) real_time: Option<(Timestamp, Instant)>,
    pub(super) n_too_many: u64,
    pub(super) token: String,
    pub(super) gateway_url: String,
    users: BTreeMap<u64, String>,
    pub(super) roles: BTreeMap<u64, Vec<String>>,
    pub(super) channels: BTreeMap<u64, FakeChannel>,
    pub(super) interactions: BTreeMap<u64, FakeInteraction>,
    nonces: HashMap<(u64, String), u64>,
    pub(super) sent: Vec<SentMessage>,
    /// What messages said after each edit; nothing once they were deleted.
    pub(super) amended: Vec<SentMessage>,
    pub(super) deleted: Vec<u64>,
    pub(super) typing: Vec<u64>,
    pub(super) commands: Vec<String>,
    pub(super) endpoint: Option<String>,
    pub(super) grants_content: bool,
    pub(super) is_down: bool,
    pub(super) heartbeat: Duration,
    pub(super) answers_heartbeats: bool,
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) gateway_log: Vec<String>,
    pub(super) calls: Vec<String>,
    pub(super) faults: HashMap<String, VecDeque<Fault>>,
    recent: VecDeque<Timestamp>,
    n_ids: u64,
}

impl World {
    pub(super) fn new(now: Timestamp, gateway_url: String) -> Self {
        Self {
            now,
            real_time: None,
            n_too_many: 0,
            // The id in base64, as in real tokens.
            token: "OTAwNzAwMTAwMjAwMzAwNDAx.fake.token".to_owned(),
            gateway_url,
            users: BTreeMap::new(),
            roles: BTreeMap::new(),
            channels: BTreeMap::new(),
            interactions: BTreeMap::new(),
            nonces: HashMap::new(),
            sent: Vec::new(),
            amended: Vec::new(),
            deleted: Vec::new(),
            typing: Vec::new(),
            commands: Vec::new(),
            endpoint: None,
            grants_content: true,
            is_down: false,
            heartbeat: Duration::from_millis(41_250),
            answers_heartbeats: true,
            sessions: BTreeMap::new(),
            gateway_log: Vec::new(),
            calls: Vec::new(),
            faults: HashMap::new(),
            recent: VecDeque::new(),
            n_ids: 0,
        }
    }

    /// An id of this moment: <https://discord.com/developers/docs/reference#snowflakes>
    pub(super) fn next_id(&mut self) -> u64 {
        self.n_ids += 1;
        let millis = u64::try_from(self.now.as_millisecond()).unwrap_or_default();
        ((millis - 1_420_070_400_000) << 22) + self.n_ids
    }

    pub(super) fn user_named(&mut self, name: &str) -> u64 {
        let known = self.users.iter().find(|(_, known)| known.as_str() == name);
        if let Some((id, _)) = known {
            return *id;
        }
        let id = 600_000_000_000_000_001 + self.users.len() as u64;
        self.users.insert(id, name.to_owned());
        id
    }

    pub(super) fn channel_named(&mut self, name: &str) -> u64 {
        let is_it = |one: &FakeChannel| NAMED.contains(&one.kind) && one.name == name;
        let known = self.channels.iter().find(|(_, one)| is_it(one));
        if let Some((id, _)) = known {
            return *id;
        }
        let id = 700_000_000_000_000_001 + self.channels.len() as u64;
        self.channels.insert(id, FakeChannel { name: name.to_owned(), ..FakeChannel::default() });
        id
    }

    pub(super) fn direct_with(&mut self, user: u64) -> u64 {
        let known = self.channels.iter().find(|(_, one)| one.with == Some(user));
        if let Some((id, _)) = known {
            return *id;
        }
        let id = 750_000_000_000_000_001 + self.channels.len() as u64;
        let direct = FakeChannel { kind: 1, with: Some(user), ..FakeChannel::default() };
        self.channels.insert(id, direct);
        id
    }

    pub(super) fn name_of(&self, channel: u64) -> String {
        let channel = &self.channels[&channel];
        match (channel.with, channel.parent) {
            (Some(other), _) => self.users[&other].clone(),
            (None, Some(_)) => format!("thread {:?}", channel.name),
            (None, None) => channel.name.clone(),
        }
    }

    /// Opens a thread under a message; it has the message's id.
    pub(super) fn open_thread(&mut self, parent: u64, message: u64, name: String) {
        self.open_thread_of(BOT_ID, (parent, message), name);
    }

    /// The same by anybody.
    pub(super) fn open_thread_of(
        &mut self,
        owner: u64,
        (parent, message): (u64, u64),
        name: String,
    ) {
        let (parent, owner) = (Some(parent), Some(owner));
        let thread = FakeChannel { kind: 11, name, parent, owner, ..FakeChannel::default() };
        self.channels.insert(message, thread);
    }

    /// What a server tells of itself after a connect, as far as we make use of it.
    pub(super) fn guild_json(&self) -> Value {
        let threads = self.channels.iter().filter(|(_, one)| one.parent.is_some());
        let threads: Vec<Value> = threads.map(|(id, _)| self.channel_json(*id)).collect();
        json!({ "id": GUILD_ID.to_string(), "threads": threads })
    }

    pub(super) fn channel(&mut self, id: u64) -> &mut FakeChannel {
        self.channels.get_mut(&id).expect("handles are made only for channels that exist")
    }

    pub(super) fn user_json(&self, id: u64) -> Value {
        if id == BOT_ID {
            return json!({ "id": id.to_string(), "username": BOT_NAME, "bot": true });
        }
        let name = &self.users[&id];
        json!({ "id": id.to_string(), "username": name, "global_name": name })
    }

    /// A member of the server, without the account.
    pub(super) fn member_json(&self, id: u64) -> Value {
        json!({ "roles": self.roles.get(&id).cloned().unwrap_or_default(), "nick": null })
    }

    pub(super) fn channel_json(&self, id: u64) -> Value {
        let channel = &self.channels[&id];
        let mut shown = json!({ "id": id.to_string(), "type": channel.kind });
        if channel.kind != 1 {
            shown["name"] = json!(channel.name);
            shown["guild_id"] = json!(GUILD_ID.to_string());
        }
        let text = |id: &u64| json!(id.to_string());
        if let Some(parent) = &channel.parent {
            shown["parent_id"] = text(parent);
            shown["owner_id"] = channel.owner.as_ref().map(text).unwrap_or_default();
        }
        if let Some(last) = channel.history.last() {
            shown["last_message_id"] = last["id"].clone();
        } else if channel.kind == FORUM {
            // A forum's newest post stands there.
            let posts = self.channels.iter().filter(|(_, one)| one.parent == Some(id));
            shown["last_message_id"] = posts.map(|(post, _)| text(post)).next_back().into();
        }
        shown
    }

    /// Writes a message down as the API shows it; the event has a little more.
    pub(super) fn write(&mut self, channel: u64, author: u64, extra: &Value) -> Value {
        let id = self.next_id();
        let mut message = json!({
            "id": id.to_string(), "channel_id": channel.to_string(), "type": 0,
            "author": self.user_json(author), "timestamp": self.now.to_string(), "mentions": [],
            "edited_timestamp": null, "attachments": [], "embeds": [], "flags": 0,
        });
        for (field, value) in extra.as_object().into_iter().flatten() {
            message[field] = value.clone();
        }
        let mentions = message["content"].as_str().unwrap_or_default().to_owned();
        let mentioned = self.users.keys().chain([&BOT_ID]);
        let mentioned: Vec<Value> = mentioned
            .filter(|id| mentions.contains(&format!("<@{id}>")))
            .map(|id| self.user_json(*id))
            .collect();
        message["mentions"] = json!(mentioned);
        self.channel(channel).history.push(message.clone());
        message
    }

    /// The event that tells of a message: it says where, the history does not.
    pub(super) fn event_of(&self, message: &Value) -> Value {
        let mut event = message.clone();
        let id: u64 = message["channel_id"].as_str().and_then(|id| id.parse().ok()).unwrap_or(0);
        let Some(channel) = self.channels.get(&id) else { return event };
        event["channel_type"] = json!(channel.kind);
        if channel.kind != 1 {
            event["guild_id"] = json!(GUILD_ID.to_string());
            let author = message["author"]["id"].as_str().and_then(|id| id.parse().ok());
            event["member"] = self.member_json(author.unwrap_or_default());
        }
        event
    }

    /// The message that this nonce made before in this channel.
    pub(super) fn nonce(&self, channel: u64, nonce: &str) -> Option<u64> {
        self.nonces.get(&(channel, nonce.to_owned())).copied()
    }

    pub(super) fn remember_nonce(&mut self, channel: u64, nonce: &str, message: u64) {
        self.nonces.insert((channel, nonce.to_owned()), message);
    }

    /// Counts one message of a channel's bucket: how many are left and when it is full again;
    /// `Err` if it was empty.
    pub(super) fn take_from_bucket(&mut self, channel: u64) -> Result<(u32, f64), f64> {
        let now = self.now;
        let bucket = &mut self.channel(channel).bucket;
        let (since, used) = match *bucket {
            Some((since, used)) if now.duration_since(since) < BUCKET_RESET => (since, used),
            _ => (now, 0),
        };
        let reset_after = (BUCKET_RESET - now.duration_since(since)).as_secs_f64();
        if used >= BUCKET {
            self.n_too_many += 1;
            return Err(reset_after);
        }
        *bucket = Some((since, used + 1));
        Ok((BUCKET - used - 1, reset_after))
    }

    /// Counts one request of all; false beyond fifty in a second.
    pub(super) fn take_globally(&mut self) -> bool {
        let now = self.now;
        let lapsed = |at: &Timestamp| now.duration_since(*at) >= SignedDuration::from_secs(1);
        while self.recent.front().is_some_and(lapsed) {
            self.recent.pop_front();
        }
        self.recent.push_back(now);
        let is_within = self.recent.len() <= GLOBAL;
        self.n_too_many += u64::from(!is_within);
        is_within
    }
}
