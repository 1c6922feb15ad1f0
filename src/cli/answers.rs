//! `superfan answers`: import and export.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use superfan_bots::Forum;
use superfan_bots::discourse::{Discourse, DiscourseConfig};
use superfan_bots::github::{Github, GithubConfig};
use url::Url;

use super::{follow, open_idle, print};
use crate::answers::AnswerJson;
use crate::answers::import::{ImportProgress, ImportRequest, Importing, Summary, import};
use crate::answers::read::Format;
use crate::config::Config;
use crate::desk::Desk;
use crate::open::http_client;
use crate::people::Actor;
use crate::store::Store;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// Import accepted answers; ends when everything is searchable.
    Import(ImportArgs),
    /// Write every live answer to standard output.
    Export(ExportArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// stackexchange, jsonl or csv; discourse or github.
    #[arg(value_name = "FORMAT")]
    format: Format,
    /// The file or folder; a forum's address, or owner/name of a repository.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Only say what would happen; nothing is written.
    #[arg(long)]
    dry_run: bool,
    /// The source's name; by default the file or folder name without extensions, or the forum's
    /// host.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// jsonl.
    #[arg(long, default_value = "jsonl", value_parser = ["jsonl"])]
    format: String,
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let desk = open_idle(config).await?;
    match args {
        Args::Export(ExportArgs { format: _ }) => export(&desk.store).await?,
        Args::Import(args) => {
            let forum = forum_of(&desk, args.format, &args.path)?;
            let source = args.source.unwrap_or_else(|| match &forum {
                Some(forum) => forum.source(),
                None => ImportRequest::source_of(&args.path),
            });
            let ImportArgs { format, path, dry_run, .. } = args;
            let request = ImportRequest { format, path, source, dry_run, forum };
            let bar = bar();
            let tell = |progress: &ImportProgress| show_progress(&bar, progress);
            let importing = Importing { stage: desk.stage(), clock: &*desk.clock, progress: &tell };
            let summary = import(&desk.store, importing, &Actor::operator(), &request).await;
            bar.finish_and_clear();
            let summary = summary?;
            if !request.dry_run {
                follow::until_searchable(&desk).await?;
            }
            if args.json {
                print::json(&summary)?;
            } else {
                show(&request, &summary);
            }
        }
    }
    desk.store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// The forum that an import names; keys go only to the one that is configured.
fn forum_of(desk: &Desk, format: Format, path: &Path) -> anyhow::Result<Option<Arc<dyn Forum>>> {
    let named = path.to_string_lossy();
    let config = &desk.config.forums;
    let http = http_client()?;
    Ok(match format {
        Format::Discourse => {
            let url = Url::parse(&named).ok().filter(Url::has_host);
            let url = url.with_context(|| {
                format!("{named} is no address; write one such as https://forum.example.org")
            })?;
            let known = config.discourse.clone().filter(|known| known.url == url);
            let config = known.unwrap_or_else(|| DiscourseConfig::public(url));
            Some(Arc::new(Discourse::new(config, http)))
        }
        Format::Github => {
            let is_repository = GithubConfig::is_repository(&named);
            anyhow::ensure!(is_repository, "{named} is no repository; write owner/name");
            let config = config.repository(&named).with_context(
                || "GitHub tells Discussions to nobody without a token; set GITHUB_TOKEN",
            )?;
            Some(Arc::new(Github::new(config, http)))
        }
        _ => None,
    })
}

/// Bytes read, with rate and remaining time.
fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), follow::draw_target());
    let template = "{wide_bar} {percent}%  {binary_bytes_per_sec}  {eta} left  {msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

fn show_progress(bar: &ProgressBar, progress: &ImportProgress) {
    bar.set_length(progress.meter.total().max(progress.meter.read()));
    bar.set_position(progress.meter.read());
    let doing = if progress.is_applying { ", applying" } else { "" };
    bar.set_message(format!("{} answers{doing}", progress.n_kept));
}

fn show(request: &ImportRequest, summary: &Summary) {
    let would = if request.dry_run { " (dry run, nothing was written)" } else { "" };
    let n_skipped = summary.seen - summary.kept;
    print::line(&format!("source {}{would}", request.source));
    print::line(&format!(
        "{} seen, {} kept: {} unchanged, {} changed; {} retired, {} skipped, {} not sendable",
        summary.seen,
        summary.kept,
        summary.unchanged,
        summary.changed,
        summary.retired,
        n_skipped,
        summary.not_sendable,
    ));
    for (what, counts) in [("languages", &summary.languages), ("licences ", &summary.licences)] {
        let counts: Vec<String> = counts.iter().map(|(name, n)| format!("{name} {n}")).collect();
        print::line(&format!("{what} {}", counts.join(", ")));
    }
    for row in summary.skipped.iter().take(20) {
        let id = row.id.as_deref().map(|id| format!(" ({id})")).unwrap_or_default();
        print::line(&format!("skipped line {}{id}: {}", row.line, row.reason));
    }
    if n_skipped > 20 {
        print::line(&format!("… and {} more; --json lists them", n_skipped - 20));
    }
    for sample in &summary.samples {
        let author = sample.author.as_deref().unwrap_or("unknown");
        print::line(&format!(
            "sample {} [{}] {} by @{author}",
            sample.id, sample.lang, sample.title
        ));
    }
}

async fn export(store: &Store) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut after = String::new();
    loop {
        let rows = store.read().await?.live_answers(&after, 500).await?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.id);
        for row in rows {
            let line = serde_json::to_string(&AnswerJson::from(row))?;
            // A reader that went away does not want the rest.
            if writeln!(out, "{line}").is_err() {
                return Ok(());
            }
        }
    }
    Ok(out.flush()?)
}
