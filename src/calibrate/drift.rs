//! The drift alarm: fewer automatic answers help than the target promises.

use jiff::{SignedDuration, Timestamp};

use crate::interval::{interval, share};
use crate::store::{StoreError, Tx};

/// What is looked at: presses of the last weeks, the newest of them.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(24 * 30);
const NEWEST: i64 = 400;
/// Fewer presses than this tell nothing.
const ENOUGH: i64 = 20;

/// How many automatic answers helped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// Answers that somebody judged.
    pub n: i64,
    /// The share that helped, 0..=1.
    pub precision: f64,
    /// Its 95 % interval.
    pub interval: (f64, f64),
    /// Whether even the upper end stays below the target.
    pub is_below: bool,
}

/// How many of the newest automatic answers helped; `None` while too few were judged to tell.
pub async fn drift(tx: &mut Tx, target: f64, now: Timestamp) -> Result<Option<Drift>, StoreError> {
    let said = tx.said_of_answers(now - LOOKED_BACK, NEWEST).await?;
    let Some(interval) = interval(said.n_helped, said.n).filter(|_| said.n >= ENOUGH) else {
        return Ok(None);
    };
    let precision = share(said.n_helped, said.n);
    Ok(Some(Drift { n: said.n, precision, interval, is_below: interval.1 < target }))
}
