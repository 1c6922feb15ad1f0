//! What people ask of the index: build it anew, go back to the generation before, and what a new
//! generation is examined with.

use crate::desk::Stage;
use crate::people::{Act, ActError, Actor, record};
use crate::store::Tx;
use crate::store::golden::GoldenRow;
use crate::store::index_state::IndexWorkRow;
use crate::vocabulary::Role;

/// Work on the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexWork {
    /// Build the next generation from the store and put it in service.
    Rebuild,
    /// Build and examine the next generation, say what would change, and drop it.
    Check,
    /// Put the generation before back in service.
    Rollback,
}

impl IndexWork {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rebuild => "rebuild",
            Self::Check => "check",
            Self::Rollback => "rollback",
        }
    }
}

/// The most golden questions; each is asked twice in every exam.
const MOST_GOLDEN: usize = 10_000;

/// Puts golden questions in place of those there are; none at all means a sample of the base.
pub async fn set_golden_questions(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    rows: &[GoldenRow],
) -> Result<(), ActError> {
    actor.require(Role::Admin)?;
    if rows.len() > MOST_GOLDEN {
        let reason = format!("{} golden questions are more than {MOST_GOLDEN}", rows.len());
        return Err(ActError::Invalid { reason });
    }
    tx.set_golden_questions(rows).await?;
    let detail = rows.len().to_string();
    let act = Act { act: "set golden questions", object: "index", detail: &detail };
    Ok(record(tx, stage, actor, &act).await?)
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
