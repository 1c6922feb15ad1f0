//! Answers that people write and change: checked, kept with their history, searchable at once.

use superfan::answers::AnswerJson;
use superfan::answers::acts::{AnswerEdit, create, edit, retire, set_sendable};
use superfan::channels::Channels;
use superfan::config::{Rules, Settings};
use superfan::desk::Stage;
use superfan::people::{ActError, Actor};
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
    Actor { person: None, name: "Lee".to_owned(), role: Role::Moderator }
}

fn written() -> AnswerJson {
    AnswerJson {
        title: " Headphones  beep ".to_owned(),
        answer: "Charge the headphones for an hour.".to_owned(),
        ..AnswerJson::default()
    }
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
        let history = tx.answer_history(&made.id).await.unwrap();
        let acts: Vec<_> = history.iter().map(|row| row.act.as_str()).collect();
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

    let history = base.store.read().await.unwrap().answer_history("1").await.unwrap();
    let said: Vec<_> = history
        .iter()
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
async fn what_cannot_be_kept_names_its_field() {
    let base = Base::lite().await;
    let check = |given: AnswerJson, field: &'static str| {
        let base = &base;
        async move {
            let error = act!(base, &lee(), create, given).unwrap_err();
            let ActError::Invalid { reason } = &error else { panic!("{error}") };
            assert!(reason.starts_with(field), "{reason}");
        }
    };
    check(AnswerJson { answer: " \n".to_owned(), ..written() }, "answer").await;
    check(AnswerJson { title: String::new(), ..written() }, "title").await;
    check(AnswerJson { url: Some("javascript:x".to_owned()), ..written() }, "url").await;
    check(AnswerJson { lang: "klingon language".to_owned(), ..written() }, "lang").await;
    check(AnswerJson { id: "../etc".to_owned(), ..written() }, "id").await;
    check(AnswerJson { author: Some("a".repeat(201)), ..written() }, "author").await;
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
    let taken = AnswerJson { id: "1".to_owned(), ..written() };
    let refused = act!(base, &lee(), create, taken).unwrap_err();
    assert!(matches!(refused, ActError::Conflict { .. }));
}
