//! Public posts, of either version, read into one shape and then judged once.

use jiff::Timestamp;
use jiff::fmt::strtime;
use serde_json::Value;

use super::super::wire::{Entities, Includes, OldPost, Post, User};
use super::without_short_addresses;
use super::{Decoded, Me, PUBLIC_PLACE, author, read, time_in_ms, undecodable, unescaped};
use crate::text::said;
use crate::{Content, InboundMessage, Place, ReceiveError, ReplyAddress};

/// A post, whatever version it came in.
#[derive(Debug)]
pub(super) struct Heard {
    id: String,
    author_id: String,
    author: Option<User>,
    /// As X wrote it, escaped.
    text: String,
    lang: Option<String>,
    mentions: Vec<User>,
    replied_to: Option<String>,
    /// The author of the post it quotes.
    quoted: Option<String>,
    /// The post of which this is a new version.
    edited: Option<String>,
    is_repost: bool,
    has_media: bool,
    at: Option<Timestamp>,
}

/// One post of a list of version 2; `mentioned` when the list is that of our mentions.
pub(in crate::x) fn listed_post(
    value: Value,
    includes: &Includes,
    me: &Me<'_>,
    now: Timestamp,
) -> Result<Decoded, ReceiveError> {
    Ok(read_new(read(value)?, includes)?.decode(me, true, now))
}

/// Reads a post of version 2.
pub(super) fn read_new(post: Post, includes: &Includes) -> Result<Heard, ReceiveError> {
    let id = post.id.ok_or_else(|| undecodable("a post without an id"))?;
    let author_id = post.author_id.ok_or_else(|| undecodable("a post without an author"))?;
    let referred = |kind: &str| {
        let found = post.referenced_tweets.iter().find(|other| other.kind == kind);
        found.and_then(|other| other.id.clone())
    };
    let quoted = referred("quoted").and_then(|quoted| {
        let text_of = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
        let is_it = |value: &&Value| text_of(value, "id").as_ref() == Some(&quoted);
        text_of(includes.tweets.iter().find(is_it)?, "author_id")
    });
    let edited = match post.edit_history_tweet_ids.as_slice() {
        [.., before, last] if *last == id => Some(before.clone()),
        _ => None,
    };
    let (text, mut entities) = (post.text, post.entities);
    let text = match post.note_tweet {
        Some(long) if !long.text.is_empty() => {
            entities.mentions.extend(long.entities.mentions);
            long.text
        }
        _ => text,
    };
    Ok(Heard {
        author: includes.users.iter().find(|user| user.key() == Some(&author_id)).cloned(),
        replied_to: referred("replied_to"),
        is_repost: referred("retweeted").is_some(),
        at: post.created_at.as_deref().and_then(|at| at.parse().ok()),
        has_media: post.attachments.is_some(),
        mentions: entities.mentions,
        lang: post.lang,
        id,
        author_id,
        text,
        quoted,
        edited,
    })
}

/// Reads a post of version 1.1; where it is cut, the whole text is beside it.
pub(super) fn read_old(post: OldPost) -> Result<Heard, ReceiveError> {
    let author_id = post.user.key().map(str::to_owned);
    let mut mentions = post.entities.mentions;
    let text = match post.extended_tweet {
        Some(long) if !long.text.is_empty() => {
            let Entities { mentions: more } = long.entities;
            mentions.extend(more);
            long.text
        }
        _ => post.text,
    };
    let at = time_in_ms(post.timestamp_ms.as_deref())
        .or_else(|| old_time(post.created_at.as_deref().unwrap_or_default()));
    Ok(Heard {
        id: post.id_str.ok_or_else(|| undecodable("a post without an id"))?,
        author_id: author_id.ok_or_else(|| undecodable("a post without an author"))?,
        quoted: post.quoted_status.and_then(|quoted| quoted.user.key().map(str::to_owned)),
        author: Some(post.user),
        lang: post.lang,
        replied_to: post.in_reply_to_status_id_str,
        edited: None,
        is_repost: post.retweeted_status.is_some(),
        has_media: post.extended_entities.is_some(),
        text,
        mentions,
        at,
    })
}

impl Heard {
    /// What somebody did, seen from our account. `mentioned` when X itself said that we are.
    pub(super) fn decode(self, me: &Me<'_>, mentioned: bool, now: Timestamp) -> Decoded {
        if me.is(Some(&self.author_id)) {
            return Decoded::Ignored("our own post");
        }
        if self.is_repost {
            return Decoded::Ignored("a repost");
        }
        if self.author.as_ref().is_some_and(|author| author.protected) {
            // An answer in public would tell everybody what they said to their followers only.
            return Decoded::Ignored("a post of a protected account");
        }
        let mentioned = mentioned && !self.is_implicit(me);
        let addressed = mentioned || self.names(me) || me.is(self.quoted.as_deref());
        let text = without_short_addresses(&without_mentions(&unescaped(&self.text), me));
        let content = match self.edited {
            Some(message_id) => Content::Edited { text, message_id },
            None if text.is_empty() && self.has_media => {
                Content::Unreadable { what: "picture".to_owned() }
            }
            None => said(text),
        };
        let handle = self.author.as_ref().and_then(|user| user.username.as_deref());
        let address = match handle {
            Some(handle) => format!("{}/{handle}", self.author_id),
            None => self.author_id.clone(),
        };
        Decoded::from(InboundMessage {
            event_key: format!("post:{}", self.id),
            address: ReplyAddress { value: address, expires_at: None },
            place: Place::Group { id: PUBLIC_PLACE.to_owned(), addressed },
            author: author(&self.author_id, self.author.as_ref(), self.lang.as_deref()),
            conversation: self.author_id,
            message_id: Some(self.id),
            reply_to: self.replied_to,
            content,
            sent_at: self.at.unwrap_or(now),
        })
    }

    /// Whether X lists it only because it replies where we are mentioned: then nobody summoned us.
    fn is_implicit(&self, me: &Me<'_>) -> bool {
        let can_tell = me.username.is_some() || !self.mentions.is_empty();
        self.replied_to.is_some() && can_tell && !self.names(me)
    }

    /// Whether it mentions us: by X's own list, or in the text where there is no list.
    fn names(&self, me: &Me<'_>) -> bool {
        let is_us = |user: &User| {
            me.is(user.key())
                || me.username.is_some_and(|ours| {
                    user.username.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(ours))
                })
        };
        if !self.mentions.is_empty() {
            return self.mentions.iter().any(is_us);
        }
        mentions_in(&self.text).any(|(_, name)| me.username.is_some_and(|ours| is_name(name, ours)))
    }
}

/// The text without the mentions before it, and without our own name anywhere.
fn without_mentions(text: &str, me: &Me<'_>) -> String {
    let mut rest = text.trim_start();
    while let Some((0, name)) = mentions_in(rest).next() {
        rest = rest[1 + name.len()..].trim_start();
    }
    let mut out = String::with_capacity(rest.len());
    let mut done = 0;
    for (at, name) in mentions_in(rest) {
        if me.username.is_some_and(|ours| is_name(name, ours)) {
            out.push_str(rest[done..at].trim_end_matches(' '));
            done = at + 1 + name.len();
        }
    }
    out.push_str(&rest[done..]);
    out.trim().to_owned()
}

/// `@name` in a text: where it begins, and the name. Not inside e-mail addresses.
fn mentions_in(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let in_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices('@').filter_map(move |(at, _)| {
        let free = !text[..at].chars().next_back().is_some_and(in_name);
        let after = &text[at + 1..];
        let name = &after[..after.find(|c| !in_name(c)).unwrap_or(after.len())];
        (free && !name.is_empty()).then_some((at, name))
    })
}

fn is_name(name: &str, ours: &str) -> bool {
    name.eq_ignore_ascii_case(ours)
}

/// `Sun Nov 22 05:00:00 +0000 2026`.
fn old_time(text: &str) -> Option<Timestamp> {
    strtime::parse("%a %b %d %H:%M:%S %z %Y", text).ok()?.to_timestamp().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let me = Me { id: Some("1"), username: Some("brand") };
        assert_eq!(without_mentions(text, &me), expected);
    }

    #[test]
    fn mentions_before_a_text_and_our_own_name_are_not_part_of_it() {
        check("@brand how do I pair it?", "how do I pair it?");
        check("@ann @Brand still broken", "still broken");
        check("why, @brand? It broke", "why,? It broke");
        check("my @brand router and @ann's one", "my router and @ann's one");
        check("mail me at a@brand.example", "mail me at a@brand.example");
        check("@brand", "");
        check("@ alone", "@ alone");
    }

    #[test]
    fn old_dates_are_read() {
        let at = old_time("Sun Nov 22 05:00:00 +0000 2026").unwrap();
        assert_eq!(at.to_string(), "2026-11-22T05:00:00Z");
    }
}
