//! One topic of a followed forum, put into the base at once: what it says now is what counts.

use jiff::Timestamp;

use super::apply::put_page;
use super::prepare::prepare;
use crate::answers::read::SourceAnswer;
use crate::store::imports::StagedRow;
use crate::store::{StoreError, Tx};

/// What putting a topic changed, by public ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicChange {
    /// Answers the topic has now.
    pub n_kept: usize,
    /// Answers that are new, or in service again.
    pub added: Vec<String>,
    /// Answers in service that say something else now.
    pub changed: Vec<String>,
    /// Answers that were in service and are accepted no longer.
    pub withdrawn: Vec<String>,
}

impl TopicChange {
    /// Whether the base is as it was.
    pub fn is_nothing(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.withdrawn.is_empty()
    }
}

/// Makes the base say of a topic what the forum says of it; with no answers, all of it leaves.
pub async fn put_topic(
    tx: &mut Tx,
    (source, topic): (&str, &str),
    answers: Vec<SourceAnswer>,
    now: Timestamp,
) -> Result<TopicChange, StoreError> {
    let prepared: Vec<_> = answers.into_iter().map(|answer| prepare(answer, true)).collect();
    let ids: Vec<&str> = prepared.iter().map(|answer| answer.source_id.as_str()).collect();
    let known = tx.known_answers(source, &ids).await?;
    let mut change = TopicChange { n_kept: prepared.len(), ..TopicChange::default() };
    for old in tx.answers_of_topic(source, topic).await? {
        if old.live && !ids.contains(&old.source_id.as_str()) {
            tx.withdraw_answer(source, &old.source_id, now).await?;
            change.withdrawn.push(old.id);
        }
    }
    let differs = |answer: &&_| {
        let answer: &super::prepare::PreparedAnswer = answer;
        !known.iter().any(|old| old.source_id == answer.source_id && old.hash == answer.hash)
    };
    let rows: Vec<StagedRow> = prepared
        .iter()
        .filter(differs)
        .map(|answer| StagedRow {
            source_id: answer.source_id.clone(),
            hash: answer.hash.clone(),
            body: answer.body.clone(),
        })
        .collect();
    if rows.is_empty() {
        return Ok(change);
    }
    let touched: Vec<String> = rows.iter().map(|row| row.source_id.clone()).collect();
    put_page(tx, source, rows, now).await?;
    let was_live = |id: &str| known.iter().any(|old| old.source_id == id && old.live);
    for now_known in
        tx.known_answers(source, &touched.iter().map(String::as_str).collect::<Vec<_>>()).await?
    {
        if !now_known.live {
            continue;
        }
        let list =
            if was_live(&now_known.source_id) { &mut change.changed } else { &mut change.added };
        list.push(now_known.id);
    }
    Ok(change)
}
