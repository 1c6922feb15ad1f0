//! A forum whose accepted answers are followed: what it tells, what it can be asked, and what can
//! be posted there. Values and one trait; no particular forum, no index, no SQL.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::adapter::AccountName;
use super::inbound::{ReceiveError, WebhookRequest};

/// One forum as the application sees it: hears what changed, tells what is accepted.
///
/// What a webhook says is a hint where to look; what counts is what [`Forum::topic`] tells
/// afterwards. So deliveries may come twice, late or in any order.
#[async_trait]
pub trait Forum: fmt::Debug + Send + Sync {
    /// Which kind of forum this is.
    fn kind(&self) -> ForumKind;

    /// What its answers' source is called where nobody named it: a host, or `owner/name`.
    fn source(&self) -> String;

    /// How long to leave between two calls.
    fn pace(&self) -> Duration;

    /// Verifies and decodes one webhook delivery.
    fn receive(&self, request: &WebhookRequest) -> Result<ForumNews, ReceiveError>;

    /// One page of topics with an accepted answer, oldest first; `None` asks for the first page.
    async fn solved(&self, page: Option<&str>) -> Result<ForumPage, ForumError>;

    /// What a topic says now.
    async fn topic(&self, id: &str) -> Result<TopicState, ForumError>;

    /// Asks the forum who we are and what we may see.
    async fn check(&self) -> Result<AccountName, ForumError>;

    /// Whether we can ask there.
    fn takes_topics(&self) -> bool {
        false
    }

    /// Opens a topic. With a [`NewTopic::external_id`] nothing is opened twice: after a call whose
    /// outcome is unknown ask [`Forum::opened_topic`].
    async fn open_topic(&self, new: &NewTopic) -> Result<Posted, ForumError> {
        let _ = new;
        Err(ForumError::Refused { reason: "nothing can be asked there by us".to_owned() })
    }

    /// The topic that was opened under this name of ours, if one was.
    async fn opened_topic(&self, external_id: &str) -> Result<Option<OpenedTopic>, ForumError> {
        let _ = external_id;
        Ok(None)
    }

    /// Where a topic can be read, by its id.
    fn topic_address(&self, topic: &str) -> String {
        topic.to_owned()
    }

    /// Topics that the forum's own search finds, best first.
    async fn find_topics(&self, words: &str) -> Result<Vec<FoundTopic>, ForumError> {
        let _ = words;
        Ok(Vec::new())
    }
}

/// The forums superfan follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ForumKind {
    /// A Discourse forum with the Solved plugin.
    Discourse,
    /// The Discussions of a GitHub repository.
    Github,
}

impl ForumKind {
    /// The lower-case name, as in settings and addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Discourse => "discourse",
            Self::Github => "github",
        }
    }
}

impl fmt::Display for ForumKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one verified delivery of a forum said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForumNews {
    /// The topics it is about.
    pub changes: Vec<ForumChange>,
    /// Why there are none, for the log and the caller.
    pub ignored: Option<String>,
}

/// A topic in which something changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForumChange {
    /// The topic's id there.
    pub topic: String,
    /// What the forum calls the event, for people.
    pub event: String,
    /// What it means.
    pub what: Change,
}

/// What a change may mean for our answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An answer was accepted, or came back: the topic has to be read.
    Accepted,
    /// Something was edited or moved: read the topic if we have answers of it.
    Edited,
    /// This answer is no longer accepted: not to be sent from now on, then the topic is read.
    Withdrawn {
        /// The answer's id there.
        answer: String,
    },
    /// The whole topic went: none of its answers is to be sent, then the topic is read.
    Gone,
}

/// Some topics with accepted answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForumPage {
    /// In the forum's order.
    pub topics: Vec<ListedTopic>,
    /// What to ask [`Forum::solved`] for next; `None` after the last page.
    pub next: Option<String>,
}

/// A topic as a page lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedTopic {
    /// Its id there.
    pub id: String,
    /// Differs when the list can tell that the topic changed; it cannot always tell.
    pub mark: String,
    /// The whole topic, where the page carries it.
    pub state: Option<TopicState>,
}

/// What a topic says at one moment.
#[derive(Clone, Debug, PartialEq)]
pub enum TopicState {
    /// Everybody may read it.
    Public(Box<ForumTopic>),
    /// It is there, but its answers are not ours to give away.
    Hidden {
        /// In words: `in a private category`.
        reason: String,
    },
    /// It was deleted, or we may not see it.
    Gone,
}

/// A public topic with the answers that are accepted now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForumTopic {
    /// Its id there.
    pub id: String,
    /// Its title, plain.
    pub title: String,
    /// The question, HTML.
    pub question: String,
    /// Who asked.
    pub asker: Option<String>,
    /// When it was asked.
    pub asked_at: Option<Timestamp>,
    /// Labels.
    pub tags: Vec<String>,
    /// Its address.
    pub url: String,
    /// The accepted answers; none when it is not solved.
    pub answers: Vec<ForumAnswer>,
}

/// An accepted answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForumAnswer {
    /// Its id there, unique in the whole forum.
    pub id: String,
    /// What it says, HTML.
    pub html: String,
    /// The author's name as others call them there.
    pub author: Option<String>,
    /// The author's profile.
    pub author_url: Option<String>,
    /// Its address.
    pub url: String,
    /// How many liked it.
    pub votes: i64,
    /// When it was accepted, or, where the forum does not say, written.
    pub accepted_at: Option<Timestamp>,
    /// BCP 47, where the forum says.
    pub lang: Option<String>,
    /// Licence, where one is known.
    pub licence: Option<String>,
}

/// Why a forum did not tell or take something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ForumError {
    /// It asked us to wait; it did nothing.
    #[error("the forum asked us to wait {} s: {reason}", wait.as_secs())]
    Wait {
        /// How long.
        wait: Duration,
        /// In words.
        reason: String,
    },
    /// It could not be reached, or broke: asking again later may help.
    #[error("the forum did not answer: {reason}")]
    Unreachable {
        /// In words.
        reason: String,
    },
    /// Our key may not do this, or there is none: somebody has to act.
    #[error("the forum refused: {reason}")]
    Refused {
        /// The forum's words.
        reason: String,
    },
    /// What we posted does not fit the forum's rules.
    #[error("the forum did not take it: {}", reasons.join("; "))]
    Rejected {
        /// The forum's words, one for each rule.
        reasons: Vec<String>,
    },
    /// There is no such thing.
    #[error("the forum has no such thing: {what}")]
    Missing {
        /// What was asked for.
        what: String,
    },
    /// It answered something else than it documents.
    #[error("the forum's answer makes no sense: {reason}")]
    Unreadable {
        /// In words.
        reason: String,
    },
}

/// A topic to open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewTopic {
    /// At least 15 characters by the usual rules.
    pub title: String,
    /// Markdown, at least 20 characters by the usual rules.
    pub raw: String,
    /// Where; the forum's own choice without.
    pub category: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// Our own name for it, at most 50 of `[A-Za-z0-9_-]`: a second topic with it is not opened.
    pub external_id: Option<String>,
    /// The member who alone reads it, as a private message; everybody without.
    pub to: Option<String>,
}

/// Something that was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The topic's id there.
    pub topic: String,
    /// The post's id there.
    pub post: String,
    /// Where it can be read.
    pub url: String,
}

/// A topic of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedTopic {
    /// Its id there.
    pub topic: String,
    /// Where it can be read.
    pub url: String,
}

/// A topic that a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTopic {
    /// Its id there.
    pub id: String,
    /// Its title, plain.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Whether an answer is accepted.
    pub solved: bool,
    /// How many posts it has.
    pub n_posts: u64,
}
