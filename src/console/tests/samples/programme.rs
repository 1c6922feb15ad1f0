//! Views of the programme.

use super::{frame, nasty};
use crate::console::programme::{EventPage, ProgrammePage};
use crate::fans::Invited;
use crate::store::programme::{EventRow, InvitationRow, RuleRow};
use crate::vocabulary::{EventKind, EventState, InvitationAnswer, Perk, Role};

fn event() -> EventRow {
    EventRow {
        id: 7.into(),
        kind: EventKind::Trial,
        name: nasty(),
        happens_on: "2026-12-01".to_owned(),
        about: nasty(),
        perk: Perk::EarlyAccess,
        budget_percent: 20,
        rule: RuleRow { top: 50, tag: nasty(), ..RuleRow::default() },
        state: EventState::Planned,
        created_at: jiff::Timestamp::UNIX_EPOCH,
    }
}

pub(in crate::console::tests) fn programmes() -> [ProgrammePage; 2] {
    let page = |events| ProgrammePage {
        frame: frame(Role::Moderator),
        events,
        planned: 20,
        langs: vec![nasty()],
        products: vec![nasty()],
    };
    [page(Vec::new()), page(vec![event()])]
}

pub(in crate::console::tests) fn events() -> [EventPage; 2] {
    let row = InvitationRow {
        author: nasty(),
        solves: 12,
        answer: InvitationAnswer::Yes,
        invited_at: jiff::Timestamp::UNIX_EPOCH,
        answered_at: None,
    };
    let invited = Invited { name: nasty(), words: nasty(), row };
    let page = |invited, event| EventPage {
        frame: frame(Role::Moderator),
        event,
        rule: nasty(),
        invited,
        next: vec![(nasty(), 3)],
    };
    let over = EventRow { state: EventState::Over, ..event() };
    [page(vec![invited], event()), page(Vec::new(), over)]
}
