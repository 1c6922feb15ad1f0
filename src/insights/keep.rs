//! Keeping cases up to date: whatever is new of a customer puts all their recent cases together
//! anew, and the daily sums move by the difference. Running it twice changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::alike::alike;
use super::cases::{Case, History, Said, cases};
use super::tally::Tallies;
use crate::clock::from_millis;
use crate::desk::Desk;
use crate::fans::credit_cases;
use crate::ids::{CustomerId, DecisionId};
use crate::store::answers::AnswerRow;
use crate::store::case_history::{DecisionTime, SaidRow};
use crate::store::cases::CaseRow;
use crate::store::{Store, StoreError, Tx};

/// Looks at what is new, each at its own delay: at once, and again when what was sent has arrived
/// and what was written late can be read.
const LOOKS: [(&str, SignedDuration); 2] =
    [("insights.seen", SignedDuration::ZERO), ("insights.settled", SignedDuration::from_mins(15))];
/// Where a cursor begins.
const START: &str = "0";
/// How much news is read at once.
const NEWS: i64 = 200;
/// How many decisions of a customer are put together.
const RECENT: i64 = 300;
/// Where there are more, the oldest of them are read for what follows only.
const CONTEXT: usize = 50;

/// Does one round; whether there is more to do at once.
pub async fn keep_up(desk: &Desk) -> Result<bool, StoreError> {
    let mut more = false;
    for (cursor, delay) in LOOKS {
        // What happens within this millisecond may not be over.
        more |= look(&desk.store, cursor, desk.clock.now() - delay).await?;
    }
    Ok(more)
}

/// How far cases were counted.
pub(super) async fn cursors(tx: &mut Tx) -> Result<Vec<Option<String>>, StoreError> {
    let mut kept = Vec::with_capacity(LOOKS.len());
    for (cursor, _) in LOOKS {
        kept.push(tx.setting(cursor).await?);
    }
    Ok(kept)
}

async fn look(store: &Store, cursor: &'static str, now: Timestamp) -> Result<bool, StoreError> {
    let mut tx = store.read().await?;
    let kept = tx.setting(cursor).await?.unwrap_or_else(|| START.to_owned());
    let from = from_millis(kept.parse().unwrap_or(0));
    let until = now + SignedDuration::from_millis(1);
    let (news, reached) = news(&mut tx, from, until).await?;
    let customers: BTreeSet<CustomerId> = news.into_iter().map(|(customer, _)| customer).collect();
    if customers.is_empty() {
        return Ok(false);
    }
    let mut fresh = Vec::with_capacity(customers.len());
    for customer in customers {
        fresh.extend(cases_of(&mut tx, customer).await?);
    }
    drop(tx);
    let mut tx = store.begin().await?;
    // Several processes may look at once; whoever comes second has nothing to add.
    tx.setting_or_insert(cursor, START).await?;
    tx.lock_setting(cursor).await?;
    if tx.setting(cursor).await?.as_deref() != Some(kept.as_str()) {
        return Ok(false);
    }
    let mut tallies = Tallies::default();
    for kept in &fresh {
        replace(&mut tx, kept, &mut tallies).await?;
    }
    tx.add_to_tallies(&tallies.changes()).await?;
    tx.set_setting(cursor, &reached.as_millisecond().to_string()).await?;
    tx.commit().await?;
    Ok(reached < until)
}

/// News since `from`, and up to when it is complete.
async fn news(
    tx: &mut Tx,
    from: Timestamp,
    until: Timestamp,
) -> Result<(Vec<(CustomerId, Timestamp)>, Timestamp), StoreError> {
    let mut limit = NEWS;
    loop {
        let mut news = tx.case_news(from, until, limit).await?;
        if i64::try_from(news.len()).is_ok_and(|n| n < limit) {
            return Ok((news, until));
        }
        // The last moment may have more than was read; it comes with the next.
        let last = news.last().map_or(until, |(_, at)| *at);
        news.retain(|(_, at)| *at < last);
        if !news.is_empty() {
            return Ok((news, last));
        }
        limit *= 10;
    }
}

/// A customer's cases from a decision on, as of now.
struct Fresh {
    customer: CustomerId,
    from: DecisionId,
    rows: Vec<CaseRow>,
}

/// The cases of whoever a customer is: accounts that are linked are one person, who may ask again on
/// another; each account keeps its own.
async fn cases_of(tx: &mut Tx, customer: CustomerId) -> Result<Vec<Fresh>, StoreError> {
    let linked = tx.circle_of(customer).await?;
    let mut fresh = Vec::new();
    let mut history = History::default();
    let mut owners = BTreeMap::new();
    for customer in [customer].into_iter().chain(linked.into_iter().map(|one| one.customer_id)) {
        let said = tx.said_of(customer, RECENT).await?;
        let Some(first) = said.first() else { continue };
        let is_cut = i64::try_from(said.len()).is_ok_and(|n| n == RECENT);
        let from = if is_cut { said[CONTEXT].id } else { first.id };
        owners.extend(said.iter().map(|row| (row.id, fresh.len())));
        fresh.push(Fresh { customer, from, rows: Vec::new() });
        let own = self::history(tx, customer, said).await?;
        history.said.extend(own.said);
        history.passed.extend(own.passed);
    }
    history.said.sort_by_key(|said| said.row.id);
    let same = |one: &SaidRow, other: &SaidRow| {
        let shares = one.answer_ids.iter().any(|id| other.answer_ids.contains(id));
        shares || alike(&one.question, &other.question, &one.lang)
    };
    for case in cases(&history, &same) {
        let Some(owner) = owners.get(&case.id).and_then(|at| fresh.get_mut(*at)) else { continue };
        if case.id >= owner.from {
            owner.rows.extend(case_rows(tx, owner.customer, &case).await?);
        }
    }
    Ok(fresh)
}

async fn history(
    tx: &mut Tx,
    customer: CustomerId,
    rows: Vec<SaidRow>,
) -> Result<History, StoreError> {
    let Some(first) = rows.first() else { return Ok(History::default()) };
    let (from, id) = (first.at, first.id);
    let conversations: BTreeSet<_> = rows.iter().map(|row| row.conversation_id.0).collect();
    let (mut received, mut answered, mut replied) = (Vec::new(), Vec::new(), Vec::new());
    for conversation in conversations {
        let conversation = conversation.into();
        received.extend(tx.received_for(conversation, customer, from).await?);
        answered.extend(tx.sent_for(conversation, from, false).await?);
        replied.extend(tx.sent_for(conversation, from, true).await?);
    }
    let time = |times: &[DecisionTime], id| times.iter().find(|time| time.id == id).map(|t| t.at);
    let said = rows.into_iter().map(|row| Said {
        received_at: time(&received, row.id),
        answered_at: time(&answered, row.id),
        replied_at: time(&replied, row.id),
        row,
    });
    Ok(History { said: said.collect(), passed: tx.passed_of(customer, id).await? })
}

async fn case_rows(
    tx: &mut Tx,
    customer: CustomerId,
    case: &Case,
) -> Result<Vec<CaseRow>, StoreError> {
    let mut rows = Vec::with_capacity(case.ends.len());
    for end in &case.ends {
        let answer: Option<AnswerRow> = match &end.answer_id {
            Some(id) => tx.answer(id).await?,
            None => None,
        };
        let of_answer = |of: fn(&AnswerRow) -> Option<String>| answer.as_ref().and_then(of);
        let waited = end.waited.map(|waited| waited.as_millis());
        rows.push(CaseRow {
            id: case.id,
            handler: end.handler,
            customer_id: customer,
            ending: end.ending,
            is_complex: case.is_complex,
            channel: case.channel.clone(),
            lang: case.lang.clone(),
            product: of_answer(|row| row.product.clone()).unwrap_or_default(),
            author: of_answer(|row| row.author.clone()).unwrap_or_default(),
            tags: answer.as_ref().map(|row| row.tags.clone()).unwrap_or_default(),
            answer_id: end.answer_id.clone(),
            waited_ms: waited.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX)),
            n_helped: end.n_helped,
            n_refused: end.n_refused,
            day: case.at.as_second().div_euclid(86_400),
            at: case.at,
        });
    }
    Ok(rows)
}

async fn replace(tx: &mut Tx, fresh: &Fresh, tallies: &mut Tallies) -> Result<(), StoreError> {
    let mut rows = fresh.rows.clone();
    rows.sort_by(|a, b| (a.id, a.handler.as_str()).cmp(&(b.id, b.handler.as_str())));
    let before = tx.cases_from(fresh.customer, fresh.from).await?;
    if before == rows {
        return Ok(());
    }
    for row in &before {
        tallies.count(row, -1);
    }
    for row in &rows {
        tallies.count(row, 1);
    }
    tx.replace_cases(fresh.customer, fresh.from, &rows).await?;
    credit_cases(tx, fresh.customer, fresh.from, &rows).await
}
