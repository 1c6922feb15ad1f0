//! The report as a file that people send around: Markdown, and the curve beside it as SVG.

use std::fmt::Write;

use super::report::{Agreement, Month, Report};
use crate::chart::{Chart, Curve};
use crate::interval::share;

/// The replay month by month: shares of the questions asked.
pub fn curve(months: &[Month]) -> String {
    let shares = |of: fn(&Month) -> i64| -> Vec<f64> {
        months.iter().map(|month| share(of(month), month.asked)).collect()
    };
    let answered = shares(|month| month.answered);
    let agree = shares(|month| month.agree);
    let sent = shares(|month| month.answered + month.choices);
    let most = sent.iter().copied().fold(0.0, f64::max);
    let top = [0.05, 0.1, 0.25, 0.5].into_iter().find(|top| most <= *top).unwrap_or(1.0);
    let curve = |name: &str, shares: &[f64]| {
        let points = shares.iter().enumerate();
        let points = points.map(|(n, share)| (place(n, months.len()), share / top)).collect();
        Curve { name: name.to_owned(), points, is_guide: false }
    };
    let every = months.len().div_ceil(8).max(1);
    let across = months.iter().enumerate().filter(|(n, _)| n % every == 0);
    Chart {
        title: "Share of each month's questions that would have been answered".to_owned(),
        across: across.map(|(n, m)| (place(n, months.len()), m.month.clone())).collect(),
        up: [0.0, 0.5, 1.0].map(|at| (at, format!("{:.1} %", at * top * 100.0))).into(),
        curves: vec![
            curve("answered at once", &answered),
            curve("answered or offered choices", &sent),
            curve("answered and agrees", &agree),
        ],
    }
    .svg()
}

/// Where the `n`th of `of` stands, 0..=1.
#[expect(clippy::cast_precision_loss, reason = "months of a history")]
fn place(n: usize, of: usize) -> f64 {
    if of < 2 { 0.5 } else { n as f64 / (of - 1) as f64 }
}

/// The report in Markdown; `chart` is the file name of the curve.
pub fn markdown(report: &Report, chart: &str) -> String {
    let mut text = String::from("# What superfan would have answered\n\n");
    let of_all = |n: i64| format!("{n} ({})", percent(share(n, report.questions)));
    let _ = write!(
        text,
        "Every question of the base's own history was asked again, in time order, of an index that \
         held only the answers accepted before it. Answers were found {}; the target was {} right.\n\n\
         | | |\n|---|---|\n| questions | {} |\n| answered at once | {} |\n| offered two or three \
         answers | {} |\n| left for people | {} |\n",
        report.mode,
        percent(report.target_precision),
        report.questions,
        of_all(report.answered),
        of_all(report.choices),
        of_all(report.n_left()),
    );
    for (reason, n) in &report.left {
        let _ = writeln!(text, "| … {} | {n} |", reason.as_str().replace('_', " "));
    }
    if report.undated > 0 {
        let _ = writeln!(text, "| answers without a date, left out | {} |", report.undated);
    }
    let _ = writeln!(
        text,
        "| hours saved, an estimate | {} ({} minutes for each answer that agrees) |\n\n![The share of \
         each month's questions that would have been answered]({chart})\n",
        report.estimated_hours_saved, report.minutes_per_case,
    );
    text.push_str("## Does it agree with what was accepted later?\n\n");
    agreement(&mut text, "Answers sent at once", &report.agreement);
    agreement(&mut text, "Short lists", &report.choices_agreement);
    let _ = writeln!(
        text,
        "\nWhere nobody judged a pair and the forum linked nothing, agreement is an **estimate**: \
         two texts count as saying the same from a likeness of {:.2} on, which 99 of 100 unrelated \
         pairs of this base stay below. The console's page `/replay` lists every pair.\n",
        report.alike_at
    );
    text.push_str("## Whose answers they are\n\n");
    if report.authors.is_empty() {
        text.push_str("Nothing was sent at once.\n");
    } else {
        text.push_str("| author | questions answered |\n|---|---|\n");
    }
    for author in &report.authors {
        let name = author.author.as_deref().unwrap_or("unknown").replace('|', "\\|");
        let _ = writeln!(text, "| {name} | {} |", author.n);
    }
    months(&mut text, &report.months);
    text
}

fn agreement(text: &mut String, what: &str, agreement: &Agreement) {
    if agreement.pairs == 0 {
        let _ = writeln!(text, "- {what}: none.");
        return;
    }
    let _ = write!(
        text,
        "- {what}: {} of {} agree ({})",
        agreement.agree,
        agreement.pairs,
        percent(agreement.share())
    );
    match agreement.judged_interval {
        Some((low, high)) => {
            let _ = writeln!(
                text,
                "; people judged {}, of which {} agree ({} to {}).",
                agreement.judged,
                agreement.judged_agree,
                percent(low),
                percent(high)
            );
        }
        None => text.push_str("; nobody judged any yet.\n"),
    }
}

fn months(text: &mut String, months: &[Month]) {
    text.push_str("\n## Month by month\n\n| month | asked | answered | agree | choices |\n");
    text.push_str("|---|---|---|---|---|\n");
    for m in months {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            m.month, m.asked, m.answered, m.agree, m.choices
        );
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
