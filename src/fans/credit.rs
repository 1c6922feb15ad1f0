//! Crediting authors: each solve once, and only if it counts.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::rings::settle_rings;
use crate::answers::acts::OWN_SOURCE;
use crate::desk::Desk;
use crate::ids::{CustomerId, DecisionId};
use crate::store::answers::AnswerRow;
use crate::store::cases::CaseRow;
use crate::store::solves::{FORUM, SolveRow};
use crate::store::{StoreError, Tx};
use crate::vocabulary::{Ending, Handler};

/// The same answer for the same person within this time is no second solve.
const REPEATED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The setting that holds up to which change of the answers the forum's acceptances are credited.
const CURSOR: &str = "fans.answers";
/// How many changed answers are looked at in one go.
const AT_ONCE: i64 = 200;

/// Credits the forum's own acceptances that changed; whether there is more to do at once.
pub async fn keep_up(desk: &Desk) -> Result<bool, StoreError> {
    let mut tx = desk.store.read().await?;
    let kept = tx.setting(CURSOR).await?.and_then(|text| text.parse().ok()).unwrap_or(0_i64);
    if tx.answers_after(kept, 1).await?.is_empty() {
        return Ok(false);
    }
    drop(tx);
    let mut tx = desk.store.begin().await?;
    tx.setting_or_insert(CURSOR, "0").await?;
    tx.lock_setting(CURSOR).await?;
    let from = tx.setting(CURSOR).await?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let answers = tx.answers_after(from, AT_ONCE).await?;
    let Some(last) = answers.last().map(|row| row.seq) else { return Ok(false) };
    let mut authors = BTreeSet::new();
    for row in &answers {
        match of_forum(row) {
            Some(solve) => {
                authors.insert(solve.author.clone());
                tx.put_solve(&solve).await?;
            }
            None => authors.extend(tx.drop_forum_solve(&row.id).await?),
        }
    }
    settle_rings(&mut tx, &authors).await?;
    tx.set_setting(CURSOR, &last.to_string()).await?;
    tx.commit().await?;
    Ok(i64::try_from(answers.len()).is_ok_and(|n| n == AT_ONCE))
}

/// What the forum's acceptance of an answer credits; nothing for answers written here or retired.
fn of_forum(row: &AnswerRow) -> Option<SolveRow> {
    let author = row.author.clone().filter(|_| row.live && row.source != OWN_SOURCE)?;
    let nobody = || format!("asker of {}", row.id);
    let person = row.asker.as_ref().map_or_else(nobody, |asker| asker.to_lowercase());
    Some(SolveRow {
        answer_id: row.id.clone(),
        case_id: DecisionId(0),
        discount: if helps_themselves(&author, &person) { "self" } else { "" }.to_owned(),
        author,
        helped: person.clone(),
        person,
        customer_id: CustomerId(0),
        channel: FORUM.to_owned(),
        lang: row.lang.clone(),
        product: row.product.clone().unwrap_or_default(),
        tags: row.tags.clone(),
        at: row.accepted_at.or(row.asked_at).unwrap_or(Timestamp::UNIX_EPOCH),
    })
}

/// Credits a customer's confirmed cases from a decision on, in the place of what was credited.
pub(crate) async fn credit_cases(
    tx: &mut Tx,
    customer: CustomerId,
    from: DecisionId,
    cases: &[CaseRow],
) -> Result<(), StoreError> {
    let mut authors: BTreeSet<String> = tx.drop_solves(customer, from).await?.into_iter().collect();
    let mut names = Vec::new();
    let mut first = customer;
    for account in tx.circle_of(customer).await?.iter().map(|one| one.customer_id) {
        first = first.min(account);
        names.extend(name_of(tx, account).await?);
    }
    let person = name_of(tx, customer).await?.unwrap_or_else(|| customer.to_string());
    names.push(person.clone());
    let is_solved = |case: &&CaseRow| {
        case.handler == Handler::All && case.ending == Ending::Confirmed && !case.author.is_empty()
    };
    for case in cases.iter().filter(is_solved) {
        let Some(answer_id) = case.answer_id.clone() else { continue };
        if tx.answer(&answer_id).await?.is_none_or(|answer| answer.source == OWN_SOURCE) {
            continue;
        }
        let mut solve = SolveRow {
            answer_id,
            case_id: case.id,
            author: case.author.clone(),
            person: person.clone(),
            helped: first.0.to_string(),
            customer_id: customer,
            channel: case.channel.clone(),
            lang: case.lang.clone(),
            product: case.product.clone(),
            tags: case.tags.clone(),
            discount: String::new(),
            at: case.at,
        };
        if names.iter().any(|name| helps_themselves(&solve.author, name)) {
            "self".clone_into(&mut solve.discount);
        } else if tx.was_helped_before(&solve, solve.at - REPEATED).await? {
            "repeat".clone_into(&mut solve.discount);
        }
        tx.put_solve(&solve).await?;
        authors.insert(solve.author);
    }
    settle_rings(tx, &authors).await
}

async fn name_of(tx: &mut Tx, customer: CustomerId) -> Result<Option<String>, StoreError> {
    let name = tx.customer(customer).await?.and_then(|row| row.name);
    Ok(name.map(|name| name.to_lowercase()))
}

fn helps_themselves(author: &str, person: &str) -> bool {
    author.to_lowercase() == person
}
