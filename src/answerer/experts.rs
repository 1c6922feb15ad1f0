//! Experts on their own channel: linking the account, taking a question, replying to it.

use superfan_bots::{Button, Reply};

use super::replies;
use super::scene::Scene;
use super::{Answerer, HandleError};
use crate::answers::read::normalise_lang;
use crate::escalation::{self, Replied, Words};
use crate::experts::{self, check};
use crate::ids::EscalationId;
use crate::people::{ActError, Actor, Profile, Via, set_profile};
use crate::store::escalations::EscalationRow;
use crate::store::experts::ExpertLink;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{Outcome, PageState};
use crate::words::{Key, language_named, say};

/// How somebody says what they know.
const EXAMPLE: &str = "/expert en, de: router, wifi";

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
    /// `/expert CODE` links this account to a person, `/expert en, de: cameras` says what they know
    /// (both may be said at once), `/expert` alone ends it.
    pub(super) async fn link_expert(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        text: &str,
    ) -> Result<(), StoreError> {
        let said = Said::read(text);
        let reply = match (&said.code, &said.knows) {
            (None, None) => {
                let was_linked = tx.unlink_expert(scene.customer.id).await?;
                let key = if was_linked { Key::ExpertUnlinked } else { Key::ExpertCodeUnknown };
                replies::notice(&scene.lang, key, &[])
            }
            _ => self.take_in_expert(tx, scene, &said).await?,
        };
        self.say_about(tx, scene, reply, None).await
    }

    async fn take_in_expert(
        &self,
        tx: &mut Tx,
        scene: &Scene,
        said: &Said,
    ) -> Result<Reply, StoreError> {
        let stage = self.desk.stage();
        if let Some(code) = &said.code {
            let link = ExpertLink {
                person_id: crate::ids::PersonId(0),
                channel: scene.conversation.channel.clone(),
                customer_id: scene.customer.id,
                conversation_id: scene.conversation.id,
            };
            if !matches!(stored(experts::link(tx, &stage, code, &link).await)?, Ok(Some(_))) {
                return Ok(replies::notice(&scene.lang, Key::ExpertCodeUnknown, &[]));
            }
        }
        let person = match tx.expert_link(scene.customer.id).await? {
            Some(link) => tx.person(link.person_id).await?,
            None => None,
        };
        let Some(person) = person else {
            return Ok(replies::notice(&scene.lang, Key::ExpertCodeUnknown, &[]));
        };
        let mut lines = Vec::new();
        if said.code.is_some() {
            lines.push(say(&scene.lang, Key::ExpertLinked, &[("name", &person.name)]));
        }
        let how = say(&scene.lang, Key::ExpertProfileHow, &[("example", EXAMPLE)]);
        if let Some((langs, skills)) = &said.knows {
            let actor = Actor { via: Via::Channel, ..Actor::from(person.clone()) };
            let profile = Profile { name: &person.name, langs, skills };
            let kept = set_profile(tx, &stage, &actor, &person.email, profile).await;
            match stored(kept)? {
                Ok(()) => {
                    let or_all =
                        |list: &str| if list.is_empty() { "*".to_owned() } else { list.to_owned() };
                    let (langs, skills) = (or_all(langs), or_all(skills));
                    let args = [("langs", langs.as_str()), ("skills", skills.as_str())];
                    lines.push(say(&scene.lang, Key::ExpertProfile, &args));
                }
                Err(_) => lines.push(how),
            }
        } else if person.langs.is_empty() && person.skills.is_empty() {
            lines.push(how);
        }
        let plain = replies::notice(&scene.lang, Key::ExpertLinked, &[]);
        Ok(Reply { text: lines.join("\n\n"), ..plain })
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
        let key = scene.unit.last().id.to_string();
        let words = Words::own(text, Some(&key));
        Ok(match stored(escalation::reply(tx, &stage, actor, row.id, words).await)? {
            Ok(Replied::ForReview { .. }) => notice(scene, Key::ExpertReview, row, ""),
            Ok(Replied::Queued { .. }) => {
                let label = say(&scene.lang, Key::ExpertDone, &[]);
                let done = Button { id: format!("done:{}", row.id), label };
                Reply { buttons: vec![done], ..notice(scene, Key::ExpertSent, row, "") }
            }
            Err(error) => refusal(scene, row, &error),
        })
    }
}

/// What stands after `/expert`.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    /// A one-time code.
    code: Option<String>,
    /// Languages and skills, each separated by commas; empty for all.
    knows: Option<(String, String)>,
}

impl Said {
    /// `CODE`, `en, de: cameras`, or `CODE en, de: cameras`; languages by tag or name.
    fn read(text: &str) -> Self {
        let Some((head, skills)) = text.split_once([':', '：']) else {
            let code = Some(text.trim().to_owned()).filter(|code| !code.is_empty());
            return Self { code, knows: None };
        };
        let head = head.trim();
        let (first, rest) = head.split_once(char::is_whitespace).unwrap_or((head, ""));
        let is_lang = parts(first).all(|part| normalise_lang(&tag_of(part)).is_some());
        let (code, langs) = if is_lang { (None, head) } else { (Some(first.to_owned()), rest) };
        let langs: Vec<String> = parts(langs).map(tag_of).collect();
        let skills: Vec<&str> = parts(skills).collect();
        Self { code, knows: Some((langs.join(", "), skills.join(", "))) }
    }
}

/// The parts of a list, whatever comma its language has.
fn parts(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', '،', '、', '，']).map(str::trim).filter(|part| !part.is_empty())
}

/// The tag of a language that somebody names; else what they wrote.
fn tag_of(part: &str) -> String {
    language_named(part).map_or(part.to_owned(), |language| language.tag.to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, code: Option<&str>, knows: Option<(&str, &str)>) {
        let knows = knows.map(|(langs, skills)| (langs.to_owned(), skills.to_owned()));
        assert_eq!(Said::read(text), Said { code: code.map(str::to_owned), knows }, "{text}");
    }

    #[test]
    fn a_code_and_what_one_knows_are_told_apart() {
        check("", None, None);
        check(" K7QMPX2Y34 ", Some("K7QMPX2Y34"), None);
        check("en, de: router, wifi", None, Some(("en, de", "router, wifi")));
        check("German: ", None, Some(("de", "")));
        check(": cats", None, Some(("", "cats")));
        check("K7QMPX2Y34 ελληνικά，en：ήχος", Some("K7QMPX2Y34"), Some(("el, en", "ήχος")));
        check("K7QMPX2Y34: cats", Some("K7QMPX2Y34"), Some(("", "cats")));
    }
}
