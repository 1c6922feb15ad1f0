//! Table `gaps` as a list: those with most waiting first, in pages.

use super::gaps::GapRow;
use super::{StoreError, Tx, cells};
use crate::ids::{GapId, InvalidId};

/// Where a gap stands in the list: how many wait, how many asked, which it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapPlace(pub i64, pub i64, pub GapId);

impl GapPlace {
    /// Before all.
    pub const FIRST: Self = Self(i64::MAX, i64::MAX, GapId(0));
}

impl From<&GapRow> for GapPlace {
    fn from(row: &GapRow) -> Self {
        Self(row.n_waiting, row.n, row.id)
    }
}

impl std::fmt::Display for GapPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", self.0, self.1, self.2)
    }
}

impl std::str::FromStr for GapPlace {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let mut parts = text.splitn(3, '-');
        let mut part = || parts.next().unwrap_or_default();
        let number = |text: &str| text.parse().map_err(|_| InvalidId("gap_"));
        Ok(Self(number(part())?, number(part())?, part().parse()?))
    }
}

impl Tx {
    /// Every gap, those with most waiting first.
    pub async fn gaps(&mut self, limit: i64) -> Result<Vec<GapRow>, StoreError> {
        self.gaps_after(GapPlace::FIRST, limit).await
    }

    /// Those of them that come after a place.
    pub async fn gaps_after(
        &mut self,
        GapPlace(n_waiting, n, id): GapPlace,
        limit: i64,
    ) -> Result<Vec<GapRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM gaps WHERE n_waiting < $1 OR (n_waiting = $1 AND (n < $2 \
                 OR (n = $2 AND id > $3))) ORDER BY n_waiting DESC, n DESC, id LIMIT $4",
                cells![n_waiting, n, id, limit],
            )
            .await?;
        rows.iter().map(GapRow::read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written_and_nothing_else_is() {
        let place = GapPlace(3, 14, GapId(7));
        assert_eq!(place.to_string().parse(), Ok(place));
        for other in ["", "3", "3-14", "3-14-esc_0000000000007", "3--14-x", "gap_0000000000007"] {
            assert!(other.parse::<GapPlace>().is_err(), "{other}");
        }
    }
}
