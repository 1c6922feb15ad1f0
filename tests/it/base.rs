//! An answer base in a scratch folder: a store, an index and what writes to them.

use std::sync::Arc;

use superfan::answers::indexer::Indexer;
use superfan::clock::{SharedClock, TestClock, from_millis};
use superfan::ids::Ids;
use superfan::search::{Search, open_index};
use superfan::store::Store;
use superfan::store::answers::AnswerRow;
use superfan::store::sources::Quote;
use superfan::store::wishes::Wish;
use superfan::wakes::Wakes;
use superfan_index::Question;
use tempfile::TempDir;

use crate::postgres::Cluster;

/// A store and an index that belong to one test.
pub(crate) struct Base {
    pub(crate) dir: TempDir,
    pub(crate) store: Store,
    pub(crate) search: Search,
    pub(crate) clock: SharedClock,
    pub(crate) ids: Ids,
}

impl Base {
    /// On SQLite.
    pub(crate) async fn lite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open_embedded(dir.path()).await.unwrap();
        Self::with(dir, store)
    }

    /// On both databases.
    pub(crate) async fn both() -> [Self; 2] {
        let url = Cluster::shared().database().await;
        let store = Store::open_postgres(&url).await.unwrap();
        [Self::lite().await, Self::with(tempfile::tempdir().unwrap(), store)]
    }

    fn with(dir: TempDir, store: Store) -> Self {
        let search = open_index(dir.path(), &[]).unwrap();
        let clock: SharedClock = Arc::new(TestClock::starting(from_millis(1_790_000_000_000)));
        Self { dir, store, search, ids: Ids::new(clock.clone(), 1), clock }
    }

    pub(crate) fn indexer(&self) -> Indexer {
        let node = "test".into();
        let wakes = Wakes::default();
        Indexer::new(self.store.clone(), &self.search, self.clock.clone(), wakes, node)
    }

    /// Brings the index up to date.
    pub(crate) async fn catch_up(&self) {
        self.indexer().catch_up(&|_| {}).await.unwrap();
    }

    /// Writes an answer to a question.
    pub(crate) async fn put(&self, id: &str, title: &str, answer: &str) {
        self.put_row(AnswerRow { live: true, ..row(id, title, answer) }).await;
    }

    /// Takes an answer out.
    pub(crate) async fn retire(&self, id: &str) {
        let row = self.answer(id).await.unwrap();
        self.put_row(AnswerRow { live: false, ..row }).await;
    }

    /// Writes a row as it is, with a fresh place in the change sequence.
    pub(crate) async fn put_row(&self, row: AnswerRow) {
        let mut tx = self.store.begin().await.unwrap();
        let seq = tx.next_answer_seq().await.unwrap();
        tx.put_answer(&AnswerRow { seq, ..row }).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn answer(&self, id: &str) -> Option<AnswerRow> {
        self.store.read().await.unwrap().answer(id).await.unwrap()
    }

    /// Ids found for a question, best first, separated by spaces.
    pub(crate) async fn find(&self, text: &str) -> String {
        let question = Question { text: text.to_owned(), lang: None };
        let found = self.search.find(question, 10).await.unwrap();
        found.hits.iter().map(|hit| hit.id.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// A live English answer of the source `test`.
pub(crate) fn row(id: &str, title: &str, answer: &str) -> AnswerRow {
    AnswerRow {
        id: id.to_owned(),
        source: "test".to_owned(),
        source_id: id.to_owned(),
        lang: "en".to_owned(),
        title: title.to_owned(),
        question: String::new(),
        answer: answer.to_owned(),
        author: Some("ana".to_owned()),
        author_url: None,
        asker: None,
        url: None,
        licence: None,
        product: None,
        tags: Vec::new(),
        votes: 1,
        asked_at: None,
        accepted_at: None,
        sendable: true,
        sendable_reason: None,
        sendable_by_hand: None,
        helped: 0,
        refused: 0,
        live: true,
        hash: "h".to_owned(),
        seq: 0,
        updated_at: from_millis(0),
        quote: Quote::default(),
        wish: Wish::default(),
    }
}
