//! What many asked at once: decided here, told from here; and a month of gaps on one page.

use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::Console;
use super::error::ConsoleError;
use super::form::{NoFields, Posted};
use super::query::Query;
use super::session::Me;
use super::words::Moment;
use crate::gaps::{self, Pack};
use crate::ids::IncidentId;
use crate::months::month_before;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{IncidentState, Role};

/// An incident that is not over.
#[derive(Clone, Debug)]
pub(super) struct IncidentView {
    pub id: String,
    pub gap_id: String,
    /// The words that name what is asked.
    pub name: String,
    pub n: i64,
    pub n_told: i64,
    pub state: IncidentState,
    pub text: String,
    pub at: Moment,
}

impl IncidentView {
    pub(super) fn is_open(&self) -> bool {
        self.state == IncidentState::Open
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct OpenForm {
    #[serde(default)]
    text: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct MonthQuery {
    month: Option<String>,
}

/// The incidents that are not over, the newest first.
pub(super) async fn load(tx: &mut Tx, now: Timestamp) -> Result<Vec<IncidentView>, StoreError> {
    let mut views = Vec::new();
    for row in tx.incidents().await? {
        let gap = tx.gap(row.gap_id).await?;
        views.push(IncidentView {
            id: row.id.to_string(),
            gap_id: row.gap_id.to_string(),
            name: gap.map(|gap| gap.name).unwrap_or_default(),
            n: row.n,
            n_told: tx.count_told(row.id).await?,
            state: row.state,
            text: row.text,
            at: Moment::new(row.noticed_at, now),
        });
    }
    Ok(views)
}

pub(super) async fn open(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form }: Posted<OpenForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    let text = form.text.replace("\r\n", "\n");
    gaps::open_incident(&mut tx, &desk.stage(), &me.actor(), parse(&id)?, &text).await?;
    tx.commit().await?;
    Ok(Redirect::to("/gaps?done=incident-open").into_response())
}

pub(super) async fn dismiss(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form: NoFields {} }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    gaps::dismiss_incident(&mut tx, &desk.stage(), &me.actor(), parse(&id)?).await?;
    tx.commit().await?;
    Ok(Redirect::to("/gaps?done=dismissed").into_response())
}

pub(super) async fn close(
    State(console): State<Console>,
    Path(id): Path<String>,
    Posted { me, form: NoFields {} }: Posted<NoFields>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    gaps::close_incident(&mut tx, &desk.stage(), &me.actor(), parse(&id)?).await?;
    tx.commit().await?;
    Ok(Redirect::to("/gaps?done=incident-closed").into_response())
}

pub(super) async fn month_as_markdown(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<MonthQuery>,
) -> Result<Response, ConsoleError> {
    let pack = pack(&console, &me, query).await?;
    Ok(file(&pack, "md", "text/markdown; charset=utf-8", pack.markdown()))
}

pub(super) async fn month_as_html(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<MonthQuery>,
) -> Result<Response, ConsoleError> {
    let pack = pack(&console, &me, query).await?;
    Ok(file(&pack, "html", "text/html; charset=utf-8", pack.html()))
}

async fn pack(console: &Console, me: &Me, query: MonthQuery) -> Result<Pack, ConsoleError> {
    me.require(Role::Viewer)?;
    let desk = &console.desk;
    let month = query.month.unwrap_or_else(|| month_before(desk.clock.now()));
    let mut tx = desk.store.read().await?;
    let pack = gaps::pack(&mut tx, &month, &desk.config.rules.brand).await?;
    pack.ok_or_else(|| ConsoleError::NotFound("such month; write 2026-11".to_owned()))
}

/// A page to keep; its month was read as a month, so its name is one of a file.
fn file(pack: &Pack, ending: &str, kind: &str, body: String) -> Response {
    let name = format!("attachment; filename=\"gaps-{}.{ending}\"", pack.month);
    ([(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, name)], body).into_response()
}

fn parse(id: &str) -> Result<IncidentId, ConsoleError> {
    id.parse().map_err(|_| ConsoleError::NotFound(format!("incident {id}")))
}
