//! The search index: which generation serves, which others are kept, how far each node is.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use superfan_index::{GenerationInfo, GenerationState};

use super::Console;
use super::error::{ConsoleError, page};
use super::frame::Frame;
use super::session::Me;
use super::words::Moment;

/// The index.
#[derive(Debug, Template)]
#[template(path = "console/index.html")]
pub(super) struct IndexPage {
    pub frame: Frame,
    pub generations: Vec<Generation>,
    pub nodes: Vec<Node>,
    /// The last change of the answers.
    pub last_seq: i64,
}

/// One generation.
#[derive(Clone, Debug)]
pub(super) struct Generation {
    pub number: u64,
    pub state: &'static str,
    pub is_serving: bool,
    pub n_answers: u64,
}

/// One node.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub name: String,
    pub generation: i64,
    /// How many changes it has not applied yet.
    pub n_behind: i64,
    pub seen: Moment,
}

pub(super) async fn show(State(console): State<Console>, me: Me) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let index = Arc::clone(desk.search.index());
    // Looks into the folders of the index.
    let generations = tokio::task::spawn_blocking(move || index.generations()).await;
    let generations = generations.unwrap_or_default();
    let mut tx = desk.store.read().await?;
    let last_seq = tx.last_answer_seq().await?;
    let now = desk.clock.now();
    let nodes = tx.index_states().await?.into_iter().map(|state| Node {
        name: state.node,
        generation: state.generation,
        n_behind: (last_seq - state.seq).max(0),
        seen: Moment::new(state.at, now),
    });
    page(&IndexPage {
        frame: Frame::new(&mut tx, desk, &me, "index").await?.following(&"queue"),
        generations: generations.iter().map(generation).collect(),
        nodes: nodes.collect(),
        last_seq,
    })
}

fn generation(info: &GenerationInfo) -> Generation {
    Generation {
        number: info.number,
        state: match info.state {
            GenerationState::Building => "being built",
            GenerationState::Built => "built, not in service",
            GenerationState::Serving => "in service",
            GenerationState::Previous => "kept to go back to",
        },
        is_serving: info.state == GenerationState::Serving,
        n_answers: info.answers,
    }
}
