//! What the fake forum remembers: categories, topics, posts, and what is accepted.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use url::Url;

use super::{STAFF, SUPPORT};
use crate::fakes::Fault;

/// A topic.
#[derive(Clone, Debug)]
pub struct FakeTopic {
    /// Its id.
    pub id: u64,
    /// Its title.
    pub title: String,
    /// Its category.
    pub category: i64,
    /// Labels.
    pub tags: Vec<String>,
    /// Whether it is listed.
    pub visible: bool,
    /// Whether it is deleted.
    pub deleted: bool,
    /// The accepted posts, in the order they were accepted.
    pub accepted: Vec<u64>,
    /// The name its maker gave it.
    pub external_id: Option<String>,
    /// The member a private message went to; `None` for a topic.
    pub to: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When something was last said in it.
    pub bumped_at: Timestamp,
}

/// A post.
#[derive(Clone, Debug)]
pub struct FakePost {
    /// Its id.
    pub id: u64,
    /// Its topic.
    pub topic: u64,
    /// Its place in the topic, from 1.
    pub number: u64,
    /// Who wrote it.
    pub author: String,
    /// As written.
    pub raw: String,
    /// When.
    pub created_at: Timestamp,
    /// How many like it.
    pub likes: i64,
    /// Whether it is deleted.
    pub deleted: bool,
}

/// Everything the fake knows.
pub(crate) struct World {
    pub(super) now: Timestamp,
    /// Whether each category is for staff only.
    pub(super) categories: BTreeMap<i64, (String, bool)>,
    pub(super) topics: BTreeMap<u64, FakeTopic>,
    pub(super) posts: BTreeMap<u64, FakePost>,
    next_id: u64,
    next_event: u64,
    pub(super) several_solutions: bool,
    pub(super) page_size: usize,
    pub(super) webhook: Option<Url>,
    /// Kind, event and body.
    pub(super) last_delivery: Option<(String, String, String)>,
    pub(super) last_status: Option<u16>,
    pub(super) revoked: bool,
    pub(super) calls_left: Option<u32>,
    pub(super) calls: Vec<String>,
    pub(super) faults: VecDeque<(String, Fault)>,
}

impl World {
    pub(super) fn new(now: Timestamp) -> Self {
        let support = (SUPPORT, ("Support".to_owned(), false));
        let staff = (STAFF, ("Staff".to_owned(), true));
        Self {
            now,
            categories: BTreeMap::from([support, staff]),
            topics: BTreeMap::new(),
            posts: BTreeMap::new(),
            next_id: 100,
            next_event: 1,
            several_solutions: false,
            page_size: 30,
            webhook: None,
            last_delivery: None,
            last_status: None,
            revoked: false,
            calls_left: None,
            calls: Vec::new(),
            faults: VecDeque::new(),
        }
    }

    pub(super) fn next_event_id(&mut self) -> u64 {
        self.next_event += 1;
        self.next_event
    }

    pub(super) fn next_fault(&mut self, path: &str) -> Option<Fault> {
        let at = self.faults.iter().position(|(wanted, _)| path.starts_with(wanted.as_str()))?;
        self.faults.remove(at).map(|(_, fault)| fault)
    }

    /// No two things happen at the same moment.
    fn tick(&mut self) -> (u64, Timestamp) {
        self.next_id += 1;
        self.now += SignedDuration::from_secs(1);
        (self.next_id, self.now)
    }

    pub(super) fn open_topic(&mut self, by: &str, title: &str, raw: &str, category: i64) -> u64 {
        let (id, now) = self.tick();
        let topic = FakeTopic {
            id,
            title: title.to_owned(),
            category,
            tags: Vec::new(),
            visible: true,
            deleted: false,
            accepted: Vec::new(),
            external_id: None,
            to: None,
            created_at: now,
            bumped_at: now,
        };
        self.topics.insert(id, topic);
        self.add_post(by, id, raw);
        id
    }

    pub(super) fn add_post(&mut self, by: &str, topic: u64, raw: &str) -> u64 {
        let (id, created_at) = self.tick();
        let number = self.posts_of(topic).len() as u64 + 1;
        let author = by.to_owned();
        let raw = raw.to_owned();
        let post =
            FakePost { id, topic, number, author, raw, created_at, likes: 0, deleted: false };
        self.posts.insert(id, post);
        self.change(topic, |topic| topic.bumped_at = created_at);
        id
    }

    /// Every post of a topic, deleted ones too: numbers are not given out twice.
    pub(super) fn posts_of(&self, topic: u64) -> Vec<&FakePost> {
        self.posts.values().filter(|post| post.topic == topic).collect()
    }

    pub(super) fn is_private(&self, topic: &FakeTopic) -> bool {
        let is_message = topic.to.is_some();
        is_message || self.categories.get(&topic.category).is_none_or(|(_, private)| *private)
    }

    /// Whether somebody of this name ever wrote there.
    pub(super) fn has_member(&self, name: &str) -> bool {
        self.posts.values().any(|post| post.author == name)
    }

    pub(super) fn accept(&mut self, post: u64) -> Value {
        let (several, topic) = (self.several_solutions, self.posts[&post].topic);
        self.change(topic, |topic| {
            if !several {
                topic.accepted.clear();
            }
            topic.accepted.retain(|id| *id != post);
            topic.accepted.push(post);
        });
        self.post_event(post)
    }

    pub(super) fn unaccept(&mut self, post: u64) -> Value {
        self.change(self.posts[&post].topic, |topic| topic.accepted.retain(|id| *id != post));
        self.post_event(post)
    }

    pub(super) fn edit(&mut self, post: u64, raw: &str) -> Value {
        if let Some(post) = self.posts.get_mut(&post) {
            raw.clone_into(&mut post.raw);
        }
        self.post_event(post)
    }

    pub(super) fn like(&mut self, post: u64, n: i64) {
        if let Some(post) = self.posts.get_mut(&post) {
            post.likes += n;
        }
    }

    pub(super) fn delete_post(&mut self, id: u64) -> (Value, bool) {
        let topic = self.posts[&id].topic;
        let was_accepted = self.topics[&topic].accepted.contains(&id);
        if let Some(post) = self.posts.get_mut(&id) {
            post.deleted = true;
        }
        self.change(topic, |topic| topic.accepted.retain(|accepted| *accepted != id));
        (self.post_event(id), was_accepted)
    }

    pub(super) fn set_deleted(&mut self, topic: u64, deleted: bool) -> Value {
        self.change_topic(topic, |topic| topic.deleted = deleted)
    }

    pub(super) fn change_topic(&mut self, topic: u64, how: impl FnOnce(&mut FakeTopic)) -> Value {
        self.change(topic, how);
        self.topic_event(topic)
    }

    fn change(&mut self, topic: u64, how: impl FnOnce(&mut FakeTopic)) {
        if let Some(topic) = self.topics.get_mut(&topic) {
            how(topic);
        }
    }
}
