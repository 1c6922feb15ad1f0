//! The fixed words: the same in the API, the store, logs, metrics and run files.

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(UnknownWord { allowed: &[$($word),*] }),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl From<$name> for crate::store::Cell {
            fn from(word: $name) -> Self {
                Self::Text(Some(word.as_str().to_owned()))
            }
        }
    };
}

mod programme;
mod unanswered;
pub use programme::{EventKind, EventState, InvitationAnswer, Perk, ThanksState};
pub use unanswered::{BridgeState, GapState, IncidentState};

/// A word outside the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown word; one of {}", allowed.join(", "))]
pub struct UnknownWord {
    /// The words that exist.
    pub allowed: &'static [&'static str],
}

vocabulary! {
    /// What the answerer does with a question.
    Action {
        /// Send an accepted answer.
        Answer = "answer",
        /// Offer two or three to choose from.
        Choices = "choices",
        /// Ask the customer for more.
        AskBack = "ask_back",
        /// Call a human.
        Escalate = "escalate",
        /// Say nothing, with a reason.
        Silent = "silent",
    }
}

vocabulary! {
    /// Why the answerer did what it did.
    Reason {
        /// The confidence clears the line.
        Confident = "confident",
        /// Nothing in the base shares a term.
        NothingFound = "nothing_found",
        /// Something was found, but below the line.
        LowConfidence = "low_confidence",
        /// The best answer is not fit to send to a stranger.
        NotSendable = "not_sendable",
        /// The best answer is about another product or version.
        OtherProduct = "other_product",
        /// A topic a human must take.
        SensitiveTopic = "sensitive_topic",
        /// The customer wants a person.
        AskedForHuman = "asked_for_human",
        /// The customer turned two answers down.
        RefusedTwice = "refused_twice",
        /// Not about what the base is about.
        OutOfDomain = "out_of_domain",
        /// Said in a group, not to us.
        NotAddressed = "not_addressed",
        /// A person owns the conversation.
        HumanOwns = "human_owns",
        /// Written by another bot.
        BotAuthor = "bot_author",
        /// Our own message came back.
        OwnEcho = "own_echo",
        /// The customer said stop, or automatic replies are paused.
        Stopped = "stopped",
        /// The same question a moment ago.
        DuplicateQuestion = "duplicate_question",
        /// Too many messages from one customer.
        Flood = "flood",
        /// A greeting, thanks, a press: no question.
        SmallTalk = "small_talk",
        /// Older than the age limit when it was handled.
        TooOld = "too_old",
    }
}

vocabulary! {
    /// What a customer's question teaches about an answer.
    Lesson {
        /// The answer helped.
        Helped = "helped",
        /// A person sent the answer.
        Chosen = "chosen",
        /// The answer did not help.
        Refused = "refused",
    }
}

vocabulary! {
    /// A moderator's word on a customer's wording.
    PhrasingWord {
        /// It counts.
        Kept = "kept",
        /// It does not.
        Removed = "removed",
    }
}

vocabulary! {
    /// Where one part of a reply stands.
    DeliveryState {
        /// Waiting for its time, its quota or a rule.
        Due = "due",
        /// Handed to the platform, no outcome yet.
        Sending = "sending",
        /// The platform took it.
        Sent = "sent",
        /// Nobody knows whether it arrived; a person decides.
        Uncertain = "uncertain",
        /// It will not be sent.
        Dead = "dead",
    }
}

vocabulary! {
    /// Who a conversation is with.
    ConversationState {
        /// The bot answers.
        Bot = "bot",
        /// An escalation waits for a human.
        Waiting = "waiting",
        /// A human owns it; the bot is silent.
        Human = "human",
        /// The customer said stop.
        Stopped = "stopped",
    }
}

vocabulary! {
    /// Why an answer is taken back.
    RecallKind {
        /// Its forum no longer accepts it.
        Withdrawn = "withdrawn",
        /// It says something else now.
        Corrected = "corrected",
        /// A moderator found it wrong.
        Wrong = "wrong",
    }
}

vocabulary! {
    /// The life of a recall.
    RecallState {
        /// A moderator has to decide.
        Offered = "offered",
        /// Those who got the answer are told.
        Running = "running",
        /// Everybody who could be told was.
        Done = "done",
        /// Nobody is told.
        Dismissed = "dismissed",
    }
}

vocabulary! {
    /// The life of an escalation.
    EscalationState {
        /// Nobody has it.
        Open = "open",
        /// Somebody owns it.
        Claimed = "claimed",
        /// Done.
        Closed = "closed",
    }
}

vocabulary! {
    /// How an escalation ended.
    Outcome {
        /// Solved.
        Solved = "solved",
        /// Nobody knows.
        NoAnswer = "no_answer",
        /// Not a customer.
        Spam = "spam",
        /// Asked elsewhere already.
        Duplicate = "duplicate",
    }
}

vocabulary! {
    /// What a person may do.
    Role {
        /// Reads.
        Viewer = "viewer",
        /// Answers what is routed to them.
        Expert = "expert",
        /// Answers everything, edits answers.
        Moderator = "moderator",
        /// Everything.
        Admin = "admin",
    }
}

vocabulary! {
    /// Where an inbound message stands.
    InboxState {
        /// Stored, not handled.
        New = "new",
        /// Handled.
        Handled = "handled",
        /// Its handling failed again and again.
        Dead = "dead",
    }
}

vocabulary! {
    /// What became of a question that was offered to an expert.
    PageState {
        /// They have not said yet.
        Offered = "offered",
        /// They have it, or had it.
        Taken = "taken",
        /// They left it to others.
        Passed = "passed",
        /// Somebody else was quicker.
        Missed = "missed",
        /// They had it and were idle.
        Lapsed = "lapsed",
    }
}

vocabulary! {
    /// Where an expert's words stand that a moderator reads first.
    DraftState {
        /// Nobody has read them yet.
        Waiting = "waiting",
        /// They were sent.
        Released = "released",
        /// They will not be sent.
        Refused = "refused",
    }
}

vocabulary! {
    /// What the customer said about an answer.
    Verdict {
        /// It helped.
        Helped = "helped",
        /// It did not.
        Refused = "refused",
        /// They want a person.
        Human = "human",
    }
}

vocabulary! {
    /// Who handled a case: whose figures they are.
    Handler {
        /// Whoever it was: the case as a whole.
        All = "all",
        /// The bot, with one answer.
        Bot = "bot",
        /// The bot, with a short list.
        List = "list",
        /// An expert.
        Expert = "expert",
        /// A moderator or an admin.
        Moderator = "moderator",
    }
}

vocabulary! {
    /// How a case ended, as far as known. Silence is no success.
    Ending {
        /// The customer said that it helped.
        Confirmed = "confirmed",
        /// They were answered and said nothing.
        Silent = "silent",
        /// They said that it did not help.
        Refused = "refused",
        /// It was passed on, and whoever has it has not answered.
        Escalated = "escalated",
        /// They asked the same again within 72 hours.
        AskedAgain = "asked_again",
    }
}

impl Reason {
    /// Why the bot did what it did, in a sentence for people who work here.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Confident => "The best answer is sure enough.",
            Self::NothingFound => "No accepted answer shares a telling word with the question.",
            Self::LowConfidence => "The best answer is below the line that your target asks for.",
            Self::NotSendable => {
                "The best answer does not tell a stranger what to do, so it is for people only."
            }
            Self::OtherProduct => "The best answer is about another product or version.",
            Self::SensitiveTopic => "A person must take topics like this one.",
            Self::AskedForHuman => "The customer asked for a person.",
            Self::RefusedTwice => "The customer turned down what the bot offered.",
            Self::OutOfDomain => "The question is not about what the answers are about.",
            Self::NotAddressed => "It was said in a group, not to the bot.",
            Self::HumanOwns => "A person owns the conversation.",
            Self::BotAuthor => "Another bot wrote it.",
            Self::OwnEcho => "It was the bot's own message.",
            Self::Stopped => {
                "Automatic replies are off here: the customer said stop, or the channel is paused."
            }
            Self::DuplicateQuestion => "The same question came a moment before.",
            Self::Flood => "Too many messages came in a short time.",
            Self::SmallTalk => "It was no question.",
            Self::TooOld => "The message was too old when it could be handled.",
        }
    }
}
