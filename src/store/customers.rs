//! Table `customers`: one person on one channel each.

use jiff::Timestamp;

use super::db::built;
use super::named::{Named, settled};
use super::{Cell, Row, StoreError, Tx, cells};
use crate::ids::CustomerId;

/// One person on one channel.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Our id.
    pub id: CustomerId,
    /// Channel account.
    pub channel: String,
    /// The channel's id of them.
    pub external_id: String,
    /// Their name there.
    pub name: Option<String>,
    /// The language they chose, else the one last seen.
    pub lang: Option<String>,
    /// Whether they chose it with `/language`.
    pub lang_is_chosen: bool,
    /// Since when they want no automatic replies.
    pub stopped_at: Option<Timestamp>,
    /// When they asked to be forgotten, not yet confirmed.
    pub forget_asked_at: Option<Timestamp>,
}

impl Customer {
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let chosen = row.opt_text("lang_chosen")?;
        Ok(Self {
            id: row.int("id")?.into(),
            channel: row.text("channel")?,
            external_id: row.text("external_id")?,
            name: row.opt_text("name")?,
            lang_is_chosen: chosen.is_some(),
            lang: chosen.or(row.opt_text("lang")?),
            stopped_at: row.opt_time("stopped_at")?,
            forget_asked_at: row.opt_time("forget_asked_at")?,
        })
    }
}

/// What the inbox knows of a customer when a message arrives.
#[derive(Clone, Debug)]
pub struct SeenCustomer {
    /// Id to use if they are new.
    pub id: CustomerId,
    /// Channel account.
    pub channel: String,
    /// The channel's id.
    pub external_id: String,
    /// Name, if shown.
    pub name: Option<String>,
    /// Language of their client, if shown.
    pub lang: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl SeenCustomer {
    fn named(&self) -> (&str, &str, Option<&str>) {
        (&self.channel, &self.external_id, self.name.as_deref())
    }
}

impl Tx {
    /// Adds or refreshes customers; returns their ids in the order of `seen`. No two may be the
    /// same.
    pub async fn see_customers(
        &mut self,
        seen: &[SeenCustomer],
    ) -> Result<Vec<CustomerId>, StoreError> {
        let names = || seen.iter().map(SeenCustomer::named);
        let known = self.ids_of_named::<CustomerId>(Named::Customers, names()).await?;
        let unknown = seen.iter().zip(&known).filter(|(_, id)| id.is_none());
        let unknown: Vec<&SeenCustomer> = unknown.map(|(customer, _)| customer).collect();
        if unknown.is_empty() {
            return settled("customers", known);
        }
        let mut values: Vec<Cell> = Vec::with_capacity(unknown.len() * 6);
        for customer in &unknown {
            values.extend(cells![
                customer.id,
                &customer.channel,
                &customer.external_id,
                &customer.name,
                &customer.lang,
                customer.at,
            ]);
        }
        let sql = format!(
            "INSERT INTO customers (id, channel, external_id, name, lang, created_at) VALUES {} \
             ON CONFLICT (channel, external_id) DO UPDATE \
             SET name = COALESCE(excluded.name, customers.name)",
            self.placeholders(unknown.len(), 6)
        );
        self.execute_built(built(sql), values).await?;
        settled("customers", self.ids_of_named(Named::Customers, names()).await?)
    }

    /// One customer.
    pub async fn customer(&mut self, id: CustomerId) -> Result<Option<Customer>, StoreError> {
        let row = self.one("SELECT * FROM customers WHERE id = $1", cells![id]).await?;
        row.as_ref().map(Customer::read).transpose()
    }

    /// Keeps a customer for this transaction; see [`Tx::lock_conversation`] for the order.
    pub async fn lock_customer(&mut self, id: CustomerId) -> Result<(), StoreError> {
        let sql = format!("SELECT id FROM customers WHERE id = $1{}", self.for_update());
        self.all_built(built(sql), cells![id]).await?;
        Ok(())
    }

    /// Remembers the language a customer writes, or (`chosen`) asked for.
    pub async fn set_customer_lang(
        &mut self,
        id: CustomerId,
        lang: &str,
        chosen: bool,
    ) -> Result<(), StoreError> {
        let sql = if chosen {
            "UPDATE customers SET lang_chosen = $2 WHERE id = $1"
        } else {
            "UPDATE customers SET lang = $2 WHERE id = $1"
        };
        self.execute(sql, cells![id, lang]).await?;
        Ok(())
    }

    /// The customer wants no automatic replies since `at`, or (`None`) wants them again.
    pub async fn set_customer_stopped(
        &mut self,
        id: CustomerId,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.execute("UPDATE customers SET stopped_at = $2 WHERE id = $1", cells![id, at]).await?;
        Ok(())
    }

    /// The customer asked to be forgotten; they still have to confirm.
    pub async fn set_forget_asked(
        &mut self,
        id: CustomerId,
        at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.execute("UPDATE customers SET forget_asked_at = $2 WHERE id = $1", cells![id, at])
            .await?;
        Ok(())
    }
}
