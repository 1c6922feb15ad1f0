//! Slash commands as people type them: `/ask@brand_bot how do I …`.

use crate::{Command, Content};

/// A text that starts with a slash and a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slash<'a> {
    /// The word after the slash, as typed.
    pub(crate) name: &'a str,
    /// The account after `@`, if one is named.
    pub(crate) target: Option<&'a str>,
    /// What followed, trimmed.
    pub(crate) rest: &'a str,
}

impl Slash<'_> {
    /// Which of our commands this is, in any letter case; `None` for a word we do not know.
    pub(crate) fn command(&self) -> Option<Command> {
        const COMMANDS: [(&str, Command); 9] = [
            ("start", Command::Start),
            ("help", Command::Help),
            ("ask", Command::Ask),
            ("human", Command::Human),
            ("stop", Command::Stop),
            ("forget", Command::Forget),
            ("language", Command::Language),
            ("link", Command::Link),
            ("expert", Command::Expert),
        ];
        COMMANDS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(self.name))
            .map(|(_, command)| *command)
    }
}

/// Reads a slash command at the very start of `text`; `None` for anything else (`/`, `/etc/hosts`).
pub(crate) fn slash(text: &str) -> Option<Slash<'_>> {
    let after = text.strip_prefix('/')?;
    let (word, rest) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
    let (name, target) = match word.split_once('@') {
        Some((name, target)) => (name, Some(target)),
        None => (word, None),
    };
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    (is_word(name) && target.is_none_or(is_word)).then(|| Slash { name, target, rest: rest.trim() })
}

/// What a text is on a channel without bot names: one of our commands, or free text as written.
pub(crate) fn said(text: String) -> Content {
    let slash = slash(text.trim()).filter(|slash| slash.target.is_none());
    match slash.and_then(|slash| slash.command().map(|command| (command, slash.rest))) {
        Some((command, rest)) => Content::Command { command, text: rest.to_owned() },
        None => Content::Text { text },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<(&str, Option<&str>, &str)>) {
        let read = slash(text).map(|slash| (slash.name, slash.target, slash.rest));
        assert_eq!(read, expected);
    }

    #[test]
    fn a_command_is_a_slash_and_a_word_at_the_start() {
        check("/help", Some(("help", None, "")));
        check("/start ref_77", Some(("start", None, "ref_77")));
        check("/ask@brand_bot  how? ", Some(("ask", Some("brand_bot"), "how?")));
        check("/ask\nhow?", Some(("ask", None, "how?")));
        check("see /help", None);
        check("/", None);
        check("/etc/hosts", None);
        check("/ask@", None);
        check("//help", None);
    }

    #[test]
    fn letter_case_does_not_matter_and_unknown_words_are_no_command() {
        assert_eq!(slash("/STOP").and_then(|slash| slash.command()), Some(Command::Stop));
        assert_eq!(slash("/dance").and_then(|slash| slash.command()), None);
    }
}
