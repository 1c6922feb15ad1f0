//! Views of the programme.

use super::{frame, nasty};
use crate::console::programme::{EventPage, Invited, ProgrammePage};
use crate::store::programme::{EventRow, RuleRow};
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
    let invited = Invited {
        author: nasty(),
        name: nasty(),
        solves: 12,
        answer: InvitationAnswer::Yes,
        text: nasty(),
    };
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
