//! Views of how questions ended.

use super::{frame, nasty};
use crate::console::insights::{InsightsPage, view};
use crate::insights::{Line, Named, Report, SOLVED_LINE, Targets, Waits};
use crate::vocabulary::Role;

pub(in crate::console::tests) fn report(line: Line) -> Report {
    let named = vec![Named { name: nasty(), line }];
    Report {
        from: "2026-11-01".to_owned(),
        to: "2026-11-30".to_owned(),
        all: line,
        solved: line.solved(),
        solved_interval: Some((0.2, 0.6)),
        solved_line: SOLVED_LINE,
        simple: line,
        complex: Line::default(),
        handlers: named.clone(),
        simple_by_handler: named.clone(),
        complex_by_handler: named.clone(),
        over_time: named.clone(),
        channels: named.clone(),
        langs: named.clone(),
        products: named.clone(),
        tags: named.clone(),
        authors: named,
        waits: Waits {
            classes: vec![(Some(5), 3), (None, 1)],
            median_at_most: Some(5),
            p90_at_most: None,
            within_promise: Some(0.75),
        },
        csat: Some(0.5),
        targets: Targets { phone_minutes: Some(12), answer_within_minutes: Some(5) },
    }
}

pub(in crate::console::tests) fn insights() -> [InsightsPage; 2] {
    let some = Line { confirmed: 4, silent: 3, refused: 2, escalated: 1, ..Line::default() };
    [
        view(frame(Role::Admin), 30, report(some)),
        view(frame(Role::Viewer), 7, report(Line::default())),
    ]
}
