//! The programme: events, launches and trials that super fans are invited to by a rule. What they
//! get is never money.

use jiff::civil::Date;

use super::board::{Fan, Period, Wanted, board};
use crate::desk::Stage;
use crate::ids::ProgrammeId;
use crate::people::{Act, ActError, Actor, record};
use crate::store::programme::{EventRow, RuleRow};
use crate::store::{StoreError, Tx};
use crate::vocabulary::{EventKind, EventState, InvitationAnswer, Perk, Role};

/// Longest name of an event, and what is said of it, in characters.
const LONGEST_NAME: usize = 120;
const LONGEST_ABOUT: usize = 2_000;
/// Most that one event invites.
const MOST: i64 = 100;

/// What somebody plans.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What kind.
    pub kind: EventKind,
    /// Its name.
    pub name: String,
    /// The day, `2026-12-01`.
    pub happens_on: String,
    /// What it is about; `{name}` stands for who is invited.
    pub about: String,
    /// What they get.
    pub perk: Perk,
    /// Its share of the programme's budget, 0..=100.
    pub budget_percent: i64,
    /// Who is invited.
    pub rule: RuleRow,
}

/// Plans an event; needs [`Role::Moderator`].
///
/// Errors: [`ActError::Invalid`] for a name or a day that is none, a rule outside of 1 to 100
/// people, and where all planned events would take more than the whole budget.
pub async fn plan(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    plan: Plan,
) -> Result<ProgrammeId, ActError> {
    actor.require(Role::Moderator)?;
    check(&plan).map_err(|reason| ActError::Invalid { reason })?;
    let planned = tx.planned_budget().await?;
    if planned + plan.budget_percent > 100 {
        let reason = format!(
            "the events to come take {planned} % of the budget already; at most {} % are left",
            100 - planned
        );
        return Err(ActError::Invalid { reason });
    }
    let event = EventRow {
        id: stage.ids.next(),
        kind: plan.kind,
        name: plan.name.trim().to_owned(),
        happens_on: plan.happens_on,
        about: plan.about.trim().to_owned(),
        perk: plan.perk,
        budget_percent: plan.budget_percent,
        rule: plan.rule,
        state: EventState::Planned,
        created_at: stage.now,
    };
    tx.add_event(&event).await?;
    note(tx, stage, actor, ("plan event", event.id), &event.name).await?;
    Ok(event.id)
}

fn check(plan: &Plan) -> Result<(), String> {
    let length = |text: &str| text.trim().chars().count();
    if !(1..=LONGEST_NAME).contains(&length(&plan.name)) {
        return Err(format!("write a name of 1 to {LONGEST_NAME} characters"));
    }
    if length(&plan.about) > LONGEST_ABOUT {
        return Err(format!("say what it is about in at most {LONGEST_ABOUT} characters"));
    }
    if plan.happens_on.parse::<Date>().is_err() {
        return Err(format!("{:?} is no day; write it as 2026-12-01", plan.happens_on));
    }
    if !(1..=MOST).contains(&plan.rule.top) {
        return Err(format!("invite the first 1 to {MOST}"));
    }
    if !(0..=100).contains(&plan.budget_percent) {
        return Err("the share of the budget is 0 to 100 %".to_owned());
    }
    Ok(())
}

/// Whom the rule names as of now, the first first. Who is not named anywhere is not named here.
pub async fn invitees(
    tx: &mut Tx,
    stage: &Stage<'_>,
    event: &EventRow,
) -> Result<Vec<Fan>, StoreError> {
    let rule = &event.rule;
    let wanted = Wanted {
        period: if rule.days == 0 { Period::All } else { Period::Days(rule.days) },
        lang: rule.lang.clone(),
        product: rule.product.clone(),
        tag: rule.tag.clone(),
    };
    let mut fans = board(tx, &wanted, stage.rules.minutes_per_case, stage.now).await?.fans;
    fans.truncate(usize::try_from(rule.top).unwrap_or(0));
    Ok(fans)
}

/// Invites whom the rule names now and who is not invited yet; how many those were.
///
/// Errors: [`ActError::Conflict`] once the event is over.
pub async fn invite(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: ProgrammeId,
) -> Result<i64, ActError> {
    actor.require(Role::Moderator)?;
    let event = to_come(tx, id).await?;
    let mut n = 0;
    for fan in invitees(tx, stage, &event).await? {
        n += i64::from(tx.invite(id, (&fan.author, fan.solves), stage.now).await?);
    }
    note(tx, stage, actor, ("invite", id), &format!("{n} more")).await?;
    Ok(n)
}

/// Notes what somebody said to an invitation.
///
/// Errors: [`ActError::Unknown`] for an author who was not invited.
pub async fn answered(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    (id, author): (ProgrammeId, &str),
    answer: InvitationAnswer,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    to_come(tx, id).await?;
    if !tx.answer_invitation(id, author, (answer, stage.now)).await? {
        return Err(ActError::Unknown { what: format!("invitation of {author}") });
    }
    note(tx, stage, actor, ("invitation answered", id), answer.as_str()).await
}

/// Ends an event; its share of the budget is free again.
pub async fn end_event(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: ProgrammeId,
) -> Result<(), ActError> {
    actor.require(Role::Moderator)?;
    to_come(tx, id).await?;
    tx.close_event(id).await?;
    note(tx, stage, actor, ("end event", id), "").await
}

/// The words of an invitation to one person.
pub fn invitation(event: &EventRow, name: &str) -> String {
    event.about.replace("{name}", name)
}

async fn to_come(tx: &mut Tx, id: ProgrammeId) -> Result<EventRow, ActError> {
    let event = tx.event(id).await?;
    let event = event.ok_or_else(|| ActError::Unknown { what: format!("event {id}") })?;
    if event.state == EventState::Over {
        let reason = format!("{} is over", event.name);
        return Err(ActError::Conflict { reason, owner: None });
    }
    Ok(event)
}

async fn note(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    (act, id): (&'static str, ProgrammeId),
    detail: &str,
) -> Result<(), ActError> {
    record(tx, stage, actor, &Act { act, object: &id.to_string(), detail }).await?;
    Ok(())
}
