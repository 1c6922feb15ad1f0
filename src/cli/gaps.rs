//! `superfan gaps`: what the base could not answer, and a month of it on one page.

use std::process::ExitCode;

use anyhow::Context;

use super::{open_idle, print};
use crate::config::Config;
use crate::gaps::{GapKeeper, pack};
use crate::months::month_before;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print a month on one page instead, in this format.
    #[arg(long, value_name = "FORMAT")]
    pack: Option<Format>,
    /// Which month, such as 2026-11; the last one without.
    #[arg(long, value_name = "MONTH", requires = "pack")]
    month: Option<String>,
    /// Print the list as JSON.
    #[arg(long, conflicts_with = "pack")]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    Md,
    Html,
    Json,
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let desk = open_idle(config).await?;
    GapKeeper::new(desk.clone()).keep_up().await?;
    let mut tx = desk.store.read().await?;
    if let Some(format) = args.pack {
        let month = args.month.unwrap_or_else(|| month_before(desk.clock.now()));
        let pack = pack(&mut tx, &month, &desk.config.rules.brand).await?;
        let pack = pack.with_context(|| format!("{month:?} is no month such as 2026-11"))?;
        match format {
            Format::Md => print::line(pack.markdown().trim_end()),
            Format::Html => print::line(pack.html().trim_end()),
            Format::Json => print::json(&pack)?,
        }
    } else {
        let gaps = tx.gaps(200).await?;
        if args.json {
            let json = gaps.iter().map(|gap| {
                serde_json::json!({
                    "id": gap.id, "name": gap.name, "lang": gap.lang, "about": gap.about,
                    "n": gap.n, "n_waiting": gap.n_waiting, "n_week": gap.n_week,
                    "n_week_before": gap.n_week_before, "owner": gap.owner, "state": gap.state,
                })
            });
            print::json(&json.collect::<Vec<_>>())?;
        } else {
            let rows: Vec<[String; 6]> = gaps
                .iter()
                .map(|gap| {
                    let [waiting, n, week] =
                        [gap.n_waiting, gap.n, gap.n_week].map(|n| n.to_string());
                    [gap.name.clone(), waiting, n, week, gap.owner.clone(), gap.state.to_string()]
                })
                .collect();
            print::table(["about", "waiting", "asked", "this week", "owner", "status"], &rows);
        }
    }
    drop(tx);
    desk.store.close().await;
    Ok(ExitCode::SUCCESS)
}
