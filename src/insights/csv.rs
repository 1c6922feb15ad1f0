//! The figures as CSV: one row for each part of each dimension.

use std::fmt::Write;

use super::report::{Line, Named, Report};
use crate::spreadsheet::cell;

/// The report as CSV with a header line; shares are 0..=1.
pub fn csv(report: &Report) -> String {
    let mut text = String::from(
        "dimension,name,cases,confirmed,silent,refused,escalated,asked_again,solved_share\n",
    );
    row(&mut text, "all", "", &report.all);
    row(&mut text, "kind", "simple", &report.simple);
    row(&mut text, "kind", "complex", &report.complex);
    let parts: [(&str, &[Named]); 9] = [
        ("handler", &report.handlers),
        ("handler_simple", &report.simple_by_handler),
        ("handler_complex", &report.complex_by_handler),
        ("time", &report.over_time),
        ("channel", &report.channels),
        ("lang", &report.langs),
        ("product", &report.products),
        ("tag", &report.tags),
        ("author", &report.authors),
    ];
    for (dimension, named) in parts {
        for part in named {
            row(&mut text, dimension, &part.name, &part.line);
        }
    }
    text
}

fn row(text: &mut String, dimension: &str, name: &str, line: &Line) {
    let counts =
        [line.n(), line.confirmed, line.silent, line.refused, line.escalated, line.asked_again];
    let counts = counts.map(|n| n.to_string()).join(",");
    let solved = line.solved();
    let _ = writeln!(text, "{dimension},{},{counts},{solved:.4}", cell(name));
}
