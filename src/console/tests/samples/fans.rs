//! Views of super fans.

use jiff::Timestamp;

use super::{frame, nasty};
use crate::console::fans::{FansPage, ThanksPage};
use crate::fans::{Board, Fan, Thanks, Trend, Wanted};
use crate::store::thanks::ThanksRow;
use crate::vocabulary::{Role, ThanksState};

pub(in crate::console::tests) fn fans() -> FansPage {
    let fan = Fan {
        author: nasty(),
        name: nasty(),
        solves: 12,
        on_forum: 7,
        people: 11,
        languages: 3,
        channels: 2,
        estimated_hours_saved: 2.0,
        solves_before: Some(4),
        trend: Trend::Rising,
    };
    FansPage {
        frame: frame(Role::Moderator),
        days: 30,
        wanted: Wanted { tag: nasty(), ..Wanted::default() },
        board: Board { fans: vec![fan.clone()], fading: vec![fan], minutes_per_case: 10 },
        langs: vec![nasty()],
        products: vec![nasty()],
        month: "2026-10".to_owned(),
        unnamed: vec![nasty()],
    }
}

pub(in crate::console::tests) fn letters() -> [ThanksPage; 4] {
    let page = |letter, sent| ThanksPage {
        frame: frame(Role::Moderator),
        author: nasty(),
        month: nasty(),
        letter,
        sent,
        may_post: true,
        is_known: true,
    };
    let letter = || {
        Some(Thanks {
            author: nasty(),
            month: nasty(),
            named: nasty(),
            lang: "ar".to_owned(),
            solves: 3,
            title: nasty(),
            text: nasty(),
        })
    };
    let sent = |state| {
        Some(ThanksRow {
            author: nasty(),
            month: nasty(),
            source: nasty(),
            state,
            is_private: false,
            named: nasty(),
            title: nasty(),
            text: nasty(),
            name: nasty(),
            topic: Some(nasty()),
            url: Some("https://forum.example/t/-/7".to_owned()),
            trouble: Some(nasty()),
            tries: 1,
            due_at: Timestamp::UNIX_EPOCH,
            at: Timestamp::UNIX_EPOCH,
        })
    };
    [
        page(None, None),
        page(letter(), None),
        page(letter(), sent(ThanksState::Posted)),
        page(letter(), sent(ThanksState::Failed)),
    ]
}
