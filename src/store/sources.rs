//! Table `sources`, and what the answers of each source have in common.

use std::fmt;
use std::str::FromStr;

use super::{Row, StoreError, Tx, cells};

/// How much of a source's answers may be quoted to customers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quote {
    /// The whole answer.
    #[default]
    Full,
    /// Its beginning, so many characters at most.
    Excerpt(u32),
    /// Nothing but a link to it.
    Link,
}

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("full"),
            Self::Excerpt(n_chars) => write!(f, "excerpt:{n_chars}"),
            Self::Link => f.write_str("link"),
        }
    }
}

impl FromStr for Quote {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match (text, text.strip_prefix("excerpt:")) {
            ("full", _) => Ok(Self::Full),
            ("link", _) => Ok(Self::Link),
            (_, Some(n_chars)) => n_chars.parse().map(Self::Excerpt).map_err(|_| ()),
            _ => Err(()),
        }
    }
}

impl Quote {
    /// Reads the column `quote`, where a source without a row has none.
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let Some(text) = row.opt_text("quote")? else { return Ok(Self::Full) };
        text.parse().map_err(|()| StoreError::Inconsistent { table: "sources", detail: text })
    }
}

/// How many live answers of a source have a licence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenceCount {
    /// The source.
    pub source: String,
    /// As the source names it; `None` where it does not say.
    pub licence: Option<String>,
    /// How many.
    pub n: i64,
}

impl Tx {
    /// Decides how much of a source's answers may be quoted.
    pub async fn set_quote(&mut self, source: &str, quote: Quote) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO sources (source, quote) VALUES ($1, $2) \
             ON CONFLICT (source) DO UPDATE SET quote = excluded.quote",
            cells![source, quote.to_string()],
        )
        .await?;
        Ok(())
    }

    /// Every source whose quoting somebody decided, with what was decided.
    pub async fn quotes(&mut self) -> Result<Vec<(String, Quote)>, StoreError> {
        let rows = self.all("SELECT source, quote FROM sources ORDER BY source", vec![]).await?;
        rows.iter().map(|row| Ok((row.text("source")?, Quote::read(row)?))).collect()
    }

    /// Live answers counted by source and licence, the largest groups first.
    pub async fn licence_counts(&mut self) -> Result<Vec<LicenceCount>, StoreError> {
        let rows = self
            .all(
                "SELECT source, licence, COUNT(*) AS n FROM answers WHERE state = 'live' \
                 GROUP BY source, licence ORDER BY source, n DESC, licence",
                vec![],
            )
            .await?;
        let read = |row: &Row| {
            let (source, licence) = (row.text("source")?, row.opt_text("licence")?);
            Ok(LicenceCount { source, licence, n: row.int("n")? })
        };
        rows.iter().map(read).collect()
    }
}
