//! Table `customer_attributes`: what the brand told us about a customer; and finding customers.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::customers::Customer;
use super::{StoreError, Tx, cells};
use crate::ids::CustomerId;

impl Tx {
    /// What the brand told us about a customer.
    pub async fn attributes(
        &mut self,
        customer: CustomerId,
    ) -> Result<Map<String, Value>, StoreError> {
        let sql = "SELECT body FROM customer_attributes WHERE customer_id = $1";
        let row = self.one(sql, cells![customer]).await?;
        row.map_or(Ok(Map::new()), |row| row.json("customer_attributes", "body"))
    }

    /// Keeps what the brand told us about a customer, in place of what it told before.
    pub async fn set_attributes(
        &mut self,
        customer: CustomerId,
        attributes: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO customer_attributes (customer_id, body, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (customer_id) DO UPDATE SET body = excluded.body, \
             updated_at = excluded.updated_at",
            cells![customer, Value::Object(attributes.clone()).to_string(), now],
        )
        .await?;
        Ok(())
    }

    /// Customers, newest first: those of a channel, or the one with an external id there.
    pub async fn customers(
        &mut self,
        (channel, external_id): (Option<&str>, Option<&str>),
        before: Option<CustomerId>,
        limit: i64,
    ) -> Result<Vec<Customer>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM customers WHERE ($1 = '' OR channel = $1) \
                 AND ($2 = '' OR external_id = $2) AND id < $3 ORDER BY id DESC LIMIT $4",
                cells![
                    channel.unwrap_or_default(),
                    external_id.unwrap_or_default(),
                    before.map_or(i64::MAX, |id| id.0),
                    limit,
                ],
            )
            .await?;
        rows.iter().map(Customer::read).collect()
    }
}
