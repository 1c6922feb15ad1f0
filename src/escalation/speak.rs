//! What people say to customers: replies and questions back. Experts' words are checked on every way,
//! and where that is set, a moderator reads them before they leave.

use jiff::SignedDuration;
use superfan_bots::{Button, Reply, ReplyKind};

use super::acts::{answerable, take};
use crate::answers::phrasings::{Taught, learn};
use crate::answers::quote::with_credit;
use crate::desk::Stage;
use crate::experts;
use crate::helpdesk;
use crate::ids::{DeliveryId, DraftId, EscalationId};
use crate::outbox::{Draft, enqueue};
use crate::people::{Act, ActError, Actor, record};
use crate::staff;
use crate::store::answers::AnswerRow;
use crate::store::conversations::Conversation;
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::Lesson;
use crate::words::{Key, say};

/// How long a customer who was asked back has to answer before the question is looked at again.
const ASKED_BACK: SignedDuration = SignedDuration::from_hours(24);

/// What became of somebody's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replied {
    /// They are on their way.
    Queued {
        /// Their first part in the outbox.
        message_id: DeliveryId,
    },
    /// A moderator reads them first.
    ForReview {
        /// What waits for the moderator.
        draft_id: DraftId,
    },
}

impl Replied {
    /// The id of what was made: `out_…`, or `drf_…` while a moderator has to read it.
    pub fn id(&self) -> String {
        match self {
            Self::Queued { message_id } => message_id.to_string(),
            Self::ForReview { draft_id } => draft_id.to_string(),
        }
    }
}

/// Sends a person's words to the customer; claims the escalation if nobody has it.
///
/// The same `key` from the same actor is the same reply. Whatever an expert writes, and wherever, is
/// checked first, and by setting read by a moderator. Errors: [`ActError::Invalid`] naming what may not
/// go out.
pub async fn reply(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: EscalationId,
    words: Words<'_>,
) -> Result<Replied, ActError> {
    let escalation = answerable(tx, actor, id).await?;
    let chosen = chosen(tx, words).await?;
    if let Some(held) = held(tx, stage, actor, (&escalation, words, chosen.as_ref())).await? {
        return Ok(held);
    }
    send(tx, stage, actor, (&escalation, words, chosen)).await
}

/// Sends words of an expert that a moderator has read, under the expert's name.
pub(crate) async fn send_as_read(
    tx: &mut Tx,
    stage: &Stage<'_>,
    expert: &Actor,
    id: EscalationId,
    words: Words<'_>,
) -> Result<Replied, ActError> {
    let escalation = answerable(tx, expert, id).await?;
    let chosen = chosen(tx, words).await?;
    send(tx, stage, expert, (&escalation, words, chosen)).await
}

async fn send(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    (escalation, words, chosen): (&EscalationRow, Words<'_>, Option<AnswerRow>),
) -> Result<Replied, ActError> {
    let id = escalation.id;
    if let (Some(id), None) = (words.answer, &chosen) {
        return Err(ActError::Unknown { what: format!("answer {id}") });
    }
    let own_words = Some(words.text.trim()).filter(|_| words.answer.is_none());
    tx.set_last_words(id, words.answer, own_words).await?;
    let replied = speak(tx, stage, actor, escalation, words).await?;
    if let (Some(answer), Some(decision)) = (chosen, escalation.decision_id) {
        let taught = Taught {
            decision,
            customer: escalation.customer_id,
            question: &escalation.question,
            lang: &escalation.lang,
            lesson: Lesson::Chosen,
        };
        learn(tx, stage, &answer, taught).await?;
    }
    let detail = words.answer.unwrap_or_default();
    record(tx, stage, actor, &Act { act: "reply", object: &id.to_string(), detail }).await?;
    Ok(replied)
}

/// Asks the customer back and puts the escalation aside until they answer, at most a day.
pub async fn ask_back(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: EscalationId,
    words: Words<'_>,
) -> Result<Replied, ActError> {
    let escalation = answerable(tx, actor, id).await?;
    let words = Words { answer: None, is_question: true, ..words };
    if let Some(held) = held(tx, stage, actor, (&escalation, words, None)).await? {
        return Ok(held);
    }
    let replied = speak(tx, stage, actor, &escalation, words).await?;
    let until = stage.now + ASKED_BACK;
    tx.snooze(id, until, until + stage.rules.claim_lapses_after).await?;
    staff::changed(tx, stage, id).await?;
    record(tx, stage, actor, &Act { act: "ask back", object: &id.to_string(), detail: "" }).await?;
    Ok(replied)
}

/// The accepted answer that the words are, if they name one that is there.
async fn chosen(tx: &mut Tx, words: Words<'_>) -> Result<Option<AnswerRow>, StoreError> {
    match words.answer {
        Some(id) => tx.answer(id).await,
        None => Ok(None),
    }
}

/// Keeps an expert's words for a moderator, where that is set; the question is theirs meanwhile. An
/// accepted answer as it stands is nobody's own words.
async fn held(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    (escalation, words, chosen): (&EscalationRow, Words<'_>, Option<&AnswerRow>),
) -> Result<Option<Replied>, ActError> {
    let text = words.text.trim();
    let as_it_stands = |row: &AnswerRow| with_credit(row, &escalation.lang).trim() == text;
    if text.is_empty() || chosen.is_some_and(|row| row.may_be_sent() && as_it_stands(row)) {
        return Ok(None);
    }
    // Whose answer it is stands below it by right.
    let author = chosen.and_then(AnswerRow::credited).map(|name| format!("@{name}"));
    let checked = author.map_or_else(|| text.to_owned(), |author| text.replace(&author, ""));
    if !experts::are_held(stage, actor, &checked)? {
        return Ok(None);
    }
    take(tx, stage, actor, escalation).await?;
    let draft_id = experts::hold(tx, stage, actor, (escalation.id, text)).await?;
    Ok(Some(Replied::ForReview { draft_id }))
}

/// A person's words to a customer.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// What to say.
    pub text: &'a str,
    /// The idempotency key, if the caller has one.
    pub key: Option<&'a str>,
    /// The accepted answer that these words are, if they are one.
    pub answer: Option<&'a str>,
    /// Whether they ask the customer something, so that *Helped* makes no sense below them.
    pub is_question: bool,
}

impl<'a> Words<'a> {
    /// Somebody's own words.
    pub fn own(text: &'a str, key: Option<&'a str>) -> Self {
        Self { text, key, answer: None, is_question: false }
    }
}

/// Enqueues a person's words ahead of the bot's, and makes the escalation theirs.
async fn speak(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    escalation: &EscalationRow,
    words: Words<'_>,
) -> Result<Replied, ActError> {
    let id = escalation.id;
    let text = words.text.trim();
    if text.is_empty() {
        return Err(ActError::Invalid { reason: "the reply is empty; write a text".to_owned() });
    }
    let conversation = conversation_of(tx, escalation).await?;
    take(tx, stage, actor, escalation).await?;
    let here = (conversation.id, escalation.customer_id);
    tx.settle_bots_words(here, "a person answered first", stage.now).await?;
    let cause = match words.key {
        Some(key) => format!("{id}:{}:{key}", actor.name),
        None => format!("{id}:{}", stage.ids.next::<i64>()),
    };
    helpdesk::replied(tx, stage, actor, escalation, (&cause, text)).await?;
    staff::replied(tx, stage, actor, escalation, text).await?;
    let draft = Draft {
        conversation: &conversation,
        cause,
        reply: human_reply(actor, escalation, Words { text, ..words }),
        decision_id: escalation.decision_id,
    };
    let parts = enqueue(tx, stage, &draft).await?;
    tx.mark_replied(id, actor.owner_id(), stage.now).await?;
    let message_id = parts.first().copied().ok_or_else(|| ActError::Invalid {
        reason: format!("channel {} is no longer configured", conversation.channel),
    })?;
    Ok(Replied::Queued { message_id })
}

async fn conversation_of(
    tx: &mut Tx,
    escalation: &EscalationRow,
) -> Result<Conversation, ActError> {
    let conversation = tx.conversation(escalation.conversation_id).await?.ok_or_else(|| {
        ActError::Unknown { what: format!("conversation of #{}", escalation.number) }
    })?;
    match &conversation.closed_reason {
        None => Ok(conversation),
        Some(reason) => Err(ActError::Conflict {
            reason: format!("nothing can be sent there any more: {reason}"),
            owner: None,
        }),
    }
}

fn human_reply(actor: &Actor, escalation: &EscalationRow, words: Words<'_>) -> Reply {
    let lang = &escalation.lang;
    let judged = escalation.decision_id.filter(|_| !words.is_question);
    let buttons = judged.map_or_else(Vec::new, |decision| {
        vec![
            Button { id: format!("helped:{decision}"), label: say(lang, Key::Helped, &[]) },
            Button { id: format!("didnt:{decision}"), label: say(lang, Key::DidntHelp, &[]) },
        ]
    });
    Reply {
        kind: ReplyKind::Human,
        text: words.text.to_owned(),
        credit: None,
        buttons,
        lang: lang.clone(),
        answer_id: words.answer.map(str::to_owned),
        confidence: None,
        human: Some(actor.name.clone()),
        in_reply_to: None,
    }
}
