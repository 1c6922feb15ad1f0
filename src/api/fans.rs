//! `/fans`: whose answers solved questions, and letters of thanks.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::extract::{Asked, Body, storable};
use crate::desk::Desk;
use crate::fans::{self, Board, Letter, Period, Thanks, Wanted};
use crate::http::Problem;
use crate::store::thanks::ThanksRow;
use crate::store::wishes::Wish;
use crate::vocabulary::Role;

/// Which solves count.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct FansQuery {
    /// So many days up to now; everything without.
    days: Option<i64>,
    /// Only in this language.
    lang: String,
    /// Only about this product.
    product: String,
    /// Only with this tag.
    tag: String,
}

/// Whose letter.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(super) struct ThanksQuery {
    /// The author, as the base names them.
    author: String,
    /// The month, such as `2026-11`.
    month: String,
}

/// Shows the leaderboard: `fans`, `fading` and `minutes_per_case`.
#[utoipa::path(
    get, path = "/api/v1/fans", tag = "fans",
    params(FansQuery),
    responses((status = 200, description = "Most solves first", body = serde_json::Value)),
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    _: Caller,
    Asked(query): Asked<FansQuery>,
) -> Result<Json<Board>, Problem> {
    let period = match query.days {
        None => Period::All,
        Some(days @ 1..=3660) => Period::Days(days),
        Some(_) => return Err(Problem::unreadable("days is 1 to 3660")),
    };
    let FansQuery { lang, product, tag, .. } = query;
    let wanted = Wanted { period, lang, product, tag };
    let (now, minutes) = (desk.clock.now(), desk.config.rules.minutes_per_case);
    Ok(Json(fans::board(&mut desk.store.read().await?, &wanted, minutes, now).await?))
}

/// A letter of thanks, and where it stands.
#[derive(Debug, Serialize)]
pub(super) struct LetterView {
    /// The draft; `null` where nothing of theirs counts, or they are not to be named.
    #[serde(flatten)]
    draft: Option<Thanks>,
    /// What was sent to the forum, if anything was.
    sent: Option<SentView>,
}

/// A letter on its way to the forum, or there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SentThanks)]
pub(super) struct SentView {
    /// The author, as the base names them.
    author: String,
    /// The month.
    month: String,
    /// `posting`, `posted` or `failed`.
    state: &'static str,
    /// `all`, or `them` for a message that only they read.
    to: &'static str,
    /// The topic's title.
    title: String,
    /// What it says.
    text: String,
    /// Where it can be read.
    url: Option<String>,
    /// What stands in the way, in words.
    trouble: Option<String>,
}

impl From<ThanksRow> for SentView {
    fn from(row: ThanksRow) -> Self {
        Self {
            author: row.author,
            month: row.month,
            state: row.state.as_str(),
            to: if row.is_private { "them" } else { "all" },
            title: row.title,
            text: row.text,
            url: row.url,
            trouble: row.trouble,
        }
    }
}

/// A letter to be posted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(super) struct LetterBody {
    /// The author, as the base names them.
    author: String,
    /// The month, such as `2026-11`.
    month: String,
    /// The topic's title; the draft's without.
    title: Option<String>,
    /// What it says; the draft's words without.
    text: Option<String>,
    /// Who reads it.
    #[serde(default)]
    to: To,
}

/// Who reads a letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum To {
    /// Everybody, as a topic.
    #[default]
    All,
    /// The author alone, as a message.
    Them,
}

/// Drafts the letter of thanks to an author for a month, in their language, and tells whether one
/// was sent.
#[utoipa::path(
    get, path = "/api/v1/fans/thanks", tag = "fans",
    params(ThanksQuery),
    responses((status = 200, description = "`author`, `month`, `lang`, `solves`, `title`, `text`; `sent`",
               body = serde_json::Value),
              (status = 404, description = "Nothing of theirs counted in that month")),
)]
pub(super) async fn thanks(
    State(desk): State<Desk>,
    _: Caller,
    Asked(query): Asked<ThanksQuery>,
) -> Result<Json<LetterView>, Problem> {
    let minutes = desk.config.rules.minutes_per_case;
    let (author, month) = (storable(&query.author), storable(&query.month));
    let mut tx = desk.store.read().await?;
    let draft = fans::thanks(&mut tx, &author, &month, minutes).await?;
    let sent = tx.sent_thanks(&author, &month).await?.map(SentView::from);
    if draft.is_none() && sent.is_none() {
        return Err(nothing());
    }
    Ok(Json(LetterView { draft, sent }))
}

/// Posts a letter of thanks to the forum, once for each author and month; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/fans/thanks", tag = "fans",
    request_body = LetterBody,
    responses((status = 202, description = "It is posted soon; `GET` tells when", body = SentView),
              (status = 404, description = "Nothing of theirs counted in that month"),
              (status = 409, description = "They were thanked for that month, or it is on its way"),
              (status = 422, description = "The forum would not take it, or there is none")),
)]
pub(super) async fn post_thanks(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Body(body): Body<LetterBody>,
) -> Result<(StatusCode, Json<SentView>), Problem> {
    actor.require(Role::Moderator)?;
    let nowhere = || Problem::unusable("no forum takes topics from us; set DISCOURSE_API_KEY");
    let forum = desk.forums.to_ask_in().ok_or_else(nowhere)?;
    let (author, month) = (storable(&body.author), storable(&body.month));
    let minutes = desk.config.rules.minutes_per_case;
    let mut tx = desk.store.begin().await?;
    let draft = fans::thanks(&mut tx, &author, &month, minutes).await?.ok_or_else(nothing)?;
    let given = |text: Option<String>, drafted| text.map_or(drafted, |text| storable(&text));
    let (title, text) = (given(body.title, draft.title), given(body.text, draft.text));
    let (title, text, is_private) = (title.as_str(), text.as_str(), body.to == To::Them);
    let letter = Letter { author: &author, month: &month, title, text, is_private };
    fans::post_thanks(&mut tx, &desk.stage(), &actor, &forum.source, letter).await?;
    let sent = tx.sent_thanks(&author, &month).await?.ok_or_else(Problem::internal)?;
    tx.commit().await?;
    desk.wakes.forums();
    Ok((StatusCode::ACCEPTED, Json(sent.into())))
}

/// How an author wants to be named.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(super) struct NameBody {
    /// The author, as the base names them.
    author: String,
    /// In which way.
    how: How,
    /// The name, where `how` is `as`; 1 to 80 characters.
    #[serde(default)]
    name: String,
}

/// Ways of being named.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum How {
    /// As the forum names them.
    AsWritten,
    /// By another name.
    As,
    /// Nowhere, and on no leaderboard.
    Unnamed,
}

/// How an author is named from now on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NamedAs {
    /// The author, as the base names them.
    author: String,
    /// What everybody reads; `null` for nothing.
    name: Option<String>,
}

/// Sets how an author is named, in replies, on the help page and on leaderboards; needs a moderator.
#[utoipa::path(
    post, path = "/api/v1/fans/name", tag = "fans",
    request_body = NameBody,
    responses((status = 200, description = "How they are named from now on", body = NamedAs),
              (status = 422, description = "A name that is empty or too long")),
)]
pub(super) async fn name(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Body(body): Body<NameBody>,
) -> Result<Json<NamedAs>, Problem> {
    let author = storable(&body.author).trim().to_owned();
    let wish = match body.how {
        How::AsWritten => Wish::AsWritten,
        How::As => Wish::As(storable(&body.name).trim().to_owned()),
        How::Unnamed => Wish::Unnamed,
    };
    let mut tx = desk.store.begin().await?;
    fans::name_author(&mut tx, &desk.stage(), &actor, &author, &wish).await?;
    tx.commit().await?;
    let name = wish.name(Some(&author)).map(str::to_owned);
    Ok(Json(NamedAs { author, name }))
}

fn nothing() -> Problem {
    Problem::unknown("solve of this author in that month, or they are not to be named")
}
