//! Rows found by their names on a channel, many at once.
//!
//! A driver hands over every row by itself, from one thread to another, which costs more than
//! finding it. So the ids of a batch come back as one row of text.

use super::db::built;
use super::{Cell, StoreError, Tx};

/// What may be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A customer; one whose shown name is another than the one given does not count as found.
    Customers,
    /// A conversation.
    Conversations,
}

impl Tx {
    /// The ids under which `names` (channel, the channel's own id, shown name) are stored, in
    /// their order; `None` for one that is not found.
    ///
    /// Customers are kept for this transaction on PostgreSQL, in the order given.
    pub(super) async fn ids_of_named<'a, Id: From<i64>>(
        &mut self,
        table: Named,
        names: impl ExactSizeIterator<Item = (&'a str, &'a str, Option<&'a str>)>,
    ) -> Result<Vec<Option<Id>>, StoreError> {
        let n_names = names.len();
        let mut values: Vec<Cell> = Vec::with_capacity(n_names * 4);
        for (n, (channel, external_id, name)) in (0_i64..).zip(names) {
            values.extend([n.into(), channel.into(), external_id.into(), name.into()]);
        }
        let (found, lock) = match table {
            Named::Customers => (
                "customers AS found ON (seen.name IS NULL OR found.name = seen.name) AND",
                self.for_update(),
            ),
            Named::Conversations => ("conversations AS found ON", ""),
        };
        let sql = format!(
            "WITH seen (n, channel, external_id, name) AS (VALUES {}) \
             SELECT string_agg(CAST(n AS TEXT) || ' ' || CAST(id AS TEXT), ',') AS ids \
             FROM (SELECT seen.n AS n, found.id AS id FROM seen JOIN {found} \
             found.channel = seen.channel AND found.external_id = seen.external_id \
             ORDER BY seen.n{lock}) AS known",
            self.placeholders(n_names, 4)
        );
        let rows = self.all_built(built(sql), values).await?;
        let text = rows.first().map(|row| row.opt_text("ids")).transpose()?.flatten();
        let mut ids: Vec<Option<Id>> = std::iter::repeat_with(|| None).take(n_names).collect();
        for pair in text.iter().flat_map(|text| text.split(',')) {
            let read = pair.split_once(' ').and_then(|(n, id)| {
                Some((ids.get_mut(n.parse::<usize>().ok()?)?, id.parse::<i64>().ok()?))
            });
            if let Some((place, id)) = read {
                *place = Some(id.into());
            }
        }
        Ok(ids)
    }
}

/// The ids that must all be there by now.
pub(super) fn settled<Id>(
    table: &'static str,
    ids: Vec<Option<Id>>,
) -> Result<Vec<Id>, StoreError> {
    let all: Option<Vec<Id>> = ids.into_iter().collect();
    all.ok_or_else(|| StoreError::Inconsistent { table, detail: "a row vanished".to_owned() })
}
