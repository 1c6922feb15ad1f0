//! Tables `settings` and `counters`: small values the application makes and keeps.

use super::db::built;
use super::{StoreError, Tx, cells};

impl Tx {
    /// A value made earlier.
    pub async fn setting(&mut self, name: &str) -> Result<Option<String>, StoreError> {
        let row = self.one("SELECT value FROM settings WHERE name = $1", cells![name]).await?;
        row.map(|row| row.text("value")).transpose()
    }

    /// Keeps a value.
    pub async fn set_setting(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO settings (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            cells![name, value],
        )
        .await?;
        Ok(())
    }

    /// Keeps a value for this transaction: nobody else changes it meanwhile.
    pub async fn lock_setting(&mut self, name: &str) -> Result<(), StoreError> {
        let sql = format!("SELECT value FROM settings WHERE name = $1{}", self.for_update());
        self.all_built(built(sql), cells![name]).await?;
        Ok(())
    }

    /// The values whose names begin so, by name. `prefix` is words of our own.
    pub async fn settings_from(
        &mut self,
        prefix: &'static str,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT name, value FROM settings WHERE name LIKE $1 ORDER BY name";
        let rows = self.all(sql, cells![format!("{prefix}%")]).await?;
        rows.iter().map(|row| Ok((row.text("name")?, row.text("value")?))).collect()
    }

    /// Forgets a value.
    pub async fn drop_setting(&mut self, name: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM settings WHERE name = $1", cells![name]).await?;
        Ok(())
    }

    /// Keeps a value unless there is one; returns the one that counts.
    pub async fn setting_or_insert(
        &mut self,
        name: &str,
        value: &str,
    ) -> Result<String, StoreError> {
        self.execute(
            "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            cells![name, value],
        )
        .await?;
        Ok(self.setting(name).await?.unwrap_or_else(|| value.to_owned()))
    }

    /// The next number of a counter.
    pub async fn next_number(&mut self, counter: &'static str) -> Result<i64, StoreError> {
        let row = self
            .one(
                "UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value",
                cells![counter],
            )
            .await?;
        row.ok_or_else(|| StoreError::Inconsistent {
            table: "counters",
            detail: format!("no counter {counter}"),
        })?
        .int("value")
    }
}
