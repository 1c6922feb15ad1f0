//! The solve rate drawn over time, against the line it is held to.

use super::report::{Named, SOLVED_LINE};
use crate::chart::{Chart, Curve};

/// The share confirmed over time, with the line as a guide, as one `<svg>` element.
pub(crate) fn over_time(parts: &[Named]) -> String {
    let n = parts.len();
    let solved = parts.iter().enumerate().map(|(at, part)| (place(at, n), part.line.solved()));
    let every = n.div_ceil(8).max(1);
    let across = parts.iter().enumerate().filter(|(at, _)| at % every == 0);
    Chart {
        title: "Share of questions that customers confirmed as solved".to_owned(),
        across: across.map(|(at, part)| (place(at, n), part.name.clone())).collect(),
        up: [0.0, 0.25, 0.5, 0.75, 1.0].map(|at| (at, format!("{:.0} %", at * 100.0))).into(),
        curves: vec![
            Curve { name: "confirmed".to_owned(), points: solved.collect(), is_guide: false },
            Curve {
                name: format!("the line, {:.0} %", SOLVED_LINE * 100.0),
                points: vec![(0.0, SOLVED_LINE), (1.0, SOLVED_LINE)],
                is_guide: true,
            },
        ],
    }
    .svg()
}

/// Where the `n`th of `of` stands, 0..=1.
#[expect(clippy::cast_precision_loss, reason = "days of a report")]
fn place(n: usize, of: usize) -> f64 {
    if of < 2 { 0.5 } else { n as f64 / (of - 1) as f64 }
}
