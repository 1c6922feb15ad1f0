//! Offering a question to few people at a time: those it fits, who have nothing else in hand and
//! were not asked often today.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use superfan_bots::Button;

use super::matching::suits;
use super::telling::{readable, send};
use crate::desk::{Desk, Stage};
use crate::escalation::Fit;
use crate::ids::PersonId;
use crate::store::escalations::EscalationRow;
use crate::store::people::PersonRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{PageState, Role};
use crate::words::{Key, say};

/// How many people a question is offered to at a time.
const AT_ONCE: usize = 2;
/// How long they have before others are asked too.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// How many questions a person is offered within 24 hours.
pub const A_DAY: i64 = 3;
/// How many waiting questions are looked at in a round.
const LOOK: i64 = 200;
/// Only one node asks people; how long it holds that right.
const LEASE: SignedDuration = SignedDuration::from_secs(30);

/// Who can be asked, and how busy they are.
struct Bench {
    people: Vec<PersonRow>,
    today: HashMap<PersonId, i64>,
    busy: HashMap<PersonId, i64>,
}

impl Bench {
    async fn look(tx: &mut Tx, now: Timestamp) -> Result<Self, StoreError> {
        let links = tx.expert_links().await?;
        let mut people = Vec::new();
        for link in &links {
            if people.iter().any(|person: &PersonRow| person.id == link.person_id) {
                continue;
            }
            let person = tx.person(link.person_id).await?;
            people.extend(person.filter(|person| person.role >= Role::Expert));
        }
        let day = now - SignedDuration::from_hours(24);
        Ok(Self {
            people,
            today: tx.pages_since(day).await?.into_iter().collect(),
            busy: tx.claim_counts().await?.into_iter().collect(),
        })
    }

    /// Those a question fits who may be asked, the least asked first, then the best fitting.
    fn fitting(&self, row: &EscalationRow) -> Vec<PersonId> {
        let may_be_asked = |person: &&PersonRow| {
            self.asked(person.id) < A_DAY && self.busy.get(&person.id).is_none_or(|n| *n == 0)
        };
        let mut fitting: Vec<(i64, Fit, PersonId)> = self
            .people
            .iter()
            .filter(may_be_asked)
            .filter_map(|person| Some((self.asked(person.id), suits(person, row)?, person.id)))
            .collect();
        fitting.sort();
        fitting.into_iter().map(|(_, _, id)| id).collect()
    }

    fn asked(&self, person: PersonId) -> i64 {
        self.today.get(&person).copied().unwrap_or(0)
    }
}

/// Offers questions that wait to people they fit; returns how many offers were made.
pub async fn offer_waiting(desk: &Desk) -> Result<usize, StoreError> {
    if desk.store.read().await?.expert_links().await?.is_empty() {
        return Ok(0);
    }
    let stage = desk.stage();
    let mut tx = desk.store.begin().await?;
    if !tx.take_lease("experts", &desk.node, stage.now, stage.now + LEASE).await? {
        return Ok(0);
    }
    let mut bench = Bench::look(&mut tx, stage.now).await?;
    let mut n_offers = 0;
    for row in tx.offerable_escalations(LOOK).await? {
        n_offers += offer(&mut tx, &stage, &mut bench, &row).await?;
    }
    tx.commit().await?;
    if n_offers > 0 {
        desk.wakes.outbox();
    }
    Ok(n_offers)
}

async fn offer(
    tx: &mut Tx,
    stage: &Stage<'_>,
    bench: &mut Bench,
    row: &EscalationRow,
) -> Result<usize, StoreError> {
    let pages = tx.pages_of(row.id).await?;
    let is_waiting = |state: PageState, at: Timestamp| {
        state == PageState::Offered && stage.now.duration_since(at) < PATIENCE
    };
    let n_waiting = pages.iter().filter(|page| is_waiting(page.state, page.at)).count();
    if n_waiting >= AT_ONCE {
        return Ok(0);
    }
    let asker = tx.expert_link(row.customer_id).await?.map(|link| link.person_id);
    let mut n_offers = 0;
    for person in bench.fitting(row) {
        if n_waiting + n_offers >= AT_ONCE {
            break;
        }
        if asker == Some(person) || pages.iter().any(|page| page.person_id == person) {
            continue;
        }
        if tell(tx, stage, row, person).await? && tx.add_page(row.id, person, stage.now).await? {
            *bench.today.entry(person).or_default() += 1;
            n_offers += 1;
        }
    }
    Ok(n_offers)
}

async fn tell(
    tx: &mut Tx,
    stage: &Stage<'_>,
    row: &EscalationRow,
    person: PersonId,
) -> Result<bool, StoreError> {
    let question = readable(tx, row, &row.question).await?;
    let (number, cause) = (row.number.to_string(), format!("page:{}", row.id));
    let args =
        [("number", number.as_str()), ("lang", row.lang.as_str()), ("question", question.as_str())];
    let words = |lang: &str| {
        let button = |verb: &str, key| Button {
            id: format!("{verb}:{}", row.id),
            label: say(lang, key, &[]),
        };
        let buttons = vec![button("take", Key::ExpertTake), button("pass", Key::ExpertPass)];
        (say(lang, Key::ExpertPage, &args), buttons)
    };
    send(tx, stage, (person, &cause), &words).await
}
