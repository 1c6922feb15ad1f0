//! `superfan index`: status, rebuild, rollback.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use superfan_index::{GenerationInfo, GenerationState};

use super::{follow, open_idle, print};
use crate::answers::indexer::Top;
use crate::answers::{ExamReport, IndexWork, set_golden_questions};
use crate::config::Config;
use crate::desk::Desk;
use crate::people::Actor;
use crate::search::open_index_read_only;
use crate::store::golden::GoldenRow;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// The generations, and how far they are.
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Build the next generation from the store, examine it and put it in service.
    Rebuild {
        /// Drop it after the exam, and say what would change.
        #[arg(long)]
        dry_run: bool,
    },
    /// Put the generation before back in service.
    Rollback,
    /// Say how many golden questions a new generation is examined with, or set them.
    Golden {
        /// JSON lines: `{"text","lang"?,"answer"?}`, where `answer` is the right answer's id; an
        /// empty file means a sample of the base's own questions.
        file: Option<PathBuf>,
    },
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let desk = open_idle(config).await?;
    match args {
        Args::Status { json } => status(&desk, json).await?,
        Args::Rebuild { dry_run } => {
            let work = if dry_run { IndexWork::Check } else { IndexWork::Rebuild };
            let done = follow::carry_out(&desk, work).await;
            show_exam(&desk).await?;
            print::line(&done?);
        }
        Args::Golden { file } => golden(&desk, file).await?,
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
    let rows: Vec<[String; 6]> = generations
        .iter()
        .map(|generation| {
            let built = built_at(generation).unwrap_or_else(|| "-".to_owned());
            let counts = [generation.answers, generation.seq, generation.bytes >> 10];
            let [answers, seq, kib] = counts.map(|n| n.to_string());
            let state = word(generation.state).to_owned();
            [generation.number.to_string(), state, answers, seq, kib, built]
        })
        .collect();
    print::table(["generation", "state", "answers", "change", "KiB", "built"], &rows);
    print::line(&format!("the store holds {n_answers} live answers and is at change {seq}"));
    Ok(())
}

/// Prints the first answers that the latest exam saw changing.
async fn show_exam(desk: &Desk) -> anyhow::Result<()> {
    let latest = desk.store.read().await?.latest_index_work(1).await?;
    let Some(work) = latest.first().filter(|work| !work.report.is_empty()) else { return Ok(()) };
    let report: ExamReport = serde_json::from_str(&work.report)?;
    let (before, after) = (&report.before, &report.after);
    print::table(
        ["generation", "answers", "KiB", "right", "median µs", "p95 µs"],
        &[before, after].map(|it| {
            [it.generation, it.answers, it.bytes >> 10, it.right, it.median_us, it.p95_us]
                .map(|n| n.to_string())
        }),
    );
    let id = |top: &Option<Top>| top.as_ref().map_or_else(|| "-".to_owned(), |top| top.id.clone());
    let rows: Vec<[String; 3]> = report
        .changes
        .iter()
        .map(|change| [id(&change.before), id(&change.after), change.question.clone()])
        .collect();
    if !rows.is_empty() {
        print::table(["before", "after", "question"], &rows);
    }
    Ok(())
}

/// A golden question as its file says it.
#[derive(serde::Deserialize)]
struct Golden {
    text: String,
    lang: Option<String>,
    answer: Option<String>,
}

async fn golden(desk: &Desk, file: Option<PathBuf>) -> anyhow::Result<()> {
    if let Some(file) = file {
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("could not read {}", file.display()))?;
        let mut rows = Vec::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let golden: Golden = serde_json::from_str(line).with_context(|| {
                format!("line {number} of {} is no golden question", file.display())
            })?;
            rows.push(GoldenRow {
                question: golden.text,
                lang: golden.lang.filter(|lang| !lang.is_empty()),
                answer_id: golden.answer,
            });
        }
        let mut tx = desk.store.begin().await?;
        set_golden_questions(&mut tx, &desk.stage(), &Actor::operator(), &rows).await?;
        tx.commit().await?;
    }
    let n_golden = desk.store.read().await?.count_golden_questions().await?;
    print::line(&match n_golden {
        0 => "no golden questions: a sample of the base's own is used".to_owned(),
        n => format!("{n} golden questions"),
    });
    Ok(())
}

fn as_json(generation: &GenerationInfo) -> serde_json::Value {
    serde_json::json!({
        "number": generation.number,
        "state": word(generation.state),
        "answers": generation.answers,
        "seq": generation.seq,
        "bytes": generation.bytes,
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
