//! Giving a message of ours another text. Telegram lets a bot delete only what is younger than two
//! days, but edit without an end. <https://core.telegram.org/bots/api#editmessagetext>

use teloxide_core::payloads::{EditMessageText, EditMessageTextSetters};
use teloxide_core::types::{MessageId, ParseMode};

use super::{Api, Stored, Target, refused};
use crate::{Amendment, Outgoing, RefusalScope, SendError, Sent};

/// Telegram's words for a text that stands there already.
const SO_ALREADY: &str = "message is not modified";

impl Api {
    /// Puts a rendered part where a message of ours stands; its buttons go.
    pub(in crate::telegram) async fn amend(
        &self,
        outgoing: Outgoing<'_>,
        amendment: &Amendment,
    ) -> Result<Sent, SendError> {
        let Amendment::Edit { message_id } = amendment else {
            let reason = "old messages are edited, not deleted".to_owned();
            return Err(refused(RefusalScope::Part, reason));
        };
        let target = Target::read(outgoing.address)?;
        let stored: Stored = serde_json::from_value(outgoing.part.payload.clone())
            .map_err(|error| refused(RefusalScope::Part, format!("not our payload: {error}")))?;
        let number: i32 = message_id.parse().map_err(|_| {
            refused(RefusalScope::Part, format!("not a message of Telegram: {message_id}"))
        })?;
        let edit = EditMessageText::new(target.chat, MessageId(number), &stored.html)
            .parse_mode(ParseMode::Html)
            .link_preview_options(self.preview_options());
        match self.ask::<_, serde_json::Value>(&edit).await {
            Ok(_) => {}
            Err(SendError::Refused { reason, .. }) if reason.contains(SO_ALREADY) => {}
            // The message is gone or too old; that says nothing of the conversation.
            Err(SendError::Refused { scope: RefusalScope::Conversation, reason })
                if reason.contains("message to edit") || reason.contains("message can't") =>
            {
                return Err(refused(RefusalScope::Part, reason));
            }
            Err(error) => return Err(error),
        }
        Ok(Sent { message_id: Some(message_id.clone()) })
    }
}
