//! Our vocabulary and our numbers in plain words, for people.

use jiff::{SignedDuration, Timestamp};

use crate::answerer::small_talk::Feeling;
use crate::store::phrasings::PhrasingRow;
use crate::vocabulary::{Action, ConversationState, Lesson, Outcome, PhrasingWord, Reason};

/// A point in time as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// For programs: `2026-11-22T17:53:17Z`.
    pub iso: String,
    /// For people: `22 Nov 2026, 17:53 UTC`.
    pub full: String,
    /// How long ago (or how far ahead) it is: `12 min`.
    pub span: String,
}

impl Moment {
    /// A time, seen from `now`.
    pub(super) fn new(at: Timestamp, now: Timestamp) -> Self {
        Self {
            iso: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            full: at.strftime("%-d %b %Y, %H:%M UTC").to_string(),
            span: span(now.duration_since(at).abs()),
        }
    }
}

/// A length of time in one unit, rounded down: `34 s`, `12 min`, `5 h`, `3 d`.
pub(super) fn span(length: SignedDuration) -> String {
    match length.as_secs() {
        seconds @ ..60 => format!("{} s", seconds.max(0)),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds @ 3600..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// A bound of waiting, in its own unit: `15 s`, `5 min`, `8 h`, `3 d`.
pub(super) fn ending_of_wait(seconds: i64) -> String {
    span(SignedDuration::from_secs(seconds))
}

/// A probability as people read it: `87 %`; never 0 or 100 unless it is exactly that.
pub(super) fn percent(share: f64) -> String {
    let rounded = (share.clamp(0.0, 1.0) * 100.0).round();
    match rounded {
        0.0 if share > 0.0 => "< 1 %".to_owned(),
        100.0 if share < 1.0 => "> 99 %".to_owned(),
        _ => format!("{rounded:.0} %"),
    }
}

/// The first words of a text on one line, at most `n` characters, cut between words.
pub(super) fn start_of(text: &str, n: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = line.char_indices().nth(n) else {
        return line;
    };
    let head = &line[..end];
    // Thai and Chinese have no spaces; a cut far back at the only space would lose too much.
    let cut = head.rfind(' ').filter(|&at| at > end / 2).unwrap_or(end);
    format!("{}…", head[..cut].trim_end())
}

/// The reason in two or three words, for a list.
pub(super) fn why_short(reason: Reason) -> &'static str {
    match reason {
        Reason::Confident => "sure",
        Reason::NothingFound => "nothing found",
        Reason::LowConfidence => "not sure enough",
        Reason::NotSendable => "not fit to send",
        Reason::OtherProduct => "other product",
        Reason::SensitiveTopic => "sensitive topic",
        Reason::AskedForHuman => "wants a person",
        Reason::RefusedTwice => "answers refused",
        Reason::OutOfDomain => "off topic",
        Reason::NotAddressed => "not addressed",
        Reason::HumanOwns => "person owns it",
        Reason::BotAuthor => "another bot",
        Reason::OwnEcho => "own echo",
        Reason::Stopped => "stopped",
        Reason::DuplicateQuestion => "asked twice",
        Reason::Flood => "flood",
        Reason::SmallTalk => "no question",
        Reason::TooOld => "too old",
    }
}

/// What the bot did.
pub(super) fn did(action: Action) -> &'static str {
    match action {
        Action::Answer => "The bot answered",
        Action::Choices => "The bot offered answers to choose from",
        Action::AskBack => "The bot asked back",
        Action::Escalate => "The bot called a person",
        Action::Silent => "The bot stayed silent",
    }
}

/// What the bot would do.
pub(super) fn would(action: Action) -> &'static str {
    match action {
        Action::Answer => "The bot would answer",
        Action::Choices => "The bot would offer answers to choose from",
        Action::AskBack => "The bot would ask back",
        Action::Escalate => "The bot would call a person",
        Action::Silent => "The bot would stay silent",
    }
}

/// How an escalation ended.
pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Solved => "solved",
        Outcome::NoAnswer => "nobody knows",
        Outcome::Spam => "spam",
        Outcome::Duplicate => "asked elsewhere already",
    }
}

/// An urgency, 0 the most urgent.
pub(super) fn priority(priority: i64) -> &'static str {
    match priority {
        ..=0 => "urgent",
        1 => "high",
        _ => "usual",
    }
}

/// Who speaks in a conversation.
pub(super) fn with_whom(state: ConversationState) -> &'static str {
    match state {
        ConversationState::Bot => "the bot answers",
        ConversationState::Waiting => "waits for a person",
        ConversationState::Human => "a person has it",
        ConversationState::Stopped => "the customer said stop",
    }
}

/// What becomes of a customer's wording.
pub(super) fn phrasing(row: &PhrasingRow, is_used: bool) -> &'static str {
    match (row.word, row.how, is_used) {
        (Some(PhrasingWord::Removed), ..) => "removed by a moderator",
        (Some(PhrasingWord::Kept), _, true) => "in use, kept by a moderator",
        (None, Lesson::Chosen, true) => "in use, a person chose the answer",
        (None, Lesson::Helped, true) => "in use, it helped several customers",
        (None, Lesson::Helped, false) => "waits for a second customer it helps",
        (None, Lesson::Refused, _) => "the answer did not help",
        (_, _, false) => "not in use",
    }
}

/// How a customer sounds, where people should know it.
pub(super) fn mood(feeling: Feeling) -> Option<&'static str> {
    match feeling {
        Feeling::Angry => Some("angry"),
        Feeling::Worried => Some("worried"),
        Feeling::Happy => Some("happy"),
        Feeling::Neutral => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_one_unit() {
        let said = |seconds| span(SignedDuration::from_secs(seconds));
        assert_eq!(said(-5), "0 s");
        assert_eq!(said(34), "34 s");
        assert_eq!(said(119), "1 min");
        assert_eq!(said(7200), "2 h");
        assert_eq!(said(172_800), "2 d");
    }

    #[test]
    fn a_percentage_never_claims_certainty_it_has_not() {
        assert_eq!(percent(0.874), "87 %");
        assert_eq!(percent(0.001), "< 1 %");
        assert_eq!(percent(0.999), "> 99 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(1.0), "100 %");
    }

    #[test]
    fn a_start_is_cut_between_words_and_never_inside_a_character() {
        assert_eq!(start_of("one two\n three", 80), "one two three");
        assert_eq!(start_of("one two three", 9), "one two…");
        assert_eq!(start_of("电池充不进电了怎么办", 4), "电池充不…");
    }
}
