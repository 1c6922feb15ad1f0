//! The channels and threads we know: how far we have read each, and what a thread belongs to.
//!
//! Discord's gateway keeps no place for us, so the adapter keeps it: what is known here survives
//! restarts as one stored position of the listener, and is what a reconnect catches up with.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use serde::{Deserialize, Serialize};

use super::wire::Channel;

/// The most places that are kept; those that were quiet longest are forgotten first.
const MOST: usize = 1000;
/// The most questions whose first words are kept as the name of a thread.
const MOST_TITLES: usize = 500;

/// One channel or thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Everything up to this message was stored.
    pub(super) last: u64,
    /// The server; `None` for a direct conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) guild: Option<String>,
    /// The channel that a thread belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) parent: Option<String>,
    /// A thread that we opened, or will open with our reply.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) own: bool,
    /// The thread is there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) open: bool,
    /// We were told that nothing can be sent there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) closed: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// What a thread belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Thread {
    /// The channel around it.
    pub(super) parent: String,
    /// Opened by us: whoever writes there writes to us.
    pub(super) own: bool,
}

/// Everything that is known, shared by listener and sender.
#[derive(Debug, Default)]
pub(super) struct Places {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    known: BTreeMap<String, Known>,
    titles: BTreeMap<u64, String>,
    /// What each server says its language is.
    languages: BTreeMap<String, String>,
    /// The newest message that was stored before the last connect: what is younger and unknown
    /// began while nobody listened.
    horizon: Option<u64>,
    /// Threads that have to be read from their beginning.
    unread: Vec<String>,
    changed: bool,
}

impl Places {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("nothing panics while it holds this lock")
    }

    /// Takes over what an earlier process stored; what is known already counts more.
    pub(super) fn restore(&self, stored: &str) {
        let stored: BTreeMap<String, Known> = serde_json::from_str(stored).unwrap_or_default();
        let mut inner = self.inner();
        for (id, known) in stored {
            inner.known.entry(id).or_insert(known);
        }
    }

    /// What to store, if something changed since the last time.
    pub(super) fn to_store(&self) -> Option<String> {
        let mut inner = self.inner();
        if !inner.changed {
            return None;
        }
        inner.changed = false;
        if inner.known.len() > MOST {
            let mut by_age: Vec<(u64, String)> =
                inner.known.iter().map(|(id, known)| (known.last, id.clone())).collect();
            by_age.sort();
            for (_, id) in &by_age[..by_age.len() - MOST] {
                inner.known.remove(id);
            }
        }
        serde_json::to_string(&inner.known).ok()
    }

    /// Notes a place before its first message is stored; true if it was unknown.
    pub(super) fn expect(&self, id: &str, guild: Option<&str>, message: &str) -> bool {
        let mut inner = self.inner();
        if let Some(known) = inner.known.get_mut(id) {
            let is_news = known.guild.is_none() && guild.is_some();
            known.guild = known.guild.take().or(guild.map(str::to_owned));
            return is_news;
        }
        let last = number(message).saturating_sub(1);
        let known = Known { last, guild: guild.map(str::to_owned), ..Known::default() };
        inner.known.insert(id.to_owned(), known);
        inner.changed = true;
        true
    }

    /// A message was stored, and with it everything before it there.
    pub(super) fn stored(&self, id: &str, message: &str) {
        let mut inner = self.inner();
        if let Some(known) = inner.known.get_mut(id)
            && known.last < number(message)
        {
            known.last = number(message);
            inner.changed = true;
        }
    }

    /// One place.
    pub(super) fn known(&self, id: &str) -> Option<Known> {
        self.inner().known.get(id).cloned()
    }

    /// Every place, the one that was written in last first.
    pub(super) fn newest_first(&self) -> Vec<(String, Known)> {
        let inner = self.inner();
        let mut all: Vec<_> = inner.known.iter().map(|(id, k)| (id.clone(), k.clone())).collect();
        all.sort_by_key(|(_, known)| std::cmp::Reverse(known.last));
        all
    }

    /// The thread with this id, if it is one that we know.
    pub(super) fn thread(&self, id: &str) -> Option<Thread> {
        let inner = self.inner();
        let known = inner.known.get(id)?;
        Some(Thread { parent: known.parent.clone()?, own: known.own })
    }

    /// A connect begins: what is known now tells old threads from those that began meanwhile.
    pub(super) fn draw_line(&self) {
        let mut inner = self.inner();
        inner.horizon = inner.known.values().map(|known| known.last).max();
    }

    /// Learns about a thread from Discord; true if it was unknown and began while nobody listened.
    pub(super) fn learn(&self, channel: &Channel, me: Option<&str>) -> bool {
        let Some(parent) = channel.parent_id.as_deref().filter(|_| channel.is_thread()) else {
            return false;
        };
        let mut inner = self.inner();
        let id = number(&channel.id);
        let began_meanwhile = inner.horizon.is_some_and(|horizon| id > horizon);
        let last = channel.last_message_id.as_deref().map_or(id, number);
        let last = if began_meanwhile { id.saturating_sub(1) } else { last };
        let is_unknown = !inner.known.contains_key(&channel.id);
        let fresh = Known { last, ..Known::default() };
        let known = inner.known.entry(channel.id.clone()).or_insert(fresh);
        known.parent = Some(parent.to_owned());
        known.guild = known.guild.take().or(channel.guild_id.clone());
        known.own |= me.is_some() && channel.owner_id.as_deref() == me;
        known.open = true;
        inner.changed = true;
        drop(inner);
        if let Some(name) = &channel.name {
            self.call(&channel.id, name);
        }
        is_unknown && began_meanwhile
    }

    /// A thread has to be read from its beginning.
    pub(super) fn leave_unread(&self, thread: &str) {
        self.inner().unread.push(thread.to_owned());
    }

    /// The threads that have to be read from their beginning.
    pub(super) fn take_unread(&self) -> Vec<String> {
        std::mem::take(&mut self.inner().unread)
    }

    /// Our reply to this message will open a thread, which has the message's id.
    pub(super) fn will_open(&self, message: &str, parent: (&str, Option<&str>), title: &str) {
        let (parent, guild) = parent;
        let mut inner = self.inner();
        let fresh = Known { last: number(message), ..Known::default() };
        let known = inner.known.entry(message.to_owned()).or_insert(fresh);
        known.parent = Some(parent.to_owned());
        known.guild = guild.map(str::to_owned);
        known.own = true;
        inner.changed = true;
        drop(inner);
        self.call(message, title);
    }

    /// A server says which language is spoken there.
    pub(super) fn speaks(&self, guild: &str, language: &str) {
        self.inner().languages.insert(guild.to_owned(), language.to_owned());
    }

    /// The language of a server, as far as it said.
    pub(super) fn language(&self, guild: &str) -> Option<String> {
        self.inner().languages.get(guild).cloned()
    }

    /// The first words of the question that a thread is about.
    pub(super) fn title(&self, message: &str) -> Option<String> {
        self.inner().titles.get(&number(message)).cloned()
    }

    /// What the thread under a message will be called.
    pub(super) fn call(&self, message: &str, title: &str) {
        let mut inner = self.inner();
        inner.titles.insert(number(message), title.to_owned());
        while inner.titles.len() > MOST_TITLES {
            inner.titles.pop_first();
        }
    }

    /// The thread is there now.
    pub(super) fn opened(&self, thread: &str, parent: &str) {
        let mut inner = self.inner();
        let fresh = Known { last: number(thread), ..Known::default() };
        let known = inner.known.entry(thread.to_owned()).or_insert(fresh);
        known.parent = Some(parent.to_owned());
        (known.own, known.open) = (true, true);
        inner.changed = true;
    }

    /// Says whether anything can be sent there; returns whether that is news.
    pub(super) fn set_closed(&self, id: &str, closed: bool) -> bool {
        let mut inner = self.inner();
        let Some(known) = inner.known.get_mut(id) else { return false };
        let is_news = known.closed != closed;
        known.closed = closed;
        inner.changed |= is_news;
        is_news
    }

    /// Every known place of a server.
    pub(super) fn of_guild(&self, guild: &str) -> Vec<String> {
        let inner = self.inner();
        let here = inner.known.iter().filter(|(_, known)| known.guild.as_deref() == Some(guild));
        here.map(|(id, _)| id.clone()).collect()
    }
}

/// Discord's ids rise with time; what is not a number counts as oldest.
pub(super) fn number(id: &str) -> u64 {
    id.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_survives_a_restart_and_never_goes_back() {
        let places = Places::default();
        assert!(places.expect("7", Some("1"), "100"));
        assert!(!places.expect("7", Some("1"), "101"));
        assert_eq!(places.known("7").unwrap().last, 99);
        places.stored("7", "105");
        places.stored("7", "103");
        let stored = places.to_store().unwrap();
        assert_eq!(places.to_store(), None);
        let later = Places::default();
        later.restore(&stored);
        assert_eq!(later.known("7").unwrap().last, 105);
        assert_eq!(later.of_guild("1"), ["7"]);
    }

    #[test]
    fn a_thread_that_our_reply_will_open_is_ours() {
        let places = Places::default();
        places.will_open("50", ("7", Some("1")), "why does it hum?");
        let thread = Thread { parent: "7".to_owned(), own: true };
        assert_eq!(places.thread("50"), Some(thread));
        assert!(!places.known("50").unwrap().open);
        assert_eq!(places.title("50").as_deref(), Some("why does it hum?"));
        places.opened("50", "7");
        assert!(places.known("50").unwrap().open);
    }

    #[test]
    fn only_the_places_that_were_quiet_longest_are_forgotten() {
        let places = Places::default();
        for n in 1..=MOST + 5 {
            places.expect(&format!("place{n}"), None, &n.to_string());
        }
        places.to_store();
        let left = places.newest_first();
        assert_eq!(left.len(), MOST);
        assert!(places.known("place5").is_none() && places.known("place6").is_some());
    }
}
