//! The base's history walked again: only what was known then, once, the same every time.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicI64, Ordering};

use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use superfan::channels::Channels;
use superfan::clock::from_millis;
use superfan::config::{Rules, Settings};
use superfan::desk::Stage;
use superfan::people::Actor;
use superfan::replay::{
    ReplayError, Replaying, Report, Request, Walked, judge, pairs, replay, report,
};
use superfan::search::scratch_index;
use superfan::store::answers::AnswerRow;
use superfan::store::replays::ReplayRow;

use crate::base::{Base, row};

fn day(n: i64) -> Timestamp {
    from_millis(1_700_000_000_000) + SignedDuration::from_hours(24 * n)
}

/// An answer whose question was asked on one day and which was accepted on another.
fn dated(id: &str, words: (&str, &str), asked: i64, accepted: i64) -> AnswerRow {
    AnswerRow {
        asked_at: Some(day(asked)),
        accepted_at: Some(day(accepted)),
        author: Some(format!("author of {id}")),
        ..row(id, words.0, words.1)
    }
}

const HUM: (&str, &str) = (
    "My Drum speaker hums loudly when it is plugged into the wall socket",
    "Plug the Drum into another socket, away from the dimmer; the hum comes from the mains.",
);
const PAIR: (&str, &str) = (
    "Halo headphones will not pair with the television in the bedroom",
    "Hold the power button for ten seconds until the light blinks blue, then choose Halo.",
);

fn rules() -> Rules {
    Rules::read(&Settings::from_pairs([("SUPERFAN_TARGET_PRECISION", "0.5")])).unwrap()
}

async fn walk(
    base: &Base,
    request: Request,
    progress: &(dyn Fn(&Walked) + Sync),
) -> Result<ReplayRow, ReplayError> {
    let (channels, rules) = (Channels::new(Vec::new()), rules());
    let stage = Stage { now: base.clock.now(), ids: &base.ids, channels: &channels, rules: &rules };
    let search = scratch_index(&[]).unwrap();
    replay(Replaying { store: &base.store, search: &search, stage, progress }, request).await
}

/// What came of each question: `question action sent agrees`.
async fn outcome(base: &Base, replay: &ReplayRow) -> Vec<String> {
    let mut tx = base.store.read().await.unwrap();
    let pairs = pairs(&mut tx, replay).await.unwrap();
    let said = |p: &superfan::replay::Pair| {
        format!("{} {} {} {}", p.question_id, p.action, p.sent_id, p.agrees)
    };
    pairs.iter().map(said).collect()
}

async fn figures(base: &Base, replay: &ReplayRow) -> Report {
    report(&mut base.store.read().await.unwrap(), replay, 10).await.unwrap()
}

#[tokio::test]
async fn a_question_knows_only_what_was_accepted_before_it() {
    for base in Base::both().await {
        base.put_row(dated("first", HUM, 0, 2)).await;
        // Asked again before the first was accepted, and again after it.
        base.put_row(dated("early", HUM, 1, 3)).await;
        base.put_row(dated("late", (HUM.0, HUM.1), 10, 11)).await;
        base.put_row(dated("other", (HUM.0, PAIR.1), 12, 13)).await;
        base.put_row(AnswerRow { asked_at: None, accepted_at: None, ..row("none", "x", "y") })
            .await;
        filler(&base, 30).await;
        let done = walk(&base, Request::default(), &|_| {}).await.unwrap();
        let outcome = outcome(&base, &done).await;
        let sent = |id: &str| outcome.iter().find(|line| line.starts_with(id)).cloned();
        assert_eq!((sent("first "), sent("early ")), (None, None), "{outcome:?}");
        let late = sent("late ").expect("an answer was known by then");
        assert!(late.ends_with("true"), "{late}");
        let other = sent("other ").expect("an answer was known by then");
        assert!(other.ends_with("false"), "{other}");

        let report = figures(&base, &done).await;
        assert_eq!((report.questions, report.undated), (34, 1));
        assert_eq!(report.answered + report.choices + report.n_left(), 34);
        assert!(report.agreement.is_estimate || report.choices_agreement.is_estimate);
    }
}

/// Answers about other things, so that words can be rare.
#[tokio::test]
async fn what_the_forum_links_is_no_estimate() {
    for base in Base::both().await {
        base.put_row(dated("first", HUM, 0, 2)).await;
        base.put_row(dated("other", (HUM.0, PAIR.1), 12, 13)).await;
        filler(&base, 30).await;
        let mut tx = base.store.begin().await.unwrap();
        let source = row("other", "x", "y").source;
        tx.set_answer_links(&source, "other", &["first".to_owned()]).await.unwrap();
        tx.commit().await.unwrap();
        let done = walk(&base, Request::default(), &|_| {}).await.unwrap();
        let outcome = outcome(&base, &done).await;
        let other = outcome.iter().find(|line| line.starts_with("other ")).expect("it was known");
        assert!(other.ends_with("true"), "{other}");
        let report = figures(&base, &done).await;
        assert_eq!(report.agreement.linked + report.choices_agreement.linked, 1);
    }
}

async fn filler(base: &Base, n: i64) {
    for number in 0..n {
        let title = format!("Topic {number} of box{number}, lamp{number} and cable{number}");
        let answer = format!("Turn lamp{number} off and put cable{number} into box{number} again.");
        base.put_row(dated(&format!("f{number}"), (&title, &answer), number, number)).await;
    }
}

#[tokio::test]
async fn an_interrupted_replay_goes_on_and_comes_to_the_same() {
    let base = Base::lite().await;
    base.put_row(dated("first", HUM, 0, 2)).await;
    filler(&base, 220).await;
    base.put_row(dated("late", HUM, 300, 301)).await;
    let whole = walk(&base, Request::default(), &|_| {}).await.unwrap();
    let expected = (figures(&base, &whole).await, outcome(&base, &whole).await);

    let stops = |walked: &Walked| assert!(walked.n < 200, "the power fails");
    let interrupted = AssertUnwindSafe(walk(&base, Request::default(), &stops)).catch_unwind();
    assert!(interrupted.await.is_err());
    let resumed_from = AtomicI64::new(-1);
    let looks = |walked: &Walked| resumed_from.store(walked.n_before, Ordering::Relaxed);
    let resumed = walk(&base, Request::default(), &looks).await.unwrap();
    assert_eq!(resumed_from.load(Ordering::Relaxed), 200);
    let found = (figures(&base, &resumed).await, outcome(&base, &resumed).await);
    assert_eq!(format!("{found:?}"), format!("{expected:?}"));

    // What changed meanwhile makes an unfinished one worthless.
    let interrupted = AssertUnwindSafe(walk(&base, Request::default(), &stops)).catch_unwind();
    assert!(interrupted.await.is_err());
    base.retire("late").await;
    walk(&base, Request::default(), &looks).await.unwrap();
    assert_eq!(resumed_from.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_persons_word_counts_more_than_the_estimate_and_outlives_the_replay() {
    let base = Base::lite().await;
    base.put_row(dated("first", HUM, 0, 2)).await;
    base.put_row(dated("other", (HUM.0, PAIR.1), 12, 13)).await;
    filler(&base, 30).await;
    walk(&base, Request::default(), &|_| {}).await.unwrap();
    let (channels, rules) = (Channels::new(Vec::new()), rules());
    let stage = Stage { now: base.clock.now(), ids: &base.ids, channels: &channels, rules: &rules };
    let mut tx = base.store.begin().await.unwrap();
    judge(&mut tx, &stage, &Actor::operator(), ("other", "first"), true).await.unwrap();
    let unknown = judge(&mut tx, &stage, &Actor::operator(), ("other", "nobody"), true).await;
    assert_eq!(unknown.unwrap_err().to_string(), "there is no answer nobody");
    tx.commit().await.unwrap();

    let again = walk(&base, Request::default(), &|_| {}).await.unwrap();
    let report = figures(&base, &again).await;
    let judged = [report.agreement, report.choices_agreement].map(|a| (a.judged, a.judged_agree));
    assert!(judged.contains(&(1, 1)), "{judged:?}");
}

#[tokio::test]
async fn only_what_was_asked_since_a_day_is_asked_again() {
    let base = Base::lite().await;
    let nothing = walk(&base, Request::default(), &|_| {}).await.unwrap_err();
    assert!(nothing.to_string().contains("the answer base is empty"), "{nothing}");
    base.put("undated", "a", "b").await;
    let undated = walk(&base, Request::default(), &|_| {}).await.unwrap_err();
    assert!(undated.to_string().contains("none of the 1 answers"), "{undated}");

    base.put_row(dated("first", HUM, 0, 2)).await;
    base.put_row(dated("late", HUM, 10, 11)).await;
    filler(&base, 30).await;
    let since = walk(&base, Request { from: Some(day(10)) }, &|_| {}).await.unwrap();
    let report = figures(&base, &since).await;
    assert_eq!(report.questions, 21);
    assert!(outcome(&base, &since).await.iter().any(|line| line.starts_with("late ")));
    let future = walk(&base, Request { from: Some(day(1000)) }, &|_| {}).await.unwrap_err();
    assert!(future.to_string().starts_with("no question was asked since 2026-08-"), "{future}");
}
