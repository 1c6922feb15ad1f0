//! Super fans: the leaderboard, who rises and who fades, how authors want to be named, and letters
//! of thanks.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::Console;
use super::error::{ConsoleError, page};
use super::form::Posted;
use super::frame::Frame;
use super::session::Me;
use crate::fans::{Board, Period, Trend, Wanted, board, name_author, thanks as letter};
use crate::http::path_segment;
use crate::people::ActError;
use crate::store::wishes::Wish;

/// The periods one can choose, in days; 0 is everything.
const PERIODS: [(i64, &str); 4] =
    [(0, "all time"), (365, "a year"), (90, "90 days"), (30, "30 days")];
/// Authors without credit that are listed.
const UNNAMED: i64 = 200;

/// The leaderboard.
#[derive(Debug, Template)]
#[template(path = "console/fans.html")]
pub(super) struct FansPage {
    pub frame: Frame,
    pub days: i64,
    pub wanted: Wanted,
    pub board: Board,
    pub langs: Vec<String>,
    pub products: Vec<String>,
    /// The month that letters are about, `2026-10`.
    pub month: String,
    /// Authors who want no credit.
    pub unnamed: Vec<String>,
}

/// A letter of thanks, to be copied.
#[derive(Debug, Template)]
#[template(path = "console/thanks.html")]
pub(super) struct ThanksPage {
    pub frame: Frame,
    pub author: String,
    pub month: String,
    /// The language and the letter; `None` if nothing counted in that month.
    pub letter: Option<(String, String)>,
}

impl FansPage {
    fn periods() -> [(i64, &'static str); 4] {
        PERIODS
    }

    fn word(trend: Trend) -> &'static str {
        match trend {
            Trend::Rising => "rising",
            Trend::Fading => "fading",
            Trend::Steady => "",
        }
    }

    fn thanks_href(&self, author: &str) -> String {
        format!("/fans/thanks?month={}&author={}", self.month, path_segment(author))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Looked {
    days: i64,
    lang: String,
    product: String,
    tag: String,
    done: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    author: String,
    month: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct NameForm {
    author: String,
    /// `as_written`, `as` or `unnamed`.
    how: String,
    #[serde(default)]
    name: String,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Looked>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let now = desk.clock.now();
    let days = PERIODS.iter().map(|(days, _)| *days).find(|days| *days == query.days).unwrap_or(0);
    let wanted = Wanted {
        period: if days == 0 { Period::All } else { Period::Days(days) },
        lang: query.lang,
        product: query.product,
        tag: query.tag.trim().to_owned(),
    };
    let mut tx = desk.store.read().await?;
    let (langs, products) = tx.solve_choices().await?;
    page(&FansPage {
        board: board(&mut tx, &wanted, desk.config.rules.minutes_per_case, now).await?,
        unnamed: tx.unnamed_authors(UNNAMED).await?,
        frame: Frame::new(&mut tx, desk, &me, "fans").await?.after(query.done.as_deref()),
        days,
        wanted,
        langs,
        products,
        month: month_before(now),
    })
}

pub(super) async fn thanks(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Asked>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let minutes = desk.config.rules.minutes_per_case;
    let mut tx = desk.store.read().await?;
    let found = letter(&mut tx, &query.author, &query.month, minutes).await?;
    page(&ThanksPage {
        frame: Frame::new(&mut tx, desk, &me, "fans").await?,
        author: query.author,
        month: query.month,
        letter: found.map(|found| (found.lang, found.text)),
    })
}

pub(super) async fn name(
    State(console): State<Console>,
    Posted { me, form }: Posted<NameForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let wish = match form.how.as_str() {
        "as_written" => Wish::AsWritten,
        "as" => Wish::As(form.name.trim().to_owned()),
        "unnamed" => Wish::Unnamed,
        _ => {
            let reason = "say as_written, as (with a name) or unnamed".to_owned();
            return Err(ActError::Invalid { reason }.into());
        }
    };
    let mut tx = desk.store.begin().await?;
    name_author(&mut tx, &desk.stage(), &me.actor(), form.author.trim(), &wish).await?;
    tx.commit().await?;
    Ok(Redirect::to("/fans?done=named").into_response())
}

/// The month before the one `now` is in: `2026-10`.
fn month_before(now: Timestamp) -> String {
    let this = now.strftime("%Y-%m-01T00:00:00Z").to_string();
    let first: Timestamp = this.parse().unwrap_or(now);
    (first - SignedDuration::from_hours(1)).strftime("%Y-%m").to_string()
}
