//! What can go wrong in the store, in words that say what to do.

/// The store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be opened or reached.
    #[error("cannot open the database at {place}: {advice}")]
    Open {
        /// Path or address (without password).
        place: String,
        /// What to do.
        advice: String,
        /// What the driver said.
        #[source]
        source: Option<sqlx::Error>,
    },
    /// Another process holds the database for too long.
    #[error(
        "{place} is locked by another process for more than five seconds; \
         end the other process or wait for it"
    )]
    Locked {
        /// Path or address (without password).
        place: String,
    },
    /// The disk is full.
    #[error(
        "the disk that holds {place} is full; free some space there: what was stored is safe, and \
         what arrives is turned away until then, to be delivered again"
    )]
    Full {
        /// Path or address (without password).
        place: String,
    },
    /// A row that cannot exist.
    #[error("inconsistent row in table {table}: {detail}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// Anything else the driver reports.
    #[error("the database failed")]
    Driver(#[source] sqlx::Error),
    /// A migration failed.
    #[error("cannot bring the database up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::at("the database", error)
    }
}

impl StoreError {
    /// What the driver said about the database at `place`, a path or an address.
    pub(super) fn at(place: &str, error: sqlx::Error) -> Self {
        let text = error.to_string();
        let place = place.to_owned();
        if text.contains("database is locked") || text.contains("(code: 5)") {
            Self::Locked { place }
        } else if text.contains("database or disk is full") || text.contains("No space left") {
            Self::Full { place }
        } else {
            Self::Driver(error)
        }
    }

    /// A short reason for people that names no SQL.
    pub fn reason(&self) -> String {
        match self {
            Self::Driver(source) => format!("the database failed: {source}"),
            other => other.to_string(),
        }
    }
}
