//! Our commands as Telegram's menu shows them. Telegram tells languages apart by two letters, so
//! Chinese is there once.

use teloxide_core::types::BotCommand;

use crate::text::menu::{LANGUAGES, NAMES};

/// Every language with its menu.
pub(super) fn all() -> impl Iterator<Item = (Option<&'static str>, Vec<BotCommand>)> {
    LANGUAGES.iter().map(|(language, descriptions)| {
        let commands = NAMES.iter().zip(descriptions);
        let commands = commands.map(|(name, words)| BotCommand::new(*name, *words));
        (*language, commands.collect())
    })
}
