//! Short ways to make answers and to ask.

use superfan_index::{Change, Index, IndexedAnswer, Question};

/// An English answer.
pub(crate) fn answer(id: &str, title: &str, text: &str) -> IndexedAnswer {
    IndexedAnswer {
        id: id.to_owned(),
        lang: "en".to_owned(),
        title: title.to_owned(),
        answer: text.to_owned(),
        sendable: true,
        ..IndexedAnswer::default()
    }
}

/// Adds answers live.
pub(crate) fn put(index: &Index, answers: &[IndexedAnswer], seq: u64) {
    let changes: Vec<Change> = answers.iter().map(|a| Change::Put(Box::new(a.clone()))).collect();
    index.apply(&changes, seq).expect("changes apply");
}

/// Ids of what is found, best first.
pub(crate) fn ids(index: &Index, text: &str) -> Vec<String> {
    let question = Question { text: text.to_owned(), lang: None };
    index
        .search(&question, 10)
        .expect("the index is readable")
        .hits
        .into_iter()
        .map(|hit| hit.id)
        .collect()
}
