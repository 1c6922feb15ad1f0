//! What differs between the two databases, chosen in one place.

use super::db::Driver;
use super::{Store, Tx};

impl Tx {
    /// The suffix that lets several workers claim different rows at once.
    ///
    /// SQLite has one writer, so a guarded update is enough there.
    pub(super) fn skip_locked(&self) -> &'static str {
        match self.driver {
            Driver::Lite(_) => "",
            Driver::Pg(_) => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// The suffix that keeps a row for this transaction; SQLite has one writer anyway.
    pub(super) fn for_update(&self) -> &'static str {
        match self.driver {
            Driver::Lite(_) => "",
            Driver::Pg(_) => " FOR UPDATE",
        }
    }

    /// The placeholders of a statement without others; see [`placeholders`].
    pub(super) fn placeholders(&self, rows: usize, columns: usize) -> String {
        placeholders(matches!(self.driver, Driver::Pg(_)), rows, columns)
    }
}

impl Store {
    /// The placeholders of a statement without others; see [`placeholders`].
    pub(super) fn placeholders(&self, rows: usize, columns: usize) -> String {
        placeholders(self.is_shared(), rows, columns)
    }
}

/// `($1, $2), ($3, $4)`: the placeholders of `rows` rows of `columns` values.
///
/// SQLite finds a parameter by its name among all names, which takes longer than the rest of a
/// statement with a thousand of them; it gets them without names.
fn placeholders(are_named: bool, rows: usize, columns: usize) -> String {
    let mut text = String::with_capacity(rows * columns * 5);
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            if column > 0 {
                text.push_str(", ");
            }
            if are_named {
                text.push('$');
                text.push_str(&(row * columns + column + 1).to_string());
            } else {
                text.push('?');
            }
        }
        text.push(')');
    }
    text
}
