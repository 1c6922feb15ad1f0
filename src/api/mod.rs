//! The API under `/api/v1`, for machines: the same acts as the console, as JSON.
//!
//! In: requests with a bearer token. Out: JSON, errors as [`Problem`]s. Every handler reads the
//! store or calls one act; nothing here decides or writes. Must not know: SQL, platforms.

mod answers;
mod ask;
mod auth;
mod conversations;
mod customers;
mod deliveries;
mod escalations;
mod extract;
mod fans;
mod forum_question;
mod gaps;
mod incidents;
mod index;
mod insights;
mod messages;
mod openapi;
mod page;
mod programme;
mod recalls;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{MethodRouter, get, post, put};

use crate::desk::Desk;
use crate::http::Problem;

/// The largest body the API reads, in bytes.
const LARGEST_BODY: usize = 1024 * 1024;

/// Everything under `/api`; unknown addresses and methods there are problems too.
pub fn router(desk: Desk) -> Router {
    let api = routes()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
        .fallback(unknown_address)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(desk);
    Router::new().nest("/api", api)
}

/// Every address below `/api` with what it takes; the description is held equal to it by a test.
fn routes() -> Vec<(&'static str, MethodRouter<Desk>)> {
    vec![
        ("/openapi.json", get(openapi::show)),
        ("/v1/ask", post(ask::post)),
        ("/v1/conversations", get(conversations::list)),
        ("/v1/conversations/{id}", get(conversations::show)),
        ("/v1/customers", get(customers::list)),
        (
            "/v1/customers/{id}",
            get(customers::show).put(customers::replace).patch(customers::merge),
        ),
        ("/v1/escalations", get(escalations::list)),
        ("/v1/escalations/{id}/claim", post(escalations::claim)),
        ("/v1/escalations/{id}/reply", post(escalations::reply)),
        ("/v1/escalations/{id}/close", post(escalations::close)),
        ("/v1/escalations/{id}/forum", get(forum_question::show)),
        ("/v1/escalations/{id}/forum/ask", post(forum_question::ask)),
        ("/v1/escalations/{id}/forum/post", post(forum_question::post)),
        ("/v1/escalations/{id}/forum/link", post(forum_question::link)),
        ("/v1/escalations/{id}/forum/join", post(forum_question::join)),
        ("/v1/escalations/{id}/forum/withdraw", post(forum_question::withdraw)),
        ("/v1/answers", get(answers::list).post(answers::add)),
        ("/v1/answers/{id}", get(answers::show).patch(answers::change).delete(answers::retire)),
        ("/v1/answers/{id}/wrong", post(recalls::report_wrong)),
        ("/v1/recalls", get(recalls::list)),
        ("/v1/recalls/{id}", get(recalls::show)),
        ("/v1/recalls/{id}/confirm", post(recalls::confirm)),
        ("/v1/recalls/{id}/dismiss", post(recalls::dismiss)),
        ("/v1/index", get(index::show)),
        ("/v1/index/rebuild", post(index::rebuild)),
        ("/v1/index/rollback", post(index::rollback)),
        ("/v1/insights", get(insights::show)),
        ("/v1/insights/targets", put(insights::targets)),
        ("/v1/gaps", get(gaps::list)),
        ("/v1/gaps/month", get(gaps::month)),
        ("/v1/gaps/{id}", get(gaps::show).patch(gaps::change)),
        ("/v1/gaps/{id}/answer", post(gaps::answer)),
        ("/v1/gaps/{id}/experts", post(gaps::experts)),
        ("/v1/incidents", get(incidents::list)),
        ("/v1/incidents/{id}/open", post(incidents::open)),
        ("/v1/incidents/{id}/dismiss", post(incidents::dismiss)),
        ("/v1/incidents/{id}/close", post(incidents::close)),
        ("/v1/fans", get(fans::list)),
        ("/v1/fans/name", post(fans::name)),
        ("/v1/fans/thanks", get(fans::thanks).post(fans::post_thanks)),
        ("/v1/programme", get(programme::list).post(programme::plan)),
        ("/v1/programme/{id}", get(programme::show)),
        ("/v1/programme/{id}/invite", post(programme::invite)),
        ("/v1/programme/{id}/answer", post(programme::answer)),
        ("/v1/programme/{id}/end", post(programme::end)),
        ("/v1/deliveries", get(deliveries::list)),
        ("/v1/deliveries/{id}/retry", post(deliveries::retry)),
        ("/v1/deliveries/{id}/release", post(deliveries::release)),
        ("/v1/deliveries/{id}/discard", post(deliveries::discard)),
    ]
}

async fn unknown_address() -> Problem {
    Problem::unknown("such address; /api/openapi.json lists those that exist")
}

async fn wrong_method() -> Problem {
    let detail = "this address does not take that method; /api/openapi.json lists what it takes";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
