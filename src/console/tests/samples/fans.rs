//! Views of super fans.

use super::{frame, nasty};
use crate::console::fans::{FansPage, ThanksPage};
use crate::fans::{Board, Fan, Trend, Wanted};
use crate::vocabulary::Role;

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

pub(in crate::console::tests) fn letters() -> [ThanksPage; 2] {
    let page =
        |letter| ThanksPage { frame: frame(Role::Viewer), author: nasty(), month: nasty(), letter };
    [page(None), page(Some(("ar".to_owned(), nasty())))]
}
