//! `/healthz`, `/readyz`, `/metrics`: whether this node lives, can serve, and what it counts.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use superfan_bots::Health;
use superfan_index::Question;

use crate::desk::Desk;
use crate::store::Store;

/// How long the store may take to answer before it counts as unable to serve.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is said while a start without a usable index builds one.
const FILLING: &str = "being built from the store; questions wait until it is complete";

/// The text form that Prometheus reads.
const PLAIN: [(HeaderName, &str); 1] =
    [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];

/// Whether this node can serve.
#[derive(Clone, Debug, Serialize)]
struct Readiness {
    /// `ok`, or why not.
    store: String,
    /// `ok`, or why not.
    index: String,
    /// How each channel account is.
    channels: BTreeMap<String, Health>,
}

/// The three addresses for whoever runs this.
pub(super) fn router(desk: Desk, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(move || async move { (PLAIN, metrics.render()) }))
        .with_state(desk)
}

/// 503 only when store or index cannot serve: a stopped channel does not make the node unready.
async fn ready(State(desk): State<Desk>) -> impl IntoResponse {
    let store = words(store_answers(&desk.store).await);
    let question = Question { text: "ready".to_owned(), lang: None };
    let found = desk.search.find(question, 1).await;
    let index = words(match found {
        Ok(_) if !desk.search.is_filled() => Err(FILLING.to_owned()),
        found => found.map_err(|error| error.to_string()),
    });
    let status = if store == "ok" && index == "ok" {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let channels = desk.channels.names().into_iter().map(|name| {
        let health = desk.channels.health().of(&name);
        (name, health)
    });
    let readiness = Readiness { store, index, channels: channels.collect() };
    (status, Json(readiness))
}

async fn store_answers(store: &Store) -> Result<(), String> {
    let look = async { store.read().await?.last_answer_seq().await };
    match tokio::time::timeout(PATIENCE, look).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("the database did not answer within three seconds".to_owned()),
    }
}

fn words<T>(outcome: Result<T, String>) -> String {
    outcome.map_or_else(|reason| reason, |_| "ok".to_owned())
}
