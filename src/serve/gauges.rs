//! Figures that are read from the store for `/metrics`.

use crate::channels::reason_stopped;
use crate::desk::Desk;
use crate::store::StoreError;
use crate::vocabulary::DeliveryState;

/// Sets every gauge to what the store says now.
pub(super) async fn refresh(desk: &Desk) -> Result<(), StoreError> {
    let counts = desk.store.read().await?.outbox_counts().await?;
    let now = desk.clock.now();
    for (name, adapter) in desk.channels.iter() {
        for state in DeliveryState::ALL {
            let found = counts.iter().find(|(channel, s, _, _)| channel == name && s == state);
            let n = found.map_or(0, |(_, _, n, _)| *n);
            let labels = [("channel", name.clone()), ("state", state.to_string())];
            metrics::gauge!("superfan_outbox_rows", &labels).set(as_gauge(n));
            if *state == DeliveryState::Due {
                let oldest = found.map_or(0, |(_, _, _, at)| now.duration_since(*at).as_secs());
                metrics::gauge!("superfan_outbox_oldest_seconds", "channel" => name.clone())
                    .set(as_gauge(oldest.max(0)));
            }
        }
        let stopped = reason_stopped(&mut desk.store.read().await?, desk, name).await?;
        let up = if stopped.is_some() { 0.0 } else { 1.0 };
        metrics::gauge!("superfan_channel_up", "channel" => name.clone()).set(up);
        if adapter.daily_cap().is_some() {
            let spent = desk.store.read().await?.spent(name, now).await?;
            metrics::gauge!("superfan_channel_spent_dollars", "channel" => name.clone()).set(spent);
        }
        metrics::counter!("superfan_outbox_uncertain_total", "channel" => name.clone())
            .increment(0);
    }
    for state in [DeliveryState::Due, DeliveryState::Dead] {
        let n = desk.store.read().await?.count_desk_events(state).await?;
        metrics::gauge!("superfan_helpdesk_events", "state" => state.as_str()).set(as_gauge(n));
    }
    let generation = i64::try_from(desk.search.index().generation()).unwrap_or(i64::MAX);
    metrics::gauge!("superfan_index_generation").set(as_gauge(generation));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "gauges are read by eye")]
fn as_gauge(n: i64) -> f64 {
    n as f64
}
