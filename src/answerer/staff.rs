//! The brand's own people in their channel: what they press under a card, what they write in the
//! thread below it. Every press is answered to whoever pressed, and to nobody else.

use jiff::SignedDuration;
use superfan_bots::{Content, Place, Reply};

use super::scene::Scene;
use super::{Answerer, HandleError, replies};
use crate::escalation::{self, Replied, Words};
use crate::ids::EscalationId;
use crate::people::{ActError, Actor};
use crate::staff;
use crate::store::escalations::EscalationRow;
use crate::store::staff::StaffCard;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{EscalationState, Outcome};
use crate::words::Key;

/// How long *In an hour* puts a question aside.
const LATER: SignedDuration = SignedDuration::from_hours(1);

/// What is pressed under a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StaffPress {
    Claim(EscalationId),
    Later(EscalationId),
    Close(EscalationId),
}

impl StaffPress {
    fn read(button: &str) -> Option<Self> {
        let (verb, id) = button.split_once(':')?;
        let id = id.parse().ok()?;
        match verb {
            "staff-claim" => Some(Self::Claim(id)),
            "staff-later" => Some(Self::Later(id)),
            "staff-close" => Some(Self::Close(id)),
            _ => None,
        }
    }
}

impl Answerer {
    /// Whatever somebody of the brand did in the staff's channel; never a question of a customer.
    /// False if it was done anywhere else.
    pub(super) async fn handle_staff(&self, scene: &Scene) -> Result<bool, HandleError> {
        let message = &scene.unit.last().message;
        let Place::Staff { may_act, .. } = message.place else { return Ok(false) };
        let content = &message.content;
        if matches!(content, Content::Deleted { .. } | Content::Closed { .. } | Content::Opened) {
            return Ok(false);
        }
        let Some(mut tx) = self.begin(scene).await? else { return Ok(true) };
        match content {
            Content::Press { button } => self.staff_press(&mut tx, scene, button).await?,
            Content::Command { .. } if scene.unit.last().message.reply_to.is_none() => {
                let words = "Commands are for customers; ask me in another channel.";
                self.tell_staff(&mut tx, scene, words.to_owned()).await?;
            }
            Content::Text { .. } | Content::Unreadable { .. } => {
                self.staff_words(&mut tx, scene, may_act).await?;
            }
            _ => {}
        }
        self.mark_handled(&mut tx, scene, None).await?;
        self.commit(tx).await?;
        Ok(true)
    }

    async fn staff_press(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        button: &str,
    ) -> Result<(), StoreError> {
        let Place::Staff { may_act, .. } = scene.unit.last().message.place else { return Ok(()) };
        let Some(press) = StaffPress::read(button) else { return Ok(()) };
        let stage = self.desk.stage();
        let welcome = may_act == Some(true);
        let actor = staff::person_behind(tx, &stage, &scene.customer, welcome).await?;
        let words = match actor.filter(|_| welcome) {
            None => "Only people with the moderator's role can do that.".to_owned(),
            Some(actor) => match self.do_press(tx, scene, &actor, press).await {
                Ok(words) => words,
                Err(ActError::Store(error)) => return Err(error),
                Err(ActError::Conflict { owner: Some(owner), reason }) if is_claim(&reason) => {
                    format!("Claimed by {owner}.")
                }
                Err(error) => format!("That did not work: {error}."),
            },
        };
        self.tell_staff(tx, scene, words).await
    }

    async fn do_press(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        actor: &Actor,
        press: StaffPress,
    ) -> Result<String, ActError> {
        let stage = self.desk.stage();
        match press {
            StaffPress::Claim(id) => {
                let row = escalation::claim(tx, &stage, actor, id).await?;
                let message = &scene.unit.last().message;
                let card = message.reply_to.as_deref().unwrap_or_default();
                let channel = scene.conversation.channel.as_str();
                staff::claimed_here(tx, &stage, actor, &row, (channel, card)).await?;
                Ok(format!(
                    "#{} is yours. What you write in the thread under the card goes to the \
                     customer as a reply from {}.",
                    row.number, actor.name
                ))
            }
            StaffPress::Later(id) => {
                let until = stage.now + LATER;
                escalation::snooze(tx, &stage, actor, id, until).await?;
                Ok("Put aside for an hour, or until the customer writes.".to_owned())
            }
            StaffPress::Close(id) => {
                escalation::close(tx, &stage, actor, id, Outcome::Solved).await?;
                Ok("Closed. The bot answers this customer again.".to_owned())
            }
        }
    }

    /// What the owner writes in the thread goes to the customer; all else is talk among colleagues.
    async fn staff_words(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        may_act: Option<bool>,
    ) -> Result<(), StoreError> {
        let Some(card) = tx.staff_card_above(scene.conversation.id).await? else { return Ok(()) };
        let Some(row) = tx.escalation(card.escalation_id).await? else { return Ok(()) };
        let stage = self.desk.stage();
        let actor = staff::person_behind(tx, &stage, &scene.customer, false).await?;
        let Some(actor) =
            actor.filter(|actor| may_act != Some(false) && speaks(actor, &card, &row))
        else {
            return Ok(());
        };
        let here = (&scene.conversation, row.id);
        if scene.unit.messages.iter().any(|one| is_unreadable(&one.message.content)) {
            staff::put_right(tx, &stage, here, "only text can be passed on").await?;
        }
        if scene.text.trim().is_empty() {
            return Ok(());
        }
        let key = scene.unit.last().id.to_string();
        let words = Words::own(scene.text.trim(), Some(&key));
        match escalation::reply(tx, &stage, &actor, row.id, words).await {
            Err(ActError::Store(error)) => Err(error),
            Err(error) => staff::put_right(tx, &stage, here, &error.to_string()).await,
            Ok(Replied::ForReview { .. }) => {
                staff::put_right(tx, &stage, here, "a moderator reads it first").await
            }
            Ok(Replied::Queued { .. }) => Ok(()),
        }
    }

    /// Says something to whoever pressed, or used a command, and nobody else.
    async fn tell_staff(&self, tx: &mut Tx, scene: &Scene, text: String) -> Result<(), StoreError> {
        let last = scene.unit.last();
        let plain = replies::notice("en", Key::PressNoted, &[]);
        let reply = Reply { text, in_reply_to: last.message.message_id.clone(), ..plain };
        let stage = self.desk.stage();
        staff::say(tx, &stage, (&scene.conversation, last.id.to_string()), reply).await
    }
}

/// Whether what somebody writes in a thread is for the customer: theirs is the question, or it was
/// until their claim lapsed or it was closed.
fn speaks(actor: &Actor, card: &StaffCard, row: &EscalationRow) -> bool {
    match row.state {
        EscalationState::Claimed => row.claimed_by == actor.person,
        EscalationState::Open | EscalationState::Closed => card.owner_id == actor.person,
    }
}

fn is_unreadable(content: &Content) -> bool {
    matches!(content, Content::Unreadable { .. })
}

/// Whether a conflict is that somebody else has it, not that it is over.
fn is_claim(reason: &str) -> bool {
    reason.contains("has claimed")
}
