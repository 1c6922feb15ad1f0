//! Lists in pages: `?limit=50&cursor=` to `{"items", "next"}`.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::Problem;

/// The most items in one page.
pub(super) const LARGEST_PAGE: i64 = 200;
/// The items in one page where the caller does not say.
const USUAL_PAGE: i64 = 50;

/// Which page is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Most items in the page, 1 to 200; more is read as 200. Default 50.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl PageQuery {
    /// How many items the page may hold. Errors: 400 for anything but a number of 1 and more.
    pub(super) fn limit(&self) -> Result<i64, Problem> {
        let Some(text) = filled(self.limit.as_ref()) else {
            return Ok(USUAL_PAGE);
        };
        match text.parse::<i64>() {
            Ok(limit) if limit >= 1 => Ok(limit.min(LARGEST_PAGE)),
            _ => Err(Problem::unreadable("limit is not a whole number from 1 to 200")),
        }
    }

    /// The item after which the page begins. Errors: 400 if it is none of ours.
    pub(super) fn cursor<T: FromStr>(&self) -> Result<Option<T>, Problem> {
        let parse = |text: &str| {
            text.parse().map_err(|_| Problem::unreadable("cursor is not the next of a page"))
        };
        filled(self.cursor.as_ref()).map(parse).transpose()
    }
}

/// A query parameter with a word of a vocabulary. Errors: 400 naming the words that exist.
pub(super) fn word<T>(name: &str, text: Option<&String>) -> Result<Option<T>, Problem>
where
    T: FromStr<Err = crate::vocabulary::UnknownWord>,
{
    let parse = |text: &str| {
        text.parse().map_err(|error: T::Err| Problem::unreadable(format!("{name}: {error}")))
    };
    filled(text).map(parse).transpose()
}

fn filled(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The items, newest first unless the list says otherwise.
    items: Vec<T>,
    /// The cursor of the next page; `null` after the last.
    next: Option<String>,
}

/// Cuts rows to one page: give it one row more than `limit` if there are more.
///
/// Returns the rows of the page and the cursor after them.
pub(super) fn cut<R>(
    mut rows: Vec<R>,
    limit: i64,
    id: impl Fn(&R) -> String,
) -> (Vec<R>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(id);
    (rows, next)
}

impl<T> Page<T> {
    /// A page of views.
    pub(super) fn new(items: Vec<T>, next: Option<String>) -> Self {
        Self { items, next }
    }
}
