//! Insights: how questions ended, honestly counted, drawn and as tables.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Console;
use super::error::{ConsoleError, page};
use super::form::Posted;
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::words::{ending_of_wait, percent};
use crate::insights::{
    Line, Named, Report, SOLVED_LINE, Span, Targets, USUAL_DAYS, csv as as_csv, over_time,
    set_targets,
};
use crate::people::ActError;

/// The periods one can choose, in days.
const PERIODS: [(i64, &str); 4] =
    [(7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "a year")];

/// The figures.
#[derive(Debug, Template)]
#[template(path = "console/insights.html")]
pub(super) struct InsightsPage {
    pub frame: Frame,
    pub days: i64,
    pub report: Report,
    /// The solve rate over time, an SVG element of our own making.
    pub curve: String,
    /// The share confirmed, in words, and its interval.
    pub solved: String,
    pub interval: String,
    pub csat: String,
    pub median: String,
    pub p90: String,
    pub within: String,
    /// How it compares with the phone, in a sentence.
    pub phone: Option<String>,
    pub tables: Vec<Table>,
}

/// One table of cases by their part.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub key: &'static str,
    pub title: &'static str,
    pub note: &'static str,
    pub rows: Vec<Row>,
}

/// One row of it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub name: String,
    pub line: Line,
    pub solved: String,
}

impl InsightsPage {
    fn periods() -> [(i64, &'static str); 4] {
        PERIODS
    }

    fn line() -> String {
        percent(SOLVED_LINE)
    }

    fn promises() -> [i64; 9] {
        Targets::promises()
    }

    fn is_promised(&self, minutes: i64) -> bool {
        self.report.targets.answer_within_minutes == Some(minutes)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Show {
    days: Option<i64>,
    done: Option<String>,
}

impl Show {
    fn days(&self) -> i64 {
        let known = PERIODS.iter().any(|(days, _)| Some(*days) == self.days);
        self.days.filter(|_| known).unwrap_or(USUAL_DAYS)
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct TargetsForm {
    #[serde(default)]
    phone_minutes: String,
    #[serde(default)]
    answer_within_minutes: String,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    me.oversees()?;
    let desk = &console.desk;
    let days = query.days();
    let mut tx = desk.store.read().await?;
    let report = desk.reports.read(&mut tx, Span::latest(days, desk.clock.now())).await?;
    let frame = Frame::new(&mut tx, desk, &me, "insights").await?;
    page(&view(frame.after(query.done.as_deref()), days, report))
}

pub(super) async fn csv(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    me.oversees()?;
    let desk = &console.desk;
    let mut tx = desk.store.read().await?;
    let report = desk.reports.read(&mut tx, Span::latest(query.days(), desk.clock.now())).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"insights.csv\"".to_owned()),
    ];
    Ok((headers, as_csv(&report)).into_response())
}

pub(super) async fn targets(
    State(console): State<Console>,
    Posted { me, form }: Posted<TargetsForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let targets = Targets {
        phone_minutes: minutes(&form.phone_minutes)?,
        answer_within_minutes: minutes(&form.answer_within_minutes)?,
    };
    let mut tx = desk.store.begin().await?;
    set_targets(&mut tx, &desk.stage(), &me.actor(), targets).await?;
    tx.commit().await?;
    Ok(Redirect::to("/insights?done=targets").into_response())
}

fn minutes(text: &str) -> Result<Option<i64>, ActError> {
    let text = text.trim();
    let reason = || format!("{text:?} is no whole number of minutes");
    let number = |text: &str| text.parse().map_err(|_| ActError::Invalid { reason: reason() });
    (!text.is_empty()).then(|| number(text)).transpose()
}

pub(super) fn view(frame: Frame, days: i64, report: Report) -> InsightsPage {
    let within = |seconds: Option<i64>| {
        seconds.map_or_else(|| "–".to_owned(), |seconds| format!("≤ {}", ending_of_wait(seconds)))
    };
    let interval = report.solved_interval;
    InsightsPage {
        frame,
        days,
        curve: over_time(&report.over_time),
        solved: percent(report.solved),
        interval: interval
            .map(|(low, high)| format!("{} to {}", percent(low), percent(high)))
            .unwrap_or_default(),
        csat: report.csat.map_or_else(|| "–".to_owned(), percent),
        median: within(report.waits.median_at_most),
        p90: within(report.waits.p90_at_most),
        within: report.waits.within_promise.map_or_else(|| "–".to_owned(), percent),
        phone: phone(&report),
        tables: tables(&report),
        report,
    }
}

/// Half of all first answers against the phone's time.
fn phone(report: &Report) -> Option<String> {
    let phone = report.targets.phone_minutes?;
    let median = report.waits.median_at_most?;
    let word = if median < phone * 60 { "sooner than" } else { "not sooner than" };
    Some(format!(
        "Half of all questions had their first answer within {}; that is {word} the {phone} min on \
         the phone.",
        ending_of_wait(median)
    ))
}

fn tables(report: &Report) -> Vec<Table> {
    let kinds = [("simple", report.simple), ("complex", report.complex)];
    let kinds = kinds.map(|(name, line)| Named { name: name.to_owned(), line });
    let table = |key, title, note, parts: &[Named]| Table {
        key,
        title,
        note,
        rows: parts
            .iter()
            .map(|part| Row {
                name: part.name.clone(),
                line: part.line,
                solved: percent(part.line.solved()),
            })
            .collect(),
    };
    vec![
        table(
            "kind",
            "Simple and complex",
            "Complex: more than two turns, or passed on to a person.",
            &kinds,
        ),
        table(
            "handler",
            "By who handled it",
            "A question that the bot passed on counts with the bot and with the person.",
            &report.handlers,
        ),
        table("handler-simple", "Simple ones by who handled them", "", &report.simple_by_handler),
        table(
            "handler-complex",
            "Complex ones by who handled them",
            "What was passed on is complex, so a person's are all here.",
            &report.complex_by_handler,
        ),
        table("channel", "By channel", "", &report.channels),
        table("lang", "By language", "", &report.langs),
        table("product", "By product", "Of questions that were answered.", &report.products),
        table("tag", "By tag", "Of questions that were answered.", &report.tags),
        table("author", "By author", "Of questions that were answered.", &report.authors),
        table("time", "Over time", "", &report.over_time),
    ]
}
