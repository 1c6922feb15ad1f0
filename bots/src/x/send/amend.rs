//! Deleting posts of ours; X has no way to edit them. <https://docs.x.com/x-api/posts/delete-post>

use super::outcome::{self, Attempt};
use super::{Api, Call, Endpoint, refused};
use crate::{Amendment, Outgoing, RefusalScope, SendError, Sent};

impl Api {
    /// Deletes a post of ours.
    pub(in crate::x) async fn amend(
        &self,
        outgoing: Outgoing<'_>,
        amendment: &Amendment,
    ) -> Result<Sent, SendError> {
        let Amendment::Delete { message_id } = amendment else {
            let reason = "posts are deleted, not edited".to_owned();
            return Err(refused(RefusalScope::Part, reason));
        };
        let call = Call {
            endpoint: Endpoint::Other,
            method: "DELETE",
            path: &format!("/2/tweets/{message_id}"),
            query: &[],
            body: None,
        };
        let answer = self.call(call, outgoing.now).await?;
        let renewable = answer.status == 401 && self.auth.forget_access().await;
        let attempt = Attempt {
            endpoint: Endpoint::Other,
            now: outgoing.now,
            key: outgoing.key,
            in_doubt: false,
            renewable,
        };
        match outcome::outcome(&answer, &attempt) {
            // A post that is gone is as good as deleted.
            Err(_) if answer.status == 404 => {}
            Err(error) => return Err(error),
            Ok(_) => {}
        }
        Ok(Sent { message_id: Some(message_id.clone()) })
    }
}
