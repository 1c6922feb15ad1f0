//! One transaction: the decision, the reply or the escalation, and the messages as handled.

use superfan_bots::Reply;

use super::replies;
use super::scene::Scene;
use super::small_talk::{Intent, understand};
use super::verdict::{Verdict, without_search};
use super::{Answerer, Decision, HandleError, crash};
use crate::escalation::{Opening, open_or_join, settle_state};
use crate::experts;
use crate::helpdesk;
use crate::ids::DecisionId;
use crate::outbox::{Draft, enqueue};
use crate::staff;
use crate::store::answers::AnswerRow;
use crate::store::decisions::DecisionRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{Action, Reason, Verdict as Said};
use crate::words::Key;

impl Answerer {
    /// Writes a verdict and everything that follows from it.
    pub(super) async fn write(&self, scene: &Scene, verdict: Verdict) -> Result<(), HandleError> {
        crash::point("after_decide");
        let Some(mut tx) = self.begin(scene).await? else {
            return Ok(());
        };
        // Whoever took over while we searched keeps the word.
        let taken = tx.human_owns(scene.conversation.id, scene.customer.id).await?;
        let verdict = if taken && !scene.human_owns {
            let silent = Decision::without_answer(Action::Silent, Reason::HumanOwns);
            Verdict { question: verdict.question, ..without_search(scene, silent) }
        } else {
            verdict
        };
        let decision = self.keep(&mut tx, scene, &verdict).await?;
        if is_heard(&verdict) {
            self.greet(&mut tx, scene).await?;
        }
        self.respond(&mut tx, scene, &verdict, decision).await?;
        if verdict.decision.reason == Reason::HumanOwns {
            self.tell_owner(&mut tx, scene).await?;
        }
        self.mark_handled(&mut tx, scene, Some(decision)).await?;
        if !scene.customer.lang_is_chosen && verdict.intent.is_none() {
            tx.set_customer_lang(scene.customer.id, &scene.lang, false).await?;
        }
        self.commit(tx).await?;
        Ok(())
    }

    /// What a customer says to the person who owns the conversation is read where that person is:
    /// in the brand's desk, on an expert's own channel.
    async fn tell_owner(&self, tx: &mut Tx, scene: &Scene) -> Result<(), StoreError> {
        let here = (scene.conversation.id, scene.customer.id);
        match tx.open_escalation(here.0, here.1).await? {
            Some(row) if !scene.text.trim().is_empty() => {
                let (stage, text) = (self.desk.stage(), scene.text.trim());
                experts::tell_customers_words(tx, &stage, &row, text).await?;
                staff::said(tx, &stage, &row, text).await?;
                helpdesk::said(tx, &stage, &row, text).await
            }
            _ => Ok(()),
        }
    }

    async fn keep(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        verdict: &Verdict,
    ) -> Result<DecisionId, StoreError> {
        let (action, reason) = (verdict.decision.action, verdict.decision.reason);
        let row = DecisionRow {
            id: self.desk.ids.next(),
            conversation_id: scene.conversation.id,
            customer_id: scene.customer.id,
            channel: scene.conversation.channel.clone(),
            question: verdict.question.clone(),
            lang: scene.lang.clone(),
            action,
            reason,
            confidence: verdict.asked.confidence,
            line: verdict.asked.line,
            generation: i64::try_from(verdict.asked.generation).unwrap_or(0),
            answer_ids: verdict.picked.iter().map(|row| row.id.clone()).collect(),
            card: verdict.asked.clone().for_keeping(),
            feedback: None,
            at: scene.now,
        };
        tx.add_decision(&row).await?;
        metrics::counter!(
            "superfan_decisions_total", "channel" => row.channel.clone(),
            "action" => action.as_str(), "reason" => reason.as_str()
        )
        .increment(1);
        tracing::info!(
            conversation.id = %row.conversation_id, channel = %row.channel, decision.id = %row.id,
            confidence = row.confidence, "decided {action} ({reason}) on {}", row.channel
        );
        Ok(row.id)
    }

    /// The first words in a private conversation, before anything else.
    pub(super) async fn greet(&self, tx: &mut Tx, scene: &Scene) -> Result<(), StoreError> {
        if scene.conversation.is_group() {
            return Ok(());
        }
        if tx.mark_greeted(scene.conversation.id, scene.now).await? {
            let reply = replies::greeting(&scene.lang, &self.desk.config.rules.brand);
            let cause = "greeting".to_owned();
            self.say(tx, scene, Saying { reply, cause, decision: None }).await?;
        }
        Ok(())
    }

    async fn respond(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        verdict: &Verdict,
        decision: DecisionId,
    ) -> Result<(), StoreError> {
        let lang = &scene.lang;
        match verdict.decision.action {
            Action::Answer | Action::Choices => {
                let picked: Vec<&AnswerRow> = verdict.picked.iter().collect();
                if let Some(reply) = replies::for_decision(lang, decision, &verdict.asked, &picked)
                {
                    self.say_about(tx, scene, reply, decision).await?;
                }
                Ok(())
            }
            Action::AskBack => {
                let reply = replies::question(lang, Key::AskBack);
                self.say_about(tx, scene, reply, decision).await
            }
            Action::Escalate => self.escalate(tx, scene, verdict, decision).await,
            Action::Silent if verdict.decision.reason == Reason::HumanOwns => {
                let intent = understand(&scene.text, lang);
                self.consents_in_words(tx, scene, intent).await?;
                self.wake_snoozed(tx, scene).await
            }
            Action::Silent => match verdict.intent {
                Some(intent) => self.small_talk(tx, scene, intent, decision).await,
                None if verdict.decision.reason == Reason::Flood => {
                    self.warn_of_flood(tx, scene, decision).await
                }
                None => Ok(()),
            },
        }
    }

    /// The customer has said something: what their person had put aside is looked at again.
    pub(super) async fn wake_snoozed(&self, tx: &mut Tx, scene: &Scene) -> Result<(), StoreError> {
        let expires_at = scene.now + self.desk.config.rules.claim_lapses_after;
        tx.wake_snoozed(scene.conversation.id, scene.customer.id, expires_at).await?;
        match tx.open_escalation(scene.conversation.id, scene.customer.id).await? {
            Some(row) => staff::changed(tx, &self.desk.stage(), row.id).await,
            None => Ok(()),
        }
    }

    pub(super) async fn escalate(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        verdict: &Verdict,
        decision: DecisionId,
    ) -> Result<(), StoreError> {
        let reason = verdict.decision.reason;
        let mood = super::small_talk::urgency(&scene.text);
        let opening = Opening {
            conversation: &scene.conversation,
            customer: &scene.customer,
            question: &verdict.question,
            said: &scene.text,
            lang: &scene.lang,
            reason,
            decision_id: Some(decision),
            priority: priority(reason, mood.urgent),
        };
        let (number, is_new) = open_or_join(tx, &self.desk.stage(), &opening).await?;
        if scene.channel.paused {
            return Ok(());
        }
        let key = if is_new { notice_key(reason) } else { Key::EscalatedAgain };
        let reply = replies::notice(&scene.lang, key, &[("number", &number.to_string())]);
        self.say_about(tx, scene, reply, decision).await
    }

    async fn small_talk(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        intent: Intent,
        decision: DecisionId,
    ) -> Result<(), StoreError> {
        // The first greeting was just said; a second hello would be one too many.
        let first = scene.conversation.greeted_at.is_none();
        let latest = scene.latest_question().cloned();
        match (intent, latest) {
            (Intent::Yes | Intent::No, _) if scene.customer.forget_asked_at.is_some() => {
                self.settle_forget(tx, scene, intent == Intent::Yes, decision).await
            }
            (Intent::Yes | Intent::No, _) if self.consents_in_words(tx, scene, intent).await? => {
                Ok(())
            }
            (Intent::Helped | Intent::Yes, Some(latest)) => {
                self.take_verdict(tx, scene, &latest, Said::Helped).await
            }
            (Intent::DidntHelp | Intent::No, Some(latest)) => {
                self.take_verdict(tx, scene, &latest, Said::Refused).await
            }
            (Intent::DidntHelp | Intent::Empty, _) => {
                let reply = replies::question(&scene.lang, Key::AskBack);
                self.say_about(tx, scene, reply, decision).await
            }
            (Intent::Stop, _) => self.stop(tx, scene, decision).await,
            (Intent::Greeting | Intent::Start, _) if !first => {
                self.notice(tx, scene, Key::HelloBack, decision).await
            }
            (Intent::Thanks, _) => self.notice(tx, scene, Key::YouAreWelcome, decision).await,
            (Intent::Bye, _) => self.notice(tx, scene, Key::Goodbye, decision).await,
            _ => Ok(()),
        }
    }

    async fn stop(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        decision: DecisionId,
    ) -> Result<(), StoreError> {
        tx.set_customer_stopped(scene.customer.id, Some(scene.now)).await?;
        settle_state(tx, scene.conversation.id, scene.customer.id).await?;
        let here = (scene.conversation.id, scene.customer.id);
        tx.settle_bots_words(here, "the customer said stop", scene.now).await?;
        self.notice(tx, scene, Key::Stopped, decision).await
    }

    async fn warn_of_flood(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        decision: DecisionId,
    ) -> Result<(), StoreError> {
        let warned = scene.previous.iter().any(|earlier| earlier.reason == Reason::Flood);
        if warned || scene.conversation.is_group() {
            return Ok(());
        }
        self.notice(tx, scene, Key::TooMany, decision).await
    }

    /// One sentence of the bot.
    pub(super) async fn notice(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        key: Key,
        decision: impl Into<Option<DecisionId>>,
    ) -> Result<(), StoreError> {
        self.say_about(tx, scene, replies::notice(&scene.lang, key, &[]), decision).await
    }

    /// Enqueues the reply to the unit that is handled.
    pub(super) async fn say_about(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        reply: Reply,
        decision: impl Into<Option<DecisionId>>,
    ) -> Result<(), StoreError> {
        let cause = scene.unit.last().id.to_string();
        self.say(tx, scene, Saying { reply, cause, decision: decision.into() }).await
    }

    async fn say(&self, tx: &mut Tx, scene: &Scene, saying: Saying) -> Result<(), StoreError> {
        let in_reply_to = scene.unit.last().message.message_id.clone();
        let draft = Draft {
            conversation: &scene.conversation,
            cause: saying.cause,
            reply: Reply { in_reply_to, ..saying.reply },
            decision_id: saying.decision,
        };
        enqueue(tx, &self.desk.stage(), &draft).await?;
        Ok(())
    }

    /// Marks every message of the unit as handled.
    pub(super) async fn mark_handled(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        decision: Option<DecisionId>,
    ) -> Result<(), StoreError> {
        self.end_waiting(tx, scene).await?;
        for message in &scene.unit.messages {
            tx.mark_handled(message.id, decision, scene.now).await?;
        }
        Ok(())
    }
}

impl Answerer {
    /// Where the platform shows "thinking" until something is said, silence would look like a
    /// failure: a polite word ends it.
    async fn end_waiting(&self, tx: &mut Tx, scene: &Scene) -> Result<(), StoreError> {
        let last = scene.unit.last();
        let adapter = self.desk.channels.adapter(&scene.conversation.channel);
        let waits = adapter.is_some_and(|adapter| adapter.keeps_waiting(&last.message));
        let cause = last.id.to_string();
        if !waits || scene.channel.paused || tx.ends_waiting(scene.conversation.id, &cause).await? {
            return Ok(());
        }
        let owner = match tx.open_escalation(scene.conversation.id, scene.customer.id).await? {
            Some(row) => row.claimed_by,
            None => None,
        };
        let owner = match owner {
            Some(owner) => tx.person(owner).await?,
            None => None,
        };
        let reply = match owner {
            Some(owner) => replies::notice(&scene.lang, Key::HumanJoined, &[("name", &owner.name)]),
            None if scene.customer.stopped_at.is_some() => {
                replies::notice(&scene.lang, Key::Stopped, &[])
            }
            None if scene.conversation.greeted_at.is_none() => {
                replies::notice(&scene.lang, Key::HelloBack, &[])
            }
            None => replies::notice(&scene.lang, Key::PressNoted, &[]),
        };
        self.say_about(tx, scene, reply, None).await
    }
}

/// A reply, what it answers, and the decision behind it.
struct Saying {
    reply: Reply,
    cause: String,
    decision: Option<DecisionId>,
}

/// Whether the bot may say its first words: not to bots, not where it has to keep silent.
fn is_heard(verdict: &Verdict) -> bool {
    let unheard = matches!(
        verdict.decision.reason,
        Reason::BotAuthor | Reason::OwnEcho | Reason::HumanOwns | Reason::Stopped
    );
    !unheard && verdict.intent != Some(Intent::Stop)
}

fn notice_key(reason: Reason) -> Key {
    match reason {
        Reason::AskedForHuman => Key::EscalatedOnRequest,
        Reason::RefusedTwice => Key::EscalatedRefused,
        Reason::SensitiveTopic => Key::EscalatedSensitive,
        Reason::TooOld => Key::Late,
        _ => Key::Escalated,
    }
}

/// 0 is the most urgent.
fn priority(reason: Reason, urgent: bool) -> i64 {
    match reason {
        Reason::SensitiveTopic => 0,
        Reason::AskedForHuman | Reason::RefusedTwice => 1,
        _ if urgent => 1,
        _ => 2,
    }
}
