//! Commands that change answers end when the index followed: they wait for the server that owns
//! it, or do its work where none runs.

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::bail;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::SignedDuration;

use crate::answers::{IndexWork, Indexer, ask_index};
use crate::desk::{Desk, Parts};
use crate::lock::DataDirLock;
use crate::people::Actor;
use crate::search::{Search, open_index};

/// How often a running server's progress is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// A node that said nothing for so long is not running.
const ALIVE: SignedDuration = SignedDuration::from_secs(30);

/// Returns once every answer written so far can be found.
pub(super) async fn until_searchable(desk: &Desk) -> anyhow::Result<()> {
    let target = desk.store.read().await?.last_answer_seq().await?;
    let bar = spinner("indexing");
    let mut looks = tokio::time::interval(LOOK);
    loop {
        if !desk.store.is_shared()
            && let Some(_lock) = DataDirLock::try_acquire(&desk.config.data_dir)?
        {
            return catch_up(desk, &bar).await;
        }
        let states = desk.store.read().await?.index_states().await?;
        let is_done = if desk.store.is_shared() {
            let now = desk.clock.now();
            states.iter().filter(|state| state.at + ALIVE > now).all(|state| state.seq >= target)
        } else {
            states.iter().any(|state| state.seq >= target)
        };
        if is_done || target == 0 {
            bar.finish_and_clear();
            return Ok(());
        }
        if let Some(seq) = states.iter().map(|state| state.seq).max() {
            bar.set_message(format!("the server indexes: change {seq} of {target}"));
        }
        looks.tick().await;
    }
}

/// Has work on the index done, by the server or here; returns how it ended.
pub(super) async fn carry_out(desk: &Desk, work: IndexWork) -> anyhow::Result<String> {
    let kind = work.as_str();
    let mut tx = desk.store.begin().await?;
    let id = ask_index(&mut tx, &desk.stage(), &Actor::operator(), work).await?.id;
    tx.commit().await?;
    let bar = spinner(kind);
    let mut looks = tokio::time::interval(LOOK);
    loop {
        let work = desk.store.read().await?.index_work(id).await?;
        match work.as_ref().map(|work| (work.state.as_str(), work.progress.as_str())) {
            None => bail!("the request to {kind} the index disappeared"),
            Some(("done", words)) => return Ok(words.to_owned()),
            Some(("failed", words)) => bail!("could not {kind} the index: {words}"),
            Some((_, words)) => bar.set_message(format!("{kind}: {words}")),
        }
        if let Some(_lock) = DataDirLock::try_acquire(&desk.config.data_dir)? {
            catch_up(desk, &bar).await?;
        } else {
            looks.tick().await;
        }
    }
}

/// Does all index work here; the data dir must be locked.
async fn catch_up(desk: &Desk, bar: &ProgressBar) -> anyhow::Result<()> {
    let search: Search = open_index(&desk.config.data_dir, &desk.config.semantic_models)?;
    let desk = Desk::from(Parts { search, ..Parts::clone(desk) });
    let show = |n_answers: u64| bar.set_message(format!("{n_answers} answers indexed"));
    Indexer::of(&desk).catch_up(&show).await?;
    bar.finish_and_clear();
    Ok(())
}

/// A moving sign with words, on a terminal only.
fn spinner(words: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, draw_target());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar.set_message(words.to_owned());
    bar.enable_steady_tick(LOOK);
    bar
}

/// Progress goes where a person reads it, and nowhere else.
pub(super) fn draw_target() -> ProgressDrawTarget {
    if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    }
}
