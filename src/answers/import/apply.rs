//! The last transaction of an import: everything staged becomes what the base says.

use std::collections::HashSet;

use jiff::Timestamp;

use super::note::{Note, note_name, still_ours};
use super::prepare::Staged;
use super::summary::Summary;
use super::{ImportError, ImportRequest, Importing};
use crate::clock::from_millis;
use crate::people::{Act, Actor, record};
use crate::store::answers::AnswerRow;
use crate::store::imports::{ImportRow, KnownAnswer, StagedRow};
use crate::store::{Store, StoreError, Tx};

/// Answers written with one statement.
const PAGE: i64 = 250;

pub(super) async fn apply(
    store: &Store,
    importing: Importing<'_>,
    actor: &Actor,
    request: &ImportRequest,
    note: Note,
) -> Result<Summary, ImportError> {
    let (source, stage) = (request.source.as_str(), &importing.stage);
    let mut summary = note.summary;
    let mut tx = store.begin().await?;
    still_ours(&mut tx, source, note.run).await?;
    let n_staged = tx.count_staged(source).await?;
    if u64::try_from(n_staged).unwrap_or_default() != summary.kept {
        return Err(ImportError::Overtaken { source_name: source.to_owned() });
    }
    let retired = tx.retire_unstaged(source, stage.now).await?;
    summary.retired = u64::try_from(retired).unwrap_or_default();
    let mut after = String::new();
    loop {
        let page = tx.staged_changes(source, &after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.source_id);
        // What is applied makes room at once: the database then grows by the answers only.
        tx.clear_staged_up_to(source, &after).await?;
        put_page(&mut tx, source, page, stage.now).await?;
    }
    tx.clear_staged(source).await?;
    tx.drop_setting(&note_name(source)).await?;
    tx.set_import(&ImportRow {
        source: source.to_owned(),
        format: request.format.to_string(),
        path: request.path.display().to_string(),
        state: "done".to_owned(),
        summary: serde_json::json!(summary).to_string(),
        started_at: from_millis(note.started_ms),
        ended_at: Some(importing.clock.now()),
    })
    .await?;
    let detail = format!("{} changed, {} retired", summary.changed, summary.retired);
    record(&mut tx, stage, actor, &Act { act: "import", object: source, detail: &detail }).await?;
    tx.commit().await?;
    Ok(summary)
}

pub(super) async fn put_page(
    tx: &mut Tx,
    source: &str,
    page: Vec<StagedRow>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let source_ids: Vec<&str> = page.iter().map(|row| row.source_id.as_str()).collect();
    let known = tx.known_answers(source, &source_ids).await?;
    let taken = tx.answer_ids_in_use(&source_ids).await?;
    let before = tx.take_answer_seqs(i64::try_from(page.len()).unwrap_or(i64::MAX)).await?;
    let mut rows: Vec<AnswerRow> = Vec::with_capacity(page.len());
    for (staged, seq) in page.into_iter().zip(before + 1..) {
        let body: Staged = serde_json::from_str(&staged.body).map_err(|error| {
            let detail = format!("{}: {error}", staged.source_id);
            StoreError::Inconsistent { table: "staged_answers", detail }
        })?;
        if let Some(topic) = &body.topic {
            tx.set_answer_topic(source, &staged.source_id, topic).await?;
        }
        let is_known = known.iter().any(|known| known.source_id == staged.source_id);
        if is_known || !body.same_as.is_empty() {
            tx.set_answer_links(source, &staged.source_id, &body.same_as).await?;
        }
        let mut row = body.into_row(source, staged.source_id, staged.hash);
        row.seq = seq;
        row.updated_at = now;
        match known.iter().find(|known| known.source_id == row.source_id) {
            Some(known) => {
                row.id.clone_from(&known.id);
                row.live = known.live || !was_retired_by_hand(known);
            }
            None => row.id = free_id(tx, source, &row.source_id, &taken).await?,
        }
        rows.push(row);
    }
    tx.put_answers(&rows).await
}

/// Whether a person took an answer out: an import that retires also drops the digest.
fn was_retired_by_hand(known: &KnownAnswer) -> bool {
    !known.live && !known.hash.is_empty()
}

/// The id in the source, or with the source before it where another source has that id.
async fn free_id(
    tx: &mut Tx,
    source: &str,
    source_id: &str,
    taken: &HashSet<String>,
) -> Result<String, StoreError> {
    if !taken.contains(source_id) {
        return Ok(source_id.to_owned());
    }
    let mut id = format!("{source}:{source_id}");
    while tx.answer(&id).await?.is_some() {
        id = format!("{source}:{id}");
    }
    Ok(id)
}
