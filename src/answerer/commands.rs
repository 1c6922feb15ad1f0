//! Commands, and events without words.

use superfan_bots::{Button, Command, Content};

use super::replies;
use super::scene::Scene;
use super::small_talk::Intent;
use super::verdict::without_search;
use super::{Answerer, Decision, HandleError};
use crate::escalation::settle_state;
use crate::ids::DecisionId;
use crate::staff;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{Action, Reason};
use crate::words::{self, Key, say};

impl Answerer {
    /// Handles a command.
    pub(super) async fn handle_command(
        &self,
        scene: &Scene,
        command: Command,
        text: &str,
    ) -> Result<(), HandleError> {
        let settled =
            |action, reason| without_search(scene, Decision::without_answer(action, reason));
        if scene.unit.last().message.author.kind != superfan_bots::AuthorKind::Person
            || (!scene.addressed && command != Command::Ask)
        {
            return self.write(scene, settled(Action::Silent, Reason::NotAddressed)).await;
        }
        match command {
            Command::Ask if !text.trim().is_empty() => self.handle_words(scene).await,
            Command::Human => {
                let mut verdict = settled(Action::Escalate, Reason::AskedForHuman);
                if verdict.question.is_empty()
                    && let Some(latest) = scene.latest_question()
                {
                    verdict.question.clone_from(&latest.question);
                }
                self.write(scene, verdict).await
            }
            Command::Stop => {
                let mut verdict = settled(Action::Silent, Reason::SmallTalk);
                verdict.intent = Some(Intent::Stop);
                self.write(scene, verdict).await
            }
            other => self.handle_setting(scene, other, text).await,
        }
    }

    /// Commands that change or tell something without a decision.
    async fn handle_setting(
        &self,
        scene: &Scene,
        command: Command,
        text: &str,
    ) -> Result<(), HandleError> {
        let Some(mut tx) = self.begin(scene).await? else {
            return Ok(());
        };
        match command {
            Command::Start => self.start(&mut tx, scene).await?,
            Command::Forget => self.ask_forget(&mut tx, scene).await?,
            Command::Language => self.set_language(&mut tx, scene, text).await?,
            Command::Expert if !scene.conversation.is_group() => {
                self.link_expert(&mut tx, scene, text).await?;
            }
            Command::Link if !scene.conversation.is_group() => {
                self.link(&mut tx, scene, text).await?;
            }
            Command::Ask => {
                let reply = replies::question(&scene.lang, Key::AskBack);
                self.say_about(&mut tx, scene, reply, None).await?;
            }
            _ => self.notice(&mut tx, scene, Key::Help, None).await?,
        }
        self.mark_handled(&mut tx, scene, None).await?;
        self.commit(tx).await?;
        Ok(())
    }

    /// First contact, or back after a stop.
    async fn start(&self, tx: &mut Tx, scene: &Scene) -> Result<(), StoreError> {
        let was_stopped = scene.customer.stopped_at.is_some();
        tx.set_customer_stopped(scene.customer.id, None).await?;
        settle_state(tx, scene.conversation.id, scene.customer.id).await?;
        tx.mark_greeted(scene.conversation.id, scene.now).await?;
        let reply = if was_stopped {
            replies::notice(&scene.lang, Key::StartedAgain, &[])
        } else {
            replies::greeting(&scene.lang, &self.desk.config.rules.brand)
        };
        self.say_about(tx, scene, reply, None).await
    }

    async fn ask_forget(&self, tx: &mut Tx, scene: &Scene) -> Result<(), StoreError> {
        tx.set_forget_asked(scene.customer.id, Some(scene.now)).await?;
        let lang = &scene.lang;
        let mut reply = replies::question(lang, Key::ForgetConfirm);
        reply.buttons = vec![
            Button { id: "forget:yes".to_owned(), label: say(lang, Key::ForgetYes, &[]) },
            Button { id: "forget:no".to_owned(), label: say(lang, Key::ForgetNo, &[]) },
        ];
        self.say_about(tx, scene, reply, None).await
    }

    /// Erases what is stored about the customer here, or keeps it.
    pub(super) async fn settle_forget(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        yes: bool,
        decision: DecisionId,
    ) -> Result<(), StoreError> {
        if scene.customer.forget_asked_at.is_none() {
            return Ok(());
        }
        tx.set_forget_asked(scene.customer.id, None).await?;
        if yes {
            tx.erase_customer(scene.customer.id, scene.now).await?;
            staff::forget(tx, &self.desk.stage(), scene.customer.id).await?;
            settle_state(tx, scene.conversation.id, scene.customer.id).await?;
            tracing::info!(conversation.id = %scene.conversation.id, "erased a customer's data");
        }
        let key = if yes { Key::Forgotten } else { Key::ForgetKept };
        self.notice(tx, scene, key, decision).await
    }

    async fn set_language(&self, tx: &mut Tx, scene: &Scene, text: &str) -> Result<(), StoreError> {
        if text.trim().is_empty() {
            return self.notice(tx, scene, Key::LanguageChoose, None).await;
        }
        let Some(language) = words::language_named(text) else {
            let names: Vec<&str> = words::LANGUAGES.iter().map(|l| l.name).collect();
            let names = names.join(", ");
            let args = [("languages", names.as_str())];
            let reply = replies::notice(&scene.lang, Key::LanguageUnknown, &args);
            return self.say_about(tx, scene, reply, None).await;
        };
        tx.set_customer_lang(scene.customer.id, language.tag, true).await?;
        let args = [("language", language.name)];
        let reply = replies::notice(language.tag, Key::LanguageSet, &args);
        self.say_about(tx, scene, reply, None).await
    }

    /// Handles what has no words: pictures, blocks, moves.
    pub(super) async fn handle_event(
        &self,
        scene: &Scene,
        content: &Content,
    ) -> Result<(), HandleError> {
        let Some(mut tx) = self.begin(scene).await? else {
            return Ok(());
        };
        let id = scene.conversation.id;
        match content {
            Content::Unreadable { .. } if scene.addressed && may_speak(scene) => {
                self.greet(&mut tx, scene).await?;
                self.notice(&mut tx, scene, Key::PleaseWrite, None).await?;
            }
            Content::Deleted { message_id } => {
                tx.erase_message(id, message_id, scene.now).await?;
            }
            Content::Closed { reason } => {
                tx.set_conversation_closed(id, Some(reason)).await?;
                tx.settle_waiting(id, reason, scene.now).await?;
            }
            Content::Opened => tx.set_conversation_closed(id, None).await?,
            Content::Moved { conversation, address } => {
                tx.move_conversation(id, conversation, address).await?;
            }
            _ => {}
        }
        self.mark_handled(&mut tx, scene, None).await?;
        self.commit(tx).await?;
        Ok(())
    }
}

fn may_speak(scene: &Scene) -> bool {
    let person = scene.unit.last().message.author.kind == superfan_bots::AuthorKind::Person;
    person && !scene.human_owns && !scene.channel.paused && scene.customer.stopped_at.is_none()
}
