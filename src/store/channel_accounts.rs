//! Table `channel_accounts`: accounts that people connected in the console.

use jiff::Timestamp;

use super::{StoreError, Tx, cells};

/// One connected account.
#[derive(Clone, Debug)]
pub struct ChannelAccount {
    /// Its name among the channels.
    pub name: String,
    /// The kind's name.
    pub kind: String,
    /// Its settings, sealed.
    pub settings: String,
    /// As the platform names it.
    pub account: String,
    /// Who connected it.
    pub person: String,
    /// When; another moment is another version.
    pub connected_at: Timestamp,
}

impl Tx {
    /// Every connected account, by name.
    pub async fn channel_accounts(&mut self) -> Result<Vec<ChannelAccount>, StoreError> {
        let rows = self.all("SELECT * FROM channel_accounts ORDER BY name", vec![]).await?;
        let read = |row: &super::Row| {
            Ok(ChannelAccount {
                name: row.text("name")?,
                kind: row.text("kind")?,
                settings: row.text("settings")?,
                account: row.text("account")?,
                person: row.text("person")?,
                connected_at: row.time("connected_at")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Keeps a connected account, in place of an earlier one of that name.
    pub async fn keep_channel_account(&mut self, new: &ChannelAccount) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO channel_accounts (name, kind, settings, account, person, connected_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO UPDATE SET \
             kind = excluded.kind, settings = excluded.settings, account = excluded.account, \
             person = excluded.person, connected_at = excluded.connected_at",
            cells![
                &new.name,
                &new.kind,
                &new.settings,
                &new.account,
                &new.person,
                new.connected_at
            ],
        )
        .await?;
        Ok(())
    }

    /// How many of a channel's newest `most` sent parts left after a moment.
    pub async fn n_sent_after(
        &mut self,
        channel: &str,
        after: Timestamp,
        most: i64,
    ) -> Result<i64, StoreError> {
        self.count(
            "SELECT COUNT(*) AS n FROM (SELECT settled_at FROM outbox WHERE state = 'sent' \
             AND channel = $1 ORDER BY id DESC LIMIT $3) AS newest WHERE settled_at > $2",
            cells![channel, after, most],
        )
        .await
    }

    /// What is due on a channel with the reason why it waits, the longest-waiting first.
    pub async fn waiting_deliveries(
        &mut self,
        channel: &str,
        limit: i64,
    ) -> Result<Vec<super::outbox::DeliveryRow>, StoreError> {
        let rows = self
            .all(
                "SELECT * FROM outbox WHERE channel = $1 AND state = 'due' ORDER BY id LIMIT $2",
                cells![channel, limit],
            )
            .await?;
        rows.iter().map(super::outbox::DeliveryRow::read).collect()
    }
}
