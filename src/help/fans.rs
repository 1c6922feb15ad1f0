//! Who of the community solved the most, for everybody to read where the admin wants that: figures
//! and the names authors chose, nothing of any customer.

use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use super::answer::missing;
use super::{Help, brand, direction};
use crate::fans::{Fan, Period, Wanted, board};
use crate::http::{Problem, caller, preferred_language};
use crate::public_words::{PublicWords, public_words};
use crate::words::{LANGUAGES, Language};

/// Most that are shown.
const SHOWN: usize = 50;
/// The periods one can choose, in days; 0 is everything.
const PERIODS: [i64; 4] = [0, 365, 90, 30];

/// What is asked of the page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Looked {
    #[serde(default)]
    lang: String,
    #[serde(default)]
    days: i64,
}

#[derive(Template)]
#[template(path = "help/fans.html")]
struct FansPage<'a> {
    words: &'a PublicWords,
    lang: &'static str,
    dir: &'static str,
    brand: &'a str,
    days: i64,
    fans: Vec<Fan>,
    languages: &'static [Language],
}

impl FansPage<'_> {
    /// The periods with their names.
    fn periods(&self) -> [(i64, &str); 4] {
        let words = &self.words.fans;
        let names = [&words.all_time, &words.year, &words.quarter, &words.month];
        std::array::from_fn(|at| (PERIODS[at], names[at].as_str()))
    }
}

/// Shows the leaderboard; without the setting there is no such page.
pub(super) async fn show(
    State(help): State<Help>,
    Query(looked): Query<Looked>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let desk = &help.desk;
    help.looks.check(caller(&parts, desk))?;
    let lang = preferred_language(&looked.lang, &parts.headers);
    if !desk.config.public_fans {
        return missing(desk, lang);
    }
    let days = PERIODS.into_iter().find(|days| *days == looked.days).unwrap_or(0);
    let period = if days == 0 { Period::All } else { Period::Days(days) };
    let wanted = Wanted { period, ..Wanted::default() };
    let (minutes, now) = (desk.config.rules.minutes_per_case, desk.clock.now());
    let mut fans = board(&mut desk.store.read().await?, &wanted, minutes, now).await?.fans;
    fans.truncate(SHOWN);
    let page = FansPage {
        words: public_words(lang),
        lang,
        dir: direction(lang),
        brand: brand(desk),
        days,
        fans,
        languages: &LANGUAGES,
    };
    let html = page.render().map_err(|_| Problem::internal())?;
    Ok((StatusCode::OK, [(header::VARY, "Accept-Language")], Html(html)).into_response())
}
