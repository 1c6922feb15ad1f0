//! Views of the answer base and its index.

use super::{frame, moment, nasty};
use crate::answers::indexer::{ExamChange, ExamReport, Top};
use crate::clock::from_millis;
use crate::console::answer_form::{AnswerFormPage, Fields};
use crate::console::answers::{self, AnswerPage, AnswersPage};
use crate::console::index::{self, IndexPage};
use crate::store::answers::AnswerRow;
use crate::vocabulary::Role;

pub(in crate::console::tests) fn answers() -> AnswersPage {
    AnswersPage {
        frame: frame(Role::Expert),
        query: answers::Looked { q: nasty(), lang: "ar".to_owned(), ..Default::default() },
        sources: vec![nasty()],
        langs: vec!["ar".to_owned()],
        n_live: 3,
        n_sendable: 2,
        items: vec![answers::Item {
            id: nasty(),
            title: nasty(),
            start: nasty(),
            lang: "ar".to_owned(),
            source: nasty(),
            author: Some(nasty()),
            may_be_sent: false,
            is_live: true,
            confidence: Some("41 %".to_owned()),
        }],
        more: Some("/answers?before=1".to_owned()),
    }
}

pub(in crate::console::tests) fn answer() -> AnswerPage {
    AnswerPage {
        frame: frame(Role::Moderator),
        row: AnswerRow {
            id: nasty(),
            source: nasty(),
            source_id: nasty(),
            lang: "ar".to_owned(),
            title: nasty(),
            question: nasty(),
            answer: nasty(),
            author: Some(nasty()),
            author_url: None,
            asker: Some(nasty()),
            url: None,
            licence: Some(nasty()),
            product: Some(nasty()),
            tags: vec![nasty()],
            votes: 3,
            asked_at: None,
            accepted_at: Some(from_millis(0)),
            sendable: false,
            sendable_reason: Some(nasty()),
            sendable_by_hand: None,
            helped: 2,
            refused: 1,
            live: true,
            hash: String::new(),
            seq: 1,
            updated_at: from_millis(0),
        },
        url: Some("https://forum.example/?a=\"b\"".to_owned()),
        author_url: Some("https://forum.example/".to_owned()),
        accepted: Some(moment()),
        updated: moment(),
        changes: vec![answers::Change {
            actor: nasty(),
            act: nasty(),
            at: moment(),
            title: nasty(),
            question: nasty(),
            answer: nasty(),
        }],
    }
}

pub(in crate::console::tests) fn answer_form() -> AnswerFormPage {
    AnswerFormPage {
        frame: frame(Role::Moderator),
        title: "Edit the answer",
        action: "/answers/1".to_owned(),
        back: "/answers/1".to_owned(),
        fields: Fields {
            title: nasty(),
            question: nasty(),
            answer: nasty(),
            author: nasty(),
            lang: nasty(),
            product: nasty(),
            tags: nasty(),
            url: nasty(),
            licence: nasty(),
            sendable: nasty(),
        },
        error: Some(nasty()),
    }
}

pub(in crate::console::tests) fn index() -> IndexPage {
    IndexPage {
        frame: frame(Role::Admin),
        generations: vec![index::Generation {
            number: 3,
            state: "in service",
            is_serving: true,
            n_answers: 5104,
            size: "4.2".to_owned(),
            built: Some(moment()),
        }],
        work: vec![index::Work {
            kind: "Rebuild",
            state: "running".to_owned(),
            progress: nasty(),
            asked_by: nasty(),
            at: moment(),
        }],
        exam: Some(ExamReport {
            changes: vec![ExamChange {
                question: nasty(),
                expected: Some(nasty()),
                before: None,
                after: Some(Top { id: nasty(), confidence: 0.5 }),
            }],
            refusal: Some(nasty()),
            ..ExamReport::default()
        }),
        n_golden: 0,
        nodes: vec![index::Node { name: nasty(), generation: 3, n_behind: 2, seen: moment() }],
        last_seq: 12,
    }
}
