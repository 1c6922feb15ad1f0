//! Answers that say the same are one group: one is sent, the others are no rivals.

use superfan_index::{Index, IndexedAnswer, Question};

use crate::support::{answer, put};

const TITLE: &str = "Speaker does not turn on after the update";
const TEXT: &str = "Hold the power button for ten seconds until the light turns green.";

fn base(more: &[IndexedAnswer]) -> Index {
    let index = Index::in_ram();
    let others = [
        answer("pair", "Pairing the headphones with a laptop", "Open the menu, pick Bluetooth."),
        answer("noise", "Wind noise in video calls", "Turn on the wind filter in the app."),
        IndexedAnswer { votes: 2, ..answer("one", TITLE, TEXT) },
    ];
    put(&index, &[&others[..], more].concat(), 1);
    index
}

/// The ids found, with `=` before one that says the same as one before it, and how sure the
/// index is of the first.
fn found(index: &Index) -> (String, f32) {
    let question =
        Question { text: "speaker does not turn on after update".to_owned(), lang: None };
    let hits = index.search(&question, 5).expect("the index is readable").hits;
    let ids: Vec<String> = hits
        .iter()
        .map(|hit| format!("{}{}", if hit.is_twin { "=" } else { "" }, hit.id))
        .collect();
    assert!(hits.is_sorted_by(|a, b| a.score >= b.score));
    (ids.join(" "), hits[0].confidence.get())
}

#[test]
fn twins_take_nothing_from_each_other_and_the_best_stands_first() {
    let (alone, sure) = found(&base(&[]));
    assert!(alone.starts_with("one") && !alone.contains('='), "{alone}");
    let better = IndexedAnswer { votes: 7, ..answer("two", TITLE, TEXT) };
    let unfit = IndexedAnswer { votes: 9, sendable: false, ..answer("three", TITLE, TEXT) };
    let (ids, with_twins) = found(&base(&[better, unfit]));
    assert!(ids.starts_with("two =") && ids.matches('=').count() == 2, "{ids}");
    assert!((with_twins - sure).abs() < 0.1, "{with_twins} {sure}");
}

#[test]
fn a_customers_word_counts_more_than_votes() {
    let helped = IndexedAnswer { confirmations: 1, ..answer("two", TITLE, TEXT) };
    assert!(found(&base(&[helped])).0.starts_with("two =one"));
}
