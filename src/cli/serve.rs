//! `superfan serve` and `superfan demo`.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::print;
use crate::answers::{Indexer, import_demo};
use crate::config::Config;
use crate::desk::Desk;
use crate::lock::DataDirLock;
use crate::open::{open_desk, prepare_data_dir};
use crate::people::{Actor, add_person};
use crate::search::open_index;
use crate::vocabulary::Role;
use crate::{http, serve};

/// The demo's admin.
const DEMO_ADMIN: &str = "demo@localhost";

/// Serves the configured channels until a signal comes.
pub(super) async fn serve(config: Config) -> anyhow::Result<ExitCode> {
    let (desk, listener, _lock) = start(config).await?;
    print::line(&format!("listening on http://{}", desk.config.listen));
    run(desk, listener).await
}

/// The same on the bundled answers, with a sign-in link printed.
pub(super) async fn demo(config: Config) -> anyhow::Result<ExitCode> {
    let (desk, listener, _lock) = start(config).await?;
    if desk.store.read().await?.count_answers().await? == 0 {
        import_demo(&desk).await.context("could not import the bundled answers")?;
    }
    Indexer::of(&desk).catch_up(&|_| {}).await?;
    let mut tx = desk.store.begin().await?;
    let token =
        add_person(&mut tx, &desk.stage(), &Actor::operator(), DEMO_ADMIN, Role::Admin).await?;
    tx.commit().await?;
    let base = desk.config.base_url();
    print::line(&format!("web chat  {base}/chat"));
    print::line(&format!("help page {base}/help"));
    print::line(&format!("console   {base}/"));
    print::line(&format!("sign in   {base}/sign-in/{token}"));
    print::line(&format!("answering {}", desk.search.mode()));
    run(desk, listener).await
}

/// Takes the data dir and the port, opens everything, and repairs what a killed process left.
async fn start(mut config: Config) -> anyhow::Result<(Desk, TcpListener, DataDirLock)> {
    prepare_data_dir(&config)?;
    let lock = DataDirLock::acquire(&config.data_dir)?;
    let listener = TcpListener::bind(config.listen).await.with_context(|| {
        format!("cannot listen on {}; set SUPERFAN_LISTEN to another address", config.listen)
    })?;
    config.listen = listener.local_addr()?;
    let search = open_index(&config.data_dir, &config.semantic_models)?;
    let desk = open_desk(config, search).await?;
    serve::recover(&desk).await?;
    serve::expect_filling(&desk).await?;
    Ok((desk, listener, lock))
}

async fn run(desk: Desk, listener: TcpListener) -> anyhow::Result<ExitCode> {
    let metrics = http::install_metrics()?;
    let stop = CancellationToken::new();
    let mut workers = serve::start_workers(&desk, &stop);
    workers.spawn(Indexer::of(&desk).run(stop.clone()));
    tokio::spawn(cancel_on_signal(stop.clone()));
    let app = http::app(desk.clone(), metrics).into_make_service_with_connect_info::<SocketAddr>();
    let (ended, wakes) = (stop.clone(), desk.wakes.clone());
    let served = axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            ended.cancelled().await;
            wakes.close_streams();
        })
        .await;
    stop.cancel();
    tracing::info!("stopping: finishing what is being handled");
    let patience = std::time::Duration::from_secs(20);
    if tokio::time::timeout(patience, async { while workers.join_next().await.is_some() {} })
        .await
        .is_err()
    {
        tracing::warn!("some workers did not end in time; the next start takes up their work");
    }
    desk.store.close().await;
    served?;
    Ok(ExitCode::SUCCESS)
}

/// Cancels on Ctrl-C and on the signal that service managers send.
async fn cancel_on_signal(stop: CancellationToken) {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
    stop.cancel();
}
