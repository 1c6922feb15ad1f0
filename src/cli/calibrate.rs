//! `superfan calibrate`: the confidence fitted to what customers and moderators said.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use superfan_index::Calibration;

use super::{open_idle, print};
use crate::calibrate::{
    Feedback, Figures, NEEDED, feedback, figures, keep, reliability_svg, select,
};
use crate::config::Config;
use crate::desk::Desk;
use crate::people::Actor;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only show what would change; nothing is written.
    #[arg(long)]
    dry_run: bool,
    /// Put an earlier calibration in force instead: its id, or "shipped".
    #[arg(long = "use", value_name = "ID", conflicts_with = "dry_run")]
    selected: Option<String>,
    /// List the calibrations that are kept.
    #[arg(long, conflicts_with_all = ["dry_run", "selected"])]
    list: bool,
    /// Write reliability.svg and coverage.svg into this folder.
    #[arg(long, value_name = "DIR")]
    charts: Option<PathBuf>,
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let desk = open_idle(config).await?;
    if let Some(selected) = &args.selected {
        put_in_force(&desk, selected).await?;
    } else if args.list {
        list(&desk).await?;
    } else {
        calibrate(&desk, &args).await?;
    }
    desk.store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn calibrate(desk: &Desk, args: &Args) -> anyhow::Result<()> {
    let feedback = feedback(&mut desk.store.read().await?).await?;
    let n_judged = feedback.judged.len();
    if n_judged < NEEDED {
        print::line(&format!(
            "{n_judged} judged answers so far; {} more are needed before they say anything. A \
             press on Helped or Didn't help counts, and a moderator's reply with an accepted \
             answer. Nothing was changed.",
            NEEDED - n_judged
        ));
        return Ok(());
    }
    let before = desk.search.index().calibration();
    // Always from the shipped one: what was judged before is among what is judged now.
    let after = Calibration::shipped().refitted(&feedback.judged);
    let target = desk.config.rules.target_precision;
    let [old, new] = [&*before, &after].map(|c| figures(c, &feedback.judged, target));
    show(&feedback, &old, &new, target);
    if let Some(folder) = &args.charts {
        let charts = reliability_svg(&old, &new);
        for (name, svg) in ["reliability.svg", "coverage.svg"].iter().zip(charts) {
            let path = folder.join(name);
            std::fs::write(&path, svg)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    if args.dry_run {
        print::line("a dry run: nothing was changed");
        return Ok(());
    }
    let mut tx = desk.store.begin().await?;
    let id = keep(&mut tx, &desk.stage(), &Actor::operator(), (&after, n_judged)).await?;
    tx.commit().await?;
    print::line(&format!(
        "{id} is in force; a running server takes it up within seconds. superfan calibrate --use \
         shipped goes back"
    ));
    Ok(())
}

fn show(feedback: &Feedback, old: &Figures, new: &Figures, target: f64) {
    let n = feedback.judged.len();
    print::line(&format!(
        "{n} judged answers, {} of them by moderators' replies; target {}",
        feedback.n_by_people,
        percent(target)
    ));
    let side = |name: &str, figures: &Figures| {
        let line = if figures.line > 1.0 {
            "never".to_owned()
        } else {
            format!("from {:.3}", figures.line)
        };
        let right = crate::interval::share(figures.n_right, figures.n_answered);
        [name.to_owned(), line, figures.n_answered.to_string(), percent(right)]
    };
    let rows = [side("in force", old), side("fitted", new)];
    print::table(["calibration", "answers", "of the judged", "right"], &rows);
    for (name, figures) in [("in force", old), ("fitted", new)] {
        print::line(&format!("\nis it right as often as it says? ({name})"));
        let rows: Vec<[String; 4]> = figures
            .reliability
            .iter()
            .map(|bin| {
                let (low, high) = bin.interval;
                let interval = format!("{} to {}", percent(low), percent(high));
                [percent(bin.said), percent(bin.right), interval, bin.n.to_string()]
            })
            .collect();
        print::table(["says", "right", "95 % interval", "judged"], &rows);
    }
    print::line("\nhow much would be answered, and how much of it right? (fitted)");
    let rows: Vec<[String; 3]> = new
        .steps
        .iter()
        .map(|step| [percent(step.from), percent(step.coverage), percent(step.precision)])
        .collect();
    print::table(["from confidence", "answered", "right"], &rows);
}

async fn put_in_force(desk: &Desk, selected: &str) -> anyhow::Result<()> {
    let id = match selected {
        "shipped" => None,
        id => Some(id.parse().with_context(|| format!("there is no calibration {id}"))?),
    };
    let mut tx = desk.store.begin().await?;
    select(&mut tx, &desk.stage(), &Actor::operator(), id).await?;
    tx.commit().await?;
    print::line(&format!("{selected} is in force"));
    Ok(())
}

async fn list(desk: &Desk) -> anyhow::Result<()> {
    let kept = desk.store.read().await?.calibrations().await?;
    let word = |in_force| if in_force { "in force" } else { "kept" }.to_owned();
    let mut rows: Vec<[String; 4]> = kept
        .iter()
        .map(|row| {
            let made = format!("{:.0}", row.made_at);
            [row.id.to_string(), word(row.in_force), row.n_judged.to_string(), made]
        })
        .collect();
    let shipped = word(kept.iter().all(|row| !row.in_force));
    rows.push(["shipped".to_owned(), shipped, "-".to_owned(), "-".to_owned()]);
    print::table(["calibration", "state", "judged", "made"], &rows);
    Ok(())
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
