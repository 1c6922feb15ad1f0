//! What only the asker may see, once the token that showed it to them alone has ended.
//! <https://discord.com/developers/docs/resources/user#create-dm>

use serde_json::json;

use super::limits::Route;
use super::{Call, Failure, Sender, Sending, Speaker, Target, made};
use crate::discord::receive::Token;
use crate::{RefusalScope, SendError, Sent};

impl Sender {
    /// Says it without the token: where everybody reads it if they may, else directly to the asker.
    pub(super) async fn afterwards(
        &self,
        target: &Target,
        token: &Token,
        sending: &Sending<'_>,
    ) -> Result<Sent, Failure> {
        let Some(asker) = token.asker.as_ref().filter(|_| !matches!(target, Target::Direct(_)))
        else {
            return self.post(target, sending).await;
        };
        let call = Call {
            method: http::Method::POST,
            path: "users/@me/channels".to_owned(),
            route: Route { kind: "direct", major: "" },
            speaker: Speaker::Bot,
            body: Some(json!({ "recipient_id": asker })),
        };
        let opened = self.api.call(call, sending.now).await.map_err(of_the_part)?;
        let Some(direct) = made(opened).message_id else {
            let reason = "Discord did not say where to write directly".to_owned();
            return Err(SendError::NotSent { reason }.into());
        };
        self.post(&Target::Direct(direct), sending).await.map_err(of_the_part)
    }
}

/// Whoever takes no direct messages closes no channel by that.
fn of_the_part(failure: Failure) -> Failure {
    let error = match failure.error {
        SendError::Refused { scope: RefusalScope::Conversation, reason } => {
            let reason = format!("only the asker was to see it, and directly: {reason}");
            SendError::Refused { scope: RefusalScope::Part, reason }
        }
        error => error,
    };
    Failure { error, ..failure }
}
