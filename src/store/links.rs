//! Tables `link_codes`, `link_tries`, `identities`: one person on several channels.

use jiff::Timestamp;

use super::{Row, StoreError, Tx, cells};
use crate::ids::{ConversationId, CustomerId};

/// One person on one channel, and where they are reached there in private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who they are there.
    pub customer_id: CustomerId,
    /// Where.
    pub conversation_id: ConversationId,
}

impl Identity {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            customer_id: row.int("customer_id")?.into(),
            conversation_id: row.int("conversation_id")?.into(),
        })
    }
}

impl Tx {
    /// Keeps a one-time code; earlier ones of the customer end. False if the code is somebody's.
    pub async fn add_link_code(
        &mut self,
        code_hash: &str,
        whose: Identity,
        (now, expires_at): (Timestamp, Timestamp),
    ) -> Result<bool, StoreError> {
        self.execute(
            "DELETE FROM link_codes WHERE customer_id = $1 OR expires_at <= $2",
            cells![whose.customer_id, now],
        )
        .await?;
        let added = self
            .execute(
                "INSERT INTO link_codes (code_hash, customer_id, conversation_id, expires_at) \
                 VALUES ($1, $2, $3, $4) ON CONFLICT (code_hash) DO NOTHING",
                cells![code_hash, whose.customer_id, whose.conversation_id, expires_at],
            )
            .await?;
        Ok(added == 1)
    }

    /// Whose code this is, if it can still be used.
    pub async fn link_code(
        &mut self,
        code_hash: &str,
        now: Timestamp,
    ) -> Result<Option<Identity>, StoreError> {
        let sql = "SELECT customer_id, conversation_id FROM link_codes WHERE code_hash = $1 \
                   AND expires_at > $2";
        let row = self.one(sql, cells![code_hash, now]).await?;
        row.as_ref().map(Identity::read).transpose()
    }

    /// Uses a code up; false if somebody was quicker.
    pub async fn use_link_code(&mut self, code_hash: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM link_codes WHERE code_hash = $1";
        Ok(self.execute(sql, cells![code_hash]).await? == 1)
    }

    /// Notes a code that is none; how often that happened to the customer since `since`.
    pub async fn add_link_try(
        &mut self,
        customer: CustomerId,
        (since, now): (Timestamp, Timestamp),
    ) -> Result<i64, StoreError> {
        self.execute("DELETE FROM link_tries WHERE at < $1", cells![since]).await?;
        self.execute(
            "INSERT INTO link_tries (customer_id, at) VALUES ($1, $2)",
            cells![customer, now],
        )
        .await?;
        self.link_tries(customer, since).await
    }

    /// How often a customer tried codes that are none since `since`.
    pub async fn link_tries(
        &mut self,
        customer: CustomerId,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM link_tries WHERE customer_id = $1 AND at >= $2";
        self.count(sql, cells![customer, since]).await
    }

    /// The other identities of whoever a customer is.
    pub async fn circle_of(&mut self, customer: CustomerId) -> Result<Vec<Identity>, StoreError> {
        let rows = self
            .all(
                "SELECT o.customer_id, o.conversation_id FROM identities i \
                 JOIN identities o ON o.circle_id = i.circle_id \
                 WHERE i.customer_id = $1 AND o.customer_id <> $1 ORDER BY o.customer_id",
                cells![customer],
            )
            .await?;
        rows.iter().map(Identity::read).collect()
    }

    /// Two identities are one person's from now on, and so is whoever was either of them before.
    pub async fn join_identities(
        &mut self,
        one: Identity,
        other: Identity,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for identity in [one, other] {
            self.execute(
                "INSERT INTO identities (customer_id, circle_id, conversation_id, linked_at) \
                 VALUES ($1, $1, $2, $3) ON CONFLICT (customer_id) DO UPDATE SET \
                 conversation_id = excluded.conversation_id",
                cells![identity.customer_id, identity.conversation_id, now],
            )
            .await?;
        }
        self.execute(
            "UPDATE identities SET circle_id = (SELECT circle_id FROM identities \
             WHERE customer_id = $1) WHERE circle_id = (SELECT circle_id FROM identities \
             WHERE customer_id = $2)",
            cells![one.customer_id, other.customer_id],
        )
        .await?;
        Ok(())
    }

    /// An identity is its own again; false if it was no other's. Those left go on together, under
    /// a name that is one of theirs.
    pub async fn part_identity(&mut self, customer: CustomerId) -> Result<bool, StoreError> {
        let others = self.circle_of(customer).await?;
        self.execute("DELETE FROM identities WHERE customer_id = $1", cells![customer]).await?;
        let Some(first) = others.first() else { return Ok(false) };
        for other in &others {
            let sql = "UPDATE identities SET circle_id = $2 WHERE customer_id = $1";
            self.execute(sql, cells![other.customer_id, first.customer_id]).await?;
        }
        if others.len() == 1 {
            let sql = "DELETE FROM identities WHERE customer_id = $1";
            self.execute(sql, cells![first.customer_id]).await?;
        }
        Ok(true)
    }

    /// Forgets what links a customer with anybody.
    pub(super) async fn forget_links(&mut self, customer: CustomerId) -> Result<(), StoreError> {
        self.part_identity(customer).await?;
        self.execute("DELETE FROM link_codes WHERE customer_id = $1", cells![customer]).await?;
        self.execute("DELETE FROM link_tries WHERE customer_id = $1", cells![customer]).await?;
        Ok(())
    }
}
