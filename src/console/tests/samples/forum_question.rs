//! A question on its way to the forum, in every state.

use super::{frame, nasty};
use crate::bridge::Wording;
use crate::console::forum_question::{ForumQuestionPage, OtherView, Standing, TopicView};
use crate::vocabulary::{BridgeState, Role};

pub(super) fn standing() -> Standing {
    let url = Some("https://forum.example/t/-/1?x=\"1\"".to_owned());
    Standing { words: "It stands in the forum.", url, trouble: Some(nasty()) }
}

pub(in crate::console::tests) fn forum_questions() -> Vec<ForumQuestionPage> {
    let page = |state| ForumQuestionPage {
        frame: frame(Role::Moderator),
        id: "esc_1".to_owned(),
        number: 4821,
        lang: "ar".to_owned(),
        question: nasty(),
        is_closed: false,
        forum: Some(nasty()),
        state,
        is_agreed: true,
        standing: standing(),
        wording: Wording { title: nasty(), text: nasty() },
        topics: vec![TopicView {
            id: "7".to_owned(),
            title: nasty(),
            url: "https://forum.example/t/-/7".to_owned(),
            solved: true,
            n_posts: 3,
        }],
        search_trouble: Some(nasty()),
        others: vec![OtherView {
            id: "esc_2".to_owned(),
            number: 4822,
            start: nasty(),
            channel: nasty(),
        }],
        error: Some(nasty()),
    };
    let states = BridgeState::ALL.iter().map(|state| Some(*state)).chain([None]);
    let nowhere = ForumQuestionPage { forum: None, topics: Vec::new(), ..page(None) };
    states.map(page).chain([nowhere]).collect()
}
