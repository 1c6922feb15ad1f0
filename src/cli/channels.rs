//! `superfan channels`: the configured accounts.

use std::process::ExitCode;

use clap::Subcommand;

use super::{open_idle, print};
use crate::channels::{pause, resume, set_shadow, spend_in_words};
use crate::config::Config;
use crate::desk::Desk;
use crate::people::Actor;

#[derive(Debug, Subcommand)]
pub(super) enum Args {
    /// List the accounts and how they are.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Ask each platform who we are there.
    Check {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Set webhook, secret and commands at each platform.
    Register,
    /// Stop automatic replies.
    Pause(Which),
    /// Resume automatic replies.
    Resume(Which),
    /// Let people release what the bot drafts on a channel.
    Shadow {
        /// The account.
        name: String,
    },
    /// Let the bot speak for itself on a channel.
    Live {
        /// The account.
        name: String,
    },
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Which {
    /// The account.
    name: Option<String>,
    /// All of them.
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let desk = open_idle(config).await?;
    match args {
        Args::List { json } => list(&desk, json).await,
        Args::Check { json } => check(&desk, json).await,
        Args::Register => register(&desk).await,
        Args::Pause(which) => switch(&desk, &which, true).await,
        Args::Resume(which) => switch(&desk, &which, false).await,
        Args::Shadow { name } => shadow(&desk, &name, true).await,
        Args::Live { name } => shadow(&desk, &name, false).await,
    }
}

async fn list(desk: &Desk, json: bool) -> anyhow::Result<ExitCode> {
    let mut rows = Vec::new();
    for (name, adapter) in desk.channels.iter() {
        let row = desk.store.read().await?.channel(name).await?;
        let state = match (&row.stopped_reason, row.held_until) {
            (Some(reason), _) => format!("stopped: {reason}"),
            (None, Some(until)) if until > desk.clock.now() => format!("held until {until}"),
            _ => "ok".to_owned(),
        };
        let replies = match (row.paused, row.shadow) {
            (true, _) => "paused",
            (false, true) => "shadow",
            (false, false) => "automatic",
        };
        let spent = spend_in_words(&mut desk.store.read().await?, desk, name).await?;
        let spent = spent.unwrap_or_else(|| "-".to_owned());
        rows.push([name.clone(), adapter.kind().to_string(), state, replies.to_owned(), spent]);
    }
    if json {
        let rows: Vec<_> = rows
            .iter()
            .map(|[name, kind, state, replies, spent]| {
                serde_json::json!({
                    "name": name, "kind": kind, "state": state, "replies": replies,
                    "spent_today": spent,
                })
            })
            .collect();
        print::json(&rows)?;
    } else {
        print::table(["NAME", "KIND", "STATE", "REPLIES", "SPENT TODAY"], &rows);
    }
    Ok(ExitCode::SUCCESS)
}

async fn check(desk: &Desk, json: bool) -> anyhow::Result<ExitCode> {
    let mut failed = false;
    let mut results = Vec::new();
    for (name, adapter) in desk.channels.iter() {
        let (ok, words, notes) = match adapter.check().await {
            Ok(account) => (true, account.name, account.notes),
            Err(error) => (false, error.to_string(), Vec::new()),
        };
        failed |= !ok;
        if !json {
            print::line(&format!("{name}: {}{words}", if ok { "" } else { "failed: " }));
            for note in &notes {
                print::line(&format!("  note: {note}"));
            }
        }
        results.push(serde_json::json!({"name": name, "ok": ok, "account": words, "notes": notes}));
    }
    if json {
        print::json(&results)?;
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn register(desk: &Desk) -> anyhow::Result<ExitCode> {
    let mut failed = false;
    for (name, adapter) in desk.channels.iter() {
        let webhook = match &desk.config.public_url {
            Some(url) => Some(url.join(&format!("/webhooks/{name}"))?),
            None => None,
        };
        match adapter.register(webhook.as_ref()).await {
            Ok(lines) => {
                for line in &lines {
                    print::line(&format!("{name}: {line}"));
                }
            }
            Err(error) => {
                failed = true;
                print::line(&format!("{name}: failed: {error}"));
            }
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn switch(desk: &Desk, which: &Which, off: bool) -> anyhow::Result<ExitCode> {
    let mut tx = desk.store.begin().await?;
    let (stage, operator) = (desk.stage(), Actor::operator());
    if off {
        pause(&mut tx, &stage, &operator, which.name.as_deref()).await?;
    } else {
        resume(&mut tx, &stage, &operator, which.name.as_deref()).await?;
    }
    tx.commit().await?;
    let what = which.name.as_deref().unwrap_or("all channels");
    let replies = if off { "paused" } else { "automatic again" };
    print::line(&format!("replies on {what} are {replies}"));
    Ok(ExitCode::SUCCESS)
}

async fn shadow(desk: &Desk, name: &str, on: bool) -> anyhow::Result<ExitCode> {
    let mut tx = desk.store.begin().await?;
    set_shadow(&mut tx, &desk.stage(), &Actor::operator(), name, on).await?;
    tx.commit().await?;
    let words = if on { "drafts; people release them in the console" } else { "is live" };
    print::line(&format!("the bot on {name} {words}"));
    Ok(ExitCode::SUCCESS)
}
