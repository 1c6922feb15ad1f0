//! What the base could not answer, grouped: how much, since when, whose it is, where it stands; and
//! one gap, with what is asked and what can be done.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::Console;
use super::delivery::label;
use super::error::{ConsoleError, page, status_of};
use super::form::Posted;
use super::frame::Frame;
use super::incidents::{self, IncidentView};
use super::moves::Team;
use super::query::Query;
use super::session::Me;
use super::words::{Moment, start_of};
use crate::answers::{AnswerEdit, GivenAnswer};
use crate::desk::Desk;
use crate::gaps::{self, Asked};
use crate::ids::GapId;
use crate::months::{month, month_before};
use crate::people::ActError;
use crate::store::gaps::GapRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{EscalationState, GapState, Outcome};
use crate::wakes::News;

/// How many gaps the page lists.
const LISTED: i64 = 200;
/// How many questions of a gap are shown.
const QUOTED: i64 = 50;
/// How large the line of a trend is drawn.
const LINE: (f64, f64) = (112.0, 24.0);

/// The gaps.
#[derive(Debug, Template)]
#[template(path = "console/gaps.html")]
pub(super) struct GapsPage {
    pub frame: Frame,
    pub items: Vec<Item>,
    pub tabs: Vec<(&'static str, &'static str)>,
    pub tab: &'static str,
    pub incidents: Vec<IncidentView>,
    /// The month whose page can be fetched.
    pub month: String,
}

/// One gap in the list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub id: String,
    pub name: String,
    pub lang: String,
    pub about: String,
    pub n: i64,
    pub n_waiting: i64,
    pub n_week: i64,
    pub n_week_before: i64,
    /// The line of the last 28 days, as the points of a drawing.
    pub line: String,
    pub owner: String,
    pub state: GapState,
    /// How it stood a month ago.
    pub before: &'static str,
    pub last: Moment,
}

/// One gap.
#[derive(Debug, Template)]
#[template(path = "console/gap.html")]
pub(super) struct GapPage {
    pub frame: Frame,
    pub item: Item,
    pub states: &'static [GapState],
    pub questions: Vec<Quoted>,
    pub skills: Vec<String>,
    pub answer: Option<String>,
    pub is_going_out: bool,
    pub untold: Vec<(i64, String)>,
    pub draft: AnswerForm,
    pub error: Option<String>,
}

/// A question of a gap, without personal data.
#[derive(Clone, Debug)]
pub(super) struct Quoted {
    pub id: String,
    pub number: i64,
    pub text: String,
    pub lang: String,
    pub channel: String,
    pub state: &'static str,
    pub is_waiting: bool,
    pub at: Moment,
}

impl Item {
    /// In words, for those who do not see the line.
    fn trend(&self) -> String {
        format!("{} this week, {} the week before", self.n_week, self.n_week_before)
    }

    /// Whether it grows.
    fn is_rising(&self) -> bool {
        self.n_week > self.n_week_before
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    #[serde(default)]
    tab: String,
    done: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct StandingForm {
    #[serde(default)]
    owner: String,
    state: GapState,
}

/// The answer of a gap.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct AnswerForm {
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub answer: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ExpertForm {
    skill: String,
}

/// The tabs: which gaps, in words.
const TABS: [(&str, &str); 3] = [("", "To do"), ("done", "Done"), ("single", "Asked once")];

pub(super) async fn list(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let tab = TABS.iter().find(|(key, _)| *key == query.tab).map_or("", |(key, _)| key);
    let mut tx = desk.store.read().await?;
    let mut items = Vec::new();
    for row in tx.gaps(i64::MAX).await? {
        let is_over = matches!(row.state, GapState::Answered | GapState::Dismissed);
        let is_single = row.n < 2 && row.owner.is_empty() && row.state == GapState::Open;
        let here = match tab {
            "done" => is_over && !(row.n_waiting > 0 && row.state == GapState::Answered),
            "single" => is_single,
            _ => (!is_over || (row.n_waiting > 0 && row.state == GapState::Answered)) && !is_single,
        };
        if here && (items.len() as u64) < LISTED.unsigned_abs() {
            items.push(item(&mut tx, &row, desk.clock.now()).await?);
        }
    }
    let frame = Frame::new(&mut tx, desk, &me, "gaps").await?.after(query.done.as_deref());
    let incidents = incidents::load(&mut tx, desk.clock.now()).await?;
    let month = month_before(desk.clock.now());
    page(&GapsPage { frame, items, tabs: TABS.to_vec(), tab, incidents, month })
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Path(id): Path<String>,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    let mut view = build(&console.desk, &me, parse(&id)?).await?;
    view.frame = view.frame.after(query.done.as_deref());
    page(&view)
}

pub(super) async fn standing(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<StandingForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, parse(&id)?);
    let done = async {
        let mut tx = desk.store.begin().await?;
        let said = (form.owner.as_str(), form.state);
        gaps::set_standing(&mut tx, &desk.stage(), &me.actor(), id, said).await?;
        Ok(tx.commit().await?)
    };
    let done = done.await;
    after(desk, &me, id, (done, None, "gap-set")).await
}

pub(super) async fn answer(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<AnswerForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, parse(&id)?);
    let done = async {
        let edit = AnswerEdit {
            title: Some(form.title.clone()),
            // Browsers send line ends as CRLF.
            answer: Some(form.answer.replace("\r\n", "\n")),
            ..AnswerEdit::default()
        };
        let given = GivenAnswer { id: None, edit };
        let mut tx = desk.store.begin().await?;
        gaps::answer(&mut tx, &desk.stage(), &me.actor(), id, given).await?;
        tx.commit().await?;
        desk.wakes.answers();
        Ok(())
    };
    let done = done.await;
    after(desk, &me, id, (done, Some(form), "gap-answered")).await
}

pub(super) async fn experts(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<ExpertForm>,
) -> Result<Response, ConsoleError> {
    let (desk, id) = (&console.desk, parse(&id)?);
    let done = async {
        let mut tx = desk.store.begin().await?;
        gaps::to_experts(&mut tx, &desk.stage(), &me.actor(), id, &form.skill).await?;
        Ok(tx.commit().await?)
    };
    let done = done.await;
    after(desk, &me, id, (done, None, "transferred")).await
}

/// The page again: with what was done, or with why it was not and what was written.
async fn after(
    desk: &Desk,
    me: &Me,
    id: GapId,
    (done, form, word): (Result<(), ActError>, Option<AnswerForm>, &str),
) -> Result<Response, ConsoleError> {
    match done {
        Ok(()) => {
            desk.wakes.outbox();
            desk.wakes.tell(News::Queue);
            Ok(Redirect::to(&format!("/gaps/{id}?done={word}")).into_response())
        }
        Err(error @ (ActError::Invalid { .. } | ActError::Conflict { .. })) => {
            let mut view = build(desk, me, id).await?;
            view.draft = form.unwrap_or(view.draft);
            view.error = Some(error.to_string());
            let status: StatusCode = status_of(&error);
            Ok((status, Html(view.render()?)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn parse(id: &str) -> Result<GapId, ConsoleError> {
    id.parse().map_err(|_| ConsoleError::NotFound(format!("gap {id}")))
}

async fn build(desk: &Desk, me: &Me, id: GapId) -> Result<GapPage, ConsoleError> {
    let mut tx = desk.store.read().await?;
    let row = tx.gap(id).await?.ok_or_else(|| ConsoleError::NotFound(format!("gap {id}")))?;
    let asked = gaps::asked(&mut tx, id, QUOTED).await?;
    let questions: Vec<Quoted> = asked.into_iter().map(|one| quoted(desk, one)).collect();
    let title = questions.first().map(|first| start_of(&first.text, 120));
    let draft = AnswerForm { title: title.unwrap_or_default(), answer: String::new() };
    Ok(GapPage {
        item: item(&mut tx, &row, desk.clock.now()).await?,
        frame: Frame::new(&mut tx, desk, me, "gaps").await?,
        states: GapState::ALL,
        skills: Team::around(&mut tx, me).await?.skills,
        questions,
        is_going_out: row.answering_by.is_some(),
        answer: row.answer_id,
        untold: tx.untold_in_gap(id).await?,
        draft,
        error: None,
    })
}

fn quoted(desk: &Desk, Asked { text, row }: Asked) -> Quoted {
    let state = match (row.state, row.outcome) {
        (EscalationState::Closed, Some(Outcome::Solved)) => "solved",
        (EscalationState::Closed, _) => "closed without an answer",
        (EscalationState::Claimed, _) => "somebody has it",
        (EscalationState::Open, _) => "waits",
    };
    Quoted {
        id: row.id.to_string(),
        number: row.number,
        text,
        lang: row.lang,
        channel: label(&desk.channels, &row.channel),
        state,
        is_waiting: row.state != EscalationState::Closed,
        at: Moment::new(row.opened_at, desk.clock.now()),
    }
}

async fn item(tx: &mut Tx, row: &GapRow, now: Timestamp) -> Result<Item, StoreError> {
    let before = tx.gap_in_month(row.id, &month_before(now)).await?;
    let is_old = month(row.first_at) <= month_before(now);
    Ok(Item {
        id: row.id.to_string(),
        name: if row.name.is_empty() { "(no words)".to_owned() } else { row.name.clone() },
        lang: row.lang.clone(),
        about: row.about.clone(),
        n: row.n,
        n_waiting: row.n_waiting,
        n_week: row.n_week,
        n_week_before: row.n_week_before,
        line: points(&row.days),
        owner: row.owner.clone(),
        state: row.state,
        before: match before {
            Some(state) => state.as_str(),
            None if is_old => GapState::Open.as_str(),
            None => "new",
        },
        last: Moment::new(row.last_at, now),
    })
}

/// A line through the counts, the highest as high as there is room.
#[expect(clippy::cast_precision_loss, reason = "a few days and questions")]
fn points(days: &[i64]) -> String {
    let highest = days.iter().copied().max().unwrap_or(0).max(1) as f64;
    let step = LINE.0 / (days.len().max(2) - 1) as f64;
    let point = |(at, n): (usize, &i64)| {
        format!("{:.1},{:.1}", at as f64 * step, LINE.1 - *n as f64 / highest * LINE.1)
    };
    days.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::points;

    #[test]
    fn a_line_goes_from_left_to_right_and_as_high_as_there_is_room() {
        assert_eq!(points(&[0, 2, 1]), "0.0,24.0 56.0,0.0 112.0,12.0");
        assert_eq!(points(&[0]), "0.0,24.0");
        assert_eq!(points(&[]), "");
    }
}
