//! What experts are told on their own channel: somebody was quicker, the claim lapsed, what the
//! customer says.

use superfan_bots::{Button, Reply, ReplyKind};

use crate::desk::Stage;
use crate::ids::PersonId;
use crate::outbox::{Draft, enqueue};
use crate::people::Actor;
use crate::privacy::mask_naming;
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::PageState;
use crate::words::{Key, say};

/// The longest piece of a customer's text that an expert reads at once, in characters.
const LONGEST: usize = 1500;

/// Says a sentence to a person on the channel they linked last; false if they can be reached on
/// none.
pub(crate) async fn say_to(
    tx: &mut Tx,
    stage: &Stage<'_>,
    (person, cause): (PersonId, &str),
    (key, args): (Key, &[(&str, &str)]),
) -> Result<bool, StoreError> {
    send(tx, stage, (person, cause), &|lang| (say(lang, key, args), Vec::new())).await
}

/// The same with buttons.
pub(super) async fn send(
    tx: &mut Tx,
    stage: &Stage<'_>,
    (person, cause): (PersonId, &str),
    words: &(dyn Fn(&str) -> (String, Vec<Button>) + Sync),
) -> Result<bool, StoreError> {
    for link in tx.expert_links_of(person).await? {
        let Some(conversation) = tx.conversation(link.conversation_id).await? else { continue };
        let is_there = stage.channels.adapter(&conversation.channel).is_some();
        if !is_there || conversation.closed_reason.is_some() {
            continue;
        }
        let lang = tx.customer(link.customer_id).await?.and_then(|customer| customer.lang);
        let lang = lang.unwrap_or_else(|| "en".to_owned());
        let (text, buttons) = words(&lang);
        let reply = Reply {
            kind: ReplyKind::Notice,
            text,
            credit: None,
            buttons,
            lang,
            answer_id: None,
            confidence: None,
            human: None,
            in_reply_to: None,
        };
        let cause = cause.to_owned();
        let draft = Draft { conversation: &conversation, cause, reply, decision_id: None };
        enqueue(tx, stage, &draft).await?;
        return Ok(true);
    }
    Ok(false)
}

/// A customer's words as an expert may read them: without personal data, not endless.
pub(super) async fn readable(
    tx: &mut Tx,
    row: &EscalationRow,
    text: &str,
) -> Result<String, StoreError> {
    let name = tx.customer(row.customer_id).await?.and_then(|customer| customer.name);
    let names: Vec<&str> = name.iter().flat_map(|name| name.split_whitespace()).collect();
    let masked = mask_naming(text, &names);
    Ok(match masked.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &masked[..at]),
        None => masked,
    })
}

/// Tells everybody else who was offered a question that somebody has it.
pub(crate) async fn tell_taken(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    row: &EscalationRow,
) -> Result<(), StoreError> {
    let (number, cause) =
        (row.number.to_string(), format!("late:{}:{}", row.id, stage.ids.next::<i64>()));
    for page in tx.pages_of(row.id).await? {
        if Some(page.person_id) == actor.person {
            tx.set_page_state(row.id, page.person_id, PageState::Taken).await?;
        } else if page.state == PageState::Offered {
            tx.set_page_state(row.id, page.person_id, PageState::Missed).await?;
            let args = [("number", number.as_str()), ("name", actor.name.as_str())];
            say_to(tx, stage, (page.person_id, &cause), (Key::ExpertTooLate, &args)).await?;
        }
    }
    Ok(())
}

/// Tells an expert that a question they had is open to others again.
pub(crate) async fn tell_released(
    tx: &mut Tx,
    stage: &Stage<'_>,
    row: &EscalationRow,
) -> Result<(), StoreError> {
    let Some(owner) = row.claimed_by else { return Ok(()) };
    let pages = tx.pages_of(row.id).await?;
    if !pages.iter().any(|page| page.person_id == owner && page.state == PageState::Taken) {
        return Ok(());
    }
    tx.set_page_state(row.id, owner, PageState::Lapsed).await?;
    let (number, cause) =
        (row.number.to_string(), format!("lapsed:{}:{}", row.id, stage.now.as_millisecond()));
    let args = [("number", number.as_str())];
    say_to(tx, stage, (owner, &cause), (Key::ExpertReleased, &args)).await?;
    Ok(())
}

/// Passes on what a customer says to the expert who has their question.
pub(crate) async fn tell_customers_words(
    tx: &mut Tx,
    stage: &Stage<'_>,
    row: &EscalationRow,
    text: &str,
) -> Result<(), StoreError> {
    let Some(owner) = row.claimed_by else { return Ok(()) };
    if tx.expert_links_of(owner).await?.is_empty() {
        return Ok(());
    }
    let number = row.number.to_string();
    let text = readable(tx, row, text).await?;
    let cause = format!("customer:{}:{}", row.id, stage.ids.next::<i64>());
    let args = [("number", number.as_str()), ("text", text.as_str())];
    say_to(tx, stage, (owner, &cause), (Key::ExpertCustomer, &args)).await?;
    Ok(())
}
