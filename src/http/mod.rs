//! What every HTTP face shares, and how they are put together.
//!
//! In: the application handle. Out: one router. Must not know: SQL, platforms, what a good answer
//! is.

mod guard;
mod health;
mod metrics;
mod problem;

use axum::Router;
use axum::middleware::from_fn;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::desk::Desk;

pub use metrics::install_metrics;
pub use problem::{Problem, ProblemBody};

/// Everything that is served: console, API, webhooks, web chat, help page, health and metrics.
///
/// `metrics` renders what the process has counted.
pub fn app(desk: Desk, metrics: PrometheusHandle) -> Router {
    Router::new()
        .merge(crate::api::router(desk.clone()))
        .merge(crate::console::router(desk.clone()))
        .merge(crate::webhooks::router(desk.clone()))
        .merge(health::router(desk, metrics))
        .layer(from_fn(guard::bounded))
        .layer(from_fn(guard::secured))
        .layer(from_fn(guard::unbroken))
        .layer(from_fn(guard::logged))
}
