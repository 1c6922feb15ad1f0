//! Changing and removing messages of ours.
//! <https://discord.com/developers/docs/resources/message#edit-message>

use serde_json::json;

use super::limits::Route;
use super::outcome::UNKNOWN_MESSAGE;
use super::{Call, Failure, Sender, Sending, Speaker, Target};
use crate::discord::render::Payload;
use crate::{Amendment, Outgoing, RefusalScope, SendError, Sent};

impl Sender {
    /// Edits or deletes a message where it stands: in the thread of the question, or above it.
    pub(in crate::discord) async fn amend(
        &self,
        outgoing: Outgoing<'_>,
        amendment: &Amendment,
    ) -> Result<Sent, SendError> {
        let target = Target::read(outgoing.address)?;
        let places = match &target {
            Target::Direct(channel) | Target::Channel(channel) => vec![channel],
            Target::Thread { parent, message } => vec![message, parent],
        };
        let mut refusal = None;
        for place in places {
            match self.amend_in(place, outgoing, amendment).await {
                Err(failure) if failure.status == 404 => refusal = Some(failure),
                Err(failure) => return Err(failure.error),
                Ok(sent) => return Ok(sent),
            }
        }
        let Some(Failure { code, error, .. }) = refusal else {
            let reason = "there is no place to look for it".to_owned();
            return Err(SendError::Refused { scope: RefusalScope::Part, reason });
        };
        match amendment {
            // Somebody was quicker.
            Amendment::Delete { message_id } if code == UNKNOWN_MESSAGE => {
                Ok(Sent { message_id: Some(message_id.clone()) })
            }
            _ => Err(SendError::Refused { scope: RefusalScope::Part, reason: error.to_string() }),
        }
    }

    async fn amend_in(
        &self,
        channel: &str,
        outgoing: Outgoing<'_>,
        amendment: &Amendment,
    ) -> Result<Sent, Failure> {
        let (method, id, body) = match amendment {
            Amendment::Delete { message_id } => (http::Method::DELETE, message_id, None),
            Amendment::Edit { message_id } => {
                let payload: Payload = serde_json::from_value(outgoing.part.payload.clone())
                    .map_err(|error| {
                        let reason = format!("not our payload: {error}");
                        SendError::Refused { scope: RefusalScope::Part, reason }
                    })?;
                let Outgoing { key, now, in_doubt_since, .. } = outgoing;
                let sending = Sending { payload: &payload, key, now, in_doubt_since };
                let mut body = sending.body();
                // What is left out of an edit stays as it was.
                for list in ["components", "embeds"] {
                    if body[list].is_null() {
                        body[list] = json!([]);
                    }
                }
                (http::Method::PATCH, message_id, Some(body))
            }
        };
        let call = Call {
            method,
            path: format!("channels/{channel}/messages/{id}"),
            route: Route { kind: "amend", major: channel },
            speaker: Speaker::Bot,
            body,
        };
        self.api.call(call, outgoing.now).await?;
        Ok(Sent { message_id: Some(id.clone()) })
    }
}
