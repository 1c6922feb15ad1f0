//! Table `author_wishes`: how authors want to be named.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, cells};

/// How an author wants to be named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// As the forum names them.
    #[default]
    AsWritten,
    /// By this name.
    As(String),
    /// Not at all.
    Unnamed,
}

impl Wish {
    /// From the column `shown_as` of a joined row; no row is as written.
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(match row.opt_text("shown_as")? {
            None => Self::AsWritten,
            Some(name) if name.is_empty() => Self::Unnamed,
            Some(name) => Self::As(name),
        })
    }

    /// The name to show for an author who is called `author` in the base.
    pub fn name<'a>(&'a self, author: Option<&'a str>) -> Option<&'a str> {
        match self {
            Self::AsWritten => author,
            Self::As(name) => author.map(|_| name.as_str()),
            Self::Unnamed => None,
        }
    }
}

impl Tx {
    /// Keeps how an author wants to be named.
    pub async fn set_wish(
        &mut self,
        author: &str,
        wish: &Wish,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let shown_as = match wish {
            Wish::AsWritten => {
                let sql = "DELETE FROM author_wishes WHERE author = $1";
                self.execute(sql, cells![author]).await?;
                return Ok(());
            }
            Wish::As(name) => name.as_str(),
            Wish::Unnamed => "",
        };
        self.execute(
            "INSERT INTO author_wishes (author, shown_as, at) VALUES ($1, $2, $3) \
             ON CONFLICT (author) DO UPDATE SET shown_as = excluded.shown_as, at = excluded.at",
            cells![author, shown_as, now],
        )
        .await?;
        Ok(())
    }

    /// How an author wants to be named.
    pub async fn wish_of(&mut self, author: &str) -> Result<Wish, StoreError> {
        let sql = "SELECT shown_as FROM author_wishes WHERE author = $1";
        let row = self.one(sql, cells![author]).await?;
        row.as_ref().map_or(Ok(Wish::AsWritten), Wish::read)
    }

    /// Whether any answer is by this author, also one that is no longer in service.
    pub async fn is_author(&mut self, author: &str) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM answers WHERE author = $1 LIMIT 1";
        Ok(self.one(sql, cells![author]).await?.is_some())
    }

    /// Authors who want no credit, by name.
    pub async fn unnamed_authors(&mut self, limit: i64) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT author FROM author_wishes WHERE shown_as = '' ORDER BY author LIMIT $1";
        let rows = self.all(sql, cells![limit]).await?;
        rows.iter().map(|row| row.text("author")).collect()
    }
}
