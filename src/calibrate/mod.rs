//! The confidence, fitted anew to what the brand's own customers and moderators said.
//!
//! In: decisions with their match cards and what people said of them. Out: a calibration that is
//! kept beside the shipped one and put in force, figures that show what it is worth, and an alarm
//! when fewer automatic answers help than the target promises. Must not know: what the evidence
//! is, channels, HTTP.

mod drift;
mod figures;
mod judged;

use std::sync::Arc;

use superfan_index::Calibration;

use crate::desk::Stage;
use crate::ids::CalibrationId;
use crate::people::{Act, ActError, Actor, digest, record};
use crate::search::Search;
use crate::store::calibrations::CalibrationRow;
use crate::store::{Store, StoreError, Tx};
use crate::vocabulary::Role;

pub use drift::{Drift, drift};
pub use figures::{Bin, Figures, Step, figures, reliability_svg};
pub use judged::{Feedback, feedback};

/// Fewer judgements than this fit nothing.
pub const NEEDED: usize = 50;

/// Puts the calibration in force that the store names.
///
/// One that was fitted from another version's shipped calibration is left aside: its evidence may
/// mean something else now.
pub async fn put_in_force(store: &Store, search: &Search) -> Result<(), StoreError> {
    let row = store.read().await?.calibration_in_force().await?;
    let calibration = row.and_then(|row| usable(&row)).unwrap_or_else(Calibration::shipped);
    if *search.index().calibration() != calibration {
        search.index().set_calibration(Arc::new(calibration));
    }
    Ok(())
}

/// A kept calibration, if it belongs to this version.
fn usable(row: &CalibrationRow) -> Option<Calibration> {
    if row.shipped != shipped_digest() {
        tracing::warn!(
            calibration.id = %row.id,
            "calibration {} was fitted by another version; the shipped one counts until superfan \
             calibrate runs again", row.id
        );
        return None;
    }
    Calibration::from_json(&row.body).ok()
}

fn shipped_digest() -> String {
    digest(&Calibration::shipped().to_json())
}

/// Keeps a new calibration and puts it in force; needs [`Role::Admin`].
pub async fn keep(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    (calibration, n_judged): (&Calibration, usize),
) -> Result<CalibrationId, ActError> {
    actor.require(Role::Admin)?;
    let row = CalibrationRow {
        id: stage.ids.next(),
        shipped: shipped_digest(),
        body: calibration.to_json(),
        n_judged: i64::try_from(n_judged).unwrap_or(i64::MAX),
        in_force: true,
        made_at: stage.now,
    };
    tx.add_calibration(&row).await?;
    let detail = format!("fitted to {n_judged} judgements");
    let act = Act { act: "calibrate", object: &row.id.to_string(), detail: &detail };
    record(tx, stage, actor, &act).await?;
    Ok(row.id)
}

/// Puts an earlier calibration in force, `None` for the shipped one; needs [`Role::Admin`].
pub async fn select(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: Option<CalibrationId>,
) -> Result<(), ActError> {
    actor.require(Role::Admin)?;
    let name = id.map_or_else(|| "shipped".to_owned(), |id| id.to_string());
    if !tx.use_calibration(id).await? {
        return Err(ActError::Unknown { what: format!("calibration {name}") });
    }
    record(tx, stage, actor, &Act { act: "calibrate", object: &name, detail: "put in force" })
        .await?;
    Ok(())
}
