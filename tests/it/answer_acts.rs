//! Answers that people write and change: checked, kept with their history, searchable at once.

use superfan::answers::acts::{create, edit, retire, set_sendable};
use superfan::answers::{AnswerEdit, GivenAnswer, Word};
use superfan::channels::Channels;
use superfan::config::{Rules, Settings};
use superfan::desk::Stage;
use superfan::people::{ActError, Actor, Via};
use superfan::store::answers::AnswerRow;
use superfan::vocabulary::Role;

use crate::base::Base;

/// Runs one act on a base and commits it, unless it was refused.
macro_rules! act {
    ($base:expr, $actor:expr, $act:ident $(, $argument:expr)*) => {{
        let channels = Channels::default();
        let rules = Rules::read(&Settings::default()).unwrap();
        let (now, ids) = ($base.clock.now(), &$base.ids);
        let stage = Stage { now, ids, channels: &channels, rules: &rules };
        let mut tx = $base.store.begin().await.unwrap();
        let done: Result<AnswerRow, ActError> =
            $act(&mut tx, &stage, $actor, $($argument),*).await;
        if done.is_ok() {
            tx.commit().await.unwrap();
        }
        done
    }};
}

fn lee() -> Actor {
    Actor { person: None, name: "Lee".to_owned(), role: Role::Moderator, via: Via::Console }
}

fn written() -> GivenAnswer {
    with(AnswerEdit::default())
}

/// The usual answer, with these fields instead of its own.
fn with(edit: AnswerEdit) -> GivenAnswer {
    let text = |text: &str| Some(text.to_owned());
    let title = edit.title.or_else(|| text(" Headphones  beep "));
    let answer = edit.answer.or_else(|| text("Charge the headphones for an hour."));
    GivenAnswer { id: None, edit: AnswerEdit { title, answer, ..edit } }
}

#[tokio::test]
async fn an_answer_is_written_edited_and_retired_and_each_state_is_kept() {
    for base in Base::both().await {
        let made = act!(base, &lee(), create, written()).unwrap();
        assert!(made.id.starts_with("ans_"));
        assert_eq!((made.title.as_str(), made.lang.as_str()), ("Headphones beep", "en"));
        assert_eq!(made.author.as_deref(), Some("Lee"));
        base.catch_up().await;
        assert_eq!(base.find("headphones beep").await, made.id);

        let better = AnswerEdit {
            answer: Some("Update the firmware of the gadget.".to_owned()),
            author: Some(String::new()),
            ..AnswerEdit::default()
        };
        let edited = act!(base, &lee(), edit, &made.id, better).unwrap();
        assert_eq!((edited.title.as_str(), edited.author), ("Headphones beep", None));
        base.catch_up().await;
        assert_eq!(base.find("firmware gadget").await, made.id);

        act!(base, &lee(), retire, &made.id).unwrap();
        act!(base, &lee(), retire, &made.id).unwrap();
        base.catch_up().await;
        assert_eq!(base.find("firmware gadget").await, "");

        let mut tx = base.store.read().await.unwrap();
        let history = tx.answer_history(&made.id, 9).await.unwrap();
        let acts: Vec<_> = history.iter().rev().map(|row| row.act.as_str()).collect();
        assert_eq!(acts, ["create", "edit", "retire"]);
        let audit = tx.audit(10).await.unwrap();
        assert_eq!(audit.len(), 3);
        assert!(audit.iter().all(|row| row.actor == "Lee" && row.object == made.id));
    }
}

#[tokio::test]
async fn the_first_edit_of_an_imported_answer_keeps_what_its_source_said() {
    let base = Base::lite().await;
    base.put("1", "Cable", "Pull it.").await;
    let change = AnswerEdit { answer: Some("Push it.".to_owned()), ..AnswerEdit::default() };
    act!(base, &lee(), edit, "1", change).unwrap();

    let history = base.store.read().await.unwrap().answer_history("1", 9).await.unwrap();
    let said: Vec<_> = history
        .iter()
        .rev()
        .map(|row| format!("{} {} {}", row.actor, row.act, row.body["answer"]))
        .collect();
    assert_eq!(said, ["ana before \"Pull it.\"", "Lee edit \"Push it.\""]);
}

#[tokio::test]
async fn a_moderators_word_on_sending_counts_more_than_the_classifier() {
    let base = Base::lite().await;
    base.put("1", "Cable", "Pull it.").await;
    let blocked = act!(base, &lee(), set_sendable, "1", Some(false)).unwrap();
    assert!(blocked.sendable && !blocked.may_be_sent());
    assert!(act!(base, &lee(), set_sendable, "1", None).unwrap().may_be_sent());
}

#[tokio::test]
async fn the_classifier_judges_what_is_written_unless_a_moderator_says_so() {
    let base = Base::lite().await;
    let answer = Some("Thanks a lot, that worked, it is fixed now!".to_owned());
    let thanks = AnswerEdit { answer, ..AnswerEdit::default() };
    let made = act!(base, &lee(), create, with(thanks.clone())).unwrap();
    assert!(!made.may_be_sent() && made.sendable_reason.is_some());
    let sent = AnswerEdit { sendable: Some(Word::Yes), ..thanks };
    assert!(act!(base, &lee(), create, with(sent)).unwrap().may_be_sent());

    let answer = Some("Hold the power button for ten seconds.".to_owned());
    let better = AnswerEdit { answer, ..AnswerEdit::default() };
    let edited = act!(base, &lee(), edit, &made.id, better.clone()).unwrap();
    assert!(edited.may_be_sent() && edited.sendable_reason.is_none());
    let again = act!(base, &lee(), edit, &made.id, better).unwrap();
    assert_eq!(again.seq, edited.seq, "what changes nothing is no change");
}

#[tokio::test]
async fn what_cannot_be_kept_names_its_field() {
    let base = Base::lite().await;
    let check = |given: GivenAnswer, field: &'static str| {
        let base = &base;
        async move {
            let error = act!(base, &lee(), create, given).unwrap_err();
            let ActError::Invalid { reason } = &error else { panic!("{error}") };
            assert!(reason.starts_with(field), "{reason}");
        }
    };
    let text = |text: &str| Some(text.to_owned());
    check(with(AnswerEdit { answer: text(" \n"), ..AnswerEdit::default() }), "answer").await;
    check(with(AnswerEdit { title: text(""), ..AnswerEdit::default() }), "title").await;
    check(with(AnswerEdit { url: text("javascript:x"), ..AnswerEdit::default() }), "url").await;
    check(with(AnswerEdit { lang: text("klingon tongue"), ..AnswerEdit::default() }), "lang").await;
    check(with(AnswerEdit { author: Some("a".repeat(201)), ..AnswerEdit::default() }), "author")
        .await;
    check(GivenAnswer { id: text("../etc"), ..written() }, "id").await;
    assert_eq!(base.store.read().await.unwrap().last_answer_seq().await.unwrap(), 0);
}

#[tokio::test]
async fn an_act_is_refused_without_the_role_on_unknown_ids_and_on_taken_ones() {
    let base = Base::lite().await;
    base.put("1", "Cable", "Pull it.").await;
    let expert = Actor { role: Role::Expert, ..lee() };
    let refused = act!(base, &expert, retire, "1").unwrap_err();
    assert!(matches!(refused, ActError::Forbidden { .. }));
    for id in ["2", "\0"] {
        assert!(matches!(act!(base, &lee(), retire, id).unwrap_err(), ActError::Unknown { .. }));
    }
    let taken = GivenAnswer { id: Some("1".to_owned()), ..written() };
    let refused = act!(base, &lee(), create, taken).unwrap_err();
    assert!(matches!(refused, ActError::Conflict { .. }));
}
