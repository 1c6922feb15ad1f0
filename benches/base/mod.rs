//! A desk over a base of synthetic answers, in the store and in the index, as it runs in service.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use metrics_exporter_prometheus::PrometheusBuilder;
use superfan::answers::Indexer;
use superfan::clock::SharedClock;
use superfan::config::{Config, Settings};
use superfan::desk::Desk;
use superfan::open::open_with;
use superfan::search::open_index;
use superfan::store::Store;
use superfan::store::answers::AnswerRow;
use superfan::store::sources::Quote;
use superfan::store::wishes::Wish;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::synthetic::Language;

/// The token of the API.
pub(crate) const TOKEN: &str = "bench";
/// Answers written with one statement.
const PAGE: u64 = 500;

/// A desk that knows many answers.
pub(crate) struct Base {
    pub(crate) desk: Desk,
    pub(crate) language: Language,
    app: Router,
    _dir: TempDir,
}

impl Base {
    /// Fills a store in a scratch folder with so many answers, and the index from it.
    pub(crate) async fn of(n_answers: u64, clock: SharedClock) -> Self {
        let dir = TempDir::new().unwrap();
        let settings = Settings::from_pairs([("SUPERFAN_API_TOKEN", TOKEN)]);
        let config = Config::read(&settings, Some(dir.path())).unwrap();
        let store = Store::open_embedded(dir.path()).await.unwrap();
        let language = Language::new();
        fill(&store, &language, n_answers, &clock).await;
        let search = open_index(dir.path(), &[]).unwrap();
        let desk = open_with(config, store, search, Arc::clone(&clock)).await.unwrap();
        Indexer::of(&desk).catch_up(&|_| {}).await.unwrap();
        assert_eq!(desk.search.index().len(), n_answers);
        let app =
            superfan::http::app(desk.clone(), PrometheusBuilder::new().build_recorder().handle());
        Self { desk, language, app, _dir: dir }
    }

    /// Asks the router; the body of what must be a 200.
    pub(crate) async fn ask(&self, request: Request<Body>) -> String {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert_eq!(status, StatusCode::OK, "{text}");
        text
    }
}

async fn fill(store: &Store, language: &Language, n_answers: u64, clock: &SharedClock) {
    for from in (0..n_answers).step_by(usize::try_from(PAGE).unwrap()) {
        let rows: Vec<AnswerRow> = (from..n_answers.min(from + PAGE))
            .map(|n| {
                let answer = language.answer(n);
                AnswerRow {
                    id: answer.id.clone(),
                    source: "bench".to_owned(),
                    source_id: answer.id,
                    lang: answer.lang,
                    title: answer.title,
                    question: answer.question,
                    answer: answer.answer,
                    author: Some(format!("author {}", n % 40)),
                    author_url: None,
                    asker: None,
                    url: Some(format!("https://forum.example/t/{n}")),
                    licence: Some("CC BY-SA 4.0".to_owned()),
                    product: None,
                    tags: Vec::new(),
                    votes: 1,
                    asked_at: None,
                    accepted_at: Some(clock.now()),
                    sendable: true,
                    sendable_reason: None,
                    sendable_by_hand: None,
                    helped: 0,
                    refused: 0,
                    live: true,
                    hash: "bench".to_owned(),
                    seq: i64::try_from(n + 1).unwrap(),
                    updated_at: clock.now(),
                    quote: Quote::default(),
                    wish: Wish::default(),
                }
            })
            .collect();
        let mut tx = store.begin().await.unwrap();
        tx.take_answer_seqs(i64::try_from(rows.len()).unwrap()).await.unwrap();
        tx.put_answers(&rows).await.unwrap();
        tx.commit().await.unwrap();
    }
}
