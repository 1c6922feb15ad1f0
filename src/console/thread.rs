//! A conversation as people read it: what was said, what the bot decided, where replies stand.

use jiff::Timestamp;
use superfan_bots::{AuthorKind, Content};

use super::delivery::{ChannelContext, DeliveryView};
use super::recall::wrong_path;
use super::words::{Moment, did, percent, why_short};
use crate::desk::Desk;
use crate::store::conversations::Conversation;
use crate::store::customers::Customer;
use crate::store::decisions::DecisionLine;
use crate::store::inbox::StoredMessage;
use crate::store::outbox::DeliveryRow;
use crate::store::recalls::RECALL;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{InboxState, Verdict};

/// How many messages, replies and decisions of each a page shows.
const SHOWN: i64 = 200;

/// One line of a conversation.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Who says it.
    pub side: Side,
    /// Their name.
    pub author: String,
    /// What they say; a note of ours for [`Side::Note`].
    pub text: String,
    /// When.
    pub at: Moment,
    /// Where it stands, for replies.
    pub delivery: Option<DeliveryView>,
    /// What went wrong with it, for messages.
    pub problem: Option<String>,
    /// Where the answer it carries can be reported as wrong.
    pub report: Option<String>,
}

/// Who says a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// The customer, or somebody beside them.
    Customer,
    /// We note what the bot decided.
    Note,
    /// The bot.
    Bot,
    /// A person of ours.
    Human,
}

impl Side {
    /// For the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Note => "note",
            Self::Bot => "bot",
            Self::Human => "human",
        }
    }
}

/// Reads a conversation's latest lines, oldest first.
pub(super) async fn load(
    tx: &mut Tx,
    desk: &Desk,
    conversation: &Conversation,
    customer: Option<&Customer>,
) -> Result<Vec<Entry>, StoreError> {
    let now = desk.clock.now();
    let row = tx.channel(&conversation.channel).await?;
    let channel = ChannelContext::new(&desk.channels, &conversation.channel, row);
    let mut entries: Vec<(Timestamp, Side, Entry)> = Vec::new();
    for message in tx.messages(conversation.id, SHOWN).await? {
        entries.push((message.received_at, Side::Customer, heard(&message, customer, now)));
    }
    for decision in tx.decision_lines(conversation.id, SHOWN).await? {
        entries.push((decision.at, Side::Note, decided(&decision, now)));
    }
    for delivery in tx.deliveries_of(conversation.id, None, SHOWN).await? {
        entries.push((delivery.created_at, Side::Bot, said(&delivery, &channel, now)));
    }
    entries.sort_by_key(|(at, side, _)| (*at, *side));
    Ok(entries.into_iter().map(|(_, _, entry)| entry).collect())
}

fn heard(message: &StoredMessage, customer: Option<&Customer>, now: Timestamp) -> Entry {
    let author = &message.message.author;
    let known = customer.filter(|customer| customer.id == message.customer_id);
    let name = author.name.clone().or_else(|| known.and_then(|customer| customer.name.clone()));
    let mut name = name.unwrap_or_else(|| "Customer".to_owned());
    match author.kind {
        AuthorKind::Person => {}
        AuthorKind::Bot => name.push_str(" (bot)"),
        AuthorKind::Own => name.push_str(" (our own echo)"),
    }
    let problem = match message.state {
        InboxState::Handled => None,
        InboxState::New => Some("not handled yet".to_owned()),
        InboxState::Dead => {
            let error = message.error.as_deref().unwrap_or("no reason was kept");
            Some(format!("could not be handled: {error}"))
        }
    };
    Entry {
        side: Side::Customer,
        author: name,
        text: message.text.clone().unwrap_or_else(|| described(&message.message.content)),
        at: Moment::new(message.received_at, now),
        delivery: None,
        report: None,
        problem,
    }
}

/// What somebody did without words.
fn described(content: &Content) -> String {
    match content {
        Content::Press { button } => match button.split(':').next() {
            Some("helped") => "(pressed “Helped”)".to_owned(),
            Some("didnt") => "(pressed “Didn’t help”)".to_owned(),
            Some("human") => "(pressed “Human”)".to_owned(),
            _ => "(pressed a button)".to_owned(),
        },
        Content::Unreadable { what } => format!("({what}, which cannot be read here)"),
        Content::Deleted { .. } => "(deleted a message)".to_owned(),
        Content::Closed { reason } => format!("(closed the conversation: {reason})"),
        Content::Opened => "(opened the conversation)".to_owned(),
        Content::Moved { .. } => "(the conversation moved)".to_owned(),
        Content::Text { text } | Content::Edited { text, .. } | Content::Command { text, .. } => {
            text.clone()
        }
    }
}

fn decided(decision: &DecisionLine, now: Timestamp) -> Entry {
    let mut text = format!("{}: {}", did(decision.action), why_short(decision.reason));
    if decision.confidence > 0.0 {
        let (confidence, line) = (percent(decision.confidence), percent(decision.line));
        text = format!("{text} ({confidence} sure, the line is {line})");
    }
    match decision.feedback {
        Some(Verdict::Helped) => text.push_str(". The customer said it helped"),
        Some(Verdict::Refused) => text.push_str(". The customer said it did not help"),
        Some(Verdict::Human) => text.push_str(". The customer asked for a person"),
        None => {}
    }
    Entry {
        side: Side::Note,
        author: String::new(),
        text,
        at: Moment::new(decision.at, now),
        delivery: None,
        problem: None,
        report: None,
    }
}

fn said(row: &DeliveryRow, channel: &ChannelContext, now: Timestamp) -> Entry {
    let side = if row.author.is_some() { Side::Human } else { Side::Bot };
    Entry {
        side,
        author: row.author.clone().unwrap_or_else(|| "Bot".to_owned()),
        text: row.payload.text.clone(),
        at: Moment::new(row.created_at, now),
        delivery: Some(DeliveryView::new(row, channel, now)),
        problem: None,
        report: row.answer_id.as_deref().filter(|_| row.kind != RECALL).map(wrong_path),
    }
}
