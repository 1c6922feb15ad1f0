//! The channel accounts: how each is doing, and the switch that stops automatic replies.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use superfan_bots::Health;

use super::Console;
use super::delivery::label;
use super::error::{ConsoleError, page};
use super::form::Posted;
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::words::{Moment, percent, span};
use crate::channels as acts;
use crate::desk::Desk;
use crate::outbox::shadow_record;
use crate::store::channels::ALL_CHANNELS;
use crate::store::{StoreError, Tx};
use crate::vocabulary::DeliveryState;
use crate::wakes::News;

/// The channel accounts.
#[derive(Debug, Template)]
#[template(path = "console/channels.html")]
pub(super) struct ChannelsPage {
    pub frame: Frame,
    pub is_all_paused: bool,
    pub items: Vec<Item>,
    pub n_unhandled: i64,
}

/// One account.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub name: String,
    pub label: String,
    /// `ok`, `trouble`, `stopped`, `waiting`: for the style sheet and in words.
    pub state: &'static str,
    pub words: String,
    pub is_paused: bool,
    /// People release what the bot would say.
    pub is_shadow: bool,
    pub n_drafts: i64,
    /// How the drafts did, in words.
    pub record: Option<String>,
    /// They did well enough to go live.
    pub is_proven: bool,
    pub first_event: Option<Moment>,
    pub held: Option<String>,
    pub n_due: i64,
    pub n_uncertain: i64,
    pub n_dead: i64,
    /// How long the oldest reply has been due.
    pub oldest: Option<String>,
    /// `$0.03 of $5.00` today, where the platform charges.
    pub spent: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    /// The account; empty for all.
    #[serde(default)]
    channel: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    done: Option<String>,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    me.oversees()?;
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let paused = tx.paused_channels().await?;
    let mut items = Vec::new();
    for name in desk.channels.names() {
        let is_paused = paused.contains(&name);
        items.push(item(&mut tx, desk, &name, is_paused).await?);
    }
    let frame = Frame::new(&mut tx, desk, &me, "channels").await?.following(&"queue");
    page(&ChannelsPage {
        frame: frame.after(query.done.as_deref()),
        is_all_paused: paused.iter().any(|name| name == ALL_CHANNELS),
        items,
        n_unhandled: tx.unhandled().await?,
    })
}

pub(super) async fn pause(
    State(console): State<Console>,
    Posted { me, form }: Posted<Which>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    acts::pause(&mut tx, &desk.stage(), &me.actor(), which(&form)).await?;
    tx.commit().await?;
    desk.wakes.tell(News::Queue);
    Ok(Redirect::to("/channels?done=paused").into_response())
}

pub(super) async fn resume(
    State(console): State<Console>,
    Posted { me, form }: Posted<Which>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    acts::resume(&mut tx, &desk.stage(), &me.actor(), which(&form)).await?;
    tx.commit().await?;
    desk.wakes.tell(News::Queue);
    desk.wakes.outbox();
    Ok(Redirect::to("/channels?done=resumed").into_response())
}

pub(super) async fn shadow(
    State(console): State<Console>,
    Posted { me, form }: Posted<Which>,
) -> Result<Response, ConsoleError> {
    set_shadow(&console.desk, &me, &form.channel, true).await?;
    Ok(Redirect::to("/channels?done=shadow").into_response())
}

pub(super) async fn live(
    State(console): State<Console>,
    Posted { me, form }: Posted<Which>,
) -> Result<Response, ConsoleError> {
    set_shadow(&console.desk, &me, &form.channel, false).await?;
    Ok(Redirect::to("/channels?done=live").into_response())
}

async fn set_shadow(desk: &Desk, me: &Me, channel: &str, on: bool) -> Result<(), ConsoleError> {
    let mut tx = desk.store.begin().await?;
    acts::set_shadow(&mut tx, &desk.stage(), &me.actor(), channel, on).await?;
    tx.commit().await?;
    desk.wakes.tell(News::Queue);
    Ok(())
}

/// How a channel's drafts did, in words, and whether that is enough to go live.
async fn record(
    tx: &mut Tx,
    desk: &Desk,
    name: &str,
) -> Result<(Option<String>, bool), StoreError> {
    let target = desk.config.rules.target_precision;
    let Some(record) = shadow_record(tx, name, target).await? else {
        return Ok((None, false));
    };
    let (low, high) = record.interval;
    let words = format!(
        "{} drafted answers judged, {} right ({} to {}); the target is {}.",
        record.n,
        percent(record.precision),
        percent(low),
        percent(high),
        percent(target)
    );
    Ok((Some(words), record.is_proven))
}

fn which(form: &Which) -> Option<&str> {
    Some(form.channel.as_str()).filter(|name| !name.is_empty())
}

pub(super) async fn item(
    tx: &mut Tx,
    desk: &Desk,
    name: &str,
    is_paused: bool,
) -> Result<Item, StoreError> {
    let now = desk.clock.now();
    let row = tx.channel(name).await?;
    let counts = tx.outbox_counts().await?;
    let count = |state| counts.iter().find(|(of, s, ..)| of == name && *s == state);
    let n = |state| count(state).map_or(0, |(_, _, n, _)| *n);
    let oldest = count(DeliveryState::Due).map(|(.., at)| now.duration_since(*at));
    let (state, words) = match (row.stopped_reason, desk.channels.health().of(name)) {
        (Some(reason), _) | (None, Health::Stopped(reason)) => ("stopped", reason),
        (None, Health::Degraded(reason)) => ("trouble", reason),
        (None, Health::Ok) if row.first_event_at.is_none() => {
            ("waiting", "waits for its first message".to_owned())
        }
        (None, Health::Ok) => ("ok", "works".to_owned()),
    };
    let (record, is_proven) = record(tx, desk, name).await?;
    let drafts = tx.draft_counts().await?;
    let n_drafts = drafts.iter().find(|(of, _)| of == name).map_or(0, |(_, n)| *n);
    let held = row.held_until.filter(|until| *until > now);
    Ok(Item {
        label: label(&desk.channels, name),
        name: name.to_owned(),
        state,
        words,
        is_paused,
        is_shadow: row.shadow,
        n_drafts,
        record,
        is_proven: is_proven && row.shadow,
        first_event: row.first_event_at.map(|at| Moment::new(at, now)),
        held: held.map(|until| {
            let reason = row.held_reason.as_deref().unwrap_or("the platform asked us to wait");
            format!("held for {}: {reason}", span(until.duration_since(now)))
        }),
        n_due: n(DeliveryState::Due),
        n_uncertain: n(DeliveryState::Uncertain),
        n_dead: n(DeliveryState::Dead),
        spent: acts::spend_in_words(tx, desk, name).await?,
        oldest: oldest.filter(jiff::SignedDuration::is_positive).map(span),
    })
}
