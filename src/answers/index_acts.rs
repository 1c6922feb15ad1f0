//! What people ask of the index: build it anew, or go back to the generation before.

use crate::desk::Stage;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::store::index_state::IndexWorkRow;
use crate::vocabulary::Role;

/// Work on the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexWork {
    /// Build the next generation from the store and put it in service.
    Rebuild,
    /// Put the generation before back in service.
    Rollback,
}

impl IndexWork {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rebuild => "rebuild",
            Self::Rollback => "rollback",
        }
    }
}

/// Asks for work on the index; the process that owns the index takes it, one piece after another.
pub async fn ask_index(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    work: IndexWork,
) -> Result<IndexWorkRow, ActError> {
    actor.require(Role::Admin)?;
    let id = stage.ids.next();
    tx.ask_index_work(id, work.as_str(), &actor.name, stage.now).await?;
    record(tx, stage, actor, &Act { act: work.as_str(), object: "index", detail: "" }).await?;
    tx.index_work(id)
        .await?
        .ok_or_else(|| ActError::Unknown { what: "work that was just asked for".to_owned() })
}
