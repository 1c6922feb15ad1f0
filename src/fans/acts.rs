//! How authors are named: as they wish, said by a moderator, or by themselves where the forum vouches
//! for who they are.

use crate::desk::Stage;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::store::wishes::Wish;
use crate::vocabulary::Role;

/// The longest name an author can choose, in characters.
const LONGEST_NAME: usize = 80;

/// Sets how an author is named from now on: in replies, on the help page, on leaderboards. Who is
/// not named stands on no leaderboard. Needs [`Role::Moderator`].
///
/// Errors: [`ActError::Invalid`] for a name that is empty or longer than 80 characters, and
/// [`ActError::Unknown`] for an author of no answer.
pub async fn name_author(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    author: &str,
    wish: &Wish,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    if !tx.is_author(author).await? {
        return Err(ActError::Unknown { what: format!("answer by {author:?}") });
    }
    set(tx, stage, actor, (author, wish)).await
}

/// Sets how one's own answers name one; for whoever came in with their account of the forum.
///
/// Errors: like [`name_author`], and [`ActError::Conflict`] where nobody vouches for who they are.
pub async fn name_oneself(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    wish: &Wish,
) -> Result<(), ActError> {
    let known = match actor.person {
        Some(person) => tx.forum_name(person).await?,
        None => None,
    };
    let author = known.ok_or_else(|| ActError::Conflict {
        reason: "sign in with your account of the forum; it says who you are there".to_owned(),
        owner: None,
    })?;
    set(tx, stage, actor, (&author, wish)).await
}

async fn set(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    (author, wish): (&str, &Wish),
) -> Result<(), ActError> {
    let detail = match wish {
        Wish::AsWritten => "as the forum names them",
        Wish::Unnamed => "not named",
        Wish::As(name) if name.trim().is_empty() || name.chars().count() > LONGEST_NAME => {
            let reason = format!("write a name of 1 to {LONGEST_NAME} characters");
            return Err(ActError::Invalid { reason });
        }
        Wish::As(name) => name,
    };
    tx.set_wish(author, wish, stage.now).await?;
    record(tx, stage, actor, &Act { act: "name author", object: author, detail }).await?;
    Ok(())
}
