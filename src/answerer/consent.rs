//! Whether a customer's question may be posted in the forum: their yes or no, by button or in words.

use super::Answerer;
use super::scene::Scene;
use super::small_talk::Intent;
use crate::bridge;
use crate::ids::EscalationId;
use crate::store::{StoreError, Tx};

impl Answerer {
    /// A press below the question whether it may be posted; only the asker's counts.
    pub(super) async fn take_consent(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        id: EscalationId,
        yes: bool,
    ) -> Result<(), StoreError> {
        let asked = tx.escalation(id).await?;
        let is_theirs = asked.is_some_and(|row| row.customer_id == scene.customer.id);
        if !is_theirs {
            return Ok(());
        }
        match bridge::settle_consent(tx, &self.desk.stage(), (id, yes)).await? {
            Some(reply) => self.say_about(tx, scene, reply, None).await,
            None => Ok(()),
        }
    }

    /// The same in words, if that was the last thing they were asked; whether it was.
    pub(super) async fn consents_in_words(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        intent: Intent,
    ) -> Result<bool, StoreError> {
        if !matches!(intent, Intent::Yes | Intent::No) {
            return Ok(false);
        }
        let here = (scene.conversation.id, scene.customer.id);
        let Some(asked) = tx.asked_bridge(here.0, here.1).await? else { return Ok(false) };
        let talked_since = scene.latest_question().is_some_and(|one| Some(one.at) > asked.asked_at);
        if talked_since {
            return Ok(false);
        }
        self.take_consent(tx, scene, asked.escalation_id, intent == Intent::Yes).await?;
        Ok(true)
    }
}
