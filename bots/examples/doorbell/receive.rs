//! From a verified ring to what somebody said. The event key is made from the thing, not from the
//! delivery: a ring that is delivered twice is one message.

use jiff::Timestamp;
use superfan_bots::{
    Author, AuthorKind, Content, InboundMessage, Place, ReceiveError, Received, ReplyAddress,
};

use super::verify::VerifiedBody;
use super::wire::Ring;

pub(super) fn decode(body: &VerifiedBody, now: Timestamp) -> Result<Received, ReceiveError> {
    let ring: Ring = serde_json::from_slice(body.bytes())
        .map_err(|error| ReceiveError::Undecodable(error.to_string()))?;
    // A kind that we ignore is an empty list with the reason, or the platform repeats it for ever.
    let Some(text) = ring.words else {
        let ignored = Some("rang without a word".to_owned());
        return Ok(Received { ignored, ..Received::default() });
    };
    let message = InboundMessage {
        event_key: format!("msg:{}:{}", ring.door, ring.id),
        conversation: ring.door.clone(),
        address: ReplyAddress { value: ring.door, expires_at: None },
        place: Place::Private,
        author: Author { id: ring.who, name: None, lang: None, kind: AuthorKind::Person },
        message_id: Some(ring.id),
        reply_to: None,
        content: Content::Text { text },
        sent_at: now,
    };
    Ok(Received { messages: vec![message], ..Received::default() })
}
