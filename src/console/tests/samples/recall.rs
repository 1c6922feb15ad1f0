//! Views of answers that are taken back.

use super::{frame, moment, nasty};
use crate::console::recall::{
    Failure, Item, ProgressView, ReachView, RecallPage, RecallsPage, WrongPage,
};
use crate::vocabulary::{RecallState, Role};

fn item(state: RecallState) -> Item {
    Item {
        id: "rcl_1".to_owned(),
        title: nasty(),
        state,
        words: "reported as wrong",
        reason: nasty(),
        at: moment(),
    }
}

fn reach() -> Vec<ReachView> {
    let (channel, how) = (nasty(), "they get one correction");
    vec![ReachView { channel, n_conversations: 1, n_messages: 2, how }]
}

pub(in crate::console::tests) fn recalls() -> RecallsPage {
    let items = RecallState::ALL.iter().map(|state| item(*state)).collect();
    RecallsPage { frame: frame(Role::Viewer), items }
}

pub(in crate::console::tests) fn recall_pages() -> Vec<RecallPage> {
    let page = |state: &RecallState| RecallPage {
        frame: frame(Role::Moderator),
        item: item(*state),
        answer_id: nasty(),
        lang: "ar".to_owned(),
        answer: nasty(),
        actor: Some(nasty()),
        reach: reach(),
        progress: vec![ProgressView { channel: nasty(), n_waiting: 1, n_done: 2, n_failed: 3 }],
        n_left_alone: 4,
        failures: vec![Failure {
            conversation_id: "conv_1".to_owned(),
            channel: nasty(),
            reason: nasty(),
        }],
    };
    RecallState::ALL.iter().map(page).collect()
}

pub(in crate::console::tests) fn wrong() -> WrongPage {
    WrongPage {
        frame: frame(Role::Moderator),
        answer_id: nasty(),
        lang: "ar".to_owned(),
        title: nasty(),
        answer: nasty(),
        reach: reach(),
    }
}
