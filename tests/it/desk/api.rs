//! Programs of the brand's own: calls of the API as its own admin.

use axum::body::Body;
use axum::http::{Request, header};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::Value;
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
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let app = superfan::http::app(self.desk().clone(), metrics);
        let answer = app.oneshot(request.unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let told = serde_json::from_slice(&bytes);
        (status, told.unwrap_or_else(|_| panic!("no JSON: {bytes:?}")))
    }
}
