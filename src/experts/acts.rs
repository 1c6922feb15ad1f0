//! What experts and moderators do: link an account, say what one knows, release or refuse words.

use jiff::SignedDuration;

use super::say_to;
use crate::desk::Stage;
use crate::escalation::{self, Words};
use crate::ids::DraftId;
use crate::people::{Act, ActError, Actor, Via, digest, random_token, record};
use crate::store::Tx;
use crate::store::experts::{DraftRow, ExpertLink};
use crate::store::people::PersonRow;
use crate::vocabulary::{DraftState, Role};
use crate::words::Key;

/// How long a code works.
pub const EXPERT_CODE_MINUTES: i64 = 10;
/// How many letters a code has; five bits each.
const CODE: usize = 10;

/// Makes a one-time code that links a channel account to whoever acts; it is shown once.
pub async fn make_code(tx: &mut Tx, stage: &Stage<'_>, actor: &Actor) -> Result<String, ActError> {
    actor.require(Role::Expert)?;
    let person = actor.person.ok_or_else(|| ActError::Invalid {
        reason: "only a person can be linked; sign in".to_owned(),
    })?;
    let letters = random_token().to_uppercase();
    // Without what people mistake for something else.
    let clear = letters.chars().filter(|c| c.is_ascii_alphanumeric() && !"01OIL".contains(*c));
    let code: String = clear.take(CODE).collect();
    let expires_at = stage.now + SignedDuration::from_mins(EXPERT_CODE_MINUTES);
    tx.add_expert_code(&digest(&code), person, expires_at).await?;
    record(tx, stage, actor, &Act { act: "make expert code", object: "", detail: "" }).await?;
    Ok(code)
}

/// Links the channel account that sent the code; `None` if the code cannot be used.
pub async fn link(
    tx: &mut Tx,
    stage: &Stage<'_>,
    code: &str,
    link: &ExpertLink,
) -> Result<Option<PersonRow>, ActError> {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let Some(id) = tx.use_expert_code(&digest(&code.to_uppercase()), stage.now).await? else {
        return Ok(None);
    };
    let Some(person) = tx.person(id).await? else { return Ok(None) };
    tx.link_expert(&ExpertLink { person_id: id, ..link.clone() }, stage.now).await?;
    let actor = Actor { via: Via::Channel, ..Actor::from(person.clone()) };
    let act = Act { act: "link expert", object: &link.channel, detail: "" };
    record(tx, stage, &actor, &act).await?;
    Ok(Some(person))
}

/// Sends an expert's words that waited for a moderator, under the expert's name.
pub async fn release(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: DraftId,
) -> Result<DraftRow, ActError> {
    let (draft, person) = settled(tx, actor, id, DraftState::Released).await?;
    let expert = Actor { via: Via::Channel, ..Actor::from(person.clone()) };
    let key = draft.id.to_string();
    let words = Words::own(&draft.text, Some(&key));
    escalation::send_as_read(tx, stage, &expert, draft.escalation_id, words).await?;
    record(tx, stage, actor, &Act { act: "release words", object: &key, detail: "" }).await?;
    let number = number(tx, &draft).await?;
    say_to(tx, stage, (person.id, &key), (Key::ExpertSent, &[("number", &number)])).await?;
    Ok(draft)
}

/// Does not send an expert's words that waited for a moderator.
pub async fn refuse(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: DraftId,
) -> Result<DraftRow, ActError> {
    let (draft, person) = settled(tx, actor, id, DraftState::Refused).await?;
    let key = draft.id.to_string();
    record(tx, stage, actor, &Act { act: "refuse words", object: &key, detail: "" }).await?;
    let start: String = draft.text.chars().take(80).collect();
    say_to(tx, stage, (person.id, &key), (Key::ExpertBlocked, &[("found", &start)])).await?;
    Ok(draft)
}

async fn settled(
    tx: &mut Tx,
    actor: &Actor,
    id: DraftId,
    state: DraftState,
) -> Result<(DraftRow, PersonRow), ActError> {
    actor.require(Role::Moderator)?;
    let unknown = || ActError::Unknown { what: format!("words {id}") };
    let draft = tx.expert_draft(id).await?.ok_or_else(unknown)?;
    if !tx.settle_expert_draft(id, state).await? {
        let reason = "somebody has decided about these words already".to_owned();
        return Err(ActError::Conflict { reason, owner: None });
    }
    let person = tx.person(draft.person_id).await?.ok_or_else(unknown)?;
    Ok((draft, person))
}

async fn number(tx: &mut Tx, draft: &DraftRow) -> Result<String, ActError> {
    let row = tx.escalation(draft.escalation_id).await?;
    Ok(row.map(|row| row.number.to_string()).unwrap_or_default())
}
