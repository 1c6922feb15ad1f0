//! The replay: what the base's own history would have come to, and its pairs to be judged.

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
use super::words::{self, Moment, percent};
use crate::interval::share;
use crate::replay::{Agreement, Pair, Report, curve, judge as judge_pair, report};
use crate::store::replays::ReplayRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::Action;

const SHOWN: i64 = 50;

/// The replay.
#[derive(Debug, Template)]
#[template(path = "console/replay.html")]
pub(super) struct ReplayPage {
    pub frame: Frame,
    /// How far one is that runs just now.
    pub running: Option<String>,
    /// The latest that is through.
    pub replayed: Option<Replayed>,
}

/// What a replay came to.
#[derive(Clone, Debug)]
pub(super) struct Replayed {
    pub ended: Option<Moment>,
    pub report: Report,
    /// The curve over time, an SVG element of our own making.
    pub curve: String,
    /// Shares of all questions, in words.
    pub answered: String,
    pub choices: String,
    pub left: String,
    pub reasons: Vec<(&'static str, i64)>,
    pub agreements: Vec<AgreementView>,
    pub to_judge: Option<Judging>,
    pub pairs: Vec<Listed>,
    /// Where the next page of pairs begins.
    pub more: Option<i64>,
}

/// How much agrees, in words.
#[derive(Clone, Debug)]
pub(super) struct AgreementView {
    pub what: &'static str,
    pub share: String,
    pub counts: Agreement,
    pub judged: Option<String>,
}

/// A pair with both texts.
#[derive(Clone, Debug)]
pub(super) struct Judging {
    pub pair: Pair,
    pub lang: String,
    pub title: String,
    pub question: String,
    pub sent: String,
    pub sent_author: Option<String>,
    pub accepted: String,
    pub accepted_author: Option<String>,
    pub position: i64,
    /// Which pairs the page lists, to come back to.
    pub from: i64,
}

/// A pair in the list.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub pair: Pair,
    pub lang: String,
    pub title: String,
    pub sent_title: String,
    pub is_offer: bool,
}

/// Which pairs are shown.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Looked {
    /// The list begins at this position of the walk.
    from: i64,
    /// The pair to judge is looked for from this position on.
    after: i64,
    /// Or it is this one, by the answer whose question it was.
    pair: String,
    done: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct JudgeForm {
    question: String,
    sent: String,
    agrees: String,
    // Text, since a flattened form holds no numbers.
    #[serde(default)]
    from: String,
    #[serde(default)]
    after: String,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Looked>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let now = desk.clock.now();
    let running = tx.replay(false).await?;
    let replayed = match tx.replay(true).await? {
        None => None,
        Some(row) => {
            let report = report(&mut tx, &row, desk.config.rules.minutes_per_case).await?;
            let ended = row.ended_at.map(|at| Moment::new(at, now));
            let to_judge = to_judge(&mut tx, &row, &query).await?;
            let (pairs, more) = listed(&mut tx, &row, query.from).await?;
            Some(Replayed { ended, to_judge, pairs, more, ..view(report) })
        }
    };
    let frame = Frame::new(&mut tx, desk, &me, "replay").await?;
    page(&ReplayPage {
        frame: frame.after(query.done.as_deref()),
        running: running.map(|row| format!("{} of {} questions", row.n_walked, row.n_rows)),
        replayed,
    })
}

pub(super) async fn judge(
    State(console): State<Console>,
    Posted { me, form }: Posted<JudgeForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let mut tx = desk.store.begin().await?;
    let pair = (form.question.as_str(), form.sent.as_str());
    judge_pair(&mut tx, &desk.stage(), &me.actor(), pair, form.agrees == "yes").await?;
    tx.commit().await?;
    let place = |text: &str| text.parse::<i64>().unwrap_or(0);
    let (from, after) = (place(&form.from), place(&form.after));
    let next = format!("/replay?from={from}&after={after}&done=judged#judge");
    Ok(Redirect::to(&next).into_response())
}

pub(super) fn view(report: Report) -> Replayed {
    let of_all = |n: i64| percent(share(n, report.questions));
    let agreements = [
        ("Answers sent at once", report.agreement),
        ("Short lists: one of those offered", report.choices_agreement),
    ];
    let reasons = report.left.iter();
    Replayed {
        ended: None,
        curve: curve(&report.months),
        answered: of_all(report.answered),
        choices: of_all(report.choices),
        left: of_all(report.n_left()),
        reasons: reasons.map(|(reason, n)| (words::why_short(*reason), *n)).collect(),
        agreements: agreements
            .into_iter()
            .filter(|(_, counts)| counts.pairs > 0)
            .map(|(what, counts)| AgreementView {
                what,
                share: percent(counts.share()),
                judged: counts
                    .judged_interval
                    .map(|(low, high)| format!("{} to {}", percent(low), percent(high))),
                counts,
            })
            .collect(),
        to_judge: None,
        pairs: Vec::new(),
        more: None,
        report,
    }
}

/// The pair that was asked for, or the next that nobody judged, with both texts.
async fn to_judge(
    tx: &mut Tx,
    replay: &ReplayRow,
    query: &Looked,
) -> Result<Option<Judging>, StoreError> {
    let row = if query.pair.is_empty() {
        tx.unjudged_pair(replay.id, query.after).await?
    } else {
        tx.replay_pair(replay.id, &query.pair).await?
    };
    let Some(row) = row else { return Ok(None) };
    let position = row.case.position;
    let pair = Pair::of(row, replay);
    let accepted = tx.answer(&pair.question_id).await?;
    let (Some(accepted), Some(sent)) = (accepted, tx.answer(&pair.sent_id).await?) else {
        return Ok(None);
    };
    Ok(Some(Judging {
        lang: accepted.lang,
        title: accepted.title,
        question: accepted.question,
        sent: sent.answer,
        sent_author: sent.author,
        accepted: accepted.answer,
        accepted_author: accepted.author,
        position,
        from: query.from,
        pair,
    }))
}

/// A page of pairs, and where the next begins.
async fn listed(
    tx: &mut Tx,
    replay: &ReplayRow,
    from: i64,
) -> Result<(Vec<Listed>, Option<i64>), StoreError> {
    let rows = tx.replay_pairs(replay.id, from, SHOWN).await?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|n| n == SHOWN);
    let more = rows.last().map(|row| row.case.position + 1).filter(|_| is_full);
    let mut listed = Vec::with_capacity(rows.len());
    for row in rows {
        listed.extend(listed_pair(tx, Pair::of(row, replay)).await?);
    }
    Ok((listed, more))
}

/// A pair as the list shows it; `None` once one of its answers is gone.
async fn listed_pair(tx: &mut Tx, pair: Pair) -> Result<Option<Listed>, StoreError> {
    let accepted = tx.answer(&pair.question_id).await?;
    let sent = tx.answer(&pair.sent_id).await?;
    Ok(accepted.zip(sent).map(|(accepted, sent)| Listed {
        lang: accepted.lang,
        title: words::start_of(&accepted.title, 100),
        sent_title: words::start_of(&sent.title, 100),
        is_offer: pair.action == Action::Choices,
        pair,
    }))
}
