//! One call, one outcome: no sleeping, no repeating. What was not understood is not guessed.

use std::time::Duration;

use superfan_bots::{HoldScope, Outgoing, RefusalScope, SendError, Sent};
use url::Url;

use super::wire::Say;

pub(super) async fn say(
    http: &reqwest::Client,
    api_url: &Url,
    outgoing: Outgoing<'_>,
) -> Result<Sent, SendError> {
    let words = outgoing.part.payload.as_str().unwrap_or_default();
    let say = Say { door: &outgoing.address.value, words, key: outgoing.key };
    let url = api_url.join("say").map_err(|error| refused(error.to_string()))?;
    let call = http.post(url).timeout(Duration::from_secs(10)).json(&say).send();
    let answer = call.await.map_err(|error| {
        let reason = error.to_string();
        // Never connected is not sent; anything later is unknown.
        if error.is_connect() {
            SendError::NotSent { reason }
        } else {
            SendError::Unknown { reason }
        }
    })?;
    match answer.status().as_u16() {
        200..300 => Ok(Sent { message_id: Some(outgoing.key.to_owned()) }),
        429 => Err(SendError::Held {
            wait: Some(Duration::from_secs(1)),
            scope: HoldScope::Channel,
            reason: "too many".to_owned(),
        }),
        status @ 400..500 => Err(refused(format!("status {status}"))),
        status => Err(SendError::Unknown { reason: format!("status {status}") }),
    }
}

fn refused(reason: String) -> SendError {
    SendError::Refused { scope: RefusalScope::Part, reason }
}
