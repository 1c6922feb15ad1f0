//! What is asked over HTTP: by programs of the brand's own, as its admin, and by people's browsers.

use axum::body::{Body, Bytes};
use axum::http::{Request, header};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::Value;
use superfan::clock::Clock;
use superfan::people::{Actor, start_session};
use tower::ServiceExt;

use super::TestDesk;
use crate::web::TOKEN;

impl TestDesk {
    /// A call such as `GET /api/v1/gaps`; its status and what it answers.
    pub(crate) async fn calls(&self, call: &str, body: &str) -> (u16, Value) {
        let (method, path) = call.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
            .body(Body::from(body.to_owned()));
        let (status, bytes) = self.answers_to(request.unwrap()).await;
        let told = serde_json::from_slice(&bytes);
        (status, told.unwrap_or_else(|_| panic!("no JSON: {bytes:?}")))
    }

    /// A page of the console as somebody who works here sees it.
    pub(crate) async fn page(&self, actor: &Actor, path: &str) -> String {
        let mut tx = self.desk().store.begin().await.unwrap();
        let token = start_session(&mut tx, self.clock.now(), actor.owner_id()).await.unwrap();
        tx.commit().await.unwrap();
        let request =
            Request::get(path).header(header::COOKIE, format!("superfan_session={token}"));
        let (status, bytes) = self.answers_to(request.body(Body::empty()).unwrap()).await;
        assert_eq!(status, 200, "{path}");
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    async fn answers_to(&self, request: Request<Body>) -> (u16, Bytes) {
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let app = superfan::http::app(self.desk().clone(), metrics);
        let answer = app.oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        (status, axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap())
    }
}
