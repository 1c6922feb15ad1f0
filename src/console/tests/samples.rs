//! Views with everything a page can show, and text that tries to break out of it.

mod base;
mod beside;
mod channels;
mod fans;
mod forum_question;
mod gaps;
mod insights;
mod programme;
mod recall;

use beside::{beside, desk_line};

pub(super) use base::{answer, answer_form, answers, index, replays, sources};
pub(super) use channels::{channel_pages, channels, connects, drafts};
pub(super) use fans::{fans, letters};
pub(super) use forum_question::forum_questions;
pub(super) use gaps::{gap_pages, gaps_pages};
pub(super) use insights::insights;
pub(super) use programme::{events, programmes};
pub(super) use recall::{recall_pages, recalls, wrong};

use crate::clock::from_millis;
use crate::console::account::{AccountPage, ProfileForm};
use crate::console::audit::{self, AuditPage};
use crate::console::card::CardView;
use crate::console::conversation::{self, ConversationPage, ConversationsPage};
use crate::console::delivery::{ChannelContext, DeliveryView};
use crate::console::error::ProblemPage;
use crate::console::escalation::{Draft, Earlier, Elsewhere, EscalationPage};
use crate::console::frame::{Banner, Frame};
use crate::console::outbox::{self, OutboxPage, StateTab};
use crate::console::people::{self, PeoplePage, Secret};
use crate::console::queue::{self, QueuePage, Step, Tab};
use crate::console::sign_in::{SignInLinkPage, SignInPage};
use crate::console::thread::{Entry, Side};
use crate::console::try_it::{RenderedView, Tried, TryForm, TryPage};
use crate::console::words::Moment;
use crate::ids::{ConversationId, DeliveryId, EscalationId};
use crate::store::channels::ChannelRow;
use crate::store::outbox::DeliveryRow;
use crate::store::wishes::Wish;
use crate::vocabulary::{DeliveryState, Role};
use crate::words::LANGUAGES;

/// Markup, quotes, both directions and a joined emoji.
pub(in crate::console) const NASTY: &str =
    "<script>alert('x')</script> \"&amp; \u{202e}שלום\u{200f} 👩‍👩‍👧‍👦 ";

/// A reply in a state, due at the epoch.
pub(in crate::console) fn delivery(state: DeliveryState) -> DeliveryRow {
    DeliveryRow {
        id: DeliveryId(7),
        conversation_id: ConversationId(1),
        channel: "telegram".to_owned(),
        cause: "msg_1".to_owned(),
        kind: "answer".to_owned(),
        part: 0,
        priority: 1,
        author: None,
        answer_id: None,
        decision_id: None,
        payload: superfan_bots::Part {
            text: NASTY.to_owned(),
            payload: serde_json::Value::Null,
            weight: 1,
        },
        state,
        reason: None,
        due_at: from_millis(0),
        attempts: 1,
        created_at: from_millis(0),
        settled_at: None,
        channel_message_id: None,
        in_doubt_since: None,
        is_draft: false,
        released_by: None,
    }
}

pub(super) fn delivery_view(state: DeliveryState) -> DeliveryView {
    let row = DeliveryRow { reason: Some(nasty()), ..delivery(state) };
    let channel = ChannelContext { label: nasty(), row: ChannelRow::default() };
    DeliveryView::new(&row, &channel, from_millis(0))
}

pub(super) fn nasty() -> String {
    NASTY.to_owned()
}

pub(super) fn moment() -> Moment {
    Moment::new(from_millis(0), from_millis(90_000))
}

pub(super) fn frame(role: Role) -> Frame {
    Frame {
        brand: nasty(),
        name: nasty(),
        role,
        csrf: "secret".to_owned(),
        here: "queue",
        live: "queue".to_owned(),
        banners: vec![Banner { text: nasty(), href: "/next", action: "Look" }],
        notice: Some("Done."),
        offer: Some(EscalationId(1)),
        n_open: 3,
    }
}

fn thread() -> Vec<Entry> {
    let entry = |side, delivery, problem| Entry {
        side,
        author: nasty(),
        text: nasty(),
        at: moment(),
        delivery,
        problem,
        report: Some("/answers/1/wrong".to_owned()),
    };
    let mut entries = vec![
        entry(Side::Customer, None, Some(nasty())),
        entry(Side::Note, None, None),
        entry(Side::Human, Some(delivery_view(DeliveryState::Sent)), None),
    ];
    let of_bot = |state: &DeliveryState| entry(Side::Bot, Some(delivery_view(*state)), None);
    entries.extend(DeliveryState::ALL.iter().map(of_bot));
    entries
}

pub(super) fn card() -> CardView {
    CardView::new(&serde_json::json!({
        "confidence": 0.41, "line": 0.87, "generation": 3,
        "hits": [
            {"id": NASTY, "title": NASTY, "answer": NASTY, "author": NASTY, "votes": 12,
             "url": "javascript:alert(1)", "licence": NASTY, "confidence": 0.41, "sendable": false},
            {"id": "b", "title": "B", "answer": "B", "url": "https://forum.example/b?x=\"1\"",
             "confidence": 0.2, "sendable": true},
        ],
        "card": {
            "terms": [{"term": NASTY, "fields": ["title"], "weight": 1.5}],
            "evidence": [
                {"name": "cover", "value": 1.0, "contribution": 1.2, "text": NASTY},
                {"name": "margin", "value": 0.1, "contribution": -2.4, "text": NASTY},
            ],
            "runner_up": null, "language_path": NASTY,
        },
    }))
}

pub(super) fn escalations() -> Vec<EscalationPage> {
    let open = |role| EscalationPage {
        frame: frame(role),
        id: "esc_1".to_owned(),
        number: 4821,
        question: nasty(),
        lang: "ar".to_owned(),
        channel: nasty(),
        priority: "high",
        mood: Some("angry"),
        opened: moment(),
        snoozed: Some(moment()),
        note: Some(nasty()),
        skill: Some(nasty()),
        colleagues: vec![("per_1".to_owned(), nasty())],
        skills: vec![nasty()],
        question_back: nasty(),
        elsewhere: vec![Elsewhere {
            id: "conv_2".to_owned(),
            channel: nasty(),
            state: "the bot answers",
            at: moment(),
        }],
        why: "Because.",
        customer: nasty(),
        conversation_id: "conv_1".to_owned(),
        owner: None,
        is_mine: false,
        ended: None,
        cut_off: Some(nasty()),
        window: Some(moment()),
        card: card(),
        thread: thread(),
        earlier: vec![Earlier {
            id: "esc_0".to_owned(),
            number: 7,
            start: nasty(),
            state: "solved".to_owned(),
            at: moment(),
        }],
        beside: beside(),
        forum: Some(forum_question::standing()),
        draft: Draft { answer: nasty(), text: nasty(), key: "k".to_owned(), error: Some(nasty()) },
    };
    let claimed = EscalationPage { owner: Some(nasty()), ..open(Role::Expert) };
    let mine = EscalationPage { is_mine: true, ..open(Role::Moderator) };
    let closed = EscalationPage { ended: Some("spam".to_owned()), ..open(Role::Admin) };
    vec![open(Role::Viewer), claimed, mine, closed]
}

pub(super) fn queues() -> Vec<QueuePage> {
    let item = |owner: Option<&str>, outcome| queue::Item {
        id: "esc_1".to_owned(),
        number: 4821,
        start: nasty(),
        lang: "th".to_owned(),
        channel: nasty(),
        customer: nasty(),
        why: "not sure enough",
        urgency: 1,
        priority: "high",
        waiting: moment(),
        owner: owner.map(str::to_owned),
        is_mine: owner.is_some(),
        outcome,
        is_replied: true,
        snoozed: Some(moment()),
        skill: Some(nasty()),
    };
    let steps = vec![
        Step { title: "Answers", detail: nasty(), href: "/answers", is_done: true },
        Step { title: "Try it", detail: nasty(), href: "/try", is_done: false },
    ];
    let page = |tab, items| QueuePage {
        frame: frame(Role::Admin),
        tab,
        items,
        n_elsewhere: 2,
        checklist: steps.clone(),
    };
    let items = vec![item(None, None), item(Some(NASTY), None), item(None, Some("spam"))];
    let mut pages: Vec<QueuePage> =
        [Tab::Mine, Tab::All, Tab::Closed].map(|tab| page(tab, Vec::new())).into();
    pages.push(page(Tab::Mine, items));
    pages
}

pub(super) fn conversations() -> ConversationsPage {
    ConversationsPage {
        frame: frame(Role::Viewer),
        items: vec![conversation::Item {
            id: "conv_1".to_owned(),
            customer: nasty(),
            channel: nasty(),
            state: "waits for a person",
            last: moment(),
        }],
        channels: vec![(nasty(), "telegram".to_owned())],
        channel: "telegram".to_owned(),
        more: Some("/conversations?before=conv_1".to_owned()),
    }
}

pub(super) fn conversation() -> ConversationPage {
    ConversationPage {
        frame: frame(Role::Moderator),
        id: "conv_1".to_owned(),
        customer: nasty(),
        lang: Some("ar".to_owned()),
        channel: nasty(),
        external_id: nasty(),
        customer_id: nasty(),
        is_group: true,
        state: "the bot answers",
        cut_off: Some(nasty()),
        thread: thread(),
        escalations: vec![conversation::Escalated {
            id: "esc_1".to_owned(),
            number: 1,
            state: "solved".to_owned(),
        }],
    }
}

pub(super) fn outboxes() -> Vec<OutboxPage> {
    let page = |state: &DeliveryState| OutboxPage {
        frame: frame(Role::Moderator),
        state: *state,
        tabs: vec![StateTab { state: *state, title: "Tab", n: 2 }],
        items: vec![outbox::Item {
            delivery: delivery_view(*state),
            conversation_id: "conv_1".to_owned(),
            channel: nasty(),
            author: nasty(),
            start: nasty(),
            created: moment(),
            attempts: 2,
        }],
        help_desk: Some(("Chatwoot", vec![desk_line()])),
    };
    let full = DeliveryState::ALL.iter().map(page);
    let empty = DeliveryState::ALL.iter().map(page).map(|p| OutboxPage { items: Vec::new(), ..p });
    full.chain(empty).collect()
}

pub(super) fn people() -> PeoplePage {
    PeoplePage {
        frame: frame(Role::Admin),
        people: vec![people::Item {
            email: nasty(),
            name: nasty(),
            role: Role::Expert,
            has_password: true,
            langs: nasty(),
            skills: nasty(),
        }],
        roles: Role::ALL,
        secret: Some(Secret { title: "Link", email: nasty(), value: nasty(), advice: "Once." }),
        error: Some(nasty()),
        email: nasty(),
    }
}

pub(super) fn tries() -> [TryPage; 2] {
    let page = |error, tried| TryPage {
        frame: frame(Role::Viewer),
        form: TryForm { text: nasty(), lang: "ar".to_owned(), channel: "telegram".to_owned() },
        channels: vec![(nasty(), "telegram".to_owned())],
        languages: &LANGUAGES,
        error,
        tried,
    };
    let tried = Tried {
        did: "The bot would answer",
        why: "Because.",
        lang: "ar".to_owned(),
        card: card(),
        offered: Some(2),
        rendered: vec![RenderedView { channel: nasty(), parts: vec![nasty(), nasty()] }],
    };
    [page(Some(nasty()), None), page(None, Some(tried))]
}

pub(super) fn audit() -> AuditPage {
    let item = |href| audit::Item {
        at: moment(),
        actor: nasty(),
        act: "claim".to_owned(),
        object: nasty(),
        href,
        detail: nasty(),
    };
    AuditPage { frame: frame(Role::Admin), items: vec![item(None), item(Some("/".to_owned()))] }
}

pub(super) fn account() -> AccountPage {
    AccountPage {
        frame: frame(Role::Expert),
        email: nasty(),
        has_password: false,
        is_welcome: true,
        error: Some(nasty()),
        profile: ProfileForm { name: nasty(), langs: nasty(), skills: nasty() },
        profile_error: Some(nasty()),
        channels: vec![nasty()],
        forum_name: Some((nasty(), Wish::As(nasty()))),
        code: Some(nasty()),
    }
}

pub(super) fn sign_in() -> SignInPage {
    SignInPage { email: nasty(), next: nasty(), error: Some(nasty()), by_forum: true }
}

pub(super) fn sign_in_links() -> [SignInLinkPage; 2] {
    [Some(nasty()), None].map(|email| SignInLinkPage { token: nasty(), email })
}

pub(super) fn problem() -> ProblemPage {
    ProblemPage { title: "Not found", text: nasty() }
}
