//! Who did what to what, newest first.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::Console;
use super::error::{ConsoleError, page};
use super::frame::Frame;
use super::session::Me;
use super::words::Moment;
use crate::vocabulary::Role;

const SHOWN: i64 = 200;

/// The audit log.
#[derive(Debug, Template)]
#[template(path = "console/audit.html")]
pub(super) struct AuditPage {
    pub frame: Frame,
    pub items: Vec<Item>,
}

/// One act.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub at: Moment,
    pub actor: String,
    pub act: String,
    pub object: String,
    /// Where the object has a page.
    pub href: Option<String>,
    pub detail: String,
}

pub(super) async fn show(State(console): State<Console>, me: Me) -> Result<Response, ConsoleError> {
    me.require(Role::Admin)?;
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let now = desk.clock.now();
    let rows = tx.audit(SHOWN).await?;
    let items = rows
        .into_iter()
        .map(|row| Item {
            at: Moment::new(row.at, now),
            href: row.object.starts_with("esc_").then(|| format!("/escalations/{}", row.object)),
            actor: row.actor,
            act: row.act,
            object: row.object,
            detail: row.detail,
        })
        .collect();
    page(&AuditPage { frame: Frame::new(&mut tx, desk, &me, "audit").await?, items })
}
