//! Values in and rows out, the same for both databases.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Decode, Row as _, Type};

use super::StoreError;

/// One bound value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A whole number, a time or a truth value.
    Int(Option<i64>),
    /// Text.
    Text(Option<String>),
    /// A fraction.
    Real(Option<f64>),
}

macro_rules! cell_from {
    ($($from:ty => |$value:ident| $cell:expr;)*) => {$(
        impl From<$from> for Cell {
            fn from($value: $from) -> Self { $cell }
        }
    )*};
}

cell_from! {
    i64 => |value| Self::Int(Some(value));
    u32 => |value| Self::Int(Some(i64::from(value)));
    bool => |value| Self::Int(Some(i64::from(value)));
    Option<i64> => |value| Self::Int(value);
    Option<bool> => |value| Self::Int(value.map(i64::from));
    f64 => |value| Self::Real(Some(value));
    String => |value| Self::Text(Some(value));
    &String => |value| Self::Text(Some(value.clone()));
    &str => |value| Self::Text(Some(value.to_owned()));
    Option<String> => |value| Self::Text(value);
    &Option<String> => |value| Self::Text(value.clone());
    Option<&str> => |value| Self::Text(value.map(str::to_owned));
    jiff::Timestamp => |value| Self::Int(Some(value.as_millisecond()));
    Option<jiff::Timestamp> => |value| Self::Int(value.map(jiff::Timestamp::as_millisecond));
    crate::ids::ConversationId => |value| Self::Int(Some(value.0));
    crate::ids::CustomerId => |value| Self::Int(Some(value.0));
    crate::ids::MessageId => |value| Self::Int(Some(value.0));
    crate::ids::DeliveryId => |value| Self::Int(Some(value.0));
    crate::ids::DecisionId => |value| Self::Int(Some(value.0));
    Option<crate::ids::DecisionId> => |value| Self::Int(value.map(|id| id.0));
    crate::ids::EscalationId => |value| Self::Int(Some(value.0));
    crate::ids::CalibrationId => |value| Self::Int(Some(value.0));
    crate::ids::RecallId => |value| Self::Int(Some(value.0));
    crate::ids::ProgrammeId => |value| Self::Int(Some(value.0));
    crate::ids::PhrasingId => |value| Self::Int(Some(value.0));
    crate::ids::ReplayId => |value| Self::Int(Some(value.0));
    crate::ids::DraftId => |value| Self::Int(Some(value.0));
    crate::ids::DeskEventId => |value| Self::Int(Some(value.0));
    crate::ids::IncidentId => |value| Self::Int(Some(value.0));
    crate::ids::GapId => |value| Self::Int(Some(value.0));
    crate::ids::PersonId => |value| Self::Int(Some(value.0));
    Option<crate::ids::PersonId> => |value| Self::Int(value.map(|id| id.0));
}

/// Binds values in order: `cells![id, now, "due"]`.
macro_rules! cells {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::Cell::from($value)),*] };
}
pub(crate) use cells;

/// One row of either database, read by column name.
#[derive(Debug)]
pub enum Row {
    /// From SQLite.
    Lite(SqliteRow),
    /// From PostgreSQL.
    Pg(PgRow),
}

impl Row {
    fn read<'r, T>(&'r self, column: &'static str) -> Result<T, StoreError>
    where
        T: Decode<'r, sqlx::Sqlite>
            + Type<sqlx::Sqlite>
            + Decode<'r, sqlx::Postgres>
            + Type<sqlx::Postgres>,
        &'static str: ColumnIndex<SqliteRow> + ColumnIndex<PgRow>,
    {
        match self {
            Self::Lite(row) => Ok(row.try_get(column)?),
            Self::Pg(row) => Ok(row.try_get(column)?),
        }
    }

    /// A whole number.
    pub fn int(&self, column: &'static str) -> Result<i64, StoreError> {
        self.read(column)
    }

    /// A whole number or nothing.
    pub fn opt_int(&self, column: &'static str) -> Result<Option<i64>, StoreError> {
        self.read(column)
    }

    /// A truth value.
    pub fn flag(&self, column: &'static str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    /// A time.
    pub fn time(&self, column: &'static str) -> Result<jiff::Timestamp, StoreError> {
        Ok(crate::clock::from_millis(self.int(column)?))
    }

    /// A time or nothing.
    pub fn opt_time(&self, column: &'static str) -> Result<Option<jiff::Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(crate::clock::from_millis))
    }

    /// Text.
    pub fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.read(column)
    }

    /// Text or nothing.
    pub fn opt_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.read(column)
    }

    /// A fraction.
    pub fn real(&self, column: &'static str) -> Result<f64, StoreError> {
        self.read(column)
    }

    /// A JSON value that we wrote ourselves.
    pub fn json<T: serde::de::DeserializeOwned>(
        &self,
        table: &'static str,
        column: &'static str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|error| StoreError::Inconsistent {
            table,
            detail: format!("column {column}: {error}"),
        })
    }

    /// A word of one of our vocabularies.
    pub fn word<T: std::str::FromStr>(
        &self,
        table: &'static str,
        column: &'static str,
    ) -> Result<T, StoreError> {
        let text = self.text(column)?;
        text.parse().map_err(|_| StoreError::Inconsistent {
            table,
            detail: format!("column {column} holds {text:?}"),
        })
    }
}
