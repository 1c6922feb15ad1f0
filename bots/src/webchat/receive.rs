//! From a post of our page to a message.

use jiff::Timestamp;

use super::wire::Post;
use crate::text::said;
use crate::{Author, AuthorKind, Content, InboundMessage, Place, ReceiveError, ReplyAddress};

/// Who posts: the session, whose token the application has checked.
#[derive(Clone, Copy, Debug)]
pub struct Visitor<'a> {
    /// The session's public id, which is the conversation and the author at once.
    pub session: &'a str,
    /// The browser's first language, BCP 47.
    pub lang: Option<&'a str>,
}

/// Decodes the body of `POST /chat/messages`.
///
/// A press counts once per reply and button, a text once per `client_id`.
/// Errors: [`ReceiveError::Undecodable`], naming what is missing or empty.
pub fn decode(
    body: &[u8],
    visitor: Visitor<'_>,
    now: Timestamp,
) -> Result<InboundMessage, ReceiveError> {
    let undecodable = |what: String| ReceiveError::Undecodable(what);
    let post = serde_json::from_slice(body).map_err(|error: serde_json::Error| {
        undecodable(format!("neither client_id and text nor press and message_id: {error}"))
    })?;
    let session = visitor.session;
    let filled = |name: &str, value: &str| match value.trim() {
        "" => Err(undecodable(format!("{name} is empty"))),
        _ => Ok(()),
    };
    let (event_key, message_id, reply_to, content) = match post {
        Post::Text { client_id, text } => {
            filled("client_id", &client_id)?;
            filled("text", &text)?;
            (format!("msg:{session}:{client_id}"), Some(client_id), None, said(text))
        }
        Post::Press { press, message_id } => {
            filled("press", &press)?;
            filled("message_id", &message_id)?;
            let key = format!("press:{session}:{message_id}:{press}");
            (key, None, Some(message_id), Content::Press { button: press })
        }
    };
    Ok(InboundMessage {
        event_key,
        conversation: session.to_owned(),
        address: ReplyAddress { value: session.to_owned(), expires_at: None },
        place: Place::Private,
        author: Author {
            id: session.to_owned(),
            name: None,
            lang: visitor.lang.map(str::to_owned),
            kind: AuthorKind::Person,
        },
        message_id,
        reply_to,
        content,
        sent_at: now,
    })
}
