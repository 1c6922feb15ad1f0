//! The programme: events, launches and trials that super fans are invited to by a rule. What they
//! get is never money.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, tz};

use super::board::{FURTHEST, Fan, Period, Wanted, board};
use crate::desk::Stage;
use crate::ids::ProgrammeId;
use crate::people::{Act, ActError, Actor, record};
use crate::store::programme::{EventRow, InvitationRow, RuleRow};
use crate::store::{StoreError, Tx};
use crate::vocabulary::{EventKind, EventState, InvitationAnswer, Perk, Role};

/// Longest name of an event, what is said of it, and a part of its rule, in characters.
const LONGEST_NAME: usize = 120;
const LONGEST_ABOUT: usize = 2_000;
const LONGEST_PART: usize = 200;
/// Most that one event invites.
const MOST: i64 = 100;
/// How somebody is called who wants to be named nowhere.
const UNNAMED: &str = "(not named)";
/// The setting under which one plans after the other, so that no budget is given twice.
const PLANNING: &str = "fans.planning";

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
/// Errors: [`ActError::Invalid`] for a name or a day that is none, a day that is over, a rule outside
/// of 1 to 100 people, and where all planned events would take more than the whole budget.
pub async fn plan(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    plan: Plan,
) -> Result<ProgrammeId, ActError> {
    actor.require(Role::Moderator)?;
    let day = check(&plan, stage.now).map_err(|reason| ActError::Invalid { reason })?;
    tx.setting_or_insert(PLANNING, "").await?;
    tx.lock_setting(PLANNING).await?;
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
        happens_on: day.to_string(),
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

/// The day, if everything else makes sense as well.
fn check(plan: &Plan, now: Timestamp) -> Result<Date, String> {
    let length = |text: &str| text.trim().chars().count();
    if !(1..=LONGEST_NAME).contains(&length(&plan.name)) {
        return Err(format!("write a name of 1 to {LONGEST_NAME} characters"));
    }
    if length(&plan.about) > LONGEST_ABOUT {
        return Err(format!("say what it is about in at most {LONGEST_ABOUT} characters"));
    }
    let day = plan.happens_on.parse::<Date>().ok();
    let day = day.filter(|day| day.to_string() == plan.happens_on);
    let day = day.ok_or_else(|| {
        let start: String = plan.happens_on.chars().take(40).collect();
        format!("{start:?} is no day; write it as 2026-12-01")
    })?;
    // It may still be yesterday elsewhere.
    if day < (now - SignedDuration::from_hours(24)).to_zoned(tz::TimeZone::UTC).date() {
        return Err(format!("{day} is over; choose a day to come"));
    }
    let rule = &plan.rule;
    if !(1..=MOST).contains(&rule.top) {
        return Err(format!("invite the first 1 to {MOST}"));
    }
    if !(0..=FURTHEST).contains(&rule.days) {
        return Err(format!("look back 1 to {FURTHEST} days, or 0 for all time"));
    }
    if [&rule.lang, &rule.product, &rule.tag].iter().any(|part| length(part) > LONGEST_PART) {
        return Err(format!("a language, product or tag has at most {LONGEST_PART} characters"));
    }
    if !(0..=100).contains(&plan.budget_percent) {
        return Err("the share of the budget is 0 to 100 %".to_owned());
    }
    Ok(day)
}

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// As they want to be named.
    pub name: String,
    /// The invitation, to be posted to them.
    pub words: String,
    /// The invitation as it is kept.
    pub row: InvitationRow,
}

/// Whom the rule names as of now, the first first. Who is not named anywhere is not named here.
async fn invitees(
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

/// Who is invited to an event, and what each is to read; the most solves first.
pub async fn invited(tx: &mut Tx, event: &EventRow) -> Result<Vec<Invited>, StoreError> {
    let rows = tx.invitations(event.id).await?;
    let mut invited = Vec::with_capacity(rows.len());
    for row in rows {
        let wish = tx.wish_of(&row.author).await?;
        // Who wishes not to be named since then stays invited, but is named nowhere.
        let name = wish.name(Some(&row.author)).unwrap_or(UNNAMED).to_owned();
        let words = event.about.replace("{name}", &name);
        invited.push(Invited { name, words, row });
    }
    Ok(invited)
}

/// Whom the rule names now beside those who are invited; nobody once the event is over.
pub async fn named_beside(
    tx: &mut Tx,
    stage: &Stage<'_>,
    (event, invited): (&EventRow, &[Invited]),
) -> Result<Vec<Fan>, StoreError> {
    if event.state == EventState::Over {
        return Ok(Vec::new());
    }
    let mut fans = invitees(tx, stage, event).await?;
    fans.retain(|fan| invited.iter().all(|one| one.row.author != fan.author));
    Ok(fans)
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
