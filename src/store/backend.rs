//! What differs between the two databases, chosen in one place.

use super::Tx;
use super::db::Driver;

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
}
