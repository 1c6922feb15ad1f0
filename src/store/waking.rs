//! When what was written in a conversation is handled: columns of table `conversations`.

use std::time::Duration;

use jiff::Timestamp;

use super::db::built;
use super::{Cell, StoreError, Tx, cells};
use crate::ids::ConversationId;

/// When a conversation's new messages are due; both in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waking {
    /// When the first of them came.
    pub burst_since: Option<i64>,
    /// When they are due; `None` while nothing waits.
    pub wake_at: Option<i64>,
}

impl Waking {
    /// The same after one more message came at `at`.
    ///
    /// Free text waits for `quiet` more silence, at most four times as long in all; the rest wakes
    /// the conversation at once. What was due by then stays due.
    #[must_use]
    pub fn after(self, at: Timestamp, quiet: Duration) -> Self {
        let (at, quiet) = (at.as_millisecond(), millis(quiet));
        let burst_since = self.burst_since.unwrap_or(at);
        let silent = at.saturating_add(quiet);
        let wake_at = match self.wake_at {
            None => silent,
            Some(due) if due <= at || quiet == 0 => due.min(silent),
            Some(_) => silent.min(burst_since.saturating_add(quiet.saturating_mul(4))),
        };
        Self { burst_since: Some(burst_since), wake_at: Some(wake_at) }
    }
}

/// A span as it is added to a time in the store.
pub(super) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX / 8)
}

impl Tx {
    /// When the new messages of conversations are due; only the conversations that exist.
    pub async fn wakings(
        &mut self,
        ids: &[ConversationId],
    ) -> Result<Vec<(ConversationId, Waking)>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT id, burst_since, wake_at FROM conversations WHERE id IN {}",
            self.placeholders(1, ids.len())
        );
        let ids = ids.iter().map(|id| Cell::from(*id)).collect();
        let rows = self.all_built(built(sql), ids).await?;
        let read = |row: &super::Row| {
            let (burst_since, wake_at) = (row.opt_int("burst_since")?, row.opt_int("wake_at")?);
            Ok((row.int("id")?.into(), Waking { burst_since, wake_at }))
        };
        rows.iter().map(read).collect()
    }

    /// Sets when the new messages of conversations are due.
    pub async fn set_wakings(
        &mut self,
        wakings: &[(ConversationId, Waking)],
    ) -> Result<(), StoreError> {
        if wakings.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "WITH woken (id, burst_since, wake_at) AS (VALUES {}) \
             UPDATE conversations SET burst_since = woken.burst_since, wake_at = woken.wake_at \
             FROM woken WHERE conversations.id = woken.id",
            self.placeholders(wakings.len(), 3)
        );
        let values =
            wakings.iter().flat_map(|(id, waking)| cells![*id, waking.burst_since, waking.wake_at]);
        let values = values.collect();
        self.execute_built(built(sql), values).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Duration = Duration::from_millis(1500);

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).unwrap()
    }

    fn woken(messages: &[(i64, Duration)]) -> Option<i64> {
        let start = Waking::default();
        messages.iter().fold(start, |waking, (ms, quiet)| waking.after(at(*ms), *quiet)).wake_at
    }

    #[test]
    fn text_waits_for_silence_but_not_for_ever() {
        assert_eq!(woken(&[(0, QUIET)]), Some(1500));
        assert_eq!(woken(&[(0, QUIET), (1000, QUIET)]), Some(2500));
        let restless: Vec<_> = (0..20).map(|n| (n * 1000, QUIET)).collect();
        assert_eq!(woken(&restless), Some(6000));
    }

    #[test]
    fn a_press_wakes_at_once_and_what_is_due_stays_due() {
        assert_eq!(woken(&[(0, QUIET), (200, Duration::ZERO)]), Some(200));
        assert_eq!(woken(&[(0, QUIET), (2000, QUIET)]), Some(1500));
        assert_eq!(woken(&[(0, Duration::ZERO), (1, QUIET)]), Some(0));
    }
}
