//! Sending a letter of thanks to the forum: shown and edited first, once for each author and month.

use super::thanks::thanks;
use crate::desk::Stage;
use crate::people::{Act, ActError, Actor, random_token, record};
use crate::store::Tx;
use crate::store::thanks::ThanksRow;
use crate::vocabulary::{Role, ThanksState};

/// How long a title and a letter may be, in characters; the least is the forum's usual rule.
const TITLE: std::ops::RangeInclusive<usize> = 15..=255;
const TEXT: std::ops::RangeInclusive<usize> = 20..=10_000;

/// A letter as somebody read and edited it.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// To whom, as the base names them.
    pub author: &'a str,
    /// About which month, `2026-11`.
    pub month: &'a str,
    /// The topic's title.
    pub title: &'a str,
    /// What it says.
    pub text: &'a str,
    /// Whether only the author reads it, or everybody.
    pub is_private: bool,
}

/// Sends a letter to the forum `source`; needs [`Role::Moderator`]. It is posted soon after, once.
///
/// Errors: [`ActError::Invalid`] for a title or text the forum would not take, or a private one to
/// somebody the forum does not know; [`ActError::Conflict`] when one of that month is on its way or
/// there, when nothing of theirs counted, and when they are not to be named.
pub async fn post_thanks(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    source: &str,
    letter: Letter<'_>,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    let Letter { author, month, is_private, .. } = letter;
    let (title, text) = (letter.title.trim(), letter.text.trim());
    for (what, text, length) in [("title", title, TITLE), ("letter", text, TEXT)] {
        if !length.contains(&text.chars().count()) {
            let (least, most) = length.into_inner();
            let reason = format!("write a {what} of {least} to {most} characters");
            return Err(ActError::Invalid { reason });
        }
    }
    if is_private && !tx.writes_in(author, source).await? {
        let reason = format!("the forum does not know {author} by that name");
        return Err(ActError::Invalid { reason });
    }
    let minutes = stage.rules.minutes_per_case;
    let Some(draft) = thanks(tx, author, month, minutes).await? else {
        return Err(conflict("nothing of theirs counted in that month, or they are not named"));
    };
    let row = ThanksRow {
        author: author.to_owned(),
        month: month.to_owned(),
        source: source.to_owned(),
        state: ThanksState::Posting,
        is_private,
        named: draft.named,
        title: title.to_owned(),
        text: text.to_owned(),
        name: format!("sf-{}", random_token()),
        topic: None,
        url: None,
        trouble: None,
        tries: 0,
        due_at: stage.now,
        at: stage.now,
    };
    if !tx.send_thanks(&row).await? {
        return Err(conflict("they were thanked for that month, or it is on its way"));
    }
    let object = format!("{author} {month}");
    record(tx, stage, actor, &Act { act: "thank", object: &object, detail: "" }).await?;
    Ok(())
}

fn conflict(reason: &str) -> ActError {
    ActError::Conflict { reason: reason.to_owned(), owner: None }
}
