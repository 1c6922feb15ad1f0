//! Table `leases`: who may do what only one process may do.

use jiff::Timestamp;

use super::{StoreError, Tx, cells};

impl Tx {
    /// Takes or renews a lease until `expires_at`; false if another holder has it.
    pub async fn take_lease(
        &mut self,
        name: &str,
        holder: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = self
            .execute(
                "INSERT INTO leases (name, holder, expires_at) VALUES ($1, $2, $4) \
                 ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, \
                 expires_at = excluded.expires_at \
                 WHERE leases.holder = excluded.holder OR leases.expires_at <= $3",
                cells![name, holder, now, expires_at],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Whether `holder` has the lease at `now`.
    pub async fn holds_lease(
        &mut self,
        name: &str,
        holder: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let n = self
            .count(
                "SELECT COUNT(*) AS n FROM leases WHERE name = $1 AND holder = $2 \
                 AND expires_at > $3",
                cells![name, holder, now],
            )
            .await?;
        Ok(n == 1)
    }

    /// Whether somebody else than `holder` has the lease at `now`.
    pub async fn is_anothers_lease(
        &mut self,
        name: &str,
        holder: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let n = self
            .count(
                "SELECT COUNT(*) AS n FROM leases WHERE name = $1 AND holder <> $2 \
                 AND expires_at > $3",
                cells![name, holder, now],
            )
            .await?;
        Ok(n > 0)
    }

    /// Gives a lease back.
    pub async fn drop_lease(&mut self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM leases WHERE name = $1 AND holder = $2", cells![name, holder])
            .await?;
        Ok(())
    }
}
