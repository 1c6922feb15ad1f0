//! Table `forum_names`: what people who work here are called on the forum.

use super::{StoreError, Tx, cells};
use crate::ids::PersonId;

impl Tx {
    /// Keeps what the forum calls somebody.
    pub async fn set_forum_name(&mut self, person: PersonId, name: &str) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO forum_names (person_id, name) VALUES ($1, $2) \
             ON CONFLICT (person_id) DO UPDATE SET name = excluded.name",
            cells![person, name],
        )
        .await?;
        Ok(())
    }

    /// What the forum calls somebody; `None` if they never came from there.
    pub async fn forum_name(&mut self, person: PersonId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT name FROM forum_names WHERE person_id = $1";
        self.one(sql, cells![person]).await?.map(|row| row.text("name")).transpose()
    }
}
