//! What every HTTP face shares, and how they are put together.
//!
//! In: the application handle. Out: one router. Must not know: SQL, platforms, what a good answer
//! is.

mod address;
mod guard;
mod health;
mod language;
mod metrics;
mod path;
mod problem;

use axum::Router;
use axum::middleware::from_fn;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::desk::Desk;

pub(crate) use address::{AddressLimit, bearer, caller};
pub(crate) use language::{first_language, preferred_language};
pub use metrics::install_metrics;
pub(crate) use path::path_segment;
pub use problem::{Problem, ProblemBody};

/// Everything that is served: console, API, webhooks, web chat, help page, health and metrics.
///
/// `metrics` renders what the process has counted.
pub fn app(desk: Desk, metrics: PrometheusHandle) -> Router {
    Router::new()
        .merge(crate::api::router(desk.clone()))
        .merge(crate::console::router(desk.clone()))
        .merge(crate::webhooks::router(desk.clone()))
        .merge(crate::helpdesk::router(desk.clone()))
        .merge(crate::webchat::router(desk.clone()))
        .merge(crate::help::router(desk.clone()))
        .merge(crate::assets::router())
        .merge(health::router(desk, metrics))
        .layer(from_fn(guard::guarded))
}
