//! Answers learn the words in which customers ask for them, and unlearn them again.

use superfan::answers::phrasings::in_use;
use superfan::vocabulary::PhrasingWord;

use crate::desk::{TestDesk, minutes, scenarios};

scenarios![
    what_helped_two_customers_counts,
    one_hostile_customer_teaches_nothing,
    a_moderators_choice_teaches_at_once_and_can_be_taken_back,
    what_a_customer_has_erased_is_unlearned,
];

const QUESTION: &str = "How do I reset my headphones?";
const SLANG: &str = "cans went mute halp";

/// Whether the words of a customer are known as words for the answer.
async fn is_found_by(desk: &TestDesk, answer: &str, words: &str) -> bool {
    desk.indexes(answer).await;
    let question = superfan_index::Question { text: words.to_owned(), lang: Some("en".to_owned()) };
    let found = desk.desk().search.find(question, 3).await.unwrap();
    found.hits.first().is_some_and(|hit| hit.confidence.get() > 0.9)
}

/// A customer asks in these words, a person sends the answer, and the customer says how it was.
async fn is_helped(desk: &TestDesk, name: &str, number: i64, answer: &str) {
    let (lee, customer) = (desk.agent("lee").await, desk.telegram(name));
    customer.asks(&format!("{SLANG} {name}@example.org")).await;
    desk.passes(minutes(1)).await;
    lee.replies(number, "One moment.").await.unwrap();
    lee.chooses(number, answer).await;
    lee.closes(number).await.unwrap();
}

async fn what_helped_two_customers_counts(desk: &mut TestDesk) {
    let answer = desk.knows(QUESTION, "Hold power for ten seconds.").await;
    for (n, name) in ["ana", "ben"].into_iter().enumerate() {
        let customer = desk.telegram(name);
        customer.asks("reset my headphones").await;
        desk.passes(minutes(1)).await;
        customer.presses("Helped").await;
        desk.passes(minutes(1)).await;
        let kept = desk.reads(async |tx| tx.phrasings(&answer).await).await;
        assert_eq!((kept.len(), in_use(&kept).len()), (n + 1, n), "each wording counts once");
    }
    desk.transcript();
}

async fn one_hostile_customer_teaches_nothing(desk: &mut TestDesk) {
    let answer = desk.knows(QUESTION, "Hold power for ten seconds.").await;
    let eve = desk.telegram("eve");
    for words in [QUESTION, "reset my headphones", "my headphones: reset", "I reset headphones"] {
        eve.asks(words).await;
        desk.passes(minutes(2)).await;
        eve.presses_on_newest("Helped").await;
        desk.passes(minutes(2)).await;
    }
    let kept = desk.reads(async |tx| tx.phrasings(&answer).await).await;
    assert!((1..=3).contains(&kept.len()), "{kept:?}");
    assert!(in_use(&kept).is_empty());

    let ben = desk.telegram("ben");
    ben.asks(QUESTION).await;
    desk.passes(minutes(2)).await;
    ben.presses("Helped").await;
    let kept = desk.reads(async |tx| tx.phrasings(&answer).await).await;
    assert!(!in_use(&kept).is_empty());
    desk.transcript();
}

async fn a_moderators_choice_teaches_at_once_and_can_be_taken_back(desk: &mut TestDesk) {
    let answer = desk.knows(QUESTION, "Hold power for ten seconds.").await;
    assert!(!is_found_by(desk, &answer, SLANG).await);
    is_helped(desk, "ana", 1, &answer).await;
    assert!(is_found_by(desk, &answer, SLANG).await);
    let kept = desk.reads(async |tx| tx.phrasings(&answer).await).await;
    assert_eq!(kept[0].text, format!("{SLANG} [e-mail]"));

    let lee = desk.agent("lee").await;
    lee.says_of_phrasing(&answer, 0, PhrasingWord::Removed).await;
    assert!(!is_found_by(desk, &answer, SLANG).await);
    lee.says_of_phrasing(&answer, 0, PhrasingWord::Kept).await;
    assert!(is_found_by(desk, &answer, SLANG).await);
    let audit = desk.reads(async |tx| tx.audit(1).await).await;
    assert_eq!((audit[0].act.as_str(), audit[0].detail.as_str()), ("phrasing", "kept"));

    // The customer for whom it was chosen was not helped: the lesson is undone.
    desk.telegram("ana").presses("Didn't help").await;
    let kept = desk.reads(async |tx| tx.phrasings(&answer).await).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].how.as_str(), "refused");
    assert_eq!(desk.verdicts_on(&answer).await, (0, 1));
    desk.transcript();
}

async fn what_a_customer_has_erased_is_unlearned(desk: &mut TestDesk) {
    let answer = desk.knows(QUESTION, "Hold power for ten seconds.").await;
    is_helped(desk, "ana", 1, &answer).await;
    assert!(is_found_by(desk, &answer, SLANG).await);
    let ana = desk.telegram("ana");
    ana.asks("/forget").await;
    ana.presses("Yes, erase").await;
    desk.passes(minutes(1)).await;

    assert!(!is_found_by(desk, &answer, SLANG).await);
    desk.transcript();
}
