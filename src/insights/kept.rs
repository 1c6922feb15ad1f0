//! Reports that were read once and still hold: nothing was counted since.

use std::sync::{Arc, Mutex, PoisonError};

use super::acts::{Targets, targets};
use super::keep::cursors;
use super::report::{Report, Span, report};
use crate::store::{StoreError, Tx};

/// Spans whose reports are kept.
const KEPT: usize = 8;

/// The reports that were read last.
#[derive(Clone, Debug, Default)]
pub struct Reports(Arc<Mutex<Vec<(Span, Stamp, Report)>>>);

/// What a report hangs on: how far cases were counted, and what they are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    counted: Vec<Option<String>>,
    targets: Targets,
}

impl Reports {
    /// The figures of some days, out of what is kept where nothing was counted since.
    pub async fn read(&self, tx: &mut Tx, span: Span) -> Result<Report, StoreError> {
        let stamp = Stamp { counted: cursors(tx).await?, targets: targets(tx).await? };
        let known = |kept: &&(Span, Stamp, Report)| (kept.0, &kept.1) == (span, &stamp);
        if let Some((.., report)) = self.kept().iter().find(known) {
            return Ok(report.clone());
        }
        let report = report(tx, span).await?;
        let mut kept = self.kept();
        kept.retain(|(of, ..)| *of != span);
        kept.insert(0, (span, stamp, report.clone()));
        kept.truncate(KEPT);
        Ok(report)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<(Span, Stamp, Report)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
