//! Views of channel accounts and of what is drafted on them.

use super::{delivery_view, frame, moment, nasty};
use crate::console::channel::{ChannelPage, Waiting};
use crate::console::channels::{self, ChannelsPage};
use crate::console::connect::{ConnectPage, Field};
use crate::console::drafts::{self, DraftView, DraftsPage};
use crate::vocabulary::{DeliveryState, Role};

pub(in crate::console::tests) fn drafts() -> [DraftsPage; 3] {
    let view = |wrote_on: bool| DraftView {
        id: "out_1".to_owned(),
        conversation_id: "conv_1".to_owned(),
        customer: nasty(),
        channel: nasty(),
        lang: "en".to_owned(),
        question: nasty(),
        text: nasty(),
        confidence: wrote_on.then(nasty),
        at: moment(),
        wrote_on,
        error: wrote_on.then(nasty),
    };
    let page = |role, draft, n| DraftsPage {
        frame: frame(role),
        draft,
        others: vec![
            drafts::Line {
                id: "out_2".to_owned(),
                start: nasty(),
                channel: nasty(),
                at: moment(),
            };
            n
        ],
    };
    [
        page(Role::Moderator, Some(view(true)), 2),
        page(Role::Viewer, Some(view(false)), 0),
        page(Role::Admin, None, 0),
    ]
}

pub(in crate::console::tests) fn channels() -> ChannelsPage {
    ChannelsPage {
        frame: frame(Role::Admin),
        is_all_paused: true,
        items: vec![item("ok", true), item("stopped", false)],
        n_unhandled: 2,
    }
}

pub(in crate::console::tests) fn channel_pages() -> [ChannelPage; 2] {
    let page = |role, is_x: bool| ChannelPage {
        frame: frame(role),
        item: item("ok", is_x),
        kind: if is_x { "x" } else { "webchat" },
        account: is_x.then(nasty),
        webhook: is_x.then(nasty),
        consent: is_x.then(nasty),
        room: vec![nasty()],
        waiting: vec![Waiting {
            conversation_id: "conv_1".to_owned(),
            start: nasty(),
            delivery: delivery_view(DeliveryState::Due),
        }],
        said: if is_x { vec![nasty()] } else { Vec::new() },
        is_x,
    };
    [page(Role::Admin, true), page(Role::Viewer, false)]
}

pub(in crate::console::tests) fn connects() -> [ConnectPage; 2] {
    let field = |is_secret: bool| Field {
        name: if is_secret { "X_CLIENT_SECRET" } else { "X_CLIENT_ID" },
        label: "Client",
        is_secret,
        is_required: is_secret,
        value: nasty(),
    };
    let page = |error| ConnectPage {
        frame: frame(Role::Admin),
        kind: "x",
        title: "X",
        advice: "Create an application.",
        name: nasty(),
        fields: vec![field(true), field(false)],
        error,
    };
    [page(None), page(Some(nasty()))]
}

fn item(state: &'static str, is_paused: bool) -> channels::Item {
    channels::Item {
        name: format!("{state}-channel"),
        spent: is_paused.then(nasty),
        label: nasty(),
        state,
        words: nasty(),
        is_paused,
        is_shadow: is_paused,
        n_drafts: 2,
        record: Some(nasty()),
        is_proven: is_paused,
        first_event: Some(moment()),
        held: Some(nasty()),
        n_due: 1,
        n_uncertain: 2,
        n_dead: 3,
        oldest: Some("3 min".to_owned()),
    }
}
