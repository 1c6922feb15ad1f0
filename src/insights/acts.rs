//! What an admin says to compare the figures with.

use serde::Serialize;

use crate::desk::Stage;
use crate::people::{Act, ActError, Actor, record};
use crate::store::{StoreError, Tx};
use crate::vocabulary::Role;

/// The settings that hold them.
const PHONE: &str = "insights.phone_minutes";
const PROMISE: &str = "insights.answer_within_minutes";
/// What can be promised: waiting is counted in these classes, so the share within is exact.
pub(super) const PROMISES: [i64; 9] = [1, 5, 15, 30, 60, 240, 480, 1440, 4320];
/// Longer than a day on the phone is a slip of the finger.
const LONGEST_CALL: i64 = 1440;

/// What the figures are compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Targets {
    /// How long it takes on the phone until somebody answers and solves it, in minutes.
    pub phone_minutes: Option<i64>,
    /// Within how many minutes a first answer is promised.
    pub answer_within_minutes: Option<i64>,
}

impl Targets {
    /// What can be promised, in minutes.
    pub fn promises() -> [i64; 9] {
        PROMISES
    }
}

/// What the admin said.
pub async fn targets(tx: &mut Tx) -> Result<Targets, StoreError> {
    let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
    Ok(Targets {
        phone_minutes: number(tx.setting(PHONE).await?),
        answer_within_minutes: number(tx.setting(PROMISE).await?),
    })
}

/// Sets what the figures are compared with; `None` compares with nothing.
///
/// Errors: [`ActError::Invalid`] for a promise that is not one of [`Targets::promises`], or a
/// phone time outside of 1 to 1440 minutes.
pub async fn set_targets(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    targets: Targets,
) -> Result<(), ActError> {
    actor.require(Role::Admin)?;
    let invalid = |reason: String| ActError::Invalid { reason };
    if targets.phone_minutes.is_some_and(|minutes| !(1..=LONGEST_CALL).contains(&minutes)) {
        return Err(invalid(format!("the phone's time is 1 to {LONGEST_CALL} minutes")));
    }
    if targets.answer_within_minutes.is_some_and(|minutes| !PROMISES.contains(&minutes)) {
        let known = PROMISES.map(|minutes| minutes.to_string()).join(", ");
        return Err(invalid(format!("a promise is one of {known} minutes")));
    }
    for (name, value) in [(PHONE, targets.phone_minutes), (PROMISE, targets.answer_within_minutes)]
    {
        match value {
            Some(minutes) => tx.set_setting(name, &minutes.to_string()).await?,
            None => tx.drop_setting(name).await?,
        }
    }
    let word = |value: Option<i64>| value.map_or("none".to_owned(), |n| format!("{n} min"));
    let detail = format!(
        "phone {}, answer within {}",
        word(targets.phone_minutes),
        word(targets.answer_within_minutes)
    );
    record(tx, stage, actor, &Act { act: "set targets", object: "insights", detail: &detail })
        .await?;
    Ok(())
}
