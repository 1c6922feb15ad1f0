//! Text work that every channel shares: reading light Markdown, cutting long text into parts,
//! slash commands, and keeping quoted names from pinging people. Knows no platform's dialect.

mod command;
mod mentions;
mod split;
mod styled;

pub(crate) use command::{said, slash};
pub(crate) use mentions::defuse_mentions;
pub(crate) use split::split;
pub(crate) use styled::{Style, Styled};
