//! Who acts in a story: customers on each channel, and the people at the desk.

use serde_json::{Value, json};
use superfan::clock::Clock;
use superfan::escalation::{self, Closed, Replied, Words};
use superfan::ids::{DeliveryId, EscalationId};
use superfan::people::{ActError, Actor};
use superfan::store::escalations::EscalationRow;
use superfan::store::people::PersonRow;
use superfan::vocabulary::{EscalationState, Outcome, Role};
use superfan::{channels, outbox};
use superfan_bots::telegram::fake::{Customer, Group};
use superfan_bots::webchat::{Visitor, decode};

use super::TestDesk;

/// A customer on Telegram.
pub(crate) struct Telegrammer<'a> {
    desk: &'a TestDesk,
    /// The account.
    pub(crate) customer: Customer,
    name: String,
}

/// A customer behind the generic webhook; their conversation has their name.
pub(crate) struct Caller<'a> {
    desk: &'a TestDesk,
    name: String,
}

/// A visitor of the web chat.
pub(crate) struct Guest<'a> {
    desk: &'a TestDesk,
    session: String,
}

/// Somebody who works here.
pub(crate) struct Agent<'a> {
    pub(super) desk: &'a TestDesk,
    /// Who acts.
    pub(crate) actor: Actor,
}

impl TestDesk {
    /// A customer on Telegram; the same name is the same person.
    pub(crate) fn telegram(&self, name: &str) -> Telegrammer<'_> {
        let customer = self.telegram.customer(name);
        self.script().knows_chat(customer.id(), name);
        Telegrammer { desk: self, customer, name: name.to_owned() }
    }

    /// A Telegram group with the bot in it.
    pub(crate) fn group(&self, title: &str) -> Group {
        let group = self.telegram.group(title);
        self.script().knows_chat(group.id(), title);
        group
    }

    /// A customer behind the generic webhook.
    pub(crate) fn caller(&self, name: &str) -> Caller<'_> {
        Caller { desk: self, name: name.to_owned() }
    }

    /// A visitor of the web chat.
    pub(crate) fn guest(&self, session: &str) -> Guest<'_> {
        Guest { desk: self, session: session.to_owned() }
    }

    /// A moderator.
    pub(crate) async fn agent(&self, name: &str) -> Agent<'_> {
        self.person(name, Role::Moderator).await
    }

    /// Somebody with this role.
    pub(crate) async fn person(&self, name: &str, role: Role) -> Agent<'_> {
        let person = PersonRow {
            id: self.desk().ids.next(),
            email: format!("{name}@desk.example"),
            name: name.to_owned(),
            role,
            password: None,
            langs: String::new(),
            skills: String::new(),
        };
        let mut tx = self.desk().store.begin().await.unwrap();
        let person = tx.put_person(&person, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        Agent { desk: self, actor: Actor::from(person) }
    }

    pub(super) fn hears(&self, who: &str, what: &str) {
        self.script().write(who, "▶", what);
    }
}

impl Telegrammer<'_> {
    /// Writes in private; the message's id.
    pub(crate) async fn says(&self, text: &str) -> i64 {
        self.desk.hears(&format!("telegram/{}", self.name), text);
        let id = self.customer.says(text).await;
        self.desk.settle().await;
        id
    }

    /// Writes in private and waits for the reply.
    pub(crate) async fn asks(&self, text: &str) {
        self.says(text).await;
        self.desk.is_quiet().await;
    }

    /// Writes in a group and waits; the message's id.
    pub(crate) async fn asks_in(&self, group: &Group, text: &str) -> i64 {
        self.desk.hears(&format!("telegram/{}", self.name), &format!("(in the group) {text}"));
        let id = self.customer.says_in(group, text).await;
        self.desk.is_quiet().await;
        id
    }

    /// Changes an earlier message.
    pub(crate) async fn edits(&self, message_id: i64, text: &str) {
        self.desk.hears(&format!("telegram/{}", self.name), &format!("(edits) {text}"));
        self.customer.edits(message_id, text).await;
        self.desk.settle().await;
    }

    /// Presses the newest button with this label in the private chat.
    pub(crate) async fn presses(&self, label: &str) {
        self.desk.hears(&format!("telegram/{}", self.name), &format!("[{label}]"));
        let press = self.customer.presses(label).await;
        self.desk.telegram.until(|telegram| telegram.press_answered(&press)).await;
        self.desk.settle().await;
    }

    /// Presses a button under the newest message in any chat.
    pub(crate) async fn presses_on_newest(&self, label: &str) {
        self.desk.hears(&format!("telegram/{}", self.name), &format!("[{label}]"));
        let newest = self.desk.telegram.sent().pop().unwrap();
        self.customer.presses_on(&newest, label).await;
        self.desk.settle().await;
    }
}

impl Caller<'_> {
    /// Posts a text; the status and the answer.
    pub(crate) async fn says(&self, message_id: &str, text: &str) -> u16 {
        let name = &self.name;
        self.posts(json!({
            "conversation_id": name, "message_id": message_id, "text": text,
            "customer": { "id": name, "lang": "en" },
        }))
        .await
    }

    /// Posts a text and waits for the reply.
    pub(crate) async fn asks(&self, message_id: &str, text: &str) {
        assert_eq!(self.says(message_id, text).await, 200);
        self.desk.is_quiet().await;
    }

    /// Presses the newest button with this id's beginning (`helped`).
    pub(crate) async fn presses(&self, message_id: &str, verb: &str) {
        let replies = self.desk.help_desk.replies();
        let buttons = replies.iter().rev().filter_map(|reply| reply.body["buttons"].as_array());
        let ids = buttons.flatten().filter_map(|button| button["id"].as_str());
        let id = ids.into_iter().find(|id| id.starts_with(verb)).unwrap();
        let name = &self.name;
        let press = json!({
            "conversation_id": name, "message_id": message_id, "customer": { "id": name },
            "press": id,
        });
        assert_eq!(self.posts(press).await, 200);
    }

    /// Posts any body; the status.
    pub(crate) async fn posts(&self, body: Value) -> u16 {
        let said = body["text"].as_str().or_else(|| body["press"].as_str()?.split(':').next());
        let said = said.unwrap_or_default().to_owned();
        self.desk.hears(&format!("webhook/{}", self.name), &said);
        let status = self.knocks(&body).await;
        self.desk.settle().await;
        status
    }

    /// Posts any body without letting anything else happen; the status.
    pub(crate) async fn knocks(&self, body: &Value) -> u16 {
        let url = self.desk.live().door.url("webhook");
        let answer = self.desk.help_desk.post(&url, body, self.desk.clock.now()).await;
        answer.map_or(0, |(status, _)| status)
    }
}

impl Guest<'_> {
    /// Posts a text the way our page does.
    pub(crate) async fn says(&self, client_id: &str, text: &str) {
        self.desk.hears(&format!("webchat/{}", self.session), text);
        self.posts(&json!({ "client_id": client_id, "text": text })).await;
    }

    /// Posts a text and waits for the reply.
    pub(crate) async fn asks(&self, client_id: &str, text: &str) {
        self.says(client_id, text).await;
        self.desk.is_quiet().await;
    }

    /// Posts any body of our page.
    pub(crate) async fn posts(&self, body: &Value) {
        let visitor = Visitor { session: &self.session, lang: Some("en") };
        let body = body.to_string();
        let message = decode(body.as_bytes(), visitor, self.desk.clock.now()).unwrap();
        self.desk.desk().inbox.store("webchat", message).await.unwrap();
        self.desk.settle().await;
    }
}

impl Agent<'_> {
    /// Takes an escalation by its number.
    pub(crate) async fn claims(&self, number: i64) -> Result<EscalationRow, ActError> {
        let id = self.desk.escalation(number).await.id;
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        let claimed =
            escalation::claim(&mut tx, &self.desk.desk().stage(), &self.actor, id).await?;
        tx.commit().await.unwrap();
        self.desk.settle().await;
        Ok(claimed)
    }

    /// Replies to an escalation by its number.
    pub(crate) async fn replies(&self, number: i64, text: &str) -> Result<Replied, ActError> {
        let id = self.desk.escalation(number).await.id;
        let replied = self.replies_to(id, text).await?;
        self.desk.settle().await;
        Ok(replied)
    }

    /// Replies without letting anything else happen.
    pub(crate) async fn replies_to(
        &self,
        id: EscalationId,
        text: &str,
    ) -> Result<Replied, ActError> {
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        let stage = self.desk.desk().stage();
        let words = Words::own(text, None);
        let replied = escalation::reply(&mut tx, &stage, &self.actor, id, words).await?;
        tx.commit().await.unwrap();
        Ok(replied)
    }

    /// Replies to whatever waits longest.
    pub(crate) async fn replies_to_next(&self, text: &str) {
        let queue = self.desk.reads(async |tx| tx.queue(None, 50).await).await;
        let next = queue.iter().find(|one| one.state == EscalationState::Open).unwrap();
        self.replies(next.number, text).await.unwrap();
    }

    /// Closes an escalation as solved.
    pub(crate) async fn closes(&self, number: i64) -> Result<Closed, ActError> {
        let id = self.desk.escalation(number).await.id;
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        let stage = self.desk.desk().stage();
        let closed = escalation::close(&mut tx, &stage, &self.actor, id, Outcome::Solved).await?;
        tx.commit().await.unwrap();
        self.desk.settle().await;
        Ok(closed)
    }

    /// *Send again* on a row.
    pub(crate) async fn sends_again(&self, id: DeliveryId) -> Result<(), ActError> {
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        outbox::retry(&mut tx, &self.desk.desk().stage(), &self.actor, id).await?;
        tx.commit().await.unwrap();
        self.desk.settle().await;
        Ok(())
    }

    /// *It arrived* on a row.
    pub(crate) async fn saw_it_arrive(&self, id: DeliveryId) -> Result<(), ActError> {
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        outbox::confirm_arrived(&mut tx, &self.desk.desk().stage(), &self.actor, id).await?;
        tx.commit().await.unwrap();
        self.desk.settle().await;
        Ok(())
    }

    /// Stops automatic replies on a channel, or on all.
    pub(crate) async fn pauses(&self, channel: Option<&str>) -> Result<(), ActError> {
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        channels::pause(&mut tx, &self.desk.desk().stage(), &self.actor, channel).await?;
        tx.commit().await.unwrap();
        Ok(())
    }

    /// Resumes them.
    pub(crate) async fn resumes(&self, channel: Option<&str>) -> Result<(), ActError> {
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        channels::resume(&mut tx, &self.desk.desk().stage(), &self.actor, channel).await?;
        tx.commit().await.unwrap();
        self.desk.settle().await;
        Ok(())
    }
}

impl TestDesk {
    /// The escalation with this number.
    pub(crate) async fn escalation(&self, number: i64) -> EscalationRow {
        let all = self.reads(async |tx| tx.escalations(None, None, 1000).await).await;
        all.into_iter().find(|one| one.number == number).expect("the escalation exists")
    }
}
