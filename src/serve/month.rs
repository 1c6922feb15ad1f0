//! A month of gaps by mail: once, to the addresses that want it.

use jiff::{SignedDuration, Timestamp};

use crate::chain::chain;
use crate::config::MailConfig;
use crate::desk::Desk;
use crate::gaps::{month_before, pack};
use crate::mail::{self, Letter};
use crate::store::StoreError;

/// The setting that remembers of which month the page was mailed.
const MAILED: &str = "gaps.month.mailed";
/// The setting that remembers until when a server that took nothing is left alone.
const HELD: &str = "gaps.month.held";
/// How long that is.
const PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// Only one node mails; how long it holds that right.
const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// Mails the last month on one page, once, if there is anything on it.
pub(super) async fn mail_month(desk: &Desk) -> Result<(), StoreError> {
    let Some(config) = &desk.config.mail else { return Ok(()) };
    let (now, month) = (desk.clock.now(), month_before(desk.clock.now()));
    let mut tx = desk.store.read().await?;
    let is_mailed = tx.setting(MAILED).await?.is_some_and(|mailed| mailed >= month);
    let held = tx.setting(HELD).await?.and_then(|text| text.parse::<Timestamp>().ok());
    if is_mailed || held.is_some_and(|until| until > now) {
        return Ok(());
    }
    drop(tx);
    let mut tx = desk.store.begin().await?;
    let is_ours = tx.take_lease("mail", &desk.node, now, now + LEASE).await?;
    tx.commit().await?;
    if !is_ours {
        return Ok(());
    }
    let sent = send(desk, config, &month).await?;
    let mut tx = desk.store.begin().await?;
    match sent {
        Ok(()) => {
            tx.set_setting(MAILED, &month).await?;
            tx.drop_setting(HELD).await?;
        }
        Err(reason) => {
            tracing::error!("could not mail the month of gaps: {reason}");
            tx.set_setting(HELD, &(now + PAUSE).to_string()).await?;
        }
    }
    tx.commit().await
}

/// Sends the page of a month; one without gaps is as good as sent.
async fn send(
    desk: &Desk,
    config: &MailConfig,
    month: &str,
) -> Result<Result<(), String>, StoreError> {
    let mut tx = desk.store.read().await?;
    let page = pack(&mut tx, month, &desk.config.rules.brand).await?;
    drop(tx);
    let Some(page) = page.filter(|page| !page.gaps.is_empty()) else { return Ok(Ok(())) };
    let letter = Letter {
        id: &format!("gaps_{month}"),
        subject: &page.title(),
        text: &format!("{}\n{}/gaps\n", page.markdown(), desk.config.base_url()),
        html: &page.html(),
        at: desk.clock.now(),
    };
    Ok(mail::send(config, &letter).await.map_err(|error| chain(&error)))
}
