//! Where answers come from: what each source holds, how its last import went, which import runs,
//! and how much of its answers may be quoted.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::Console;
use super::error::{ConsoleError, page};
use super::form::Posted;
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use super::source_forum::{ForumView, forums};
use super::words::{Moment, percent, span};
use crate::answers::import::{RunningImport, Summary, running_imports};
use crate::answers::quote::set_quote;
use crate::desk::Desk;
use crate::people::ActError;
use crate::store::imports::ImportRow;
use crate::store::sources::Quote;
use crate::store::{StoreError, Tx};

/// Reasons of skipped rows that are listed, the most frequent.
const REASONS: usize = 12;
/// An import that got on within so many seconds is taken to be running.
const ALIVE_SECONDS: i64 = 30;
/// How long an excerpt is where nobody said it.
const USUAL_EXCERPT: u32 = 300;

/// The sources.
#[derive(Debug, Template)]
#[template(path = "console/sources.html")]
pub(super) struct SourcesPage {
    pub frame: Frame,
    pub running: Vec<Running>,
    pub items: Vec<Item>,
}

/// An import that runs or was interrupted.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub source: String,
    pub words: String,
    /// For the meter, 0 to 100.
    pub percent: String,
    pub is_alive: bool,
    pub at: Moment,
}

/// One source.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub number: usize,
    pub name: String,
    pub n_live: i64,
    pub n_sendable: i64,
    /// Counts by language and by licence, the largest first.
    pub langs: String,
    pub licences: String,
    pub last: Option<LastImport>,
    pub quote: Quote,
    /// How following it goes, where it is a forum that is followed.
    pub forum: Option<ForumView>,
}

/// The last import of a source.
#[derive(Clone, Debug)]
pub(super) struct LastImport {
    pub format: String,
    pub path: String,
    pub at: Moment,
    pub took: String,
    pub summary: Summary,
    /// Reasons of skipped rows, how often each, and the first line that shows it.
    pub skipped: Vec<(String, u64, u64)>,
}

impl Item {
    /// How long an excerpt is, for the form.
    fn n_chars(&self) -> u32 {
        if let Quote::Excerpt(n_chars) = self.quote { n_chars } else { USUAL_EXCERPT }
    }

    /// The policy's name, for the form.
    fn policy(&self) -> &'static str {
        match self.quote {
            Quote::Full => "full",
            Quote::Excerpt(_) => "excerpt",
            Quote::Link => "link",
        }
    }
}

impl SourcesPage {
    /// Whether the page is worth loading again soon.
    fn is_moving(&self) -> bool {
        self.running.iter().any(|running| running.is_alive)
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    done: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct QuoteForm {
    source: String,
    policy: String,
    #[serde(default)]
    chars: String,
}

pub(super) async fn show(
    State(console): State<Console>,
    me: Me,
    Query(query): Query<Show>,
) -> Result<Response, ConsoleError> {
    me.oversees()?;
    let desk = &console.desk;
    let now = desk.clock.now();
    let mut tx = desk.store.read().await?;
    let running = running_imports(&mut tx).await?;
    page(&SourcesPage {
        running: running.into_iter().map(|import| running_view(import, now)).collect(),
        items: items(&mut tx, desk, now).await?,
        frame: Frame::new(&mut tx, desk, &me, "sources").await?.after(query.done.as_deref()),
    })
}

pub(super) async fn quote(
    State(console): State<Console>,
    Posted { me, form }: Posted<QuoteForm>,
) -> Result<Response, ConsoleError> {
    let desk = &console.desk;
    let quote = match form.policy.as_str() {
        "excerpt" => format!("excerpt:{}", form.chars.trim()).parse(),
        other => other.parse(),
    };
    let reason = "say full, link, or excerpt with a number of characters".to_owned();
    let quote = quote.map_err(|()| ActError::Invalid { reason })?;
    let mut tx = desk.store.begin().await?;
    set_quote(&mut tx, &desk.stage(), &me.actor(), &form.source, quote).await?;
    tx.commit().await?;
    Ok(Redirect::to("/sources?done=quote").into_response())
}

async fn items(tx: &mut Tx, desk: &Desk, now: Timestamp) -> Result<Vec<Item>, StoreError> {
    let forums = forums(tx, desk, now).await?;
    let (counts, licences) = (tx.answer_counts().await?, tx.licence_counts().await?);
    let imports: BTreeMap<String, ImportRow> =
        tx.imports().await?.into_iter().map(|row| (row.source.clone(), row)).collect();
    let quotes: BTreeMap<String, Quote> = tx.quotes().await?.into_iter().collect();
    let names: BTreeSet<&String> = counts
        .iter()
        .map(|count| &count.source)
        .chain(imports.keys())
        .chain(forums.keys())
        .collect();
    let item = |(number, name): (usize, &String)| {
        let of_lang: Vec<_> = counts.iter().filter(|count| count.source == *name).collect();
        let of_licence = licences.iter().filter(|count| count.source == *name);
        Item {
            number,
            n_live: of_lang.iter().map(|count| count.n).sum(),
            n_sendable: of_lang.iter().map(|count| count.n_sendable).sum(),
            langs: list(of_lang.iter().map(|count| (count.lang.as_str(), count.n))),
            licences: list(
                of_licence.map(|count| (count.licence.as_deref().unwrap_or("not stated"), count.n)),
            ),
            last: imports.get(name).map(|row| last_import(row, now)),
            quote: quotes.get(name).copied().unwrap_or_default(),
            forum: forums.get(name).cloned(),
            name: name.clone(),
        }
    };
    Ok(names.into_iter().enumerate().map(item).collect())
}

fn list<'a>(counts: impl Iterator<Item = (&'a str, i64)>) -> String {
    counts.map(|(name, n)| format!("{name} {n}")).collect::<Vec<_>>().join(", ")
}

fn last_import(row: &ImportRow, now: Timestamp) -> LastImport {
    let ended = row.ended_at.unwrap_or(row.started_at);
    let summary: Summary = serde_json::from_str(&row.summary).unwrap_or_default();
    LastImport {
        format: row.format.clone(),
        path: row.path.clone(),
        at: Moment::new(ended, now),
        took: span(ended.duration_since(row.started_at)),
        skipped: reasons(&summary),
        summary,
    }
}

/// Reasons without what differs from row to row, the most frequent first.
fn reasons(summary: &Summary) -> Vec<(String, u64, u64)> {
    let mut reasons: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for row in &summary.skipped {
        let (n, _) = reasons.entry(kind_of(&row.reason)).or_insert((0, row.line));
        *n += 1;
    }
    let mut reasons: Vec<_> =
        reasons.into_iter().map(|(reason, (n, line))| (reason, n, line)).collect();
    reasons.sort_by_key(|(_, n, _)| std::cmp::Reverse(*n));
    reasons.truncate(REASONS);
    reasons
}

/// A reason with `…` for what it quotes and for its numbers.
fn kind_of(reason: &str) -> String {
    let pieces = reason.split('"').enumerate();
    let unquoted: String =
        pieces.map(|(at, piece)| if at % 2 == 0 { piece } else { "…" }).collect();
    let mut kind = String::with_capacity(unquoted.len());
    for c in unquoted.chars() {
        match c {
            c if !c.is_ascii_digit() => kind.push(c),
            _ if kind.ends_with('…') => {}
            _ => kind.push('…'),
        }
    }
    kind
}

fn running_view(import: RunningImport, now: Timestamp) -> Running {
    let is_alive = now.duration_since(import.at).as_secs() < ALIVE_SECONDS;
    let left = import.left.map(|left| format!(", about {} left", span(left))).unwrap_or_default();
    let rate = format!("{:.1} MB/s", import.bytes_per_second / 1e6);
    let share = import.share.clamp(0.0, 1.0);
    let words = if is_alive {
        format!("{} answers read, {}, {rate}{left}", import.n_kept, percent(share))
    } else {
        let so_far = format!("{} answers read, {}", import.n_kept, percent(share));
        format!("{so_far}; nothing since. The same command goes on from there.")
    };
    let percent = format!("{:.0}", share * 100.0);
    Running { source: import.source, words, percent, is_alive, at: Moment::new(import.at, now) }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::answers::import::SkippedRow;

    #[test]
    fn a_running_import_says_how_fast_it_is_and_how_long_it_still_takes() {
        let at = Timestamp::UNIX_EPOCH;
        let import = RunningImport {
            source: "forum".to_owned(),
            n_kept: 1_234,
            share: 0.25,
            bytes_per_second: 12_340_000.0,
            left: Some(SignedDuration::from_secs(90)),
            at,
        };
        let seen = |after, import: &RunningImport| {
            let view = running_view(import.clone(), at + SignedDuration::from_secs(after));
            (view.words, view.percent, view.is_alive)
        };
        let (words, percent, is_alive) = seen(5, &import);
        assert_eq!(words, "1234 answers read, 25 %, 12.3 MB/s, about 1 min left");
        assert_eq!((percent.as_str(), is_alive), ("25", true));
        let unknown = RunningImport { left: None, share: 2.0, ..import.clone() };
        assert_eq!(seen(5, &unknown).0, "1234 answers read, 100 %, 12.3 MB/s");

        let (words, _, is_alive) = seen(31, &import);
        assert!(!is_alive && words.ends_with("The same command goes on from there."), "{words}");
    }

    #[test]
    fn rows_are_skipped_by_reasons_not_by_what_they_quote() {
        let row = |line, reason: &str| SkippedRow { line, id: None, reason: reason.to_owned() };
        let skipped = vec![
            row(3, "the answer is empty"),
            row(5, "the id \"../a\" looks like a path"),
            row(7, "the id \"/b\" looks like a path"),
            row(9, "accepted answer 99 is not in the dump"),
        ];
        let summary = Summary { skipped, ..Summary::default() };
        let found: Vec<String> = reasons(&summary)
            .into_iter()
            .map(|(reason, n, line)| format!("{n}× {reason} ({line})"))
            .collect();
        assert_eq!(
            found,
            [
                "2× the id … looks like a path (5)",
                "1× accepted answer … is not in the dump (9)",
                "1× the answer is empty (3)",
            ]
        );
    }
}
