//! How following a forum goes, as the page of sources shows it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::words::{Moment, span};
use crate::desk::Desk;
use crate::store::{StoreError, Tx};

/// How following one forum goes.
#[derive(Clone, Debug)]
pub(super) struct ForumView {
    /// Where its webhook is posted.
    pub webhook: String,
    pub n_fetched: i64,
    pub n_kept: i64,
    /// Why topics are left out, and how many.
    pub skipped: Vec<(String, i64)>,
    /// The last event's name, and when it was heard.
    pub last_event: Option<(String, Moment)>,
    /// How long events take until they count.
    pub lag: String,
    pub n_due: i64,
    pub swept: Option<Moment>,
    pub is_sweeping: bool,
    pub trouble: Option<String>,
}

/// Every forum that is followed, by its source.
pub(super) async fn forums(
    tx: &mut Tx,
    desk: &Desk,
    now: Timestamp,
) -> Result<BTreeMap<String, ForumView>, StoreError> {
    let mut views = BTreeMap::new();
    for (name, followed) in desk.forums.iter() {
        let source = followed.source.as_str();
        let (row, counts) = (tx.forum(source).await?, tx.topic_counts(source).await?);
        let (n_due, since) = tx.due_topics(source).await?;
        let kept = counts.iter().filter(|count| count.outcome == "kept");
        let skipped = counts.iter().filter(|count| count.outcome != "kept");
        let view = ForumView {
            webhook: format!("{}/webhooks/{name}", desk.config.base_url()),
            n_fetched: counts.iter().map(|count| count.n).sum(),
            n_kept: kept.map(|count| count.n).sum(),
            skipped: skipped
                .map(|count| (count.reason.clone().unwrap_or_default(), count.n))
                .collect(),
            last_event: row
                .last_event
                .zip(row.last_event_at)
                .map(|(event, at)| (event.replace('_', " "), Moment::new(at, now))),
            lag: lag(since.map(|since| now.duration_since(since)), row.last_lag_ms),
            n_due,
            swept: row.swept_at.map(|at| Moment::new(at, now)),
            is_sweeping: row.sweep_began_at.is_some(),
            trouble: row.trouble,
        };
        views.insert(source.to_owned(), view);
    }
    Ok(views)
}

/// What waits counts more than what was.
fn lag(waiting: Option<SignedDuration>, last_ms: Option<i64>) -> String {
    match (waiting, last_ms) {
        (Some(waiting), _) => format!("an event has been waiting for {}", span(waiting)),
        (None, Some(last)) if last < 1_000 => "the last event counted within a second".to_owned(),
        (None, Some(last)) => {
            format!("the last event counted after {}", span(SignedDuration::from_millis(last)))
        }
        (None, None) => "no event of our answers so far".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_is_what_waits_else_what_was() {
        let seconds = SignedDuration::from_secs;
        assert_eq!(lag(Some(seconds(12)), Some(5)), "an event has been waiting for 12 s");
        assert_eq!(lag(None, Some(400)), "the last event counted within a second");
        assert_eq!(lag(None, Some(2_500)), "the last event counted after 2 s");
    }
}
