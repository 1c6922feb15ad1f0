//! Table `solves` as a net of who helped whom, by names in lower case.

use super::{Row, StoreError, Tx, cells};

/// Whom somebody helped most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelpedRow {
    /// All they helped, times.
    pub n: i64,
    /// Names and times, the most first.
    pub most: Vec<(String, i64)>,
}

/// A named person and how often.
fn read(rows: &[Row]) -> Result<Vec<(String, i64)>, StoreError> {
    rows.iter().map(|row| Ok((row.text("person")?, row.int("n")?))).collect()
}

impl Tx {
    /// Whom an author helped most, whoever that is; what is a ring's counts.
    pub async fn most_helped(&mut self, author: &str, n: i64) -> Result<HelpedRow, StoreError> {
        let rows = self
            .all(
                "SELECT person, COUNT(*) AS n FROM solves WHERE author_key = $1 \
                 AND discount IN ('', 'ring') GROUP BY person ORDER BY n DESC, person LIMIT $2",
                cells![author, n],
            )
            .await?;
        let sql = "SELECT COUNT(*) AS n FROM solves WHERE author_key = $1 \
                   AND discount IN ('', 'ring')";
        Ok(HelpedRow { n: self.count(sql, cells![author]).await?, most: read(&rows)? })
    }

    /// The same among those who help others themselves.
    pub async fn most_helped_authors(
        &mut self,
        author: &str,
        n: i64,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = self
            .all(
                "SELECT person, COUNT(*) AS n FROM solves WHERE author_key = $1 \
                 AND discount IN ('', 'ring') AND EXISTS (SELECT 1 FROM solves o \
                 WHERE o.author_key = solves.person AND o.discount IN ('', 'ring')) \
                 GROUP BY person ORDER BY n DESC, person LIMIT $2",
                cells![author, n],
            )
            .await?;
        read(&rows)
    }

    /// With whom an author is in a ring, as was said before, in either direction.
    pub async fn ring_partners(&mut self, author: &str) -> Result<Vec<String>, StoreError> {
        let rows = self
            .all(
                "SELECT person AS name FROM solves WHERE author_key = $1 AND discount = 'ring' \
                 UNION SELECT author_key AS name FROM solves WHERE person = $1 \
                 AND discount = 'ring' ORDER BY name",
                cells![author],
            )
            .await?;
        rows.iter().map(|row| row.text("name")).collect()
    }

    /// Says of an author's solves for one person whether they are a ring's.
    pub async fn mark_ring(
        &mut self,
        author: &str,
        person: &str,
        is_ring: bool,
    ) -> Result<(), StoreError> {
        let (from, to) = if is_ring { ("", "ring") } else { ("ring", "") };
        self.execute(
            "UPDATE solves SET discount = $4 WHERE author_key = $1 AND person = $2 \
             AND discount = $3",
            cells![author, person, from, to],
        )
        .await?;
        Ok(())
    }
}
