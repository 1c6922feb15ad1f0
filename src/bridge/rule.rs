//! Asking customers by rule: whose question nobody took for a while.

use jiff::SignedDuration;
use superfan_bots::{Button, Forum, ForumError, Reply, ReplyKind};

use super::acts::blank;
use super::{Wording, alike, consent_cause, count, proposed};
use crate::desk::{Desk, Stage};
use crate::outbox::{Draft, enqueue};
use crate::store::bridges::BridgeRow;
use crate::store::escalations::EscalationRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::BridgeState;
use crate::words::{Key, say};

/// How many customers are asked in one round.
const AT_ONCE: i64 = 20;
/// As much of a text as one message holds on most channels, in characters.
const LONGEST_SHOWN: usize = 3000;

/// Asks customers whose question nobody took; returns how many.
pub(super) async fn ask_by_rule(desk: &Desk, after: SignedDuration) -> Result<usize, StoreError> {
    let Some(forum) = desk.forums.to_ask_in() else { return Ok(0) };
    let stage = desk.stage();
    let due = desk.store.read().await?.to_ask_by_rule(stage.now - after, AT_ONCE).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let mut tx = desk.store.begin().await?;
    let mut n_asked = 0;
    for row in due {
        tx.lock_conversation(row.conversation_id).await?;
        if tx.bridge(row.id).await?.is_some() {
            continue;
        }
        let wording = proposed(&mut tx, &row).await?;
        asked(&mut tx, &stage, &row, (&forum.source, &wording), Some(after)).await?;
        n_asked += 1;
    }
    tx.commit().await?;
    desk.wakes.outbox();
    Ok(n_asked)
}

/// Puts the question whether it may be posted into the outbox; `by_rule` is how long a moderator
/// has after a yes before it is posted as it is.
pub(super) async fn asked(
    tx: &mut Tx,
    stage: &Stage<'_>,
    escalation: &EscalationRow,
    (source, wording): (&str, &Wording),
    by_rule: Option<SignedDuration>,
) -> Result<(), StoreError> {
    let Some(conversation) = tx.conversation(escalation.conversation_id).await? else {
        return Ok(());
    };
    let lang = &escalation.lang;
    let number = escalation.number.to_string();
    let text = shown(&wording.text);
    let args = [("number", number.as_str()), ("text", text.as_str())];
    let button = |verb: &str, key| Button {
        id: format!("forum:{verb}:{}", escalation.id),
        label: say(lang, key, &[]),
    };
    let reply = Reply {
        kind: ReplyKind::Question,
        text: say(lang, Key::ForumAsk, &args),
        credit: None,
        buttons: vec![button("yes", Key::ForumYes), button("no", Key::ForumNo)],
        lang: lang.clone(),
        answer_id: None,
        confidence: None,
        human: None,
        in_reply_to: None,
    };
    // What the bot asks by itself waits in shadow for a release; what a moderator asks does not.
    let decision_id = escalation.decision_id.filter(|_| by_rule.is_some());
    let cause = consent_cause(escalation.id);
    enqueue(tx, stage, &Draft { conversation: &conversation, cause, reply, decision_id }).await?;
    let row = BridgeRow {
        state: BridgeState::Asked,
        title: wording.title.clone(),
        text: wording.text.clone(),
        automatic: by_rule.is_some(),
        due_at: stage.now + by_rule.unwrap_or_default(),
        asked_at: Some(stage.now),
        ..blank(escalation.id, source, stage)
    };
    tx.put_bridge(&row, stage.now).await?;
    count("asked");
    Ok(())
}

/// What the customer reads of it: all of it, unless it is endless.
fn shown(text: &str) -> String {
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Why what was agreed to is not posted without a moderator: the forum seems to have it already.
pub(crate) async fn may_be_posted(
    forum: &dyn Forum,
    row: &BridgeRow,
    lang: &str,
) -> Result<Option<String>, ForumError> {
    let found = alike::similar(forum, &row.title, lang).await?;
    Ok(found.first().map(|topic| {
        format!("the forum may have it already (“{}”); choose it, or post this one", topic.title)
    }))
}
