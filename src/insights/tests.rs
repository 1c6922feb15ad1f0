//! Cases from histories: who handled them and how they ended, one line each.

use jiff::{SignedDuration, Timestamp};

use super::cases::{Case, History, Said, cases};
use crate::clock::from_millis;
use crate::ids::DecisionId;
use crate::store::case_history::{PassedRow, SaidRow};
use crate::vocabulary::{Action, Outcome, Reason, Role, Verdict};

/// A decision at so many minutes.
fn said(minute: i64, action: Action, question: &str) -> Said {
    let at = at(minute);
    let gives = matches!(action, Action::Answer | Action::Choices);
    Said {
        row: SaidRow {
            id: DecisionId(minute),
            conversation_id: 1.into(),
            channel: "telegram".to_owned(),
            question: question.to_owned(),
            lang: "en".to_owned(),
            action,
            reason: if gives { Reason::Confident } else { Reason::NothingFound },
            answer_ids: if gives { vec!["a1".to_owned()] } else { Vec::new() },
            feedback: None,
            at,
        },
        received_at: Some(at - SignedDuration::from_secs(2)),
        answered_at: gives.then(|| at + SignedDuration::from_secs(1)),
        replied_at: None,
    }
}

fn at(minute: i64) -> Timestamp {
    from_millis(minute * 60_000)
}

impl Said {
    fn told(mut self, verdict: Verdict) -> Self {
        self.row.feedback = Some(verdict);
        self
    }

    /// It followed from a press, not from words.
    fn pressed(mut self) -> Self {
        self.received_at = None;
        self
    }

    fn elsewhere(mut self) -> Self {
        self.row.conversation_id = 2.into();
        self
    }

    fn because(mut self, reason: Reason) -> Self {
        self.row.reason = reason;
        self
    }
}

/// An escalation of the decision at this minute.
fn passed(minute: i64) -> PassedRow {
    PassedRow {
        decision_id: Some(DecisionId(minute)),
        opened_at: at(minute),
        replied_at: None,
        closed_at: None,
        outcome: None,
        role: None,
        answer_id: None,
    }
}

fn line(case: &Case) -> String {
    let ends: Vec<String> =
        case.ends.iter().map(|end| format!("{} {}", end.handler, end.ending)).collect();
    let kind = if case.is_complex { "complex" } else { "simple" };
    format!("{kind}: {}", ends.join(", "))
}

#[track_caller]
fn check(said: Vec<Said>, passed: Vec<PassedRow>, expected: &[&str]) {
    let same = |one: &SaidRow, other: &SaidRow| one.question == other.question;
    let found: Vec<String> = cases(&History { said, passed }, &same).iter().map(line).collect();
    assert_eq!(found, expected);
}

#[test]
fn silence_is_no_success_and_a_press_is() {
    let answer = || said(0, Action::Answer, "q");
    check(vec![answer()], vec![], &["simple: all silent, bot silent"]);
    check(vec![answer().told(Verdict::Helped)], vec![], &["simple: all confirmed, bot confirmed"]);
    check(vec![answer().told(Verdict::Refused)], vec![], &["simple: all refused, bot refused"]);
}

#[test]
fn what_waits_for_people_is_escalated_whatever_the_bot_tried() {
    check(
        vec![said(0, Action::Escalate, "q")],
        vec![passed(0)],
        &["complex: all escalated, bot escalated"],
    );
    check(
        vec![
            said(0, Action::Answer, "q").told(Verdict::Refused),
            said(1, Action::Escalate, "q").pressed(),
        ],
        vec![passed(1)],
        &["complex: all escalated, bot refused"],
    );
}

#[test]
fn who_answered_in_the_end_has_the_last_word() {
    let called = || said(1, Action::Escalate, "q").pressed();
    let replied = |role| PassedRow { replied_at: Some(at(5)), role, ..passed(1) };
    let refused = || said(0, Action::Answer, "q").told(Verdict::Refused);
    check(
        vec![refused(), called().told(Verdict::Helped)],
        vec![replied(Some(Role::Expert))],
        &["complex: all confirmed, bot refused, expert confirmed"],
    );
    check(
        vec![refused(), called()],
        vec![replied(None)],
        &["complex: all silent, bot refused, moderator silent"],
    );
}

#[test]
fn a_short_list_is_told_apart_and_none_of_these_refuses_it() {
    check(
        vec![
            said(0, Action::Choices, "q"),
            said(1, Action::Answer, "q").pressed().told(Verdict::Helped),
        ],
        vec![],
        &["simple: all confirmed, list confirmed"],
    );
    check(
        vec![
            said(0, Action::Choices, "q").told(Verdict::Human),
            said(1, Action::Escalate, "q").pressed(),
        ],
        vec![passed(1)],
        &["complex: all escalated, list refused"],
    );
}

#[test]
fn the_same_again_within_three_days_undoes_what_seemed_well() {
    let again = |hours: i64| {
        vec![
            said(0, Action::Answer, "q").told(Verdict::Helped),
            said(hours * 60, Action::Answer, "q").elsewhere(),
        ]
    };
    let undone = "simple: all asked_again, bot asked_again";
    let silent = "simple: all silent, bot silent";
    check(again(72), vec![], &[undone, silent]);
    check(again(73), vec![], &["simple: all confirmed, bot confirmed", silent]);
    let another = said(60, Action::Answer, "another").elsewhere();
    check(vec![said(0, Action::Answer, "q"), another], vec![], &[silent, silent]);
}

#[test]
fn turns_of_one_question_are_one_case() {
    check(
        vec![
            said(0, Action::AskBack, "it hums"),
            said(1, Action::Answer, "it hums\nthe small one"),
            said(2, Action::Answer, "it hums\nthe small one\nin red"),
        ],
        vec![],
        &["complex: all silent, bot silent"],
    );
    check(
        vec![
            said(0, Action::Answer, "q"),
            said(3, Action::Escalate, "a person please").because(Reason::AskedForHuman),
        ],
        vec![passed(3)],
        &["complex: all escalated, bot escalated"],
    );
}

#[test]
fn spam_is_no_case_and_small_talk_neither() {
    let closed = |outcome| PassedRow { closed_at: Some(at(9)), outcome, ..passed(0) };
    check(vec![said(0, Action::Escalate, "q")], vec![closed(Some(Outcome::Spam))], &[]);
    let hello = said(0, Action::Silent, "hello").because(Reason::SmallTalk);
    check(vec![hello], vec![], &[]);
}

#[test]
fn waiting_ends_with_the_first_answer_that_arrived() {
    let same = |_: &SaidRow, _: &SaidRow| false;
    let history = History { said: vec![said(0, Action::Answer, "q")], passed: vec![] };
    let waited = cases(&history, &same)[0].ends[0].waited;
    assert_eq!(waited, Some(SignedDuration::from_secs(3)));
}
