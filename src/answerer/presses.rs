//! What customers say of an answer: by button or in words.

use super::experts::ExpertPress;
use super::links::UNLINK;
use super::replies;
use super::scene::Scene;
use super::verdict::without_search;
use super::{Answerer, Decision, HandleError};
use crate::answers::phrasings::{Taught, learn};
use crate::ids::{DecisionId, EscalationId};
use crate::store::answers::AnswerRow;
use crate::store::decisions::DecisionRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{Action, Lesson, Reason, Verdict};
use crate::words;

/// A press on one of our buttons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Press {
    /// A verdict on a decision's answer.
    Verdict(Verdict, DecisionId),
    /// One of a short list, counted from 1.
    Pick(DecisionId, usize),
    /// Yes or no to being forgotten.
    Forget(bool),
    /// Yes or no to a question being posted in the forum.
    Forum(EscalationId, bool),
    /// What an expert says to a question.
    Expert(ExpertPress),
    /// Accounts that were linked are two again.
    Unlink,
}

impl Press {
    /// Reads a button's id; `None` if it is not one of ours.
    fn read(button: &str) -> Option<Self> {
        let (verb, rest) = button.split_once(':')?;
        let verdict = |verdict| Some(Self::Verdict(verdict, rest.parse().ok()?));
        match verb {
            "helped" => verdict(Verdict::Helped),
            "didnt" => verdict(Verdict::Refused),
            "human" => verdict(Verdict::Human),
            "pick" => {
                let (decision, number) = rest.split_once(':')?;
                Some(Self::Pick(decision.parse().ok()?, number.parse().ok()?))
            }
            "forget" => Some(Self::Forget(rest == "yes")),
            "forum" => {
                let (word, escalation) = rest.split_once(':')?;
                Some(Self::Forum(escalation.parse().ok()?, word == "yes"))
            }
            UNLINK => Some(Self::Unlink),
            "take" => Some(Self::Expert(ExpertPress::Take(rest.parse().ok()?))),
            "pass" => Some(Self::Expert(ExpertPress::Pass(rest.parse().ok()?))),
            "done" => Some(Self::Expert(ExpertPress::Done(rest.parse().ok()?))),
            _ => None,
        }
    }
}

impl Answerer {
    /// Handles a pressed button; only the asker's press counts.
    pub(super) async fn handle_press(
        &self,
        scene: &Scene,
        button: &str,
    ) -> Result<(), HandleError> {
        let Some(mut tx) = self.begin(scene).await? else {
            return Ok(());
        };
        match Press::read(button) {
            Some(Press::Verdict(verdict, id)) => {
                if let Some(decision) = asked_by(&mut tx, scene, id).await? {
                    self.take_verdict(&mut tx, scene, &decision, verdict).await?;
                }
            }
            Some(Press::Pick(id, number)) => {
                if let Some(decision) = asked_by(&mut tx, scene, id).await? {
                    self.send_picked(&mut tx, scene, &decision, number).await?;
                }
            }
            Some(Press::Forget(yes)) => {
                let decision = self.desk.ids.next();
                self.settle_forget(&mut tx, scene, yes, decision).await?;
            }
            Some(Press::Forum(id, yes)) => self.take_consent(&mut tx, scene, id, yes).await?,
            Some(Press::Expert(press)) => self.take_expert_press(&mut tx, scene, press).await?,
            Some(Press::Unlink) => self.unlink(&mut tx, scene).await?,
            None => tracing::info!(
                conversation.id = %scene.conversation.id, "ignored an unknown button"
            ),
        }
        self.mark_handled(&mut tx, scene, None).await?;
        self.commit(tx).await?;
        Ok(())
    }

    /// The same as pressing a number of a short list, said in words.
    pub(super) async fn pick_in_words(
        &self,
        scene: &Scene,
        list: &DecisionRow,
        number: usize,
    ) -> Result<(), HandleError> {
        let Some(mut tx) = self.begin(scene).await? else {
            return Ok(());
        };
        self.send_picked(&mut tx, scene, list, number).await?;
        self.mark_handled(&mut tx, scene, Some(list.id)).await?;
        self.commit(tx).await?;
        Ok(())
    }

    /// Records what the customer said of an answer, credits the author, or goes on to a runner-up
    /// or a person; a second word on the same answer changes nothing.
    pub(super) async fn take_verdict(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        decision: &DecisionRow,
        verdict: Verdict,
    ) -> Result<(), StoreError> {
        let carries_answer = matches!(decision.action, Action::Answer | Action::Choices);
        if !tx.add_feedback(decision, scene.customer.id, verdict, scene.now).await? {
            // Who pressed "didn't help" may still ask for a person afterwards.
            if verdict == Verdict::Human && !scene.human_owns {
                self.call_human(tx, scene, decision, Reason::AskedForHuman).await?;
            }
            return Ok(());
        }
        let answer = match decision.answer_ids.first() {
            Some(id) if carries_answer => tx.answer(id).await?,
            // Below a person's words: the answer that they chose, if they chose one.
            _ => match tx.chosen_answer(decision.id).await? {
                Some(id) => tx.answer(&id).await?,
                None => None,
            },
        };
        if let Some(answer) = &answer
            && verdict != Verdict::Human
        {
            let helped = i64::from(verdict == Verdict::Helped);
            let seq = tx.next_answer_seq().await?;
            tx.count_verdict(&answer.id, helped, 1 - helped, seq).await?;
            let taught = Taught {
                decision: decision.id,
                customer: scene.customer.id,
                question: &decision.question,
                lang: &decision.lang,
                lesson: if helped == 1 { Lesson::Helped } else { Lesson::Refused },
            };
            learn(tx, &self.desk.stage(), answer, taught).await?;
            self.desk.wakes.answers();
        }
        match verdict {
            // Who owns the conversation says the next word.
            _ if scene.human_owns => self.wake_snoozed(tx, scene).await,
            Verdict::Helped => {
                let author = answer.as_ref().and_then(AnswerRow::credited);
                let mut reply = replies::notice(&scene.lang, words::Key::PressNoted, &[]);
                reply.text = words::thanks_helped(&scene.lang, author);
                self.say_about(tx, scene, reply, decision.id).await
            }
            Verdict::Human => self.call_human(tx, scene, decision, Reason::AskedForHuman).await,
            Verdict::Refused if carries_answer => self.after_refusal(tx, scene, decision).await,
            // A person's words did not help: the conversation is still theirs.
            Verdict::Refused => Ok(()),
        }
    }

    /// At most one runner-up that clears the line, then a person.
    async fn after_refusal(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        refused: &DecisionRow,
    ) -> Result<(), StoreError> {
        let earlier = scene.previous.iter().filter(|earlier| earlier.id != refused.id);
        let refused_before = earlier
            .filter(|earlier| earlier.question == refused.question)
            .any(|earlier| earlier.feedback == Some(Verdict::Refused));
        if refused_before {
            return self.call_human(tx, scene, refused, Reason::RefusedTwice).await;
        }
        let Some((id, confidence)) = runner_up(refused) else {
            return self.call_human(tx, scene, refused, Reason::LowConfidence).await;
        };
        let Some(answer) = tx.answer(&id).await?.filter(AnswerRow::may_be_sent) else {
            return self.call_human(tx, scene, refused, Reason::LowConfidence).await;
        };
        let next = DecisionRow {
            id: self.desk.ids.next(),
            action: Action::Answer,
            reason: Reason::Confident,
            confidence,
            answer_ids: vec![id],
            feedback: None,
            at: scene.now,
            ..refused.clone()
        };
        tx.add_decision(&next).await?;
        let reply = replies::answer(&scene.lang, next.id, &answer, Some(confidence));
        self.say_about(tx, scene, reply, next.id).await
    }

    /// Opens an escalation about an earlier question, with a decision of its own: what the
    /// customer says of the person's words is kept apart from what they said of the bot's.
    async fn call_human(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        about: &DecisionRow,
        reason: Reason,
    ) -> Result<(), StoreError> {
        let decision = Decision::without_answer(Action::Escalate, reason);
        let mut verdict = without_search(scene, decision);
        verdict.question.clone_from(&about.question);
        let called = DecisionRow {
            id: self.desk.ids.next(),
            action: Action::Escalate,
            reason,
            feedback: None,
            at: scene.now,
            ..about.clone()
        };
        tx.add_decision(&called).await?;
        self.escalate(tx, scene, &verdict, called.id).await
    }

    /// Sends the answer that was picked from a short list.
    async fn send_picked(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        list: &DecisionRow,
        number: usize,
    ) -> Result<(), StoreError> {
        let id = number.checked_sub(1).and_then(|at| list.answer_ids.get(at));
        let Some(id) = id else {
            return Ok(());
        };
        let Some(answer) = tx.answer(id).await?.filter(AnswerRow::may_be_sent) else {
            return self.call_human(tx, scene, list, Reason::NotSendable).await;
        };
        let picked = DecisionRow {
            id: self.desk.ids.next(),
            action: Action::Answer,
            answer_ids: vec![id.clone()],
            feedback: None,
            at: scene.now,
            ..list.clone()
        };
        tx.add_decision(&picked).await?;
        let reply = replies::answer(&scene.lang, picked.id, &answer, None);
        self.say_about(tx, scene, reply, picked.id).await
    }
}

/// A decision, if this customer's question led to it.
async fn asked_by(
    tx: &mut Tx,
    scene: &Scene,
    id: DecisionId,
) -> Result<Option<DecisionRow>, StoreError> {
    let decision = tx.decision(id).await?;
    Ok(decision.filter(|decision| decision.customer_id == scene.customer.id))
}

/// The best other hit that clears the line and may be sent, from the kept card.
fn runner_up(refused: &DecisionRow) -> Option<(String, f64)> {
    let hits = refused.card.get("hits")?.as_array()?;
    hits.iter().find_map(|hit| {
        let id = hit.get("id")?.as_str()?;
        let confidence = hit.get("confidence")?.as_f64()?;
        let fits = confidence >= refused.line
            && hit.get("sendable")?.as_bool()?
            && hit.get("twin").is_none()
            && !refused.answer_ids.iter().any(|sent| sent == id);
        fits.then(|| (id.to_owned(), confidence))
    })
}
