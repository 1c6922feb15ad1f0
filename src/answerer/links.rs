//! `/link`: a customer says which of their accounts are one person's, and undoes it.

use superfan_bots::{Button, Reply};

use super::scene::Scene;
use super::{Answerer, replies};
use crate::customers::{Linked, link, make_link_code};
use crate::outbox::{Draft, enqueue};
use crate::store::links::Identity;
use crate::store::{StoreError, Tx};
use crate::words::{Key, say};

/// What the button below a new link says to us.
pub(super) const UNLINK: &str = "unlink";

impl Answerer {
    /// `/link` alone gives a code, `/link 482913` from another account uses it, `/link undo` ends it.
    pub(super) async fn link(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        text: &str,
    ) -> Result<(), StoreError> {
        let (lang, text) = (&scene.lang, text.trim().to_lowercase());
        let here = here(scene);
        let stage = self.desk.stage();
        if text == "undo" || text == say(lang, Key::LinkUndo, &[]).to_lowercase() {
            return self.unlink(tx, scene).await;
        }
        let reply = if text.is_empty() {
            let code = make_link_code(tx, &stage, here).await?;
            replies::notice(lang, Key::LinkCode, &[("code", &code)])
        } else {
            match link(tx, &stage, here, &text).await? {
                Linked::Unknown => replies::notice(lang, Key::LinkUnknown, &[]),
                Linked::Own => replies::notice(lang, Key::LinkOwn, &[]),
                Linked::With(other) => {
                    self.tell_other(tx, scene, other).await?;
                    let there = tx.customer(other.customer_id).await?;
                    done(lang, &there.map(|there| there.channel).unwrap_or_default())
                }
            }
        };
        self.say_about(tx, scene, reply, None).await
    }

    /// This account is its own again.
    pub(super) async fn unlink(&self, tx: &mut Tx, scene: &Scene) -> Result<(), StoreError> {
        tx.part_identity(scene.customer.id).await?;
        let reply = replies::notice(&scene.lang, Key::LinkUndone, &[]);
        self.say_about(tx, scene, reply, None).await
    }

    /// Tells the account that the code was made for, so that nothing happens to it unseen.
    async fn tell_other(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        other: Identity,
    ) -> Result<(), StoreError> {
        let Some(conversation) = tx.conversation(other.conversation_id).await? else {
            return Ok(());
        };
        let Some(customer) = tx.customer(other.customer_id).await? else { return Ok(()) };
        if conversation.closed_reason.is_some() || customer.stopped_at.is_some() {
            return Ok(());
        }
        let lang = customer.lang.unwrap_or_else(|| scene.lang.clone());
        let cause = format!("link:{}", scene.unit.last().id);
        let reply = done(&lang, &scene.customer.channel);
        let draft = Draft { conversation: &conversation, cause, reply, decision_id: None };
        enqueue(tx, &self.desk.stage(), &draft).await?;
        self.desk.wakes.outbox();
        Ok(())
    }
}

fn here(scene: &Scene) -> Identity {
    Identity { customer_id: scene.customer.id, conversation_id: scene.conversation.id }
}

fn done(lang: &str, channel: &str) -> Reply {
    let button = Button { id: format!("{UNLINK}:yes"), label: say(lang, Key::LinkUndo, &[]) };
    let reply = replies::notice(lang, Key::LinkDone, &[("channel", channel)]);
    Reply { buttons: vec![button], ..reply }
}
