//! The walk: answers enter the index as they were accepted, questions are asked as they came.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use superfan_index::{Change, IndexError, IndexedAnswer, Question};

use super::likeness::{Likeness, terms};
use crate::answerer::ask::{HITS, decide_text, policy};
use crate::answerer::{Decision, Policy};
use crate::answers::indexer::indexed;
use crate::desk::Stage;
use crate::people::digest;
use crate::products::Products;
use crate::search::{FindError, Search};
use crate::store::answers::AnswerRow;
use crate::store::replay_cases::ReplayCase;
use crate::store::replays::{Place, ReplayRow};
use crate::store::{Store, StoreError, Tx};

/// Rows read, and cases kept, at once.
const PAGE: i64 = 100;
/// Most commits of the growing index in one walk. A base with fewer answers is replayed to the
/// second; in a larger one an answer waits until so many came that a commit is worth its while.
const COMMITS: i64 = 20_000;

/// What a replay works with.
#[derive(Clone, Copy)]
pub struct Replaying<'a> {
    /// Where the history is.
    pub store: &'a Store,
    /// An empty index of its own, with the models of the server.
    pub search: &'a Search,
    /// The time, ids and rules.
    pub stage: Stage<'a>,
    /// Told after every page.
    pub progress: &'a (dyn Fn(&Walked) + Sync),
}

/// What is to be replayed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Request {
    /// Only questions asked from then on; earlier answers are known all the same.
    pub from: Option<Timestamp>,
}

/// How far a replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked {
    /// Questions behind it.
    pub n: i64,
    /// Questions in all.
    pub of: i64,
    /// How many of `n` an interrupted run had done.
    pub n_before: i64,
}

/// A replay did not come through.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There are no answers.
    #[error("there is nothing to replay: the answer base is empty; run superfan answers import")]
    Empty,
    /// No answer has a date.
    #[error(
        "there is nothing to replay: none of the {0} answers says when it was accepted \
         (accepted_at)"
    )]
    Undated(i64),
    /// The history ends before the date.
    #[error("no question was asked since {from}; the latest was asked on {last}")]
    NothingSince {
        /// The date that was given.
        from: String,
        /// The latest question.
        last: String,
    },
    /// Another replay was started meanwhile.
    #[error("another replay was started and took the place of this one")]
    Overtaken,
    /// The store failed.
    #[error("could not read the history")]
    Store(#[from] StoreError),
    /// A search failed.
    #[error("could not search")]
    Find(#[from] FindError),
    /// The growing index failed.
    #[error("could not add answers to the index")]
    Index(#[from] IndexError),
    /// The code broke.
    #[error("the replay broke off: {0}")]
    BrokeOff(String),
}

/// Walks through the history and keeps what would have been done with each question.
///
/// An interrupted walk goes on where it stopped if nothing changed that it hangs on. The same
/// base and the same settings give the same cases. Errors: [`ReplayError::Empty`],
/// [`ReplayError::Undated`] and [`ReplayError::NothingSince`] where there is nothing to walk.
pub async fn replay(replaying: Replaying<'_>, request: Request) -> Result<ReplayRow, ReplayError> {
    let mut replay = start(replaying, request).await?;
    let mut walk = Walk::new(replaying).await?;
    let n_before = replay.n_walked;
    if n_before > 0 {
        walk.catch_up(request, &replay.walked).await?;
    }
    loop {
        let page = walk.questions(&replay.walked).await?;
        let Some(last) = page.last() else { break };
        let mut cases = Vec::with_capacity(page.len());
        for rows in page.chunk_by(same_question) {
            walk.accept_before(asked_at(&rows[0])).await?;
            let position = replay.n_walked + count(cases.len());
            cases.push(walk.ask(rows, position).await?);
        }
        replay.n_walked += count(page.len());
        replay.walked = Place { at: asked_at(last), id: last.id.clone() };
        let mut tx = replaying.store.begin().await?;
        if !tx.keep_replay(&replay, &cases).await? {
            return Err(ReplayError::Overtaken);
        }
        tx.commit().await?;
        (replaying.progress)(&Walked { n: replay.n_walked, of: replay.n_rows, n_before });
    }
    replay.alike_at = walk.likeness.alike_at();
    let now = replaying.stage.now;
    let mut tx = replaying.store.begin().await?;
    tx.end_replay(replay.id, replay.alike_at, now).await?;
    tx.commit().await?;
    replay.ended_at = Some(now);
    Ok(replay)
}

/// The unfinished replay of the same base and settings, or a new one.
async fn start(replaying: Replaying<'_>, request: Request) -> Result<ReplayRow, ReplayError> {
    let (stage, mode) = (replaying.stage, replaying.search.mode());
    let start = Place::before(request.from.unwrap_or(Timestamp::MIN));
    let mut tx = replaying.store.read().await?;
    let (n_answers, n_undated) = (tx.count_answers().await?, tx.count_undated().await?);
    let n_rows = tx.count_asked_after(&start).await?;
    match (n_answers, n_rows, tx.last_asked().await?) {
        (0, ..) => return Err(ReplayError::Empty),
        (n, _, None) => return Err(ReplayError::Undated(n)),
        (_, 0, Some(last)) => {
            let date = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
            return Err(ReplayError::NothingSince { from: date(start.at), last: date(last) });
        }
        _ => {}
    }
    let calibration = replaying.search.index().calibration().to_json();
    let rules = stage.rules;
    let rules = (rules.target_precision, &rules.sensitive_topics, rules.products.digest());
    let seq = tx.last_answer_seq().await?;
    let hangs_on = (env!("CARGO_PKG_VERSION"), start.at, &mode, calibration, rules, seq);
    let fingerprint = digest(&format!("{hangs_on:?}"));
    if let Some(unfinished) = tx.replay(false).await?
        && unfinished.fingerprint == fingerprint
    {
        return Ok(unfinished);
    }
    drop(tx);
    let replay = ReplayRow {
        id: stage.ids.next(),
        fingerprint,
        from: request.from,
        mode,
        target: stage.rules.target_precision,
        n_rows,
        n_undated,
        n_walked: 0,
        walked: start,
        alike_at: 1.0,
        started_at: stage.now,
        ended_at: None,
    };
    let mut tx = replaying.store.begin().await?;
    tx.start_replay(&replay).await?;
    tx.commit().await?;
    Ok(replay)
}

/// The growing index and what goes into it next.
struct Walk<'a> {
    replaying: Replaying<'a>,
    policy: Policy,
    likeness: Likeness,
    /// Read, not yet accepted.
    coming: VecDeque<AnswerRow>,
    read_to: Option<Place>,
    /// Accepted, not yet in the index.
    waiting: Vec<Change>,
    n_at_once: usize,
}

impl<'a> Walk<'a> {
    async fn new(replaying: Replaying<'a>) -> Result<Self, StoreError> {
        let n_answers = replaying.store.read().await?.count_answers().await?;
        let n_at_once = n_answers.saturating_add(COMMITS - 1) / COMMITS;
        Ok(Self {
            replaying,
            policy: policy(replaying.search, replaying.stage.rules),
            likeness: Likeness::default(),
            coming: VecDeque::new(),
            read_to: Some(Place::before(Timestamp::MIN)),
            waiting: Vec::new(),
            n_at_once: usize::try_from(n_at_once).unwrap_or(1).max(1),
        })
    }

    /// Brings the index to where an interrupted run left it, by the same steps: what an index
    /// knows of its words and of strangers hangs on the moments at which answers came.
    async fn catch_up(&mut self, request: Request, walked: &Place) -> Result<(), ReplayError> {
        let mut at = Place::before(request.from.unwrap_or(Timestamp::MIN));
        while at != *walked {
            let page = self.questions(&at).await?;
            let Some(last) = page.last() else { break };
            at = Place { at: asked_at(last), id: last.id.clone() };
            for rows in page.chunk_by(same_question) {
                self.accept_before(asked_at(&rows[0])).await?;
            }
        }
        Ok(())
    }

    async fn questions(&self, after: &Place) -> Result<Vec<AnswerRow>, StoreError> {
        self.replaying.store.read().await?.asked_after(after, PAGE).await
    }

    /// Lets into the index what had been accepted before `at`, and nothing else.
    async fn accept_before(&mut self, at: Timestamp) -> Result<(), ReplayError> {
        loop {
            if self.coming.is_empty() {
                self.read_on().await?;
            }
            let is_known = |row: &AnswerRow| row.accepted_at.is_some_and(|accepted| accepted < at);
            let Some(row) = self.coming.pop_front_if(|row| is_known(row)) else { break };
            self.likeness.learn(&row.answer, &row.lang);
            self.waiting
                .push(Change::Put(Box::new(as_it_was(&row, &self.replaying.stage.rules.products))));
            if count(self.waiting.len()) >= PAGE * 10 {
                self.commit().await?;
            }
        }
        if self.waiting.len() >= self.n_at_once { self.commit().await } else { Ok(()) }
    }

    async fn read_on(&mut self) -> Result<(), StoreError> {
        let Some(place) = self.read_to.take() else { return Ok(()) };
        let rows = self.replaying.store.read().await?.accepted_after(&place, PAGE).await?;
        self.read_to =
            rows.last().and_then(|last| Some(Place { at: last.accepted_at?, id: last.id.clone() }));
        self.coming.extend(rows);
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), ReplayError> {
        let index = Arc::clone(self.replaying.search.index());
        let changes = std::mem::take(&mut self.waiting);
        let seq = index.seq() + changes.len() as u64;
        let applied = tokio::task::spawn_blocking(move || index.apply(&changes, seq)).await;
        Ok(applied.map_err(|error| ReplayError::BrokeOff(error.to_string()))??)
    }

    /// Asks a question, as a customer would have, of what the index holds.
    async fn ask(&self, rows: &[AnswerRow], position: i64) -> Result<ReplayCase, ReplayError> {
        let row = &rows[0];
        let text = question_of(row);
        let question = Question { text: text.clone(), lang: None };
        let found = self.replaying.search.find(question, HITS).await?;
        let decision = decide_text(&text, &found, &self.policy, self.replaying.stage.rules);
        let ids: Vec<String> = picked(&decision, &found.hits).collect();
        let mut tx = self.replaying.store.read().await?;
        let sent = tx.answers_by_id(&ids).await?;
        let linked = linked(&mut tx, &sent, rows).await?;
        let likest = match linked {
            Some(sent) => Some((sent, 1.0)),
            None => self.likest(&sent, rows),
        };
        Ok(ReplayCase {
            question_id: row.id.clone(),
            position,
            month: asked_at(row).strftime("%Y-%m").to_string(),
            action: decision.action,
            reason: decision.reason,
            confidence: found.hits.first().map_or(0.0, |hit| f64::from(hit.confidence.get())),
            sent_id: likest.map(|(sent, _)| sent.id.clone()),
            author: likest.and_then(|(sent, _)| sent.author.clone()),
            linked: linked.is_some(),
            likeness: likest.map_or(0.0, |(_, likeness)| likeness),
        })
    }

    /// Of what would have been sent, the text that is likest one accepted later.
    fn likest<'r>(
        &self,
        sent: &'r [AnswerRow],
        accepted: &[AnswerRow],
    ) -> Option<(&'r AnswerRow, f64)> {
        let of = |row: &AnswerRow| terms(&row.answer, &row.lang);
        let accepted: Vec<_> = accepted.iter().map(of).collect();
        let liked = sent.iter().map(|row| {
            let words = of(row);
            let each = accepted.iter().map(|accepted| self.likeness.between(&words, accepted));
            (row, each.fold(0.0, f64::max))
        });
        // The first of equals: what stands higher.
        liked.reduce(|best, next| if next.1 > best.1 { next } else { best })
    }
}

/// Of what would have been sent, the first that the forum itself calls an answer to the same.
async fn linked<'r>(
    tx: &mut Tx,
    sent: &'r [AnswerRow],
    accepted: &[AnswerRow],
) -> Result<Option<&'r AnswerRow>, StoreError> {
    if sent.is_empty() {
        return Ok(None);
    }
    for row in accepted {
        let links = tx.answer_links(&row.source, &row.source_id).await?;
        let is_linked =
            |sent: &&AnswerRow| sent.source == row.source && links.contains(&sent.source_id);
        if let Some(sent) = sent.iter().find(is_linked) {
            return Ok(Some(sent));
        }
    }
    Ok(None)
}

fn picked(decision: &Decision, hits: &[superfan_index::Hit]) -> impl Iterator<Item = String> {
    decision.picks.iter().filter_map(|at| hits.get(*at)).map(|hit| hit.id.clone())
}

/// An answer without what was only learned about it later.
fn as_it_was(row: &AnswerRow, products: &Products) -> IndexedAnswer {
    IndexedAnswer {
        votes: 0,
        confirmations: 0,
        refusals: 0,
        phrasings: Vec::new(),
        ..indexed(row, products)
    }
}

/// What was asked, title and text, in one message.
fn question_of(row: &AnswerRow) -> String {
    let (title, question) = (row.title.trim(), row.question.trim());
    if question.starts_with(title) { question.to_owned() } else { format!("{title}\n{question}") }
}

/// When a question was asked: never later than its answer was accepted.
fn asked_at(row: &AnswerRow) -> Timestamp {
    let asked = row.asked_at.into_iter().chain(row.accepted_at).min();
    asked.expect("what is walked has a date")
}

/// Whether two accepted answers stand under one question.
fn same_question(one: &AnswerRow, other: &AnswerRow) -> bool {
    one.source == other.source
        && asked_at(one) == asked_at(other)
        && (&one.title, &one.question) == (&other.title, &other.question)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
