//! Experts on their own channel: linking the account, taking a question, replying to it.

use superfan_bots::{Button, Reply};

use super::replies;
use super::scene::Scene;
use super::{Answerer, HandleError};
use crate::escalation::{self, Words};
use crate::experts::{self, check};
use crate::ids::EscalationId;
use crate::people::{ActError, Actor, Via};
use crate::store::escalations::EscalationRow;
use crate::store::experts::{DraftRow, ExpertLink};
use crate::store::{StoreError, Tx};
use crate::vocabulary::{DraftState, Outcome, PageState, Role};
use crate::words::{Key, say};

/// What an expert presses under a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExpertPress {
    /// I take it.
    Take(EscalationId),
    /// Not me.
    Pass(EscalationId),
    /// It is solved.
    Done(EscalationId),
}

impl Answerer {
    /// `/expert CODE` links this account to a person, `/expert` alone ends that.
    pub(super) async fn link_expert(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        code: &str,
    ) -> Result<(), StoreError> {
        let reply = if code.trim().is_empty() {
            let was_linked = tx.unlink_expert(scene.customer.id).await?;
            let key = if was_linked { Key::ExpertUnlinked } else { Key::ExpertCodeUnknown };
            replies::notice(&scene.lang, key, &[])
        } else {
            let link = ExpertLink {
                person_id: crate::ids::PersonId(0),
                channel: scene.conversation.channel.clone(),
                customer_id: scene.customer.id,
                conversation_id: scene.conversation.id,
            };
            match stored(experts::link(tx, &self.desk.stage(), code, &link).await)? {
                Ok(Some(person)) => {
                    replies::notice(&scene.lang, Key::ExpertLinked, &[("name", &person.name)])
                }
                _ => replies::notice(&scene.lang, Key::ExpertCodeUnknown, &[]),
            }
        };
        self.say_about(tx, scene, reply, None).await
    }

    /// A button under a question that was offered to an expert, or that they have.
    pub(super) async fn take_expert_press(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        press: ExpertPress,
    ) -> Result<(), StoreError> {
        let Some(actor) = expert(tx, scene).await? else { return Ok(()) };
        let (ExpertPress::Take(id) | ExpertPress::Pass(id) | ExpertPress::Done(id)) = press;
        let Some(row) = tx.escalation(id).await? else { return Ok(()) };
        let stage = self.desk.stage();
        let done = match press {
            ExpertPress::Take(_) => {
                let taken = escalation::claim(tx, &stage, &actor, id).await;
                stored(taken.map(|_| Key::ExpertTaken))?
            }
            ExpertPress::Pass(_) => {
                if let Some(person) = actor.person {
                    tx.set_page_state(id, person, PageState::Passed).await?;
                }
                Ok(Key::ExpertPassed)
            }
            ExpertPress::Done(_) => {
                let closed = escalation::close(tx, &stage, &actor, id, Outcome::Solved).await;
                stored(closed.map(|_| Key::ExpertClosed))?
            }
        };
        let reply = match done {
            Ok(key) => notice(scene, key, &row, &actor.name),
            Err(error) => refusal(scene, &row, &error),
        };
        self.say_about(tx, scene, reply, None).await
    }

    /// The words of an expert who has a question are the reply to it; false if they have none, and
    /// the words are a question of their own.
    pub(super) async fn handle_expert_words(&self, scene: &Scene) -> Result<bool, HandleError> {
        if scene.expert.is_none() || scene.conversation.is_group() {
            return Ok(false);
        }
        let Some(mut tx) = self.begin(scene).await? else {
            return Ok(true);
        };
        let Some(actor) = expert(&mut tx, scene).await? else { return Ok(false) };
        let Some(row) = meant(&mut tx, scene, &actor).await? else { return Ok(false) };
        let reply = self.reply_of_expert(&mut tx, scene, &actor, &row).await?;
        self.say_about(&mut tx, scene, reply, None).await?;
        self.mark_handled(&mut tx, scene, None).await?;
        self.commit(tx).await?;
        Ok(true)
    }

    async fn reply_of_expert(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        actor: &Actor,
        row: &EscalationRow,
    ) -> Result<Reply, StoreError> {
        let (stage, rules) = (self.desk.stage(), &self.desk.config.rules);
        let text = scene.text.trim();
        let objections = check(text, &rules.forbidden_phrases);
        if !objections.is_empty() {
            let found: Vec<&str> = objections.iter().map(|one| one.found.as_str()).collect();
            let args = [("found", found.join(", "))];
            let args = [(args[0].0, args[0].1.as_str())];
            return Ok(replies::notice(&scene.lang, Key::ExpertBlocked, &args));
        }
        if rules.expert_review && actor.role == Role::Expert {
            let claimed = stored(escalation::claim(tx, &stage, actor, row.id).await)?;
            let (Ok(_), Some(person_id)) = (claimed, actor.person) else {
                return Ok(notice(scene, Key::ExpertTooLate, row, ""));
            };
            tx.add_expert_draft(&DraftRow {
                id: stage.ids.next(),
                escalation_id: row.id,
                person_id,
                text: text.to_owned(),
                state: DraftState::Waiting,
                at: stage.now,
            })
            .await?;
            return Ok(notice(scene, Key::ExpertReview, row, ""));
        }
        let key = scene.unit.last().id.to_string();
        let words = Words::own(text, Some(&key));
        Ok(match stored(escalation::reply(tx, &stage, actor, row.id, words).await)? {
            Ok(_) => {
                let label = say(&scene.lang, Key::ExpertDone, &[]);
                let done = Button { id: format!("done:{}", row.id), label };
                Reply { buttons: vec![done], ..notice(scene, Key::ExpertSent, row, "") }
            }
            Err(error) => refusal(scene, row, &error),
        })
    }
}

/// The person behind the account that wrote, if an expert's.
async fn expert(tx: &mut Tx, scene: &Scene) -> Result<Option<Actor>, StoreError> {
    let Some(link) = tx.expert_link(scene.customer.id).await? else { return Ok(None) };
    let person = tx.person(link.person_id).await?;
    Ok(person.map(|person| Actor { via: Via::Channel, ..Actor::from(person) }))
}

/// Which of the questions an expert has is meant: the one replied to, else the latest taken.
async fn meant(
    tx: &mut Tx,
    scene: &Scene,
    actor: &Actor,
) -> Result<Option<EscalationRow>, StoreError> {
    let Some(person) = actor.person else { return Ok(None) };
    let claims = tx.claims_of(person).await?;
    let replied_to = scene.unit.last().message.reply_to.as_deref();
    if let Some(message) = replied_to {
        let cause = tx.cause_of_message(scene.conversation.id, message).await?;
        let about = |row: &&EscalationRow| {
            cause.as_ref().is_some_and(|cause| cause.contains(&row.id.to_string()))
        };
        if let Some(row) = claims.iter().find(about) {
            return Ok(Some(row.clone()));
        }
    }
    Ok(claims.into_iter().next())
}

/// A store that failed is tried again; every other refusal is said.
fn stored<T>(done: Result<T, ActError>) -> Result<Result<T, ActError>, StoreError> {
    match done {
        Err(ActError::Store(error)) => Err(error),
        other => Ok(other),
    }
}

fn notice(scene: &Scene, key: Key, row: &EscalationRow, name: &str) -> Reply {
    let number = row.number.to_string();
    replies::notice(&scene.lang, key, &[("number", &number), ("name", name)])
}

fn refusal(scene: &Scene, row: &EscalationRow, error: &ActError) -> Reply {
    match error {
        ActError::Conflict { owner: Some(owner), .. } => {
            notice(scene, Key::ExpertTooLate, row, owner)
        }
        ActError::Conflict { owner: None, .. } => notice(scene, Key::ExpertClosed, row, ""),
        other => replies::notice(&scene.lang, Key::ExpertBlocked, &[("found", &other.to_string())]),
    }
}
