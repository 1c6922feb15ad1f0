//! `superfan doctor`: is everything as it should be?

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;

use super::print;
use crate::chain::chain;
use crate::channels::{spend_in_words, unreached};
use crate::config::{Config, MailTls, Origin, Settings};
use crate::desk::Desk;
use crate::open::http_client;
use crate::search::open_index_read_only;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Clocks further apart than this break signatures.
const SKEW_LIMIT_SECONDS: i64 = 30;
/// Less free space than this is worth a warning.
const LOW_DISK_BYTES: u64 = 500 * 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
enum Grade {
    Ok,
    Warning,
    Failed,
}

#[derive(Debug, serde::Serialize)]
struct Finding {
    grade: Grade,
    what: String,
    words: String,
}

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, grade: Grade, what: &str, words: impl Into<String>) {
        self.0.push(Finding { grade, what: what.to_owned(), words: words.into() });
    }
}

pub(super) async fn run(
    settings: &Settings,
    config: Config,
    args: Args,
) -> anyhow::Result<ExitCode> {
    let mut findings = Findings::default();
    check_settings(settings, &config, &mut findings);
    check_disk(&config, &mut findings);
    match super::open_idle(config.clone()).await {
        Ok(desk) => {
            check_store(&desk, &mut findings).await;
            check_channels(&desk, &mut findings).await;
            check_forums(&desk, &mut findings).await;
            check_staff_news(&desk.config, &mut findings).await;
            check_index(&config, Some(&desk), &mut findings).await;
        }
        Err(error) => {
            findings.add(Grade::Failed, "store", format!("{error:#}"));
            check_index(&config, None, &mut findings).await;
        }
    }
    let failed = findings.0.iter().any(|finding| finding.grade == Grade::Failed);
    if args.json {
        print::json(&findings.0)?;
    } else {
        let mark = |grade| match grade {
            Grade::Ok => "ok     ",
            Grade::Warning => "warning",
            Grade::Failed => "FAILED ",
        };
        for finding in &findings.0 {
            print::line(&format!("{} {}: {}", mark(finding.grade), finding.what, finding.words));
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn check_settings(settings: &Settings, config: &Config, findings: &mut Findings) {
    for variable in crate::config::VARIABLES {
        let Some((value, origin)) = settings.text(variable.name) else { continue };
        let shown = if variable.is_secret { "present".to_owned() } else { value };
        findings.add(Grade::Ok, variable.name, format!("{shown} ({origin})"));
    }
    if config.public_url.is_none() {
        let words = "not set: webhooks cannot be registered with platforms";
        findings.add(Grade::Warning, "SUPERFAN_PUBLIC_URL", words);
    }
    if config.channels.len() == 1 {
        let words = "only the web chat is configured";
        findings.add(Grade::Warning, "channels", words);
    }
    let (set, origin) =
        settings.text("SUPERFAN_DATA_DIR").unwrap_or(("data".to_owned(), Origin::Default));
    let is_set_there = Path::new(&set) == config.data_dir;
    let origin = if is_set_there { origin.to_string() } else { "from --data-dir".to_owned() };
    findings.add(Grade::Ok, "data dir", format!("{} ({origin})", config.data_dir.display()));
    for folder in &config.semantic_models {
        let there = folder.is_dir();
        let (grade, words) = if there { (Grade::Ok, "there") } else { (Grade::Failed, "missing") };
        findings.add(grade, "sentence model", format!("{} is {words}", folder.display()));
    }
}

fn check_disk(config: &Config, findings: &mut Findings) {
    match free_bytes(&config.data_dir) {
        Some(free) if free < LOW_DISK_BYTES => {
            let words = format!("only {} MiB are free", free >> 20);
            findings.add(Grade::Warning, "disk", words);
        }
        Some(free) => findings.add(Grade::Ok, "disk", format!("{} MiB are free", free >> 20)),
        None => findings.add(Grade::Warning, "disk", "free space could not be read"),
    }
}

/// Free bytes where `dir` is or will be, as the system's own tool tells it.
fn free_bytes(dir: &Path) -> Option<u64> {
    let dir = std::path::absolute(dir).ok()?;
    let dir = dir.ancestors().find(|dir| dir.exists())?;
    let output = std::process::Command::new("df").arg("-Pk").arg(dir).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let kib: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kib * 1024)
}

async fn check_store(desk: &Desk, findings: &mut Findings) {
    let counted = async {
        let mut tx = desk.store.read().await?;
        let answers = tx.count_answers().await?;
        let (waiting, _) = tx.waiting().await?;
        Ok::<_, crate::store::StoreError>((answers, waiting, tx.unhandled().await?))
    };
    match counted.await {
        Ok((0, ..)) => findings.add(
            Grade::Warning,
            "answers",
            "there are none yet; run `superfan answers import`",
        ),
        Ok((answers, waiting, unhandled)) => {
            let words = format!(
                "{answers} answers, {waiting} escalations open, {unhandled} messages unhandled"
            );
            findings.add(Grade::Ok, "store", words);
        }
        Err(error) => findings.add(Grade::Failed, "store", error.reason()),
    }
}

async fn check_channels(desk: &Desk, findings: &mut Findings) {
    for (name, adapter) in desk.channels.iter() {
        let what = format!("channel {name}");
        match adapter.check().await {
            Ok(account) => {
                findings.add(Grade::Ok, &what, account.name);
                for note in account.notes {
                    findings.add(Grade::Warning, &what, note);
                }
            }
            Err(error) => findings.add(Grade::Failed, &what, error.to_string()),
        }
        if let Some(words) = unreached(desk, name) {
            findings.add(Grade::Warning, &what, words);
        }
        let spent = async { spend_in_words(&mut desk.store.read().await?, desk, name).await };
        if let Ok(Some(spent)) = spent.await {
            findings.add(Grade::Ok, &what, format!("{spent} spent today"));
        }
    }
    for base in desk.config.channels.iter().filter_map(|channel| channel.settings.api_url()) {
        if let Some(skew) = clock_skew(desk, base).await {
            let grade = if skew.abs() > SKEW_LIMIT_SECONDS { Grade::Warning } else { Grade::Ok };
            findings.add(grade, "clock", format!("{skew} s apart from {base}"));
        }
    }
}

async fn check_forums(desk: &Desk, findings: &mut Findings) {
    for (name, followed) in desk.forums.iter() {
        let what = format!("forum {name}");
        match followed.forum.check().await {
            Ok(account) => {
                let words = format!("{}: {}", account.name, account.notes.join("; "));
                findings.add(Grade::Ok, &what, words);
            }
            Err(error) => findings.add(Grade::Failed, &what, error.to_string()),
        }
    }
}

/// Whether staff can be told what they do not look for.
async fn check_staff_news(config: &Config, findings: &mut Findings) {
    let hook = config.staff_webhook_url.is_some();
    if hook && config.staff_webhook_secret.is_none() {
        let words = "not set: what is posted to SUPERFAN_STAFF_WEBHOOK_URL is not signed";
        findings.add(Grade::Warning, "SUPERFAN_STAFF_WEBHOOK_SECRET", words);
    }
    let Some(mail) = &config.mail else {
        if !hook {
            let words = "neither a webhook nor mail: who waits too long shows in the console only";
            findings.add(Grade::Warning, "staff", words);
        }
        return;
    };
    let (host, port) = (&mail.host, mail.port);
    match crate::mail::check(mail).await {
        Ok(()) => {
            let how = match (mail.tls, &mail.login) {
                (MailTls::Local, _) => "on this machine",
                (_, Some(_)) => "on a safe line, and knows us",
                (_, None) => "on a safe line",
            };
            findings.add(Grade::Ok, "mail", format!("{host}:{port} answers {how}"));
        }
        Err(error) => {
            findings.add(Grade::Failed, "mail", format!("{host}:{port}: {}", chain(&error)));
        }
    }
}

/// How many seconds our clock is ahead of a server's `Date`.
async fn clock_skew(desk: &Desk, base: &url::Url) -> Option<i64> {
    let answer = http_client().ok()?.head(base.clone()).send().await.ok()?;
    let date = answer.headers().get("date")?.to_str().ok()?.to_owned();
    let theirs = jiff::fmt::rfc2822::parse(&date).ok()?.timestamp();
    Some(seconds_between(desk.clock.now(), theirs))
}

fn seconds_between(ours: Timestamp, theirs: Timestamp) -> i64 {
    ours.duration_since(theirs).as_secs()
}

async fn check_index(config: &Config, desk: Option<&Desk>, findings: &mut Findings) {
    let index = match open_index_read_only(&config.data_dir, &config.semantic_models) {
        Ok(search) => Arc::clone(search.index()),
        Err(error) => return findings.add(Grade::Failed, "index", format!("{error:#}")),
    };
    let words = format!("generation {}, {} answers", index.generation(), index.len());
    let Some(desk) = desk else { return findings.add(Grade::Ok, "index", words) };
    let seq = i64::try_from(index.seq()).unwrap_or(i64::MAX);
    let behind = async { desk.store.read().await?.count_answers_after(seq).await };
    match behind.await {
        Ok(0) => findings.add(Grade::Ok, "index", words),
        Ok(n) => {
            let words = format!("{words}; {n} changes of the store are not in it yet");
            findings.add(Grade::Warning, "index", words);
        }
        Err(error) => findings.add(Grade::Failed, "index", error.reason()),
    }
}
