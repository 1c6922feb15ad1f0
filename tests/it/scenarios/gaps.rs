//! What the base could not answer: grouped as it comes, answered once for all who wait.

use superfan::answers::{AnswerEdit, GivenAnswer};
use superfan::bridge;
use superfan::gaps;
use superfan::people::ActError;
use superfan::store::gaps::GapRow;
use superfan::vocabulary::{EscalationState, GapState, Outcome};

use crate::desk::{Agent, TestDesk, minutes, scenarios, seconds};

scenarios! {
    questions_are_grouped_as_they_come_and_gaps_keep_their_ids,
    one_answer_goes_to_all_who_wait_each_once,
    an_answer_that_is_going_out_survives_the_process,
    what_somebody_has_is_left_to_them_and_who_stopped_is_left_alone,
    a_gap_goes_to_whoever_knows,
    an_erased_customers_words_name_no_gap,
}

const TITLE: &str = "Why does my sofa hum?";
const ANSWER: &str = "Turn the motor off, then on again.";

/// Every gap, once the questions so far are grouped.
async fn known(desk: &TestDesk) -> Vec<GapRow> {
    desk.passes(minutes(1)).await;
    desk.reads(async |tx| tx.gaps(100).await).await
}

/// The gap with this word in its name.
async fn about(desk: &TestDesk, word: &str) -> GapRow {
    let known = known(desk).await;
    let found = known.iter().find(|gap| gap.name.split(' ').any(|one| one == word));
    found.unwrap_or_else(|| panic!("no gap about {word}: {known:?}")).clone()
}

async fn answers(desk: &TestDesk, lee: &Agent<'_>, gap: &GapRow) -> Result<String, ActError> {
    let edit = AnswerEdit {
        title: Some(TITLE.to_owned()),
        answer: Some(ANSWER.to_owned()),
        ..AnswerEdit::default()
    };
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    let given = GivenAnswer { id: None, edit };
    let row = gaps::answer(&mut tx, &stage, &lee.actor, gap.id, given).await?;
    tx.commit().await.unwrap();
    Ok(row.id)
}

async fn questions_are_grouped_as_they_come_and_gaps_keep_their_ids(desk: &mut TestDesk) {
    desk.telegram("ana").asks("Why does my sofa hum?").await;
    desk.telegram("ben").asks("Where is my parcel?").await;
    let sofa = about(desk, "sofa").await;
    assert_eq!((sofa.n, sofa.n_waiting, sofa.n_week, sofa.lang.as_str()), (1, 1, 1, "en"));
    desk.caller("cleo").asks("m1", "the sofa hums all day").await;
    desk.telegram("dora").asks("my sofa began to hum").await;
    let grown = about(desk, "sofa").await;
    assert_eq!((grown.id, grown.n, grown.n_waiting), (sofa.id, 3, 3));
    assert_eq!(grown.days.last(), Some(&3));

    let lee = desk.agent("lee").await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    let said = ("Sound", GapState::Planned);
    gaps::set_standing(&mut tx, &stage, &lee.actor, grown.id, said).await.unwrap();
    tx.commit().await.unwrap();
    lee.replies(1, "It is the motor.").await.unwrap();
    lee.closes(1).await.unwrap();
    desk.passes(minutes(60 * 24 * 35)).await;
    let later = about(desk, "sofa").await;
    assert_eq!((later.id, later.n, later.n_waiting, later.n_week), (sofa.id, 3, 2, 0));
    assert_eq!((later.owner.as_str(), later.state), ("Sound", GapState::Planned));
    let month = superfan::months::month_before(desk.desk().stage().now);
    let before = desk.reads(async |tx| tx.gap_in_month(sofa.id, &month).await).await;
    assert_eq!(before, Some(GapState::Planned));
    // Ninety days later nobody asks any more; what people said of it stays, what nobody did goes.
    desk.passes(minutes(60 * 24 * 60)).await;
    let left = known(desk).await;
    assert_eq!(left.iter().map(|gap| (gap.id, gap.n)).collect::<Vec<_>>(), [(sofa.id, 0)]);
    desk.transcript();
}

async fn one_answer_goes_to_all_who_wait_each_once(desk: &mut TestDesk) {
    let lee = desk.agent("lee").await;
    desk.telegram("ana").asks("Why does my sofa hum?").await;
    desk.caller("ben").asks("m1", "the sofa hums all day").await;
    desk.telegram("cleo").asks("Where is my parcel?").await;
    let gap = about(desk, "sofa").await;
    let of_ana = desk.escalation(1).await;
    let alike = desk.reads(async |tx| bridge::alike(tx, &of_ana).await).await;
    assert_eq!(alike.iter().map(|row| row.number).collect::<Vec<_>>(), [2]);
    desk.news();
    let id = answers(desk, &lee, &gap).await.unwrap();
    assert!(matches!(answers(desk, &lee, &gap).await, Err(ActError::Conflict { .. })));
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert_eq!(news.matches(&format!("telegram/ana   ◀ lee: / {ANSWER}")).count(), 1, "{news}");
    assert_eq!(news.matches(&format!("webhook/ben    ◀ {ANSWER}")).count(), 1, "{news}");
    assert!(!news.contains("telegram/cleo"), "{news}");
    for number in [1, 2] {
        let row = desk.escalation(number).await;
        assert_eq!((row.state, row.outcome), (EscalationState::Closed, Some(Outcome::Solved)));
    }
    let gap = about(desk, "sofa").await;
    assert_eq!((gap.n, gap.n_waiting, gap.state), (2, 0, GapState::Answered));
    assert_eq!((gap.answer_id.as_deref(), gap.answering_by), (Some(id.as_str()), None));
    // The next who asks gets it at once.
    desk.is_searchable().await;
    desk.telegram("dora").asks("Why does my sofa hum?").await;
    let news = desk.news();
    assert!(news.contains("telegram/dora") && news.contains(ANSWER), "{news}");
}

async fn an_answer_that_is_going_out_survives_the_process(desk: &mut TestDesk) {
    desk.overlooks_details();
    for n in 0..40 {
        desk.caller(&format!("c{n}")).says("m1", "Why does my sofa hum?").await;
    }
    desk.is_quiet().await;
    let gap = about(desk, "sofa").await;
    assert_eq!(gap.n_waiting, 40);
    let lee = desk.agent("lee").await;
    answers(desk, &lee, &gap).await.unwrap();
    let waiting = desk.reads(async |tx| tx.waiting().await).await.0;
    assert_eq!(waiting, 15, "a few in each transaction");
    desk.restarts().await;
    desk.passes(minutes(5)).await;
    let told = desk.help_desk.replies();
    let told = told.iter().filter(|one| one.body["kind"] == "human").count();
    assert_eq!(told, 40);
    assert_eq!(about(desk, "sofa").await.n_waiting, 0);
}

async fn what_somebody_has_is_left_to_them_and_who_stopped_is_left_alone(desk: &mut TestDesk) {
    let lee = desk.agent("lee").await;
    let kim = desk.agent("kim").await;
    desk.telegram("ana").asks("Why does my sofa hum?").await;
    desk.telegram("ben").asks("the sofa hums all day").await;
    desk.telegram("cleo").asks("my sofa hums").await;
    let gap = about(desk, "sofa").await;
    assert_eq!(gap.n_waiting, 3);
    kim.claims(2).await.unwrap();
    desk.telegram("cleo").says("/stop").await;
    desk.news();
    answers(desk, &lee, &gap).await.unwrap();
    desk.passes(seconds(5)).await;
    let news = desk.news();
    assert!(news.contains("telegram/ana   ◀ lee: / Turn"), "{news}");
    assert!(!news.contains("telegram/ben") && !news.contains("telegram/cleo"), "{news}");
    let untold = desk.reads(async |tx| tx.untold_in_gap(gap.id).await).await;
    assert_eq!(untold, [(3, "the customer said stop".to_owned())]);
    assert_eq!(desk.escalation(2).await.state, EscalationState::Claimed);
}

async fn a_gap_goes_to_whoever_knows(desk: &mut TestDesk) {
    let lee = desk.agent("lee").await;
    let bo = desk.agent("bo").await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    let said = superfan::people::Profile { name: "bo", langs: "", skills: "sofas" };
    superfan::people::set_profile(&mut tx, &stage, &bo.actor, "bo@desk.example", said)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    desk.telegram("ana").asks("Why does my sofa hum?").await;
    desk.telegram("ben").asks("the sofa hums all day").await;
    let gap = about(desk, "sofa").await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let stage = desk.desk().stage();
    let nobody = gaps::to_experts(&mut tx, &stage, &lee.actor, gap.id, "").await;
    assert!(matches!(nobody, Err(ActError::Invalid { .. })));
    let n = gaps::to_experts(&mut tx, &stage, &lee.actor, gap.id, "sofas").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(n, 2);
    assert_eq!(desk.escalation(2).await.skill.as_deref(), Some("sofas"));
    desk.transcript();
}

async fn an_erased_customers_words_name_no_gap(desk: &mut TestDesk) {
    desk.telegram("ana").asks("my quaggaberry hums at +30 210 123 4567").await;
    let gap = about(desk, "quaggaberry").await;
    assert!(!gap.name.contains("210") && !gap.name.contains("phone"), "{}", gap.name);
    desk.telegram("ana").says("/forget").await;
    desk.telegram("ana").presses("Yes, erase").await;
    desk.passes(minutes(2)).await;
    assert_eq!(desk.reads(async |tx| tx.gaps(10).await).await, []);
    desk.transcript();
}
