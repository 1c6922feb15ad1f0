//! Text work that every channel shares: reading light Markdown, cutting long text into parts,
//! slash commands, what a reply says in which order, keeping quoted names from pinging people,
//! signatures in hex, and fields that are `null`.
//! Knows no platform's dialect.

mod causes;
mod command;
pub(crate) mod hex_signature;
mod mentions;
pub(crate) mod menu;
mod null;
mod split;
mod styled;
mod whole;

pub(crate) use causes::with_causes;
pub(crate) use command::{said, slash};
pub(crate) use mentions::defuse_mentions;
pub(crate) use null::or_default;
pub(crate) use split::split;
pub(crate) use styled::{Style, Styled};
pub(crate) use whole::{credit_lines, spoken_text, whole_text};
