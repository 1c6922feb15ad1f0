//! Table `chat_sessions`: browsers that opened the web chat.

use jiff::Timestamp;

use super::{StoreError, Tx, cells};

impl Tx {
    /// Keeps a web chat session.
    pub async fn add_chat_session(
        &mut self,
        token_hash: &str,
        session: &str,
        lang: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO chat_sessions (token_hash, session, lang, created_at) \
             VALUES ($1, $2, $3, $4)",
            cells![token_hash, session, lang, now],
        )
        .await?;
        Ok(())
    }

    /// The session (and its language) behind a web chat token.
    pub async fn chat_session(
        &mut self,
        token_hash: &str,
    ) -> Result<Option<(String, Option<String>)>, StoreError> {
        let row = self
            .one(
                "SELECT session, lang FROM chat_sessions WHERE token_hash = $1",
                cells![token_hash],
            )
            .await?;
        row.map(|row| Ok((row.text("session")?, row.opt_text("lang")?))).transpose()
    }
}
