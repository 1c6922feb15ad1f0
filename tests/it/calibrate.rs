//! The confidence learns from what people said, cautiously; and the alarm when answers help less
//! than promised.

use std::sync::Arc;

use superfan::calibrate::{Drift, drift, feedback, figures, keep, put_in_force, select};
use superfan::channels::Channels;
use superfan::config::{Rules, Settings};
use superfan::desk::Stage;
use superfan::ids::{ConversationId, CustomerId, DecisionId};
use superfan::people::Actor;
use superfan::store::decisions::DecisionRow;
use superfan::vocabulary::{Action, Reason, Verdict};
use superfan_index::Calibration;

use crate::base::Base;

/// A question answered automatically, and what its customer said.
async fn answered(base: &Base, n: i64, verdict: Verdict) {
    let fit = if n % 2 == 0 { 0.9 } else { 0.7 };
    let evidence: Vec<_> = ["title_fit", "question_fit", "often_asked", "margin", "known"]
        .map(|name| serde_json::json!({"name": name, "value": fit, "contribution": 0.0}))
        .into();
    let decision = DecisionRow {
        id: DecisionId(n + 1),
        conversation_id: ConversationId(n),
        customer_id: CustomerId(n),
        channel: "webchat".to_owned(),
        question: format!("question {n}"),
        lang: "en".to_owned(),
        action: Action::Answer,
        reason: Reason::Confident,
        confidence: 0.9,
        line: 0.8,
        generation: 1,
        answer_ids: vec!["a".to_owned()],
        card: serde_json::json!({
            "hits": [{"id": "a", "answer": "Plug it in.", "confidence": 0.9}],
            "card": {"evidence": evidence},
        }),
        feedback: None,
        at: base.clock.now(),
    };
    let mut tx = base.store.begin().await.unwrap();
    tx.add_decision(&decision).await.unwrap();
    assert!(tx.add_feedback(&decision, CustomerId(n), verdict, base.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
}

async fn said(base: &Base, n: i64, is_helped: impl Fn(i64) -> bool) {
    for at in 0..n {
        let verdict = if is_helped(at) { Verdict::Helped } else { Verdict::Refused };
        answered(base, at, verdict).await;
    }
}

#[tokio::test]
async fn what_customers_said_moves_the_confidence_and_can_be_taken_back() {
    for base in Base::both().await {
        said(&base, 200, |n| n % 10 < 3).await;
        let told = feedback(&mut base.store.read().await.unwrap()).await.unwrap();
        assert_eq!((told.judged.len(), told.n_by_people), (200, 0));
        let shipped = Calibration::shipped();
        let fitted = shipped.refitted(&told.judged);
        let evidence = &told.judged[0].evidence;
        assert!(fitted.confidence(evidence) < shipped.confidence(evidence));
        let worth = figures(&fitted, &told.judged, 0.95);
        assert_eq!(worth.reliability.iter().map(|bin| bin.n).sum::<i64>(), 200);

        let (channels, rules) = (Channels::new(Vec::new()), rules());
        let stage =
            Stage { now: base.clock.now(), ids: &base.ids, channels: &channels, rules: &rules };
        let actor = Actor::operator();
        let mut tx = base.store.begin().await.unwrap();
        keep(&mut tx, &stage, &actor, (&fitted, 200)).await.unwrap();
        tx.commit().await.unwrap();
        put_in_force(&base.store, &base.search).await.unwrap();
        assert_eq!(*base.search.index().calibration(), fitted);

        let mut tx = base.store.begin().await.unwrap();
        select(&mut tx, &stage, &actor, None).await.unwrap();
        tx.commit().await.unwrap();
        put_in_force(&base.store, &base.search).await.unwrap();
        assert_eq!(*base.search.index().calibration(), shipped);
        let kept = base.store.read().await.unwrap().calibrations().await.unwrap();
        assert_eq!(kept.len(), 1, "the other one can be selected again");
    }
}

fn rules() -> Rules {
    Rules::read(&Settings::from_pairs([])).unwrap()
}

#[tokio::test]
async fn a_calibration_of_another_version_is_left_aside() {
    let base = Base::lite().await;
    let mut tx = base.store.begin().await.unwrap();
    let row = superfan::store::calibrations::CalibrationRow {
        id: superfan::ids::CalibrationId(1),
        shipped: "of another version".to_owned(),
        body: "{}".to_owned(),
        n_judged: 1,
        in_force: true,
        made_at: base.clock.now(),
    };
    tx.add_calibration(&row).await.unwrap();
    tx.commit().await.unwrap();
    let list = r#""list":{"intercept":0,"weights":[]}"#;
    let other = format!(r#"{{"ranking":[],"intercept":0,"weights":[],{list},"curve":[]}}"#);
    let other = Calibration::from_json(&other);
    base.search.index().set_calibration(Arc::new(other.unwrap()));
    put_in_force(&base.store, &base.search).await.unwrap();
    assert_eq!(*base.search.index().calibration(), Calibration::shipped());
}

#[tokio::test]
async fn the_alarm_waits_until_the_target_is_missed_for_sure() {
    let few = look(19, |_| false).await;
    assert_eq!(few, None, "too few to tell");
    let unsure = look(20, |n| n % 5 > 0).await.unwrap();
    assert!(!unsure.is_below && unsure.interval.1 > 0.9, "{unsure:?}");
    let sure = look(100, |n| n % 5 > 0).await.unwrap();
    assert!(sure.is_below && sure.n == 100, "{sure:?}");
}

/// The drift after `n` presses, at a target of 0.9.
async fn look(n: i64, is_helped: impl Fn(i64) -> bool) -> Option<Drift> {
    let base = Base::lite().await;
    said(&base, n, is_helped).await;
    let mut tx = base.store.read().await.unwrap();
    drift(&mut tx, 0.9, base.clock.now()).await.unwrap()
}
