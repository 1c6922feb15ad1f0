//! Opening the database and running SQL on whichever it is.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, Postgres};
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Connection, PgPool, SqlSafeStr, SqlitePool, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{Cell, Row, StoreError};

/// How long a transaction waits for others on SQLite before it gives up.
const PATIENCE: Duration = Duration::from_secs(30);

static MIGRATIONS: Migrator = sqlx::migrate!("src/store/migrations");

/// Binds cells in order; the same words for either driver.
macro_rules! bound {
    ($database:ty, $sql:expr, $cells:expr) => {{
        let mut query = sqlx::query::<$database>($sql);
        for cell in $cells {
            query = match cell {
                Cell::Int(value) => query.bind(value),
                Cell::Text(value) => query.bind(value),
                Cell::Real(value) => query.bind(value),
            };
        }
        query
    }};
}

/// The database, shared by everything that reads or writes it.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
    /// The file or address, as errors name it.
    place: Arc<str>,
}

#[derive(Clone, Debug)]
enum Db {
    /// SQLite allows one writer at a time, so there is one connection that writes.
    Lite {
        writer: SqlitePool,
        readers: SqlitePool,
        /// Whose transaction is next; see [`Store::begin`].
        turn: Arc<Mutex<()>>,
        /// Whether a full disk is rehearsed.
        is_full: Arc<AtomicBool>,
    },
    Pg(PgPool),
}

impl Store {
    /// Opens (and creates, and migrates) the SQLite database in `data_dir`.
    pub async fn open_embedded(data_dir: &Path) -> Result<Self, StoreError> {
        let path = data_dir.join("superfan.db");
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .pragma("cache_size", "-8000")
            // A statement of many rows keeps its way back in memory, not in a file of its own.
            .pragma("temp_store", "MEMORY")
            // What is erased is overwritten, not only set free.
            .pragma("secure_delete", "ON")
            // 16 MiB of log before it is folded in: busy pages are then written once, not often.
            .pragma("wal_autocheckpoint", "4096");
        let opened = |source: sqlx::Error| StoreError::Open {
            place: path.display().to_string(),
            advice: "check that the folder exists, is writable and has space".to_owned(),
            source: Some(source),
        };
        let written = options
            .clone()
            // A batch of each size is a statement of its own; a thousand values take long to parse.
            .statement_cache_capacity(512)
            .row_buffer_size(256);
        let is_full = Arc::<AtomicBool>::default();
        let rehearsed = is_full.clone();
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            // A connection that replaces one which found the disk full finds it full as well.
            .after_connect(move |connection, _| {
                let is_full = rehearsed.load(Ordering::Relaxed);
                Box::pin(async move {
                    if is_full { limit_size(connection, true).await } else { Ok(()) }
                })
            })
            .acquire_timeout(PATIENCE)
            // A file needs no asking whether it is still there; see `is_fit` for what may be wrong.
            .test_before_acquire(false)
            .before_acquire(|connection, _| is_fit(connection))
            .connect_with(written)
            .await
            .map_err(opened)?;
        MIGRATIONS.run(&writer).await.map_err(StoreError::Migrate)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .test_before_acquire(false)
            .before_acquire(|connection, _| is_fit(connection))
            .connect_with(options.read_only(true))
            .await
            .map_err(opened)?;
        Ok(Self {
            db: Db::Lite { writer, readers, turn: Arc::default(), is_full },
            place: path.display().to_string().into(),
        })
    }

    /// Opens (and migrates) a PostgreSQL database.
    pub async fn open_postgres(url: &str) -> Result<Self, StoreError> {
        let unreachable = |source: sqlx::Error| StoreError::Open {
            place: place_of(url),
            advice: "check SUPERFAN_DATABASE_URL and that PostgreSQL is running".to_owned(),
            source: Some(source),
        };
        let options = PgConnectOptions::from_str(url).map_err(unreachable)?;
        let pool = PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await
            .map_err(unreachable)?;
        MIGRATIONS.run(&pool).await.map_err(StoreError::Migrate)?;
        Ok(Self { db: Db::Pg(pool), place: place_of(url).into() })
    }

    /// Starts a transaction that writes.
    ///
    /// On SQLite one at a time stands in the queue for the connection that writes, so what arrives
    /// (`execute_alone`) waits for one at most, however many want to begin.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        match &self.db {
            Db::Lite { writer, turn, .. } => {
                let turn = tokio::time::timeout(PATIENCE, turn.clone().lock_owned()).await;
                let turn = turn.map_err(|_| self.failed(sqlx::Error::PoolTimedOut))?;
                let begun = writer.begin_with("BEGIN IMMEDIATE").await.map(Driver::Lite);
                Ok(Tx { turn: Some(turn), ..self.tx(begun)? })
            }
            Db::Pg(pool) => self.tx(pool.begin().await.map(Driver::Pg)),
        }
    }

    /// Runs one statement that is a transaction by itself, put together from our own pieces (never
    /// from input), before others that wait to write; returns how many rows it changed.
    pub(super) async fn execute_alone(
        &self,
        sql: impl SqlSafeStr,
        cells: Vec<Cell>,
    ) -> Result<u64, StoreError> {
        let changed = match &self.db {
            Db::Lite { writer, .. } => {
                let done = bound!(Sqlite, sql, cells).execute(writer).await;
                done.map(|done| done.rows_affected())
            }
            Db::Pg(pool) => {
                let done = bound!(Postgres, sql, cells).execute(pool).await;
                done.map(|done| done.rows_affected())
            }
        };
        changed.map_err(|error| self.failed(error))
    }

    /// Starts a transaction that only reads; it never waits for a writer.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        let begun = match &self.db {
            Db::Lite { readers, .. } => readers.begin().await.map(Driver::Lite),
            Db::Pg(pool) => pool.begin().await.map(Driver::Pg),
        };
        self.tx(begun)
    }

    fn tx(&self, begun: Result<Driver, sqlx::Error>) -> Result<Tx, StoreError> {
        let driver = begun.map_err(|error| self.failed(error))?;
        Ok(Tx { driver, place: self.place.clone(), turn: None })
    }

    fn failed(&self, error: sqlx::Error) -> StoreError {
        StoreError::at(&self.place, error)
    }

    /// Lets the embedded database grow no further, as on a full disk, or grow again: a rehearsal
    /// of what a desk does then. Nothing happens on PostgreSQL.
    pub async fn rehearse_full_disk(&self, is_full: bool) -> Result<(), StoreError> {
        let Db::Lite { writer, is_full: rehearsed, .. } = &self.db else { return Ok(()) };
        rehearsed.store(is_full, Ordering::Relaxed);
        limit_size(&mut *writer.acquire().await?, is_full).await?;
        Ok(())
    }

    /// Folds the embedded database's log into its file and empties it; false if a reader is in
    /// the way. PostgreSQL has no such log.
    pub(super) async fn fold_log(&self) -> Result<bool, StoreError> {
        let Some(writer) = self.embedded() else { return Ok(true) };
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(writer).await?;
        Ok(sqlx::Row::try_get::<i64, _>(&row, 0)? == 0)
    }

    /// The connection that writes the embedded database; `None` on PostgreSQL.
    pub(super) fn embedded(&self) -> Option<&SqlitePool> {
        match &self.db {
            Db::Lite { writer, .. } => Some(writer),
            Db::Pg(_) => None,
        }
    }

    /// Whether several processes share this database.
    pub fn is_shared(&self) -> bool {
        matches!(self.db, Db::Pg(_))
    }

    /// Closes every connection; SQLite folds its log into the database file.
    pub async fn close(&self) {
        match &self.db {
            Db::Lite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Db::Pg(pool) => pool.close().await,
        }
    }
}

/// Lets the database of `connection` grow no further, or again as far as the disk allows.
async fn limit_size(connection: &mut SqliteConnection, is_full: bool) -> Result<(), sqlx::Error> {
    // SQLite raises a limit below the present size to the present size.
    let limit = if is_full { 1 } else { u32::MAX - 1 };
    let sql = AssertSqlSafe(format!("PRAGMA max_page_count = {limit}"));
    sqlx::query(sql).execute(connection).await?;
    Ok(())
}

/// Whether an idle connection has no transaction open.
///
/// SQLite ends a transaction by itself when the disk fills up; the driver then fails to roll it
/// back and counts it as open for ever. Such a connection is closed and another one opened.
fn is_fit(connection: &mut SqliteConnection) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
    let is_fit = !connection.is_in_transaction();
    Box::pin(async move { Ok(is_fit) })
}

/// The address without user and password.
fn place_of(url: &str) -> String {
    url::Url::parse(url).map_or_else(
        |_| "SUPERFAN_DATABASE_URL".to_owned(),
        |url| format!("{}{}", url.host_str().unwrap_or_default(), url.path()),
    )
}

/// A transaction on either database; dropped without [`Tx::commit`] it leaves nothing behind.
#[derive(Debug)]
pub struct Tx {
    pub(super) driver: Driver,
    place: Arc<str>,
    #[expect(dead_code, reason = "held until the transaction ends")]
    turn: Option<OwnedMutexGuard<()>>,
}

#[derive(Debug)]
pub(super) enum Driver {
    /// On SQLite.
    Lite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Pg(Transaction<'static, Postgres>),
}

impl Tx {
    /// Makes everything done so far durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        let committed = match self.driver {
            Driver::Lite(tx) => tx.commit().await,
            Driver::Pg(tx) => tx.commit().await,
        };
        committed.map_err(|error| StoreError::at(&self.place, error))
    }

    /// Runs a statement; returns how many rows it changed.
    pub(super) async fn execute(
        &mut self,
        sql: &'static str,
        cells: Vec<Cell>,
    ) -> Result<u64, StoreError> {
        self.execute_built(sql, cells).await
    }

    /// Runs a statement whose text was put together from our own pieces (never from input).
    pub(super) async fn execute_built(
        &mut self,
        sql: impl SqlSafeStr,
        cells: Vec<Cell>,
    ) -> Result<u64, StoreError> {
        let changed = match &mut self.driver {
            Driver::Lite(tx) => {
                let done = bound!(Sqlite, sql, cells).execute(&mut **tx).await;
                done.map(|done| done.rows_affected())
            }
            Driver::Pg(tx) => {
                let done = bound!(Postgres, sql, cells).execute(&mut **tx).await;
                done.map(|done| done.rows_affected())
            }
        };
        changed.map_err(|error| StoreError::at(&self.place, error))
    }

    /// Runs a query; returns every row.
    pub(super) async fn all(
        &mut self,
        sql: &'static str,
        cells: Vec<Cell>,
    ) -> Result<Vec<Row>, StoreError> {
        self.all_built(sql, cells).await
    }

    /// Runs a query whose text was put together from our own pieces (never from input).
    pub(super) async fn all_built(
        &mut self,
        sql: impl SqlSafeStr,
        cells: Vec<Cell>,
    ) -> Result<Vec<Row>, StoreError> {
        let found = match &mut self.driver {
            Driver::Lite(tx) => {
                let rows = bound!(Sqlite, sql, cells).fetch_all(&mut **tx).await;
                rows.map(|rows| rows.into_iter().map(Row::Lite).collect())
            }
            Driver::Pg(tx) => {
                let rows = bound!(Postgres, sql, cells).fetch_all(&mut **tx).await;
                rows.map(|rows| rows.into_iter().map(Row::Pg).collect())
            }
        };
        found.map_err(|error| StoreError::at(&self.place, error))
    }

    /// Runs a query; returns the first row, if any.
    pub(super) async fn one(
        &mut self,
        sql: &'static str,
        cells: Vec<Cell>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.all_built(sql, cells).await?.into_iter().next())
    }

    /// Runs a query that counts.
    pub(super) async fn count(
        &mut self,
        sql: &'static str,
        cells: Vec<Cell>,
    ) -> Result<i64, StoreError> {
        let row = self.one(sql, cells).await?;
        row.map_or(Ok(0), |row| row.int("n"))
    }
}

/// Marks SQL that was put together from our own pieces.
pub(super) fn built(sql: String) -> impl SqlSafeStr {
    AssertSqlSafe(sql)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_transaction_that_sqlite_ended_by_itself_does_not_block_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open_embedded(dir.path()).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let Driver::Lite(inside) = &mut tx.driver else { panic!("embedded is SQLite") };
        sqlx::query("ROLLBACK").execute(&mut **inside).await.unwrap();
        drop(tx);

        let mut tx = store.begin().await.unwrap();
        tx.set_setting("colour", "green").await.unwrap();
        tx.commit().await.unwrap();

        let mut tx = store.read().await.unwrap();
        assert_eq!(tx.setting("colour").await.unwrap().as_deref(), Some("green"));
    }
}
