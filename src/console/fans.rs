//! Super fans: the leaderboard, who rises and who fades, how authors want to be named, and letters
//! of thanks.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Console;
use super::error::{ConsoleError, page};
use super::form::Posted;
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use crate::fans::{
    Board, Letter, Period, Thanks, Trend, Wanted, board, name_author, post_thanks, thanks as letter,
};
use crate::http::path_segment;
use crate::months::month_before;
use crate::people::ActError;
use crate::store::thanks::ThanksRow;
use crate::store::wishes::Wish;
use crate::vocabulary::{Role, ThanksState};

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

/// A letter of thanks, to be read, edited and posted.
#[derive(Debug, Template)]
#[template(path = "console/thanks.html")]
pub(super) struct ThanksPage {
    pub frame: Frame,
    pub author: String,
    pub month: String,
    /// The letter; `None` if nothing counted in that month.
    pub letter: Option<Thanks>,
    /// Where it stands, if it was sent to the forum.
    pub sent: Option<ThanksRow>,
    /// Whether the reader may send it there, and can.
    pub may_post: bool,
    /// Whether the forum knows the author by their name.
    pub is_known: bool,
}

impl ThanksPage {
    /// Whether it waits to be sent, or may be sent again.
    fn is_unsent(&self) -> bool {
        self.sent.as_ref().is_none_or(|sent| sent.state == ThanksState::Failed)
    }
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
    done: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LetterForm {
    author: String,
    month: String,
    title: String,
    text: String,
    /// `all` or `them`.
    to: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct NameForm {
    /// Whose; empty for one's own.
    #[serde(default)]
    author: String,
    /// `as_written`, `as` or `unnamed`.
    how: String,
    #[serde(default)]
    name: String,
}

impl NameForm {
    pub(super) fn wish(&self) -> Result<Wish, ActError> {
        Ok(match self.how.as_str() {
            "as_written" => Wish::AsWritten,
            "as" => Wish::As(self.name.trim().to_owned()),
            "unnamed" => Wish::Unnamed,
            _ => {
                let reason = "say as_written, as (with a name) or unnamed".to_owned();
                return Err(ActError::Invalid { reason });
            }
        })
    }
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
    let forum = desk.forums.to_ask_in().map(|forum| forum.source.as_str());
    page(&ThanksPage {
        frame: Frame::new(&mut tx, desk, &me, "fans").await?.after(query.done.as_deref()),
        letter: found,
        sent: tx.sent_thanks(&query.author, &query.month).await?,
        may_post: forum.is_some() && me.person.role >= Role::Moderator,
        is_known: match forum {
            Some(source) => tx.writes_in(&query.author, source).await?,
            None => false,
        },
        author: query.author,
        month: query.month,
    })
}

pub(super) async fn post(
    State(console): State<Console>,
    Posted { me, form }: Posted<LetterForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let nowhere = || ActError::Invalid { reason: "no forum takes topics from us".to_owned() };
    let forum = desk.forums.to_ask_in().ok_or_else(nowhere)?;
    let LetterForm { author, month, title, text, to } = form;
    let is_private = to == "them";
    let words = Letter { author: &author, month: &month, title: &title, text: &text, is_private };
    let mut tx = desk.store.begin().await?;
    post_thanks(&mut tx, &desk.stage(), &me.actor(), &forum.source, words).await?;
    tx.commit().await?;
    desk.wakes.forums();
    let author = path_segment(&author);
    let back = format!("/fans/thanks?done=thanked&month={}&author={author}", path_segment(&month));
    Ok(Redirect::to(&back).into_response())
}

pub(super) async fn name(
    State(console): State<Console>,
    Posted { me, form }: Posted<NameForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let wish = form.wish()?;
    let mut tx = desk.store.begin().await?;
    name_author(&mut tx, &desk.stage(), &me.actor(), form.author.trim(), &wish).await?;
    tx.commit().await?;
    Ok(Redirect::to("/fans?done=named").into_response())
}
