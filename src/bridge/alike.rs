//! What asks the same: topics that the forum has already, and others who wait.

use std::time::Duration;

use superfan_bots::{Forum, ForumError, FoundTopic};
use superfan_index::groups::{Grouping, group, telling_words};

use crate::forums::Forums;
use crate::ids::EscalationId;
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{BridgeState, EscalationState};

/// How long the forum's search may take; nobody waits longer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many topics are shown.
const SHOWN: usize = 5;
/// With how many words the forum is asked: it finds what has all of them, so fewer find more.
const WORDS: [usize; 2] = [4, 2];
/// How many waiting questions are compared.
const COMPARED: i64 = 300;

/// Topics that the forum which takes questions has already, best first, and why it could not be
/// searched; neither where there is no such forum.
pub async fn topics_there(
    forums: &Forums,
    text: &str,
    lang: &str,
) -> (Vec<FoundTopic>, Option<String>) {
    let Some(forum) = forums.to_ask_in() else { return (Vec::new(), None) };
    match tokio::time::timeout(PATIENCE, similar(&*forum.forum, text, lang)).await {
        Ok(Ok(found)) => (found, None),
        Ok(Err(error)) => (Vec::new(), Some(error.to_string())),
        Err(_) => (Vec::new(), Some("the forum did not answer in time".to_owned())),
    }
}

/// Topics that the forum's own search finds for a question, best first.
pub(super) async fn similar(
    forum: &dyn Forum,
    text: &str,
    lang: &str,
) -> Result<Vec<FoundTopic>, ForumError> {
    let mut words: Vec<String> = telling_words(text, lang).into_values().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    let mut found: Vec<FoundTopic> = Vec::new();
    for n_words in WORDS {
        let query = words[..words.len().min(n_words)].join(" ");
        if query.is_empty() || found.len() >= SHOWN {
            break;
        }
        for topic in forum.find_topics(&query).await? {
            if found.iter().all(|known| known.id != topic.id) {
                found.push(topic);
            }
        }
    }
    found.truncate(SHOWN);
    Ok(found)
}

/// Others who wait with what seems to be the same question and for no topic yet, oldest first.
pub async fn others_waiting(
    tx: &mut Tx,
    of: &EscalationRow,
) -> Result<Vec<EscalationRow>, StoreError> {
    let mut waiting = Vec::new();
    for other in alike(tx, of).await? {
        if tx.bridge(other.id).await?.is_none_or(|row| row.state == BridgeState::Ended) {
            waiting.push(other);
        }
    }
    Ok(waiting)
}

/// Others who wait with what seems to be the same question, oldest first.
pub async fn alike(tx: &mut Tx, of: &EscalationRow) -> Result<Vec<EscalationRow>, StoreError> {
    if let Some(gap) = tx.gap_of(of.id).await? {
        let mut rows = tx.questions_in_gap(gap, COMPARED).await?;
        rows.retain(|row| row.id != of.id && row.state != EscalationState::Closed);
        rows.reverse();
        return Ok(rows);
    }
    let mut rows: Vec<EscalationRow> = tx.queue(None, COMPARED).await?;
    rows.retain(|row| row.id != of.id);
    rows.insert(0, of.clone());
    let compared: Vec<(EscalationId, String, String)> =
        rows.iter().map(|row| (row.id, row.question.clone(), row.lang.clone())).collect();
    let grouped = tokio::task::spawn_blocking(move || {
        let questions: Vec<Grouping> =
            compared.iter().map(|(_, text, lang)| Grouping::by_words(text, lang)).collect();
        group(&questions)
    });
    let Ok(groups) = grouped.await else { return Ok(Vec::new()) };
    let ours = groups.first().copied();
    let alike = rows.into_iter().zip(groups).skip(1);
    Ok(alike.filter(|(_, group)| Some(*group) == ours).map(|(row, _)| row).collect())
}
