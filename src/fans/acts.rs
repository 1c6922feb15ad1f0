//! What people do for authors: name them as they wish.

use crate::desk::Stage;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::store::wishes::Wish;
use crate::vocabulary::Role;

/// The longest name an author can choose, in characters.
const LONGEST_NAME: usize = 80;

/// Sets how an author is named from now on: in replies, on the help page, on leaderboards. Who is
/// not named stands on no leaderboard.
///
/// Errors: [`ActError::Invalid`] for a name that is empty or longer than 80 characters.
pub async fn name_author(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    author: &str,
    wish: &Wish,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
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
