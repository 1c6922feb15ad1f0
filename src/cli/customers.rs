//! `superfan customers`: one customer's data, exported or erased.

use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;

use super::{open_idle, print};
use crate::config::Config;
use crate::customers::{erase, export};
use crate::desk::Desk;
use crate::ids::CustomerId;
use crate::people::Actor;

#[derive(Debug, Subcommand)]
pub(super) enum Args {
    /// Print everything that is kept about a customer, as JSON.
    Export {
        /// `cus_…`, or a channel and the customer's id there: `telegram:4711`.
        customer: String,
    },
    /// Erase what a customer said, was told and is called; this cannot be undone.
    Erase {
        /// `cus_…`, or a channel and the customer's id there: `telegram:4711`.
        customer: String,
    },
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let desk = open_idle(config).await?;
    let (stage, operator) = (desk.stage(), Actor::operator());
    match args {
        Args::Export { customer } => {
            let id = find(&desk, &customer).await?;
            let mut tx = desk.store.begin().await?;
            let kept = export(&mut tx, &stage, &operator, id).await?;
            tx.commit().await?;
            print::json(&kept)?;
        }
        Args::Erase { customer } => {
            let id = find(&desk, &customer).await?;
            let mut tx = desk.store.begin().await?;
            erase(&mut tx, &stage, &operator, id).await?;
            tx.commit().await?;
            desk.store.scrub().await?;
            print::line(&format!("{id} is erased"));
        }
    }
    desk.store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn find(desk: &Desk, customer: &str) -> anyhow::Result<CustomerId> {
    if let Ok(id) = customer.parse() {
        return Ok(id);
    }
    let (channel, external_id) = customer
        .split_once(':')
        .with_context(|| format!("{customer:?} is neither cus_… nor channel:id"))?;
    let found = desk.store.read().await?.customer_on(channel, external_id).await?;
    found.with_context(|| format!("nobody on {channel} has the id {external_id}"))
}
