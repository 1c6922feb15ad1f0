//! Reading a customer's words before any search: what they are, and whether to answer at all.
//! Pure: what was said and what is known go in, a verdict comes out.

use superfan_bots::AuthorKind;

use super::sensitive::{Topic, sensitive_topic};
use super::small_talk::{Intent, is_follow_up, understand};
use crate::vocabulary::{Action, Reason};

/// What is known of the moment a customer wrote.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one fact of the moment, all independent"
)]
#[derive(Clone, Debug)]
pub(super) struct Situation<'a> {
    /// What they wrote, a burst joined by line breaks.
    pub(super) text: &'a str,
    /// The language to expect.
    pub(super) lang: &'a str,
    /// Person, bot or ourselves.
    pub(super) author: AuthorKind,
    /// Said to us: private, mentioned, or in a support place.
    pub(super) addressed: bool,
    /// Others read along.
    pub(super) group: bool,
    /// Buttons are shown here.
    pub(super) has_buttons: bool,
    /// The customer said stop.
    pub(super) stopped: bool,
    /// Automatic replies are paused by an admin.
    pub(super) paused: bool,
    /// A person owns the conversation.
    pub(super) human_owns: bool,
    /// Older than the limit.
    pub(super) too_old: bool,
    /// Too many messages in a short time.
    pub(super) flood: bool,
    /// The same words were handled a moment ago.
    pub(super) repeated: bool,
    /// The question before this one, if it is recent.
    pub(super) previous_question: Option<&'a str>,
    /// Topics the brand keeps for people.
    pub(super) sensitive_topics: &'a [String],
}

/// What to do with what was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Search for this question.
    Search {
        /// The question, read with the one before it if it follows up.
        question: String,
    },
    /// Do this without a search.
    Settled(Action, Reason),
    /// It is small talk; say what belongs to it.
    SmallTalk(Intent),
    /// A topic a human must take.
    Sensitive(Topic),
}

/// Reads what was said.
pub(super) fn read(situation: &Situation<'_>) -> Reading {
    if let Some((action, reason)) = before_reading(situation) {
        return Reading::Settled(action, reason);
    }
    let intent = understand(situation.text, situation.lang);
    match intent {
        Intent::Human => match is_sensitive(situation) {
            Some(topic) if !situation.too_old => Reading::Sensitive(topic),
            _ => Reading::Settled(Action::Escalate, Reason::AskedForHuman),
        },
        Intent::Stop => Reading::SmallTalk(Intent::Stop),
        _ if situation.too_old => Reading::Settled(Action::Escalate, Reason::TooOld),
        Intent::Question | Intent::DidntHelp | Intent::No | Intent::Yes
            if is_sensitive(situation).is_some() =>
        {
            is_sensitive(situation).map_or(Reading::SmallTalk(intent), Reading::Sensitive)
        }
        Intent::Question => question(situation),
        other if situation.group && !stands_for_a_press(situation, other) => {
            tracing::debug!(?other, "small talk in a group");
            Reading::Settled(Action::Silent, Reason::SmallTalk)
        }
        other => Reading::SmallTalk(other),
    }
}

/// What needs no understanding of the words.
fn before_reading(situation: &Situation<'_>) -> Option<(Action, Reason)> {
    let silent = |reason| Some((Action::Silent, reason));
    match situation.author {
        AuthorKind::Own => return silent(Reason::OwnEcho),
        AuthorKind::Bot => return silent(Reason::BotAuthor),
        AuthorKind::Person => {}
    }
    if !situation.addressed {
        silent(Reason::NotAddressed)
    } else if situation.human_owns {
        silent(Reason::HumanOwns)
    } else if situation.stopped {
        silent(Reason::Stopped)
    } else if situation.flood {
        silent(Reason::Flood)
    } else if situation.repeated {
        silent(Reason::DuplicateQuestion)
    } else if situation.paused {
        Some((Action::Escalate, Reason::Stopped))
    } else {
        None
    }
}

/// Where there are no buttons, their words mean the same in public.
fn stands_for_a_press(situation: &Situation<'_>, intent: Intent) -> bool {
    let verdict = [Intent::Yes, Intent::No, Intent::Helped, Intent::DidntHelp].contains(&intent);
    verdict && !situation.has_buttons
}

fn is_sensitive(situation: &Situation<'_>) -> Option<Topic> {
    sensitive_topic(situation.text, situation.sensitive_topics)
}

fn question(situation: &Situation<'_>) -> Reading {
    let text = situation.text.trim();
    let question = match situation.previous_question {
        Some(previous) if is_follow_up(text, situation.lang) => format!("{previous}\n{text}"),
        _ => text.to_owned(),
    };
    Reading::Search { question }
}
