//! Sending to our own page: the page reads the store, so a part that is due is shown.

use crate::{Outgoing, Sent};

/// The delivery's own id is the message's id on the page.
pub(super) fn shown(outgoing: Outgoing<'_>) -> Sent {
    Sent { message_id: Some(outgoing.key.to_owned()) }
}
