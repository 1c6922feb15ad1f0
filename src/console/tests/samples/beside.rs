//! What stands beside an escalation, with everything it can show.

use super::{moment, nasty};
use crate::console::beside::{Beside, DeskLine, DraftView, HelpDeskView};
use crate::lookup::Fact;
use crate::vocabulary::{DeliveryState, PageState};

pub(super) fn desk_line() -> DeskLine {
    DeskLine {
        id: "evt_1".to_owned(),
        escalation: ("esc_1".to_owned(), 4821),
        what: "the question",
        state: DeliveryState::Dead,
        words: nasty(),
        at: moment(),
    }
}

pub(super) fn beside() -> Beside {
    let lines = vec![desk_line()];
    Beside {
        facts: vec![Fact { name: nasty(), values: vec![nasty(), nasty()] }],
        lookup_failed: Some(nasty()),
        drafts: vec![DraftView {
            id: "drf_1".to_owned(),
            author: nasty(),
            text: nasty(),
            at: moment(),
        }],
        offers: vec![(nasty(), PageState::Missed)],
        help_desk: Some(HelpDeskView { name: "Chatwoot", ticket: Some(nasty()), lines }),
    }
}
