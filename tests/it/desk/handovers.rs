//! What people at the desk do with an escalation besides answering it.

use jiff::SignedDuration;
use superfan::answers::phrasings::set_phrasing;
use superfan::answers::{AnswerEdit, GivenAnswer};
use superfan::escalation::{self, Handover, Target, Words};
use superfan::people::{ActError, Profile, set_profile};
use superfan::store::answers::AnswerRow;
use superfan::vocabulary::PhrasingWord;

use super::people::Agent;

impl Agent<'_> {
    /// Says which languages and skills are theirs.
    pub(crate) async fn answers_in(&self, langs: &str, skills: &str) {
        let email = format!("{}@desk.example", self.actor.name);
        let profile = Profile { name: &self.actor.name, langs, skills };
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        set_profile(&mut tx, &self.desk.desk().stage(), &self.actor, &email, profile)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Puts an escalation aside.
    pub(crate) async fn snoozes(&self, number: i64, time: SignedDuration) -> Result<(), ActError> {
        let id = self.desk.escalation(number).await.id;
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        let stage = self.desk.desk().stage();
        escalation::snooze(&mut tx, &stage, &self.actor, id, stage.now + time).await?;
        tx.commit().await.unwrap();
        self.desk.settle().await;
        Ok(())
    }

    /// Passes an escalation on.
    pub(crate) async fn passes_on(&self, number: i64, to: Target<'_>) -> Result<(), ActError> {
        let id = self.desk.escalation(number).await.id;
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        let handover = Handover { to, note: "they wrote twice" };
        let stage = self.desk.desk().stage();
        escalation::transfer(&mut tx, &stage, &self.actor, id, handover).await?;
        tx.commit().await.unwrap();
        self.desk.settle().await;
        Ok(())
    }

    /// Asks the customer something.
    pub(crate) async fn asks_back(&self, number: i64, text: &str) {
        let id = self.desk.escalation(number).await.id;
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        let words = Words::own(text, None);
        escalation::ask_back(&mut tx, &self.desk.desk().stage(), &self.actor, id, words)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        self.desk.settle().await;
    }

    /// Sends an accepted answer.
    pub(crate) async fn chooses(&self, number: i64, answer: &str) {
        let id = self.desk.escalation(number).await.id;
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        let row = tx.answer(answer).await.unwrap().unwrap();
        let words = Words { answer: Some(answer), ..Words::own(&row.answer, None) };
        escalation::reply(&mut tx, &self.desk.desk().stage(), &self.actor, id, words)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        self.desk.settle().await;
    }

    /// Adds what they wrote to the answers; it is searchable afterwards.
    pub(crate) async fn teaches(&self, number: i64) -> AnswerRow {
        let taught = self.desk.escalation(number).await;
        let edit = AnswerEdit {
            lang: Some(taught.lang.clone()),
            title: Some(taught.question.clone()),
            question: Some(taught.question.clone()),
            answer: taught.own_words.clone(),
            sendable: Some(superfan::answers::Word::Yes),
            ..AnswerEdit::default()
        };
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        let given = GivenAnswer { id: None, edit };
        let stage = self.desk.desk().stage();
        let row = escalation::teach(&mut tx, &stage, &self.actor, taught.id, given).await.unwrap();
        tx.commit().await.unwrap();
        self.desk.indexes(&row.id).await;
        row
    }

    /// Says whether the words of a customer count.
    pub(crate) async fn says_of_phrasing(&self, answer: &str, at: usize, word: PhrasingWord) {
        let mut tx = self.desk.desk().store.begin().await.unwrap();
        let id = tx.phrasings(answer).await.unwrap()[at].id;
        let stage = self.desk.desk().stage();
        set_phrasing(&mut tx, &stage, &self.actor, id, Some(word)).await.unwrap();
        tx.commit().await.unwrap();
        self.desk.indexes(answer).await;
    }

    /// The numbers of *Next for me*, best first.
    pub(crate) async fn next_for_me(&self) -> Vec<i64> {
        let person = self.actor.person.unwrap();
        let now = self.desk.desk().clock.now();
        let mine = self.desk.reads(async |tx| {
            let person = tx.person(person).await?.unwrap();
            let rows = tx.queue(Some(person.id), 100).await?;
            Ok(escalation::for_person(&person, rows, now))
        });
        mine.await.iter().map(|row| row.number).collect()
    }
}
