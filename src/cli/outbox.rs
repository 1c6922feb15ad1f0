//! `superfan outbox`: what waits to be sent, or could not be.

use std::process::ExitCode;

use clap::Subcommand;

use super::{open_idle, print};
use crate::config::Config;
use crate::ids::DeliveryId;
use crate::outbox::retry;
use crate::people::Actor;
use crate::store::outbox::DeliveryRow;
use crate::vocabulary::DeliveryState;

#[derive(Debug, Subcommand)]
pub(super) enum Args {
    /// List rows that are not sent: due, sending, uncertain, dead.
    List {
        /// Only rows in this state (also: sent).
        #[arg(long)]
        state: Option<DeliveryState>,
        /// How many.
        #[arg(long, default_value_t = 100)]
        limit: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Send a dead or uncertain row again.
    Retry {
        /// The row's id (`out_…`).
        id: DeliveryId,
    },
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let desk = open_idle(config).await?;
    match args {
        Args::List { state, limit, json } => {
            let mut tx = desk.store.read().await?;
            let mut rows = Vec::new();
            for wanted in DeliveryState::ALL {
                let default = state.is_none() && *wanted != DeliveryState::Sent;
                if default || state == Some(*wanted) {
                    rows.extend(tx.deliveries(Some(*wanted), None, limit.into()).await?);
                }
            }
            show(&rows, json)?;
        }
        Args::Retry { id } => {
            let mut tx = desk.store.begin().await?;
            retry(&mut tx, &desk.stage(), &Actor::operator(), id).await?;
            tx.commit().await?;
            print::line(&format!("{id} is due again; the server sends it"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(rows: &[DeliveryRow], json: bool) -> anyhow::Result<()> {
    if json {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                serde_json::json!({
                    "id": row.id, "conversation_id": row.conversation_id, "channel": row.channel,
                    "kind": row.kind, "state": row.state, "reason": row.reason,
                    "due_at": row.due_at, "attempts": row.attempts,
                })
            })
            .collect();
        return print::json(&rows);
    }
    let cells = |row: &DeliveryRow| {
        [
            row.id.to_string(),
            row.channel.clone(),
            row.kind.clone(),
            row.state.to_string(),
            row.due_at.to_string(),
            row.attempts.to_string(),
            row.reason.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = rows.iter().map(cells).collect();
    print::table(["ID", "CHANNEL", "KIND", "STATE", "DUE", "ATTEMPTS", "REASON"], &rows);
    Ok(())
}
