//! What stands beside an escalation: what the brand knows of the customer, and whether its own
//! help desk was told.

use super::Console;
use super::words::{Moment, span};
use crate::desk::Desk;
use crate::lookup::{Fact, Known, facts};
use crate::store::customers::Customer;
use crate::store::escalations::EscalationRow;
use crate::store::helpdesk::DeskEventRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{DeliveryState, PageState};

/// Beside the card.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside {
    /// What is known of the customer.
    pub facts: Vec<Fact>,
    /// Why the brand's systems said nothing.
    pub lookup_failed: Option<String>,
    /// The brand's help desk, where there is one.
    pub help_desk: Option<HelpDeskView>,
    /// Experts' words that wait for a moderator.
    pub drafts: Vec<DraftView>,
    /// Whom it was offered to, and what they said.
    pub offers: Vec<(String, PageState)>,
}

/// An expert's words that wait for a moderator.
#[derive(Clone, Debug)]
pub(super) struct DraftView {
    pub id: String,
    pub author: String,
    pub text: String,
    pub at: Moment,
}

/// What the brand's help desk was told.
#[derive(Clone, Debug)]
pub(super) struct HelpDeskView {
    /// As people call it.
    pub name: &'static str,
    /// What it calls the escalation.
    pub ticket: Option<String>,
    /// Everything it was and is to be told, oldest first.
    pub lines: Vec<DeskLine>,
}

/// One event for the help desk.
#[derive(Clone, Debug)]
pub(super) struct DeskLine {
    pub id: String,
    /// The escalation's address and number.
    pub escalation: (String, i64),
    pub what: &'static str,
    pub state: DeliveryState,
    /// Where it stands, in words.
    pub words: String,
    pub at: Moment,
}

impl DeskLine {
    pub(super) fn new(row: &DeskEventRow, desk: &Desk) -> Self {
        use superfan_bots::helpdesk::DeskEventKind;
        let now = desk.clock.now();
        let reason = row.reason.as_deref().unwrap_or("not tried yet");
        let words = match row.state {
            DeliveryState::Sent => "told".to_owned(),
            DeliveryState::Due if row.due_at > now => {
                format!("waits {}: {reason}", span(row.due_at.duration_since(now)))
            }
            DeliveryState::Dead => format!("given up: {reason}"),
            _ => "waits to be told".to_owned(),
        };
        Self {
            id: row.id.to_string(),
            escalation: (row.escalation_id.to_string(), row.event.escalation.number),
            what: match row.event.kind {
                DeskEventKind::Created => "the question",
                DeskEventKind::Message => "a message",
                DeskEventKind::Closed => "closed",
            },
            state: row.state,
            words,
            at: Moment::new(row.event.at, now),
        }
    }

    /// Whether a person may have it sent again.
    pub(super) fn may_retry(&self) -> bool {
        self.state == DeliveryState::Dead
    }
}

impl Beside {
    /// Looks everything up; the brand's systems get a moment and no more.
    pub(super) async fn load(
        tx: &mut Tx,
        console: &Console,
        row: &EscalationRow,
        customer: Option<&Customer>,
    ) -> Result<Self, StoreError> {
        let mut beside =
            Self { help_desk: help_desk(tx, &console.desk, row).await?, ..Self::default() };
        let now = console.desk.clock.now();
        for draft in tx.expert_drafts_of(row.id).await? {
            let author = tx.person(draft.person_id).await?.map(|person| person.name);
            let (id, at) = (draft.id.to_string(), Moment::new(draft.at, now));
            let author = author.unwrap_or_default();
            beside.drafts.push(DraftView { id, author, text: draft.text, at });
        }
        for page in tx.pages_of(row.id).await? {
            let name = tx.person(page.person_id).await?.map(|person| person.name);
            beside.offers.push((name.unwrap_or_default(), page.state));
        }
        let Some(customer) = customer else { return Ok(beside) };
        let attributes = tx.attributes(customer.id).await?;
        beside.facts = facts(&attributes);
        match console.lookup.ask(customer, &attributes, console.desk.clock.now()).await {
            Some(Known::Facts(more)) => beside.facts.extend(more),
            Some(Known::Failed(reason)) => beside.lookup_failed = Some(reason),
            None => {}
        }
        Ok(beside)
    }
}

async fn help_desk(
    tx: &mut Tx,
    desk: &Desk,
    row: &EscalationRow,
) -> Result<Option<HelpDeskView>, StoreError> {
    let Some(help_desk) = &desk.help_desk else { return Ok(None) };
    let lines = tx.desk_events_of(row.id).await?;
    let ticket = tx.desk_ticket(row.id).await?;
    let ticket = ticket.map(|ticket| ticket.rsplit('/').next().unwrap_or_default().to_owned());
    let lines = lines.iter().map(|row| DeskLine::new(row, desk)).collect();
    Ok(Some(HelpDeskView { name: help_desk.name(), ticket, lines }))
}
