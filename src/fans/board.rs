//! Leaderboards: authors by what they solved in a period, beside the period before.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::store::solves::{AuthorSum, SolveFilter};
use crate::store::{StoreError, Tx};

/// Most that a leaderboard shows.
const SHOWN: i64 = 100;
/// Furthest that a leaderboard looks back, in days.
pub(super) const FURTHEST: i64 = 3660;
/// Fewer solves than this in either period are no trend.
const TELLING: i64 = 3;

/// How far back a leaderboard looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Period {
    /// Everything there is.
    #[default]
    All,
    /// So many days up to now.
    Days(i64),
}

/// What is asked of a leaderboard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// How far back.
    pub period: Period,
    /// Only in this language; empty for all.
    pub lang: String,
    /// Only about this product; empty for all.
    pub product: String,
    /// Only with this tag; empty for all.
    pub tag: String,
}

/// Where somebody is going.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// Half as much again as in the period before, or more.
    Rising,
    /// Half of the period before, or less.
    Fading,
    /// Neither.
    Steady,
}

/// An author and what they solved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fan {
    /// As the base names them.
    pub author: String,
    /// As they want to be named.
    pub name: String,
    /// Questions solved.
    pub solves: i64,
    /// Of them, on the forum itself.
    pub on_forum: i64,
    /// People helped.
    pub people: i64,
    /// Languages.
    pub languages: i64,
    /// Channels, the forum among them.
    pub channels: i64,
    /// An estimate: what a case costs a person, for each solve.
    pub estimated_hours_saved: f64,
    /// Solves in the period before; `None` where there is none before.
    pub solves_before: Option<i64>,
    /// Where they are going.
    pub trend: Trend,
}

/// A leaderboard.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Board {
    /// Most solves first.
    pub fans: Vec<Fan>,
    /// Who solved much in the period before and little or nothing now.
    pub fading: Vec<Fan>,
    /// What a case costs a person, for the hours saved.
    pub minutes_per_case: i64,
}

/// The leaderboard as of `now`.
pub async fn board(
    tx: &mut Tx,
    wanted: &Wanted,
    minutes_per_case: i64,
    now: Timestamp,
) -> Result<Board, StoreError> {
    let end = now + SignedDuration::from_millis(1);
    let filter = |from, to| SolveFilter {
        from,
        to,
        lang: wanted.lang.clone(),
        product: wanted.product.clone(),
        tag: wanted.tag.clone(),
    };
    let (sums, before) = match wanted.period {
        Period::All => (tx.author_sums(&filter(Timestamp::UNIX_EPOCH, end), SHOWN).await?, None),
        Period::Days(days) => {
            let length = SignedDuration::from_hours(24 * days.clamp(0, FURTHEST));
            let from = end - length;
            let before = tx.author_sums(&filter(from - length, from), i64::MAX).await?;
            (tx.author_sums(&filter(from, end), SHOWN).await?, Some(before))
        }
    };
    let n_before: BTreeMap<String, i64> =
        before.iter().flatten().map(|sum| (sum.author.clone(), sum.n)).collect();
    let mut fans = Vec::with_capacity(sums.len());
    for sum in sums {
        let earlier = before.is_some().then(|| n_before.get(&sum.author).copied().unwrap_or(0));
        fans.push(fan(tx, sum, earlier, minutes_per_case).await?);
    }
    let mut fading: Vec<Fan> =
        fans.iter().filter(|fan| fan.trend == Trend::Fading).cloned().collect();
    for sum in before.into_iter().flatten() {
        let is_gone = sum.n >= TELLING && fans.iter().all(|fan| fan.author != sum.author);
        if is_gone {
            let now_none = AuthorSum { n: 0, n_forum: 0, n_people: 0, ..sum.clone() };
            fading.push(fan(tx, now_none, Some(sum.n), minutes_per_case).await?);
        }
    }
    fading.truncate(20);
    Ok(Board { fans, fading, minutes_per_case })
}

async fn fan(
    tx: &mut Tx,
    sum: AuthorSum,
    before: Option<i64>,
    minutes_per_case: i64,
) -> Result<Fan, StoreError> {
    let wish = tx.wish_of(&sum.author).await?;
    Ok(Fan {
        name: wish.name(Some(&sum.author)).unwrap_or_default().to_owned(),
        author: sum.author,
        solves: sum.n,
        on_forum: sum.n_forum,
        people: sum.n_people,
        languages: sum.n_langs,
        channels: sum.n_channels,
        estimated_hours_saved: hours(sum.n * minutes_per_case),
        solves_before: before,
        trend: trend(sum.n, before),
    })
}

fn trend(n: i64, before: Option<i64>) -> Trend {
    match before {
        Some(before) if n >= TELLING && 2 * n >= 3 * before => Trend::Rising,
        Some(before) if before >= TELLING && 2 * n <= before => Trend::Fading,
        _ => Trend::Steady,
    }
}

/// Minutes as hours, to a tenth.
#[expect(clippy::cast_precision_loss, reason = "minutes of people are far below 2^52")]
pub(super) fn hours(minutes: i64) -> f64 {
    (minutes as f64 / 6.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_needs_enough_to_tell() {
        assert_eq!(trend(6, Some(4)), Trend::Rising);
        assert_eq!(trend(5, Some(4)), Trend::Steady);
        assert_eq!(trend(2, Some(4)), Trend::Fading);
        assert_eq!(trend(2, Some(0)), Trend::Steady);
        assert_eq!(trend(9, None), Trend::Steady);
    }
}
