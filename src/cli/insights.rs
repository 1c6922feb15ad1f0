//! `superfan insights`: how questions ended, honestly counted.

use std::process::ExitCode;

use anyhow::anyhow;

use super::{open_idle, print};
use crate::config::Config;
use crate::insights::{Line, Named, Report, csv, keep_up, report, span};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The first day, such as 2026-11-01; thirty days up to the last without.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// The last day, included; today without.
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Print the figures as JSON.
    #[arg(long)]
    json: bool,
    /// Print the figures as CSV.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let desk = open_idle(config).await?;
    let span = span(args.from.as_deref(), args.to.as_deref(), desk.clock.now());
    let span = span.map_err(|reason| anyhow!(reason))?;
    while keep_up(&desk).await? {}
    let report = report(&mut desk.store.read().await?, span).await?;
    if args.json {
        print::json(&report)?;
    } else if args.csv {
        print::line(csv(&report).trim_end());
    } else {
        show(&report);
    }
    desk.store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn show(report: &Report) {
    print::line(&format!(
        "{} to {}: {} questions, {} confirmed as solved (the line is {})",
        report.from,
        report.to,
        report.all.n(),
        percent(report.solved),
        percent(report.solved_line)
    ));
    let row = |name: &str, line: &Line| {
        [
            name.to_owned(),
            line.n().to_string(),
            percent(line.solved()),
            line.confirmed.to_string(),
            line.silent.to_string(),
            line.refused.to_string(),
            line.escalated.to_string(),
            line.asked_again.to_string(),
        ]
    };
    let mut rows = vec![row("all", &report.all)];
    rows.push(row("simple", &report.simple));
    rows.push(row("complex", &report.complex));
    let named = |parts: &[Named]| parts.iter().map(|p| row(&p.name, &p.line)).collect::<Vec<_>>();
    rows.extend(named(&report.handlers));
    rows.extend(named(&report.channels));
    rows.extend(named(&report.langs));
    print::table(
        ["", "questions", "solved", "confirmed", "silent", "refused", "escalated", "asked again"],
        &rows,
    );
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
