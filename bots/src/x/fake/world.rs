//! What the fake X knows, and its rules: who may answer whom, how long, how often, at what price.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use url::Url;

use super::{BRAND_ID, BRAND_NAME};
use crate::fakes::Fault;

/// The limit of posts in fifteen minutes, by name.
pub(super) const POSTS: &str = "posts";
/// The limit of direct messages.
pub(super) const DIRECTS: &str = "directs";
const WINDOW_SECS: i64 = 900;

/// A post of the brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentPost {
    /// Its id.
    pub id: String,
    /// What people read, with the name before it.
    pub text: String,
    /// The post it answers.
    pub in_reply_to: String,
    /// On the fake's clock.
    pub at: Timestamp,
}

/// A direct message of the brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentDirect {
    /// Its id.
    pub id: String,
    /// The person's id.
    pub to: String,
    /// What people read.
    pub text: String,
    /// On the fake's clock.
    pub at: Timestamp,
}

/// Anybody's post.
#[derive(Clone, Debug)]
pub(super) struct Post {
    pub(super) id: u64,
    pub(super) author: String,
    pub(super) text: String,
    pub(super) in_reply_to: Option<String>,
    pub(super) at: Timestamp,
}

/// Anybody's direct message; `person` is the one who is not the brand.
#[derive(Clone, Debug)]
pub(super) struct Direct {
    pub(super) id: u64,
    pub(super) person: String,
    pub(super) by_brand: bool,
    pub(super) text: String,
    pub(super) at: Timestamp,
}

pub(super) struct World {
    pub(super) now: Timestamp,
    pub(super) revoked: bool,
    /// The challenge and the return address of a consent that nobody took up yet.
    pub(super) consent: Option<(String, String)>,
    /// Names by id.
    pub(super) people: BTreeMap<String, String>,
    pub(super) posts: Vec<Post>,
    /// Ids of deleted posts of the brand.
    pub(super) deleted: Vec<String>,
    pub(super) directs: Vec<Direct>,
    /// Who blocked the brand or became protected.
    pub(super) closed: Vec<String>,
    pub(super) charged: f64,
    pub(super) n_too_many: u64,
    pub(super) calls: Vec<String>,
    pub(super) faults: VecDeque<(String, Fault)>,
    pub(super) webhook: Option<Url>,
    pub(super) webhooks: Vec<String>,
    pub(super) subscriptions: Vec<String>,
    pub(super) nonces: Vec<String>,
    /// Count of renewals; the refresh and access tokens are named after it.
    pub(super) n_renewed: u32,
    pub(super) access_ended: bool,
    used: BTreeMap<&'static str, (i64, u32)>,
    next_id: u64,
}

impl World {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            now,
            revoked: false,
            consent: None,
            people: BTreeMap::from([(BRAND_ID.to_owned(), BRAND_NAME.to_owned())]),
            posts: Vec::new(),
            deleted: Vec::new(),
            directs: Vec::new(),
            closed: Vec::new(),
            charged: 0.0,
            n_too_many: 0,
            calls: Vec::new(),
            faults: VecDeque::new(),
            webhook: None,
            webhooks: Vec::new(),
            subscriptions: Vec::new(),
            nonces: Vec::new(),
            n_renewed: 0,
            access_ended: true,
            used: BTreeMap::new(),
            // Too great for a number of JavaScript, as the real ones.
            next_id: 1_990_000_000_000_000_000,
        }
    }

    pub(super) fn person(&mut self, name: &str) -> String {
        let known = self.people.iter().find(|(_, known)| *known == name);
        if let Some((id, _)) = known {
            return id.clone();
        }
        let id = (7100 + self.people.len()).to_string();
        self.people.insert(id.clone(), name.to_owned());
        id
    }

    pub(super) fn refresh_token(&self) -> String {
        format!("refresh-{}", self.n_renewed)
    }

    pub(super) fn access_token(&self) -> String {
        format!("access-{}", self.n_renewed)
    }

    pub(super) fn end_access_token(&mut self) {
        self.access_ended = true;
    }

    pub(super) fn next_fault(&mut self, path: &str) -> Option<Fault> {
        let at = self.faults.iter().position(|(end, _)| path.ends_with(end.as_str()))?;
        self.faults.remove(at).map(|(_, fault)| fault)
    }

    pub(super) fn posts_of_the_brand(&self) -> Vec<SentPost> {
        let ours = self.posts.iter().filter(|post| post.author == BRAND_ID);
        let sent = ours.map(|post| SentPost {
            id: post.id.to_string(),
            text: post.text.clone(),
            in_reply_to: post.in_reply_to.clone().unwrap_or_default(),
            at: post.at,
        });
        sent.collect()
    }

    pub(super) fn directs_of_the_brand(&self) -> Vec<SentDirect> {
        let ours = self.directs.iter().filter(|direct| direct.by_brand);
        let sent = ours.map(|direct| SentDirect {
            id: direct.id.to_string(),
            to: direct.person.clone(),
            text: direct.text.clone(),
            at: direct.at,
        });
        sent.collect()
    }

    pub(super) fn add_post(&mut self, author: &str, text: &str, reply_to: Option<&str>) -> u64 {
        let id = self.new_id();
        let (author, text) = (author.to_owned(), text.to_owned());
        let in_reply_to = reply_to.map(str::to_owned);
        self.posts.push(Post { id, author, text, in_reply_to, at: self.now });
        id
    }

    pub(super) fn add_direct(&mut self, person: &str, by_brand: bool, text: &str) -> u64 {
        let id = self.new_id();
        let (person, text) = (person.to_owned(), text.to_owned());
        self.directs.push(Direct { id, person, by_brand, text, at: self.now });
        id
    }

    /// A post of the brand, if the rules allow it.
    pub(super) fn brand_posts(&mut self, text: &str, reply_to: &str) -> Result<u64, (u16, String)> {
        if length(text) > 280 {
            return Err((400, "Your Tweet text is too long.".to_owned()));
        }
        let target = self.posts.iter().find(|post| post.id.to_string() == reply_to);
        let Some(target) = target else {
            return Err((403, "You attempted to reply to a Tweet that is deleted.".to_owned()));
        };
        if self.closed.contains(&target.author) {
            return Err((403, "You have been blocked from replying to this user.".to_owned()));
        }
        let ours = target.author == BRAND_ID;
        if !ours && !target.text.to_lowercase().contains(&format!("@{BRAND_NAME}")) {
            return Err((
                403,
                "Reply to this conversation is not allowed because you have not been mentioned or \
                 otherwise engaged by the author of the post you are replying to."
                    .to_owned(),
            ));
        }
        if self.posts.iter().any(|post| post.author == BRAND_ID && post.text == text) {
            let words = "You are not allowed to create a Tweet with duplicate content.";
            return Err((403, words.to_owned()));
        }
        self.charged += match text.contains("://") {
            true => 0.200,
            false if ours => 0.015,
            false => 0.010,
        };
        Ok(self.add_post(BRAND_ID, text, Some(reply_to)))
    }

    /// A direct message of the brand, if the rules allow it.
    pub(super) fn brand_writes(&mut self, text: &str, to: &str) -> Result<u64, (u16, String)> {
        let wrote = self.directs.iter().any(|direct| direct.person == to && !direct.by_brand);
        if !wrote || self.closed.iter().any(|closed| closed == to) {
            let words = "You do not have permission to DM one or more participants.";
            return Err((403, words.to_owned()));
        }
        self.charged += 0.015;
        Ok(self.add_direct(to, true, text))
    }

    /// Counts a call; `None` when the window is used up. Remaining and reset besides.
    pub(super) fn count(
        &mut self,
        limit: &'static str,
        n: u32,
    ) -> (bool, Vec<(&'static str, i64)>) {
        let window = self.now.as_second().div_euclid(WINDOW_SECS);
        let used = self.used.entry(limit).or_insert((window, 0));
        if used.0 != window {
            *used = (window, 0);
        }
        let allowed = used.1 < n;
        if allowed {
            used.1 += 1;
        } else {
            self.n_too_many += 1;
        }
        let headers = vec![
            ("x-rate-limit-limit", i64::from(n)),
            ("x-rate-limit-remaining", i64::from(n - used.1)),
            ("x-rate-limit-reset", (window + 1) * WINDOW_SECS),
        ];
        (allowed, headers)
    }

    pub(super) fn leave(&mut self, limit: &'static str, n: u32) {
        let window = self.now.as_second().div_euclid(WINDOW_SECS);
        self.used.insert(limit, (window, 100 - n));
    }

    fn new_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}

/// Counted the simple way: everything of Asia and every emoji twice, every address as 23.
fn length(text: &str) -> usize {
    let of_char =
        |c: char| if u32::from(c) < 4352 || (8192..8248).contains(&u32::from(c)) { 1 } else { 2 };
    let words = text
        .split(' ')
        .map(|word| if word.starts_with("http") { 23 } else { word.chars().map(of_char).sum() });
    words.sum::<usize>() + text.matches(' ').count()
}
