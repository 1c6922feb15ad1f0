//! `superfan index`: status, rebuild, rollback.

use std::process::ExitCode;

use superfan_index::{GenerationInfo, GenerationState};

use super::{follow, open_idle, print};
use crate::answers::IndexWork;
use crate::config::Config;
use crate::desk::Desk;
use crate::search::open_index_read_only;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// The generations, and how far they are.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Build the next generation from the store and put it in service.
    Rebuild,
    /// Put the generation before back in service.
    Rollback,
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let desk = open_idle(config).await?;
    match args {
        Args::Status { json } => status(&desk, json).await?,
        Args::Rebuild => print::line(&follow::carry_out(&desk, IndexWork::Rebuild).await?),
        Args::Rollback => print::line(&follow::carry_out(&desk, IndexWork::Rollback).await?),
    }
    desk.store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn status(desk: &Desk, json: bool) -> anyhow::Result<()> {
    let search = open_index_read_only(&desk.config.data_dir, &desk.config.semantic_models)?;
    let generations = search.index().generations();
    let mut tx = desk.store.read().await?;
    let (n_answers, seq) = (tx.count_answers().await?, tx.last_answer_seq().await?);
    if json {
        let generations: Vec<serde_json::Value> = generations.iter().map(as_json).collect();
        let store = serde_json::json!({"answers": n_answers, "seq": seq});
        return print::json(&serde_json::json!({"generations": generations, "store": store}));
    }
    let rows: Vec<[String; 5]> = generations
        .iter()
        .map(|generation| {
            let built = built_at(generation).unwrap_or_else(|| "-".to_owned());
            let counts = [generation.answers, generation.seq].map(|n| n.to_string());
            let [answers, seq] = counts;
            let state = word(generation.state).to_owned();
            [generation.number.to_string(), state, answers, seq, built]
        })
        .collect();
    print::table(["generation", "state", "answers", "change", "built"], &rows);
    print::line(&format!("the store holds {n_answers} live answers and is at change {seq}"));
    Ok(())
}

fn as_json(generation: &GenerationInfo) -> serde_json::Value {
    serde_json::json!({
        "number": generation.number,
        "state": word(generation.state),
        "answers": generation.answers,
        "seq": generation.seq,
        "built_at": built_at(generation),
    })
}

fn word(state: GenerationState) -> &'static str {
    match state {
        GenerationState::Building => "building",
        GenerationState::Built => "built",
        GenerationState::Serving => "serving",
        GenerationState::Previous => "previous",
    }
}

fn built_at(generation: &GenerationInfo) -> Option<String> {
    let at = jiff::Timestamp::try_from(generation.built_at?).ok()?;
    Some(format!("{at:.0}"))
}
