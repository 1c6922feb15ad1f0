//! Tables `channels` and `cursors`: what is durable about a channel account.

use jiff::Timestamp;

use super::{StoreError, Tx, cells};

/// The name that stands for every channel.
pub const ALL_CHANNELS: &str = "*";

/// What is durable about a channel account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelRow {
    /// Automatic replies are stopped by an admin.
    pub paused: bool,
    /// The platform asked us to send nothing until then.
    pub held_until: Option<Timestamp>,
    /// In words.
    pub held_reason: Option<String>,
    /// Nothing works until somebody acts (token revoked); in words.
    pub stopped_reason: Option<String>,
    /// When the first real event arrived.
    pub first_event_at: Option<Timestamp>,
    /// What the bot would say is drafted, and people release it.
    pub shadow: bool,
}

impl Tx {
    /// What is known of a channel account; `paused` counts a pause of all channels too.
    pub async fn channel(&mut self, name: &str) -> Result<ChannelRow, StoreError> {
        let mut found = ChannelRow::default();
        let rows = self
            .all("SELECT * FROM channels WHERE name IN ($1, $2)", cells![name, ALL_CHANNELS])
            .await?;
        for row in rows {
            found.paused |= row.flag("paused")?;
            if row.text("name")? == name {
                found.held_until = row.opt_time("held_until")?;
                found.held_reason = row.opt_text("held_reason")?;
                found.stopped_reason = row.opt_text("stopped_reason")?;
                found.first_event_at = row.opt_time("first_event_at")?;
                let decided = row.opt_int("shadow")?.map(|shadow| shadow != 0);
                found.shadow = decided.unwrap_or(row.flag("starts_in_shadow")?);
            }
        }
        Ok(found)
    }

    /// The names that are paused by themselves; [`ALL_CHANNELS`] among them when all are.
    pub async fn paused_channels(&mut self) -> Result<Vec<String>, StoreError> {
        let rows =
            self.all("SELECT name FROM channels WHERE paused = 1 ORDER BY name", vec![]).await?;
        rows.iter().map(|row| row.text("name")).collect()
    }

    /// Stops or resumes automatic replies on a channel ([`ALL_CHANNELS`]: on all).
    pub async fn set_paused(&mut self, name: &str, paused: bool) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO channels (name, paused) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET paused = excluded.paused",
            cells![name, paused],
        )
        .await?;
        Ok(())
    }

    /// The platform asked us to send nothing until then.
    pub async fn hold_channel(
        &mut self,
        name: &str,
        until: Timestamp,
        reason: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO channels (name, held_until, held_reason) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET held_until = excluded.held_until, \
             held_reason = excluded.held_reason",
            cells![name, until, reason],
        )
        .await?;
        Ok(())
    }

    /// Nothing works on a channel until somebody acts, or (`None`) it works again.
    pub async fn stop_channel(
        &mut self,
        name: &str,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO channels (name, stopped_reason) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET stopped_reason = excluded.stopped_reason",
            cells![name, reason],
        )
        .await?;
        Ok(())
    }

    /// Remembers when a channel's first real event arrived.
    pub async fn mark_first_event(&mut self, name: &str, at: Timestamp) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO channels (name, first_event_at) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET first_event_at = \
             COALESCE(channels.first_event_at, excluded.first_event_at)",
            cells![name, at],
        )
        .await?;
        Ok(())
    }

    /// A listener's stored position.
    pub async fn cursor(
        &mut self,
        channel: &str,
        name: &str,
    ) -> Result<Option<String>, StoreError> {
        let row = self
            .one(
                "SELECT value FROM cursors WHERE channel = $1 AND name = $2",
                cells![channel, name],
            )
            .await?;
        row.map(|row| row.text("value")).transpose()
    }

    /// Stores a listener's position.
    pub async fn save_cursor(
        &mut self,
        channel: &str,
        name: &str,
        value: &str,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO cursors (channel, name, value) VALUES ($1, $2, $3) \
             ON CONFLICT (channel, name) DO UPDATE SET value = excluded.value",
            cells![channel, name, value],
        )
        .await?;
        Ok(())
    }
}
