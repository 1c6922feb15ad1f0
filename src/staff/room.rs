//! The staff's channel as a conversation, its threads, and the people who act there.

use superfan_bots::{Button, Reply, ReplyKind, StaffRoom};

use super::post::delivery;
use crate::desk::Stage;
use crate::ids::EscalationId;
use crate::people::{Actor, Via};
use crate::store::conversations::{Conversation, SeenConversation};
use crate::store::customers::{Customer, SeenCustomer};
use crate::store::escalations::EscalationRow;
use crate::store::people::PersonRow;
use crate::store::staff::STAFF;
use crate::store::waking::Waking;
use crate::store::{StoreError, Tx};
use crate::vocabulary::Role;

/// The staff's channel on one of our accounts.
pub(super) struct Room {
    channel: String,
    place: StaffRoom,
}

impl Room {
    /// The first account that has one.
    pub(super) fn of(stage: &Stage<'_>) -> Option<Self> {
        stage.channels.iter().find_map(|(channel, adapter)| {
            adapter.staff_room(None).map(|place| Self { channel: channel.clone(), place })
        })
    }

    /// The conversation; what stood in the way of sending there is tried again.
    pub(super) async fn enter(
        &self,
        tx: &mut Tx,
        stage: &Stage<'_>,
    ) -> Result<Conversation, StoreError> {
        let nobody = SeenCustomer {
            id: stage.ids.next(),
            channel: self.channel.clone(),
            external_id: format!("staff:{}", self.place.place),
            name: Some("Staff".to_owned()),
            lang: None,
            at: stage.now,
        };
        let missing = |detail: &str| StoreError::Inconsistent {
            table: "conversations",
            detail: detail.to_owned(),
        };
        let customers = tx.see_customers(&[nobody]).await?;
        let customer_id = customers.into_iter().next().ok_or_else(|| missing("no staff"))?;
        let seen = SeenConversation {
            id: stage.ids.next(),
            channel: self.channel.clone(),
            external_id: self.place.conversation.clone(),
            customer_id,
            address: self.place.address.clone(),
            place_id: Some(self.place.place.clone()),
            waking: Waking::default(),
            at: stage.now,
        };
        let known = tx.see_conversations(&[seen]).await?;
        let id = known.into_iter().next().ok_or_else(|| missing("no staff room"))?;
        if tx.conversation(id).await?.is_some_and(|room| room.closed_reason.is_some()) {
            tx.set_conversation_closed(id, None).await?;
        }
        tx.conversation(id).await?.ok_or_else(|| missing("a staff room vanished"))
    }
}

/// Somebody claimed an escalation under its card: from here on the thread there is the conversation.
pub(crate) async fn claimed_here(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    row: &EscalationRow,
    (channel, message): (&str, &str),
) -> Result<(), StoreError> {
    let Some(card) = tx.staff_card(row.id).await? else { return Ok(()) };
    let thread = if let Some(thread) = card.thread_id {
        tx.conversation(thread).await?
    } else {
        let place = stage.channels.adapter(channel).and_then(|a| a.staff_room(Some(message)));
        let Some(place) = place else { return Ok(()) };
        let room = Room { channel: channel.to_owned(), place };
        Some(room.enter(tx, stage).await?)
    };
    let Some(thread) = thread else { return Ok(()) };
    tx.set_staff_thread(row.id, thread.id, actor.person).await?;
    let words = format!(
        "{name} has #{number}. What {name} writes here goes to the customer, under that name; what \
         anybody else writes stays here.\n\nThe question:\n\n{question}",
        name = actor.name,
        number = row.number,
        question = row.question,
    );
    let close = Button { id: format!("staff-close:{}", row.id), label: "Close".to_owned() };
    let cause = format!("thread:{}:{}", row.id, stage.ids.next::<i64>());
    say(tx, stage, (&thread, cause), reply(words, vec![close])).await
}

/// Something stands in the way of what was written in a thread: whoever wrote it reads why.
pub(crate) async fn put_right(
    tx: &mut Tx,
    stage: &Stage<'_>,
    (thread, id): (&Conversation, EscalationId),
    why: &str,
) -> Result<(), StoreError> {
    let cause = format!("thread:{id}:{}", stage.ids.next::<i64>());
    let words = format!("This did not go to the customer: {why}.");
    say(tx, stage, (thread, cause), reply(words, Vec::new())).await
}

/// Says something to staff, ahead of whatever the bot says to customers.
pub(crate) async fn say(
    tx: &mut Tx,
    stage: &Stage<'_>,
    (conversation, cause): (&Conversation, String),
    reply: Reply,
) -> Result<(), StoreError> {
    let Some(adapter) = stage.channels.adapter(&conversation.channel) else { return Ok(()) };
    let parts = adapter.render_for(&reply, &conversation.address);
    for (number, part) in (0_i64..).zip(parts) {
        let mut new = delivery(stage, conversation, (cause.clone(), STAFF), part);
        new.part = number;
        tx.enqueue(&new).await?;
    }
    Ok(())
}

/// Words to staff.
pub(super) fn reply(text: String, buttons: Vec<Button>) -> Reply {
    Reply {
        kind: ReplyKind::Notice,
        text,
        credit: None,
        buttons,
        lang: "en".to_owned(),
        answer_id: None,
        confidence: None,
        human: None,
        in_reply_to: None,
    }
}

/// Who an account in the staff's channel is to us: the person it is linked to, else one of its own,
/// whom an admin may rename or take rights from. `welcome` says that they may act there.
pub(crate) async fn person_behind(
    tx: &mut Tx,
    stage: &Stage<'_>,
    account: &Customer,
    welcome: bool,
) -> Result<Option<Actor>, StoreError> {
    let linked = match tx.expert_link(account.id).await? {
        Some(link) => tx.person(link.person_id).await?,
        None => None,
    };
    let key = format!("{}:{}", account.channel, account.external_id);
    let known = match linked {
        Some(person) => Some(person),
        None => tx.person_by_email(&key).await?,
    };
    let person = match known {
        None if welcome => {
            let person = PersonRow {
                id: stage.ids.next(),
                email: key,
                name: account.name.clone().unwrap_or_else(|| "Support".to_owned()),
                role: Role::Moderator,
                password: None,
                langs: String::new(),
                skills: String::new(),
            };
            tx.put_person(&person, stage.now).await?
        }
        None => return Ok(None),
        Some(person) => person,
    };
    Ok(Some(Actor { via: Via::StaffRoom, ..Actor::from(person) }))
}
