//! What is done in one conversation: which of our messages change into what, and what is said anew.

use superfan_bots::{Adapter, Amendment, Amends, Credit, Part, Reply, ReplyAddress, ReplyKind};

use crate::answers::quote::reply_text;
use crate::store::answers::AnswerRow;
use crate::store::outbox::DeliveryRow;
use crate::vocabulary::RecallKind;
use crate::words::{self, Key, say};

/// What stands in the place of a message that was one of several parts.
const SEE_ABOVE: &str = "↑";

/// One row for the outbox.
pub(super) struct Step {
    /// What is sent.
    pub(super) part: Part,
    /// The message it changes; `None` says it anew.
    pub(super) amendment: Option<Amendment>,
}

/// What everyone reads in place of an answer that is taken back.
pub(super) fn correction(lang: &str, kind: RecallKind, row: Option<&AnswerRow>) -> Reply {
    let plain = |text: String| Reply {
        kind: ReplyKind::Notice,
        text,
        credit: None,
        buttons: Vec::new(),
        lang: lang.to_owned(),
        answer_id: None,
        confidence: None,
        human: None,
        in_reply_to: None,
    };
    match row.filter(|row| kind == RecallKind::Corrected && row.may_be_sent()) {
        None => plain(say(lang, Key::Withdrawn, &[])),
        Some(row) => {
            let solved = u64::try_from(row.helped).unwrap_or(0);
            let text = format!("{}\n\n{}", say(lang, Key::Corrected, &[]), reply_text(row));
            let credit = Credit {
                line: words::credit(lang, row.author.as_deref(), solved),
                author: row.author.clone(),
                title: None,
                url: row.url.clone(),
                licence: row.licence.clone(),
            };
            Reply { credit: Some(credit), answer_id: Some(row.id.clone()), ..plain(text) }
        }
    }
}

/// What to do about the messages that carried an answer into a conversation: each is edited or
/// deleted; what is out of reach is corrected by one new message.
pub(super) fn steps(
    adapter: &dyn Adapter,
    address: &ReplyAddress,
    reply: &Reply,
    sent: &[DeliveryRow],
) -> Vec<Step> {
    let amends = adapter.amends(address);
    let parts = adapter.render_for(reply, address);
    let within_reach =
        sent.iter().all(|row| row.channel_message_id.is_some()) && amends != Amends::default();
    if !within_reach {
        return parts.into_iter().map(|part| Step { part, amendment: None }).collect();
    }
    let mut steps = Vec::new();
    for group in sent.chunk_by(|one, next| one.cause == next.cause) {
        let ids: Vec<String> =
            group.iter().filter_map(|row| row.channel_message_id.clone()).collect();
        if amends.edit {
            steps.extend(edited(adapter, address, (&parts, reply), ids, amends));
        } else {
            steps.extend(ids.into_iter().map(deleted));
        }
    }
    steps
}

/// The first messages say the correction; others are removed, or point up to it.
fn edited(
    adapter: &dyn Adapter,
    address: &ReplyAddress,
    (parts, reply): (&[Part], &Reply),
    ids: Vec<String>,
    amends: Amends,
) -> Vec<Step> {
    let n_ids = ids.len();
    let mut steps = Vec::new();
    for (at, message_id) in ids.into_iter().enumerate() {
        let left_over = |text: &str| {
            let reply = Reply { text: text.to_owned(), credit: None, ..reply.clone() };
            adapter.render_for(&reply, address).into_iter().next()
        };
        match parts.get(at).cloned() {
            Some(part) => {
                steps.push(Step { part, amendment: Some(Amendment::Edit { message_id }) });
            }
            None if amends.delete => steps.push(deleted(message_id)),
            None => steps.extend(
                left_over(SEE_ABOVE)
                    .map(|part| Step { part, amendment: Some(Amendment::Edit { message_id }) }),
            ),
        }
    }
    let said_anew = parts.iter().skip(n_ids).cloned();
    steps.extend(said_anew.map(|part| Step { part, amendment: None }));
    steps
}

fn deleted(message_id: String) -> Step {
    let part = Part { text: "(deleted)".to_owned(), payload: serde_json::Value::Null, weight: 1 };
    Step { part, amendment: Some(Amendment::Delete { message_id }) }
}
