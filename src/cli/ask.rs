//! `superfan ask`: what a customer would get.

use std::process::ExitCode;

use crate::answerer::ask::{AskRequest, Asked, ask};
use crate::config::Config;
use crate::open::open_desk;
use crate::search::open_index_read_only;

use super::print;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The question.
    text: String,
    /// The language to expect.
    #[arg(long, value_name = "xx")]
    lang: Option<String>,
    /// Render the reply as this channel would.
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// How many hits to show.
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// Print the object of `POST /api/v1/ask`.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let search = open_index_read_only(&config.data_dir, &config.semantic_models)?;
    let desk = open_desk(config, search).await?;
    let request =
        AskRequest { text: args.text, lang: args.lang, channel: args.channel, top: args.top };
    let rules = &desk.config.rules;
    let asked = ask(&desk.store, &desk.search, &desk.channels, rules, &request).await?;
    if args.json {
        print::json(&asked)?;
    } else {
        show(&asked);
    }
    Ok(ExitCode::SUCCESS)
}

fn show(asked: &Asked) {
    print::line(&format!(
        "{} ({})  confidence {:.3}, line {:.3}, language {}",
        asked.action, asked.reason, asked.confidence, asked.line, asked.lang
    ));
    for (number, hit) in (1..).zip(&asked.hits) {
        let sendable = if hit.sendable { "" } else { "  (not sendable)" };
        print::line(&format!("\n{number}. {:.3}  {}{sendable}", hit.confidence, hit.title));
        let author = hit.author.as_deref().unwrap_or("unknown");
        let url = hit.url.as_deref().unwrap_or_default();
        print::line(&format!("   {} by @{author} {url}", hit.id));
    }
    for rendered in &asked.rendered {
        print::line(&format!("\n── on {} ──", rendered.channel));
        for part in &rendered.parts {
            print::line(part);
        }
    }
}
