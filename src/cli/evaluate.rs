//! `superfan evaluate`: every question of a file, each alone, as a customer would be served.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use super::print;
use crate::answerer::evaluate::evaluate;
use crate::calibrate::put_in_force;
use crate::config::Config;
use crate::open::open_store;
use crate::search::open_index_read_only;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// JSON lines with id and text, plain or .gz.
    #[arg(long, value_name = "FILE")]
    queries: PathBuf,
    /// Where the run is written, one line for each question.
    #[arg(long, value_name = "RUN")]
    out: PathBuf,
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let search = open_index_read_only(&config.data_dir, &config.semantic_models)?;
    let store = open_store(&config).await?;
    put_in_force(&store, &search).await?;
    store.close().await;
    let n_queries = tokio::task::spawn_blocking(move || -> anyhow::Result<u64> {
        let queries = crate::answers::read::open_text(&args.queries)?;
        let folder = args.out.parent().filter(|dir| !dir.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        // Written beside and renamed, so that a run that breaks off leaves no file.
        let beside = tempfile::Builder::new()
            .tempfile_in(folder)
            .with_context(|| format!("cannot write in {}", folder.display()))?;
        let mut out = std::io::BufWriter::new(beside);
        let n_queries = evaluate(&search, &config.rules, queries, &mut out)
            .with_context(|| format!("cannot evaluate {}", args.queries.display()))?;
        out.flush()?;
        let beside = out.into_inner().context("cannot write the run")?;
        beside
            .persist(&args.out)
            .with_context(|| format!("cannot write {}", args.out.display()))?;
        Ok(n_queries)
    })
    .await??;
    print::line(&format!("{n_queries} questions"));
    Ok(ExitCode::SUCCESS)
}
