//! Views of the answer base and its index.

use super::{frame, moment, nasty};
use crate::answers::import::Summary;
use crate::answers::indexer::{ExamChange, ExamReport, Top};
use crate::clock::from_millis;
use crate::console::answer_form::{AnswerFormPage, Fields, Near};
use crate::console::answers::{self, AnswerPage, AnswersPage};
use crate::console::index::{self, IndexPage};
use crate::console::replay::{self, ReplayPage};
use crate::console::source_forum::ForumView;
use crate::console::sources::{Item, LastImport, Running, SourcesPage};
use crate::replay::{Agreement, Author, Month, Pair, Report};
use crate::store::answers::AnswerRow;
use crate::store::sources::Quote;
use crate::store::wishes::Wish;
use crate::vocabulary::{Action, Reason, Role};

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
            quote: Quote::default(),
            wish: Wish::default(),
        },
        url: Some("https://forum.example/?a=\"b\"".to_owned()),
        author_url: Some("https://forum.example/".to_owned()),
        accepted: Some(moment()),
        updated: moment(),
        phrasings: vec![answers::Phrasing {
            id: "phr_1".to_owned(),
            text: nasty(),
            state: "in use",
            is_used: true,
            is_decided: false,
            at: moment(),
        }],
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
            from: nasty(),
        },
        near: vec![Near { id: nasty(), title: nasty(), start: nasty(), confidence: nasty() }],
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

pub(in crate::console::tests) fn replays() -> [ReplayPage; 2] {
    let report = replay_report();
    let pair = |action, agrees| Pair {
        question_id: nasty(),
        sent_id: nasty(),
        action,
        confidence: 0.9,
        likeness: 0.4,
        agrees,
        by: "estimate",
    };
    let listed = |action, agrees| replay::Listed {
        pair: pair(action, agrees),
        lang: "ar".to_owned(),
        title: nasty(),
        sent_title: nasty(),
        is_offer: action == Action::Choices,
    };
    let replayed = replay::Replayed {
        ended: Some(moment()),
        to_judge: Some(replay::Judging {
            pair: pair(Action::Answer, true),
            lang: "ar".to_owned(),
            title: nasty(),
            question: nasty(),
            sent: nasty(),
            sent_author: Some(nasty()),
            accepted: nasty(),
            accepted_author: Some(nasty()),
            position: 3,
            from: 0,
        }),
        pairs: vec![listed(Action::Answer, true), listed(Action::Choices, false)],
        more: Some(50),
        ..replay::view(report)
    };
    let full = ReplayPage { frame: frame(Role::Expert), running: None, replayed: Some(replayed) };
    let running = Some("3 of 10 questions".to_owned());
    [full, ReplayPage { frame: frame(Role::Viewer), running, replayed: None }]
}

fn replay_report() -> Report {
    let agreement = Agreement {
        pairs: 4,
        agree: 3,
        linked: 1,
        judged: 2,
        judged_agree: 1,
        judged_interval: Some((0.1, 0.9)),
        is_estimate: true,
    };
    Report {
        from: None,
        mode: nasty(),
        target_precision: 0.95,
        ended_at: None,
        questions: 10,
        undated: 2,
        answered: 4,
        choices: 4,
        left: [(Reason::LowConfidence, 2)].into(),
        agreement,
        choices_agreement: agreement,
        alike_at: 0.3,
        authors: vec![Author { author: Some(nasty()), n: 3 }, Author { author: None, n: 1 }],
        n_authors: 2,
        minutes_per_case: 10,
        estimated_hours_saved: 0.5,
        months: vec![Month { month: nasty(), asked: 10, answered: 4, agree: 3, choices: 4 }],
    }
}

pub(in crate::console::tests) fn sources() -> Vec<SourcesPage> {
    let item = |number, quote| Item {
        number,
        name: nasty(),
        n_live: 3,
        n_sendable: 2,
        langs: "en 3".to_owned(),
        licences: nasty(),
        last: Some(LastImport {
            format: "jsonl".to_owned(),
            path: nasty(),
            at: moment(),
            took: "3 s".to_owned(),
            summary: Summary { seen: 5, kept: 3, ..Summary::default() },
            skipped: vec![(nasty(), 2, 7)],
        }),
        quote,
        forum: Some(ForumView {
            webhook: "https://desk.example/webhooks/discourse".to_owned(),
            n_fetched: 5,
            n_kept: 3,
            skipped: vec![(nasty(), 2)],
            last_event: Some((nasty(), moment())),
            lag: nasty(),
            n_due: 1,
            swept: Some(moment()),
            is_sweeping: true,
            trouble: Some(nasty()),
        }),
    };
    let page = |role| SourcesPage {
        frame: frame(role),
        running: vec![Running {
            source: nasty(),
            words: nasty(),
            percent: "41".to_owned(),
            is_alive: true,
            at: moment(),
        }],
        items: vec![item(0, Quote::Full), item(1, Quote::Excerpt(80)), item(2, Quote::Link)],
    };
    vec![page(Role::Admin), page(Role::Viewer)]
}
