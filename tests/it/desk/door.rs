//! Where platforms deliver: the webhook address of each channel, as the server has it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use superfan::desk::Desk;
use superfan::{helpdesk, webhooks};
use superfan_bots::fakes::FakeServer;
use url::Url;

/// A server for one life of the process.
pub(super) struct Door {
    server: FakeServer,
    open: Arc<AtomicBool>,
}

impl Door {
    /// Opens on a free port.
    pub(super) async fn open(desk: &Desk) -> Self {
        let open = Arc::new(AtomicBool::new(true));
        let router = webhooks::router(desk.clone()).merge(helpdesk::router(desk.clone()));
        let router = router.layer(from_fn_with_state(open.clone(), if_open));
        Self { server: FakeServer::start(router).await, open }
    }

    /// Nobody is behind it from now on; connections outlive a stopped server, unlike a process.
    pub(super) fn close(&self) {
        self.open.store(false, Ordering::SeqCst);
    }

    /// Where the brand's own help desk posts.
    pub(super) fn help_desk_url(&self) -> Url {
        self.server.url().join("helpdesk/webhook").unwrap()
    }

    /// The address of a channel.
    pub(super) fn url(&self, channel: &str) -> Url {
        self.server.url().join(&format!("webhooks/{channel}")).unwrap()
    }
}

async fn if_open(State(open): State<Arc<AtomicBool>>, request: Request, next: Next) -> Response {
    if open.load(Ordering::SeqCst) {
        next.run(request).await
    } else {
        StatusCode::BAD_GATEWAY.into_response()
    }
}
