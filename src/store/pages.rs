//! Reads for pages and lists, across tables: what a view needs in one question.

use super::customers::Customer;
use super::db::built;
use super::index_state::IndexWorkRow;
use super::{Cell, StoreError, Tx, cells};
use crate::ids::CustomerId;

impl Tx {
    /// Customers by id, each once, in no particular order; unknown ones are left out.
    pub async fn customers_by_id(
        &mut self,
        ids: &[CustomerId],
    ) -> Result<Vec<Customer>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql =
            format!("SELECT * FROM customers WHERE id IN {}", self.placeholders(1, ids.len()));
        let ids = ids.iter().map(|id| Cell::from(*id)).collect();
        let rows = self.all_built(built(sql), ids).await?;
        rows.iter().map(Customer::read).collect()
    }

    /// The latest work asked of the index, newest first.
    pub async fn latest_index_work(&mut self, limit: i64) -> Result<Vec<IndexWorkRow>, StoreError> {
        let rows =
            self.all("SELECT * FROM index_work ORDER BY id DESC LIMIT $1", cells![limit]).await?;
        rows.iter().map(IndexWorkRow::read).collect()
    }
}
