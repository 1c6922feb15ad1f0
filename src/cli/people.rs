//! `superfan people`: who works here.

use std::process::ExitCode;

use clap::Subcommand;

use super::{open_idle, print};
use crate::config::Config;
use crate::people::{Actor, add_person, make_token};
use crate::vocabulary::Role;

#[derive(Debug, Subcommand)]
pub(super) enum Args {
    /// Add a person, or change a role; prints only a one-time sign-in link (24 h).
    Add {
        /// E-mail address.
        email: String,
        /// admin, moderator, expert or viewer.
        #[arg(long)]
        role: Role,
    },
    /// Make an API token for a person; prints only the token.
    Token {
        /// E-mail address.
        email: String,
        /// The most the token may do; at most the person's role.
        #[arg(long, value_name = "ROLE")]
        scope: Option<Role>,
    },
}

pub(super) async fn run(config: Config, args: Args) -> anyhow::Result<ExitCode> {
    let desk = open_idle(config).await?;
    let (stage, operator) = (desk.stage(), Actor::operator());
    let mut tx = desk.store.begin().await?;
    let printed = match args {
        Args::Add { email, role } => {
            let token = add_person(&mut tx, &stage, &operator, &email, role).await?;
            format!("{}/sign-in/{token}", desk.config.base_url())
        }
        Args::Token { email, scope } => {
            make_token(&mut tx, &stage, &operator, &email, scope).await?
        }
    };
    tx.commit().await?;
    print::line(&printed);
    Ok(ExitCode::SUCCESS)
}
