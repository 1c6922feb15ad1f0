//! `superfan replay`: the base's own history in time order, and what it came to.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp, civil};

use super::{follow, open_idle, print};
use crate::calibrate::put_in_force;
use crate::clock::SharedClock;
use crate::config::Config;
use crate::interval::share;
use crate::replay::{
    Agreement, Replaying, Report, Request, Walked, curve, markdown, pairs, replay, report,
};
use crate::search::scratch_index;

/// How often progress is told where there is no terminal.
const TELL: SignedDuration = SignedDuration::from_secs(5);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ask only what was asked from this day on, such as 2025-06-01; what was accepted before is
    /// known all the same.
    #[arg(long, value_name = "DATE", value_parser = day)]
    from: Option<Timestamp>,
    /// Print the report as JSON, with every pair.
    #[arg(long)]
    json: bool,
    /// Write the report as Markdown, and its curve beside it as SVG.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Midnight of a day, UTC, or a moment.
fn day(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    let moment = text.parse::<Timestamp>().ok();
    let midnight = || {
        let day = text.parse::<civil::Date>().ok()?;
        Some(day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    };
    moment.or_else(midnight).ok_or_else(|| "write a day such as 2025-06-01".to_owned())
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let desk = open_idle(config).await?;
    let search = scratch_index(&desk.config.semantic_models)?;
    put_in_force(&desk.store, &search).await?;
    let shown = Shown::new(desk.clock.clone());
    let tell = |walked: &Walked| shown.show(walked);
    let replaying =
        Replaying { store: &desk.store, search: &search, stage: desk.stage(), progress: &tell };
    let done = replay(replaying, Request { from: args.from }).await;
    shown.bar.finish_and_clear();
    let done = done?;
    let mut tx = desk.store.read().await?;
    let report = report(&mut tx, &done, desk.config.rules.minutes_per_case).await?;
    if let Some(path) = &args.report {
        write(path, &report).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if args.json {
        let pairs = pairs(&mut tx, &done).await?;
        let mut value = serde_json::to_value(&report)?;
        value["pairs"] = serde_json::to_value(pairs)?;
        print::json(&value)?;
    } else {
        show(&report);
    }
    drop(tx);
    desk.store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Writes the report and, beside it, its curve.
fn write(path: &Path, report: &Report) -> std::io::Result<()> {
    let chart = path.with_extension("svg");
    let name = chart.file_name().unwrap_or_default().to_string_lossy();
    std::fs::write(path, markdown(report, &name))?;
    std::fs::write(&chart, curve(&report.months))
}

/// Where progress is shown: a bar on a terminal, a line now and then in a log.
struct Shown {
    bar: ProgressBar,
    clock: SharedClock,
    started: Timestamp,
    told: Mutex<Timestamp>,
}

impl Shown {
    fn new(clock: SharedClock) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), follow::draw_target());
        let template = "{wide_bar} {percent}%  {pos} of {len} questions, {per_sec}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let started = clock.now();
        Self { bar, clock, started, told: Mutex::new(started) }
    }

    fn show(&self, walked: &Walked) {
        let position = |n: i64| u64::try_from(n).unwrap_or_default();
        if self.bar.length() == Some(0) {
            // What an earlier run did says nothing about the pace of this one.
            self.bar.set_position(position(walked.n_before));
            self.bar.reset_eta();
        }
        self.bar.set_length(position(walked.of));
        self.bar.set_position(position(walked.n));
        let now = self.clock.now();
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.bar.is_hidden() && now.duration_since(*told) >= TELL {
            *told = now;
            tracing::info!("{}", pace(walked, now.duration_since(self.started)));
        }
    }
}

/// How far, how fast, how much longer.
fn pace(walked: &Walked, spent: SignedDuration) -> String {
    let per_second = per_second(walked.n - walked.n_before, spent);
    #[expect(clippy::cast_precision_loss, reason = "an estimate for the eye")]
    let left = (walked.of - walked.n) as f64 / per_second.max(0.001);
    let (n, of) = (walked.n, walked.of);
    format!("{n} of {of} questions asked again, {per_second:.0} a second, {left:.0} s left")
}

#[expect(clippy::cast_precision_loss, reason = "an estimate for the eye")]
fn per_second(n: i64, spent: SignedDuration) -> f64 {
    n as f64 / spent.as_secs_f64().max(0.001)
}

fn show(report: &Report) {
    let of_all = |n: i64| format!("{n} ({})", percent(share(n, report.questions)));
    print::line(&format!("{} questions asked again, {}", report.questions, report.mode));
    if report.undated > 0 {
        print::line(&format!("{} answers left out: they have no date", report.undated));
    }
    print::line(&format!("answered at once   {}", of_all(report.answered)));
    print::line(&format!("offered choices    {}", of_all(report.choices)));
    print::line(&format!("left for people    {}", of_all(report.n_left())));
    for (reason, n) in &report.left {
        print::line(&format!("  {reason:<18} {n}"));
    }
    say_agreement("answers", &report.agreement);
    say_agreement("choices", &report.choices_agreement);
    print::line(&format!(
        "hours saved        {} (an estimate: {} minutes for each answer that agrees)",
        report.estimated_hours_saved, report.minutes_per_case
    ));
    print::line(&format!("answers written by {} people", report.n_authors));
    for author in report.authors.iter().take(10) {
        let name = author.author.as_deref().unwrap_or("unknown");
        print::line(&format!("  {:>5}  @{name}", author.n));
    }
    let rows: Vec<[String; 5]> = report
        .months
        .iter()
        .map(|m| {
            let counts = [m.asked, m.answered, m.agree, m.choices].map(|n| n.to_string());
            let [asked, answered, agree, choices] = counts;
            [m.month.clone(), asked, answered, agree, choices]
        })
        .collect();
    print::table(["month", "asked", "answered", "agree", "choices"], &rows);
    print::line("the console's page /replay lists every pair, to be judged with one key");
}

fn say_agreement(what: &str, agreement: &Agreement) {
    if agreement.pairs == 0 {
        return;
    }
    let kind = if agreement.is_estimate { "an estimate from the texts" } else { "judged" };
    print::line(&format!(
        "{what} that agree with what was accepted later: {} of {} ({}; {kind})",
        agreement.agree,
        agreement.pairs,
        percent(agreement.share())
    ));
    if let Some((low, high)) = agreement.judged_interval {
        print::line(&format!(
            "  judged by people: {} of {} agree ({} to {})",
            agreement.judged_agree,
            agreement.judged,
            percent(low),
            percent(high)
        ));
    }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
