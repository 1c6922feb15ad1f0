//! Copies of the embedded database: taken while it is in use, and looked at before they are used.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Row as _};

use super::db::Store;
use super::{StoreError, Tx, cells};

impl Store {
    /// Writes a consistent copy of the whole database into a new file; others go on meanwhile.
    ///
    /// Only for the embedded database: `false` where there is none to copy.
    pub async fn copy_into(&self, path: &Path) -> Result<bool, StoreError> {
        let Some(writer) = self.embedded() else { return Ok(false) };
        let path = path.display().to_string();
        sqlx::query("VACUUM INTO $1").bind(path).execute(writer).await?;
        Ok(true)
    }
}

/// Looks whether a file is a sound copy of our database; the number of its answers.
pub async fn inspect_copy(path: &Path) -> Result<i64, StoreError> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let mut connection = options.connect().await?;
    let said = sqlx::query("PRAGMA quick_check(1)").fetch_one(&mut connection).await?;
    let said: String = said.try_get(0)?;
    if said != "ok" {
        return Err(StoreError::Inconsistent { table: "the copy", detail: said });
    }
    let counted =
        sqlx::query("SELECT COUNT(*) AS n FROM answers").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(counted.try_get("n")?)
}

/// Where a copy keeps the list of products that lay beside the database.
const PRODUCTS: &str = "backup_products";

/// Puts the list of products into a copy, so that the copy is all there is to keep.
pub async fn put_products(copy: &Path, list: &str) -> Result<(), StoreError> {
    let mut connection = SqliteConnectOptions::new().filename(copy).connect().await?;
    sqlx::query("INSERT OR REPLACE INTO settings (name, value) VALUES ($1, $2)")
        .bind(PRODUCTS)
        .bind(list)
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(())
}

impl Tx {
    /// Takes the list of products out of a database that was a copy; `None` if it came without.
    pub async fn take_products(&mut self) -> Result<Option<String>, StoreError> {
        let list = self.setting(PRODUCTS).await?;
        self.drop_setting(PRODUCTS).await?;
        Ok(list)
    }

    /// Forgets what the processes of the copied database were doing.
    pub async fn forget_processes(&mut self) -> Result<(), StoreError> {
        self.clear_index_states().await?;
        self.execute("DELETE FROM leases", cells![]).await?;
        self.execute("DELETE FROM index_work", cells![]).await?;
        Ok(())
    }
}
