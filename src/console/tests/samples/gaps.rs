//! Gaps with everything a page can show.

use super::{frame, moment, nasty};
use crate::console::gaps::{AnswerForm, GapPage, GapsPage, Item, Quoted};
use crate::console::incidents::IncidentView;
use crate::vocabulary::{GapState, IncidentState, Role};

fn item(state: GapState) -> Item {
    Item {
        id: "gap_1".to_owned(),
        name: nasty(),
        lang: "ar".to_owned(),
        about: nasty(),
        n: 9,
        n_waiting: 3,
        n_week: 5,
        n_week_before: 2,
        line: "0.0,24.0 112.0,0.0".to_owned(),
        owner: nasty(),
        state,
        before: "new",
        last: moment(),
    }
}

fn incident(state: IncidentState) -> IncidentView {
    IncidentView {
        id: format!("inc_{state}"),
        gap_id: "gap_1".to_owned(),
        name: nasty(),
        n: 6,
        n_told: 4,
        state,
        text: nasty(),
        at: moment(),
    }
}

pub(in crate::console::tests) fn gaps_pages() -> [GapsPage; 2] {
    let page = |items| GapsPage {
        frame: frame(Role::Viewer),
        items,
        tabs: vec![("", "To do"), ("done", "Done")],
        tab: "done",
        incidents: [IncidentState::Noticed, IncidentState::Open].map(incident).into(),
        month: "2026-11".to_owned(),
    };
    [page(GapState::ALL.iter().map(|state| item(*state)).collect()), page(Vec::new())]
}

pub(in crate::console::tests) fn gap_pages() -> [GapPage; 3] {
    let page = |role, is_going_out| GapPage {
        frame: frame(role),
        item: item(GapState::Planned),
        states: GapState::ALL,
        questions: vec![Quoted {
            id: "esc_1".to_owned(),
            number: 1,
            text: nasty(),
            lang: "ar".to_owned(),
            channel: nasty(),
            state: "waits",
            is_waiting: true,
            at: moment(),
        }],
        skills: vec![nasty()],
        answer: Some(nasty()),
        is_going_out,
        untold: vec![(2, nasty())],
        draft: AnswerForm { title: nasty(), answer: nasty() },
        error: Some(nasty()),
    };
    [page(Role::Viewer, false), page(Role::Moderator, false), page(Role::Admin, true)]
}
