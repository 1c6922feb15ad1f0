//! The command line. Results on standard output, logs on standard error; exit 0 ok, 1 failed, 2
//! usage. Every command calls the same functions as the server.

mod answers;
mod ask;
mod backup;
mod calibrate;
mod channels;
mod customers;
mod doctor;
mod evaluate;
mod fans;
mod follow;
mod gaps;
mod index;
mod insights;
mod logging;
mod outbox;
mod people;
mod print;
mod replay;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Parser, Subcommand};
use superfan_index::Index as AnswerIndex;

use crate::answers::lay_out_products;
use crate::config::{Config, Settings};
use crate::desk::Desk;
use crate::open::{OpenError, open_desk};
use crate::search::Search;

/// Answers a brand's customers where they ask, with answers its community has accepted.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    /// Where everything durable is (`SUPERFAN_DATA_DIR`).
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// A settings file; the environment counts more.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Import the bundled demo answers if the data dir is empty, then serve.
    Demo,
    /// Serve the configured channels, the console and the API.
    Serve,
    /// Ask a question and see what a customer would get.
    Ask(ask::Args),
    /// Import and export accepted answers.
    #[command(subcommand)]
    Answers(answers::Args),
    /// The index: status, rebuild, rollback.
    #[command(subcommand)]
    Index(index::Args),
    /// Answer a file of questions and write what was found.
    Evaluate(evaluate::Args),
    /// Fit the confidence to what customers and moderators said of the answers.
    Calibrate(calibrate::Args),
    /// Walk through the base's own history: what would have been answered, and was it right?
    Replay(replay::Args),
    /// How questions ended: confirmed, silent, refused, escalated, asked again.
    Insights(insights::Args),
    /// Gaps: what the base could not answer, and a month of it on one page.
    Gaps(gaps::Args),
    /// Super fans: whose answers solved questions.
    Fans(fans::Args),
    /// A customer's data: export it, erase it.
    #[command(subcommand)]
    Customers(customers::Args),
    /// The people who work here.
    #[command(subcommand)]
    People(people::Args),
    /// The channel accounts.
    #[command(subcommand)]
    Channels(channels::Args),
    /// What waits to be sent, or could not be.
    #[command(subcommand)]
    Outbox(outbox::Args),
    /// Check settings, channels, disk, clock and index.
    Doctor(doctor::Args),
    /// Write everything into one new file.
    Backup(backup::BackupArgs),
    /// Read a backup into an empty data dir.
    Restore(backup::RestoreArgs),
}

/// Opens everything for a command that does not search.
async fn open_idle(config: Config) -> Result<Desk, OpenError> {
    open_desk(config, Search::new(Arc::new(AnswerIndex::in_ram()))).await
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    // A missing .env is usual; a broken one is not.
    let dotenv = dotenvy::dotenv();
    logging::start();
    if let Err(error) = dotenv
        && !error.not_found()
    {
        tracing::warn!("cannot read .env: {error}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(run(cli));
            runtime.shutdown_timeout(std::time::Duration::from_secs(2));
            outcome
        }
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            print::failure(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let settings = Settings::of_process(cli.config.as_deref())?;
    let mut config = Config::read(&settings, cli.data_dir.as_deref())?;
    if matches!(cli.command, Command::Demo) {
        lay_out_products(&config.data_dir).context("cannot lay out the demo's products")?;
        config = Config::read(&settings, cli.data_dir.as_deref())?;
    }
    match cli.command {
        Command::Demo => Box::pin(serve::demo(config)).await,
        Command::Serve => Box::pin(serve::serve(config)).await,
        Command::Ask(args) => ask::run(config, args).await,
        Command::Answers(args) => answers::run(config, args).await,
        Command::Index(args) => index::run(config, args).await,
        Command::Evaluate(args) => evaluate::run(config, args).await,
        Command::Calibrate(args) => calibrate::run(config, args).await,
        Command::Replay(args) => Box::pin(replay::run(config, args)).await,
        Command::Insights(args) => insights::run(config, args).await,
        Command::Gaps(args) => gaps::run(config, args).await,
        Command::Fans(args) => fans::run(config, args).await,
        Command::Customers(args) => customers::run(config, args).await,
        Command::People(args) => people::run(config, args).await,
        Command::Channels(args) => channels::run(config, args).await,
        Command::Outbox(args) => outbox::run(config, args).await,
        Command::Doctor(args) => Box::pin(doctor::run(&settings, config, args)).await,
        Command::Backup(args) => backup::backup(config, args).await,
        Command::Restore(args) => Box::pin(backup::restore(config, args)).await,
    }
}
