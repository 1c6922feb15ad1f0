//! A forum read page by page, at its pace: each topic's accepted answers in readable text.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use superfan_bots::{Forum, ForumAnswer, ForumError, ForumPage, ForumTopic, TopicState};
use tokio::runtime::Handle;

use super::fields::{check_id, check_text, present, readable, title, web_address};
use super::lang::normalise_lang;
use super::{Item, ReadError, Skipped, SourceAnswer};

/// How often something is asked again before the reading is broken off.
const TRIES: u32 = 6;
/// How long a forum that asked to be left alone is waited for at most, in one go.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// Stands for the page after the last one.
const AFTER_LAST: &str = "end";

/// The topics of a forum as items.
pub(super) struct Topics {
    forum: Arc<dyn Forum>,
    runtime: Handle,
    /// The page to read next; `None` once the last was read.
    next: Option<Page>,
    listed: VecDeque<Listed>,
    items: VecDeque<Item>,
    /// A list that moves while it is read may show a topic twice.
    seen: HashSet<String>,
}

/// A page to read.
enum Page {
    First,
    Token(String),
}

/// A topic of the page that is read.
struct Listed {
    id: String,
    state: Option<TopicState>,
}

impl Topics {
    pub(super) fn new(forum: Arc<dyn Forum>, runtime: Handle) -> Self {
        let next = Some(Page::First);
        let (listed, items, seen) = (VecDeque::new(), VecDeque::new(), HashSet::new());
        Self { forum, runtime, next, listed, items, seen }
    }

    pub(super) fn go_on_from(&mut self, page: &str) {
        self.next = (page != AFTER_LAST).then(|| Page::Token(page.to_owned()));
    }

    /// The page to read next, when nothing of the last one is left.
    pub(super) fn page_to_read(&self) -> Option<String> {
        let is_between = self.items.is_empty() && self.listed.is_empty();
        match &self.next {
            _ if !is_between => None,
            None => Some(AFTER_LAST.to_owned()),
            Some(Page::Token(page)) => Some(page.clone()),
            Some(Page::First) => None,
        }
    }

    /// Makes sure there is an item, unless everything was read.
    fn fill(&mut self) -> Result<(), ForumError> {
        while self.items.is_empty() {
            if let Some(listed) = self.listed.pop_front() {
                let state = match listed.state {
                    Some(state) => state,
                    None => self.ask(|forum, runtime| runtime.block_on(forum.topic(&listed.id)))?,
                };
                self.items.extend(items_of(state, &listed.id, self.seen.len() as u64));
                continue;
            }
            let Some(page) = self.next.take() else { return Ok(()) };
            let token = match &page {
                Page::First => None,
                Page::Token(token) => Some(token.as_str()),
            };
            let ForumPage { topics, next } =
                self.ask(|forum, runtime| runtime.block_on(forum.solved(token)))?;
            for topic in topics {
                if self.seen.insert(topic.id.clone()) {
                    self.listed.push_back(Listed { id: topic.id, state: topic.state });
                }
            }
            self.next = next.map(Page::Token);
        }
        Ok(())
    }

    /// Asks at the forum's pace, and again after what passes.
    fn ask<T>(
        &self,
        question: impl Fn(&dyn Forum, &Handle) -> Result<T, ForumError>,
    ) -> Result<T, ForumError> {
        let mut pause = self.forum.pace();
        let mut tries = 0;
        loop {
            std::thread::sleep(pause);
            tries += 1;
            let error = match question(&*self.forum, &self.runtime) {
                Ok(told) => return Ok(told),
                Err(error) => error,
            };
            pause = match &error {
                ForumError::Wait { wait, .. } if tries < TRIES => (*wait).min(LONGEST_WAIT),
                ForumError::Unreachable { .. } if tries < TRIES => Duration::from_secs(1) * tries,
                _ => return Err(error),
            };
        }
    }
}

impl Iterator for Topics {
    type Item = Result<Item, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.fill() {
            Ok(()) => self.items.pop_front().map(Ok),
            Err(source) => {
                self.next = None;
                Some(Err(ReadError::Forum { address: self.forum.source(), source }))
            }
        }
    }
}

fn items_of(state: TopicState, id: &str, number: u64) -> Vec<Item> {
    let skipped = |reason: String| vec![Item::Skipped(Skipped::new(number, Some(id), reason))];
    match state {
        TopicState::Gone => skipped("deleted, or not for us to see".to_owned()),
        TopicState::Hidden { reason } => skipped(reason),
        TopicState::Public(topic) => answers_of(*topic)
            .into_iter()
            .map(|answer| match answer {
                Ok(answer) => Item::Answer(Box::new(answer)),
                Err((id, reason)) => Item::Skipped(Skipped::new(number, Some(&id), reason)),
            })
            .collect(),
    }
}

/// The accepted answers of a topic in readable text; in place of one that cannot be used, its id
/// and the reason.
pub fn answers_of(topic: ForumTopic) -> Vec<Result<SourceAnswer, (String, String)>> {
    let ForumTopic { id, title: name, question, asker, asked_at, tags, answers, .. } = topic;
    let question = SourceAnswer {
        topic: Some(id),
        title: title(&name),
        question: readable(&question),
        asker: asker.and_then(present),
        asked_at,
        tags: tags.into_iter().filter_map(present).collect(),
        ..SourceAnswer::default()
    };
    let answer = |answer: ForumAnswer| {
        let id = check_id(&answer.id).map_err(|reason| (answer.id.clone(), reason))?;
        let read = SourceAnswer {
            lang: answer.lang.as_deref().and_then(normalise_lang),
            answer: readable(&answer.html),
            author: answer.author.and_then(present),
            author_url: answer.author_url.and_then(web_address),
            score: answer.votes,
            url: web_address(&answer.url),
            accepted_at: answer.accepted_at,
            licence: answer.licence.and_then(present),
            id,
            ..question.clone()
        };
        check_text(read).map_err(|reason| (answer.id, reason))
    };
    answers.into_iter().map(answer).collect()
}
