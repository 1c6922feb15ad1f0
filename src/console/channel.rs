//! One channel account: how it is, what waits and why, what is left of its limits, and signing in.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use superfan_bots::{ChannelKind, QuotaScope};

use super::Console;
use super::channels::{Item, item};
use super::delivery::{ChannelContext, DeliveryView};
use super::error::{ConsoleError, page};
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::words::start_of;
use crate::channels as acts;
use crate::desk::Desk;
use crate::store::{StoreError, Tx};
use crate::vocabulary::Role;

/// How many waiting replies the page shows.
const SHOWN: i64 = 10;

/// One channel account.
#[derive(Debug, Template)]
#[template(path = "console/channel.html")]
pub(super) struct ChannelPage {
    pub frame: Frame,
    pub item: Item,
    pub kind: &'static str,
    /// As the platform names it, where it was connected here.
    pub account: Option<String>,
    /// Where the platform delivers, if the outside reaches us.
    pub webhook: Option<String>,
    /// Where the platform sends people back to, where somebody signs in.
    pub consent: Option<String>,
    /// `37 of 90 in 15 min are left`, for each limit of the whole account.
    pub room: Vec<String>,
    pub waiting: Vec<Waiting>,
    /// What was done or went wrong just now.
    pub said: Vec<String>,
    pub is_x: bool,
}

/// A reply that waits, and why.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub conversation_id: String,
    pub start: String,
    pub delivery: DeliveryView,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    done: Option<String>,
}

/// What a platform sends people back with.
#[derive(Debug, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Path(name): Path<String>,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    render(&console.desk, &me, &name, (query.done.as_deref(), Vec::new())).await
}

/// Leads to the platform, where the account's owner lets us in.
pub(super) async fn sign_in(
    State(console): State<Console>,
    me: Me,
    Path(name): Path<String>,
) -> Result<Response, ConsoleError> {
    let link = acts::consent_link(&console.desk, &me.actor(), &name).await?;
    let link = link.ok_or_else(|| ConsoleError::NotFound(format!("sign-in for {name}")))?;
    Ok(Redirect::to(link.as_str()).into_response())
}

/// Takes up what the platform sent the person back with.
pub(super) async fn signed_in(
    State(console): State<Console>,
    me: Me,
    Path(name): Path<String>,
    Query(back): Query<Back>,
) -> Result<Response, ConsoleError> {
    me.require(Role::Admin)?;
    let desk = &console.desk;
    let said = match (back.code, back.error) {
        (Some(code), None) => {
            match acts::take_consent(desk, &me.actor(), &name, (&back.state, &code)).await {
                Ok(_) => {
                    return Ok(
                        Redirect::to(&format!("/channels/{name}?done=signed-in")).into_response()
                    );
                }
                Err(error) => error.to_string(),
            }
        }
        (_, Some(error)) => {
            format!("nobody was let in: the platform said {}", start_of(&error, 80))
        }
        (None, None) => "the platform sent no code back; start again".to_owned(),
    };
    render(desk, &me, &name, (None, vec![said])).await
}

pub(super) async fn render(
    desk: &Desk,
    me: &Me,
    name: &str,
    (done, said): (Option<&str>, Vec<String>),
) -> Result<Response, ConsoleError> {
    let kind = desk.channels.kind(name);
    let kind = kind.ok_or_else(|| ConsoleError::NotFound(format!("channel {name}")))?;
    let mut tx = desk.store.read().await?;
    let is_paused = tx.paused_channels().await?.iter().any(|paused| paused == name);
    let item = item(&mut tx, desk, name, is_paused).await?;
    let account = acts::account_of(&mut tx, name).await?.map(|row| row.account);
    let said = said.into_iter().chain(acts::unreached(desk, name).map(str::to_owned)).collect();
    let frame = Frame::new(&mut tx, desk, me, "channels").await?.following(&"queue");
    let takes_webhooks = kind != ChannelKind::Webchat;
    page(&ChannelPage {
        frame: frame.after(done),
        item,
        kind: kind.as_str(),
        account,
        webhook: acts::webhook_address(desk, name)
            .filter(|_| takes_webhooks)
            .map(|url| url.to_string()),
        consent: acts::may_sign_in(desk, name).then(|| acts::consent_address(desk, name)),
        room: room(&mut tx, desk, name).await?,
        waiting: waiting(&mut tx, desk, name).await?,
        said,
        is_x: kind == ChannelKind::X,
    })
}

/// What is left of the limits that count over the whole account.
async fn room(tx: &mut Tx, desk: &Desk, name: &str) -> Result<Vec<String>, StoreError> {
    let quotas = desk.channels.adapter(name).map_or(&[][..], |adapter| adapter.quotas());
    let mut lines = Vec::new();
    for quota in quotas.iter().filter(|quota| quota.scope == QuotaScope::Channel) {
        let per = jiff::SignedDuration::try_from(quota.per).unwrap_or_default();
        let most = i64::from(quota.n);
        let used = tx.n_sent_after(name, desk.clock.now() - per, most).await?;
        let left = (most - used).max(0);
        lines.push(format!("{left} of {most} in {} s are left", per.as_secs()));
    }
    Ok(lines)
}

async fn waiting(tx: &mut Tx, desk: &Desk, name: &str) -> Result<Vec<Waiting>, StoreError> {
    let row = tx.channel(name).await?;
    let context = ChannelContext::new(&desk.channels, name, row);
    let rows = tx.waiting_deliveries(name, SHOWN).await?;
    let now = desk.clock.now();
    let view = |row: &crate::store::outbox::DeliveryRow| Waiting {
        conversation_id: row.conversation_id.to_string(),
        start: start_of(&row.payload.text, 100),
        delivery: DeliveryView::new(row, &context, now),
    };
    Ok(rows.iter().map(view).collect())
}
