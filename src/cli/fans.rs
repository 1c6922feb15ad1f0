//! `superfan fans`: whose answers solved questions.

use std::process::ExitCode;

use super::{open_idle, print};
use crate::config::Config;
use crate::fans::{Period, Wanted, board, keep_up};
use crate::insights;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only the last so many days; everything without.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=3660))]
    days: Option<i64>,
    /// Only questions in this language.
    #[arg(long, value_name = "LANG", default_value = "")]
    lang: String,
    /// Only answers about this product.
    #[arg(long, value_name = "PRODUCT", default_value = "")]
    product: String,
    /// Only answers with this tag.
    #[arg(long, value_name = "TAG", default_value = "")]
    tag: String,
    /// Print the leaderboard as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let desk = open_idle(config).await?;
    while insights::keep_up(&desk).await? {}
    while keep_up(&desk).await? {}
    let wanted = Wanted {
        period: args.days.map_or(Period::All, Period::Days),
        lang: args.lang,
        product: args.product,
        tag: args.tag,
    };
    let minutes = desk.config.rules.minutes_per_case;
    let mut tx = desk.store.read().await?;
    let board = board(&mut tx, &wanted, minutes, desk.clock.now()).await?;
    drop(tx);
    if args.json {
        print::json(&board)?;
    } else {
        let rows: Vec<[String; 6]> = board
            .fans
            .iter()
            .map(|fan| {
                let counts = [fan.solves, fan.on_forum, fan.people, fan.languages];
                let [solves, forum, people, langs] = counts.map(|n| n.to_string());
                let hours = format!("{:.1}", fan.estimated_hours_saved);
                [fan.name.clone(), solves, forum, people, langs, hours]
            })
            .collect();
        let headings = ["author", "solved", "on the forum", "people", "languages", "hours (est.)"];
        print::table(headings, &rows);
    }
    desk.store.close().await;
    Ok(ExitCode::SUCCESS)
}
