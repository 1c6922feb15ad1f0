//! `/webhooks/{channel}`: deliveries of platforms, stored before they are answered.
//!
//! In: raw requests, handed to the channel's adapter as they are. Out: inbox rows, then the answer.
//! Nothing of a delivery that is refused reaches the store. Must not know: platform JSON, SQL.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, RawQuery, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use superfan_bots::{
    Accepted, Adapter, InboundMessage, Intake, IntakeError, ReceiveError, Received, WebhookRequest,
};

use crate::channels;
use crate::desk::Desk;
use crate::forums::{Followed, Heard, hear};
use crate::http::Problem;
use crate::store::StoreError;

/// The largest delivery that is read, in bytes.
const LARGEST_DELIVERY: usize = 1024 * 1024;

/// What became of a delivery, where the platform does not dictate the body.
#[derive(Clone, Debug, Serialize)]
struct Outcome {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// The webhooks of every channel.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/webhooks/{channel}", get(challenge).post(deliver))
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_DELIVERY))
        .with_state(desk)
}

async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "deliveries are posted here")
}

/// Answers a platform's challenge.
async fn challenge(
    State(desk): State<Desk>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (_, adapter) = channel(&desk, path)?;
    let answer = adapter.challenge(&query.unwrap_or_default()).ok_or_else(|| {
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "this channel has no challenge; post here")
    })?;
    let status = StatusCode::from_u16(answer.status).map_err(|_| Problem::internal())?;
    Ok((status, [(header::CONTENT_TYPE, answer.content_type)], answer.body).into_response())
}

/// Takes a delivery: verified, decoded, stored, then answered.
async fn deliver(
    State(desk): State<Desk>,
    path: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    if let Ok(Path(name)) = &path
        && let Some(followed) = desk.forums.named(name)
    {
        return heard(&desk, name, followed, request).await;
    }
    let (name, adapter) = channel(&desk, path)?;
    let headers = request.headers().clone();
    let body = Bytes::from_request(request, &()).await.inspect_err(|_| count(&name, "rejected"))?;
    let delivery = WebhookRequest { headers, query: query.unwrap_or_default(), body };
    let received =
        adapter.receive(&delivery, desk.clock.now()).map_err(|error| refused(&name, &error))?;
    let Received { messages, ignored, body, stopped } = received;
    if let Some(reason) = &stopped {
        channels::stop(&desk, &name, reason).await.map_err(|error| not_stored(&refusal(&error)))?;
    }
    let outcome = if stopped.is_some() {
        Outcome { status: "stored", reason: stopped }
    } else if messages.is_empty() {
        count(&name, "ignored");
        Outcome { status: "ignored", reason: ignored }
    } else {
        store(&desk, &name, adapter, messages).await?
    };
    Ok(match body {
        Some(dictated) => Json(dictated).into_response(),
        None => Json(outcome).into_response(),
    })
}

/// Takes a delivery of a forum: verified, decoded, stored, then answered.
async fn heard(
    desk: &Desk,
    name: &str,
    followed: &Followed,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let body = Bytes::from_request(request, &()).await.inspect_err(|_| count(name, "rejected"))?;
    let delivery = WebhookRequest { headers, query: String::new(), body };
    let news = followed.forum.receive(&delivery).map_err(|error| refused(name, &error))?;
    let stored = async {
        let mut tx = desk.store.begin().await?;
        let heard = hear(&mut tx, &desk.stage(), &followed.source, &news).await?;
        tx.commit().await?;
        Ok::<Heard, StoreError>(heard)
    };
    let heard = stored.await.map_err(|error| {
        tracing::error!(forum = name, "could not store a delivery: {}", error.reason());
        not_stored(&refusal(&error))
    })?;
    Ok(match heard {
        Heard::Stored => {
            count(name, "stored");
            desk.wakes.answers();
            desk.wakes.forums();
            Json(Outcome { status: "stored", reason: None }).into_response()
        }
        Heard::Ignored => {
            count(name, "ignored");
            let reason = news.ignored.or_else(|| Some("not about answers of ours".to_owned()));
            Json(Outcome { status: "ignored", reason }).into_response()
        }
    })
}

fn channel(
    desk: &Desk,
    path: Result<Path<String>, PathRejection>,
) -> Result<(String, Arc<dyn Adapter>), Problem> {
    let Path(name) = path?;
    let adapter = desk.channels.adapter(&name).cloned();
    adapter.map(|adapter| (name, adapter)).ok_or_else(|| Problem::unknown("such channel"))
}

/// Stores every message in order; the platform sees an acknowledged press or typing afterwards.
async fn store(
    desk: &Desk,
    name: &str,
    adapter: Arc<dyn Adapter>,
    messages: Vec<InboundMessage>,
) -> Result<Outcome, Problem> {
    let mut fresh = Vec::new();
    for message in messages {
        let message = Arc::new(message);
        let stored = desk.inbox.store(name, message.clone()).await;
        if stored.map_err(|error| not_stored(&error))?.accepted == Accepted::Stored {
            fresh.push(message);
        }
    }
    let intake = desk.intake(name);
    let cost = fresh.iter().map(|message| adapter.cost_of_hearing(message)).sum();
    intake.spent(cost).await;
    let status = if fresh.is_empty() { "duplicate" } else { "stored" };
    tokio::spawn(async move {
        for message in &fresh {
            adapter.acknowledge(message, intake.room_for_courtesy()).await;
        }
    });
    Ok(Outcome { status, reason: None })
}

fn refusal(error: &StoreError) -> IntakeError {
    IntakeError { reason: error.reason(), retry_after: Duration::from_secs(2) }
}

fn refused(channel: &str, error: &ReceiveError) -> Problem {
    count(channel, "rejected");
    tracing::warn!(channel, "refused a delivery: {error}");
    match error {
        ReceiveError::Unverified(_) => Problem::unauthorised(error.to_string()),
        ReceiveError::Undecodable(_) => Problem::unreadable(error.to_string()),
    }
}

/// 503 with the time to wait; the inbox has logged why.
pub(crate) fn not_stored(error: &IntakeError) -> Problem {
    let detail = "this could not be stored; send it again";
    let seconds = error.retry_after.as_secs().max(1);
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(seconds)
}

fn count(channel: &str, result: &'static str) {
    metrics::counter!("superfan_inbound_total", "channel" => channel.to_owned(), "result" => result)
        .increment(1);
}
