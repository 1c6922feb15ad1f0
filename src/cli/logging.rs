//! Logs on standard error: `SUPERFAN_LOG` (default `info`), `SUPERFAN_LOG_FORMAT` (`text`, `json`).

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Starts logging; called once, before anything logs.
pub(super) fn start() {
    let filter = std::env::var("SUPERFAN_LOG").unwrap_or_else(|_| "info".to_owned());
    let quieter = format!("{filter},tantivy=warn,sqlx=warn,html5ever=error");
    let filter = EnvFilter::try_new(quieter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    if std::env::var("SUPERFAN_LOG_FORMAT").is_ok_and(|format| format == "json") {
        builder.json().flatten_event(true).init();
    } else {
        builder.init();
    }
}
