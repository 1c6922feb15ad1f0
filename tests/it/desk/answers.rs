//! What the community has answered, and an index that is sure where the words are the same.

use std::sync::Arc;

use superfan::answers::indexer::indexed_all;
use superfan::clock::Clock;
use superfan::search::Search;
use superfan::store::answers::AnswerRow;
use superfan::store::sources::Quote;
use superfan::store::wishes::Wish;
use superfan_index::{Calibration, Change, Index};

use super::TestDesk;

/// Sure from nine tenths of the question's words on; the ranking is weighed so that those stand above
/// what strangers get in the smallest base. Stories are about what follows from a
/// confidence, not about how it comes about.
const SAME_WORDS: &str = r#"{
    "ranking": [{ "name": "coverage", "weight": 40.0 }],
    "intercept": -8.0,
    "weights": [{ "name": "coverage", "weight": 12.0 }],
    "list": { "intercept": -7.0, "weights": [{ "name": "coverage", "weight": 12.0 }] },
    "curve": [{ "answer": 0.9, "precision": 0.99, "coverage": 0.9 }]
}"#;

/// An empty index with that calibration.
pub(super) fn sure_of_same_words() -> Search {
    let index = Index::in_ram();
    index.set_calibration(Arc::new(Calibration::from_json(SAME_WORDS).unwrap()));
    Search::new(Arc::new(index))
}

impl TestDesk {
    /// The community knows this, in English, by `mara`; the answer's id.
    pub(crate) async fn knows(&self, question: &str, answer: &str) -> String {
        self.knows_in("en", question, answer).await
    }

    /// The community's forum lets us quote so much of its answers.
    pub(crate) async fn quotes(&self, quote: Quote) {
        let mut tx = self.desk().store.begin().await.unwrap();
        tx.set_quote("story", quote).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The same in another language.
    pub(crate) async fn knows_in(&self, lang: &str, question: &str, answer: &str) -> String {
        let mut tx = self.desk().store.begin().await.unwrap();
        let seq = tx.next_answer_seq().await.unwrap();
        let row = AnswerRow {
            id: format!("a{seq}"),
            source: "story".to_owned(),
            source_id: format!("a{seq}"),
            lang: lang.to_owned(),
            title: question.to_owned(),
            question: question.to_owned(),
            answer: answer.to_owned(),
            author: Some("mara".to_owned()),
            author_url: None,
            asker: None,
            url: None,
            licence: None,
            product: None,
            tags: Vec::new(),
            votes: 0,
            asked_at: None,
            accepted_at: None,
            sendable: true,
            sendable_reason: None,
            sendable_by_hand: None,
            helped: 0,
            refused: 0,
            live: true,
            hash: String::new(),
            seq,
            updated_at: self.clock.now(),
            quote: Quote::default(),
            wish: Wish::default(),
        };
        tx.put_answer(&row).await.unwrap();
        tx.commit().await.unwrap();
        self.indexes(&row.id).await;
        row.id
    }

    /// Makes an answer searchable as the store has it, as the running indexer would.
    pub(crate) async fn indexes(&self, id: &str) {
        let mut tx = self.desk().store.read().await.unwrap();
        let row = tx.answer(id).await.unwrap().unwrap();
        let seq = u64::try_from(row.seq).unwrap();
        let answer = indexed_all(&mut tx, &[row], &self.desk().config.rules.products)
            .await
            .unwrap()
            .pop()
            .unwrap();
        self.search.index().apply(&[Change::Put(Box::new(answer))], seq).unwrap();
    }

    /// How many customers an answer helped, and how many it did not.
    pub(crate) async fn verdicts_on(&self, answer: &str) -> (i64, i64) {
        let row = self.reads(async |tx| tx.answer(answer).await).await.unwrap();
        (row.helped, row.refused)
    }
}
