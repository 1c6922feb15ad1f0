//! From questions to gaps: which old gap a new group goes on, and its figures. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use superfan_index::groups::{Grouping, group, name};

use crate::ids::GapId;
use crate::store::gaps::{GapQuestion, GapRow};
use crate::vocabulary::GapState;

/// How many days are drawn.
const DAYS: usize = 28;

/// A group of questions: their places, and the gap it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grouped {
    /// Places of its questions.
    pub(super) members: Vec<usize>,
    /// The words that name it.
    pub(super) name: String,
    /// The gap that most of them belonged to, if it goes on in this group.
    pub(super) gap_id: Option<GapId>,
}

/// Groups questions. A gap goes on in the group that has most of its questions, and no two groups
/// go on the same gap. Groups in which nothing is unanswered, and that were none before, are none.
pub(super) fn grouped(questions: &[GapQuestion], groupings: &[Grouping]) -> Vec<Grouped> {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, group) in group(groupings).into_iter().enumerate() {
        // What says nothing belongs to nothing.
        if !groupings[at].words.is_empty() {
            groups.entry(group).or_default().push(at);
        }
    }
    let mut shared: BTreeMap<(GapId, usize), usize> = BTreeMap::new();
    for (key, members) in &groups {
        for gap in members.iter().filter_map(|at| questions[*at].gap_id) {
            *shared.entry((gap, *key)).or_default() += 1;
        }
    }
    let mut claims: Vec<(usize, GapId, usize)> =
        shared.into_iter().map(|((gap, key), n)| (n, gap, key)).collect();
    claims.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let (mut taken, mut goes_on) = (BTreeSet::new(), HashMap::new());
    for (_, gap, key) in claims {
        if !goes_on.contains_key(&key) && taken.insert(gap) {
            goes_on.insert(key, gap);
        }
    }
    let made = groups.into_iter().map(|(key, members)| Grouped {
        name: name(&members, groupings).join(" "),
        gap_id: goes_on.get(&key).copied(),
        members,
    });
    let counts = |group: &Grouped| {
        group.gap_id.is_some() || group.members.iter().any(|at| questions[*at].is_unanswered)
    };
    made.filter(counts).collect()
}

/// The figures of a group as of now.
pub(super) fn figures(
    id: GapId,
    group: &Grouped,
    questions: &[GapQuestion],
    now: Timestamp,
) -> GapRow {
    let members: Vec<&GapQuestion> = group.members.iter().map(|at| &questions[*at]).collect();
    let between = |from: i64, to: i64| {
        let (from, to) = (now - hours(from), now - hours(to));
        count(members.iter().filter(|one| one.opened_at > from && one.opened_at <= to).count())
    };
    let mut days = vec![0_i64; DAYS];
    for one in &members {
        let ago = usize::try_from(now.duration_since(one.opened_at).as_hours() / 24);
        if let Some(day) = ago.ok().and_then(|ago| DAYS.checked_sub(ago + 1)) {
            days[day] += 1;
        }
    }
    let topics = members.iter().flat_map(|one| one.topics.split(',')).filter(|t| !t.is_empty());
    GapRow {
        id,
        name: group.name.clone(),
        lang: most(members.iter().map(|one| one.lang.as_str())),
        about: most(topics),
        n: count(members.len()),
        n_waiting: count(members.iter().filter(|one| one.is_waiting).count()),
        n_week: between(7 * 24, 0),
        n_week_before: between(14 * 24, 7 * 24),
        days,
        first_at: members.iter().map(|one| one.opened_at).min().unwrap_or(now),
        last_at: members.iter().map(|one| one.opened_at).max().unwrap_or(now),
        owner: String::new(),
        state: GapState::Open,
        answer_id: None,
        answering_by: None,
    }
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// What is said most often; the first by the alphabet where several are.
fn most<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    words.for_each(|word| *counts.entry(word).or_default() += 1);
    let best = counts.into_iter().max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0)));
    best.map(|(word, _)| word.to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_millis;
    use crate::ids::EscalationId;

    fn asked(rows: &[(&str, Option<i64>, bool)]) -> (Vec<GapQuestion>, Vec<Grouping>) {
        let question = |(at, (text, gap, open)): (i64, &(&str, Option<i64>, bool))| GapQuestion {
            escalation_id: EscalationId(at),
            question: (*text).to_owned(),
            name: None,
            lang: "en".to_owned(),
            topics: "halo".to_owned(),
            opened_at: from_millis(at * 24 * 3_600_000),
            is_waiting: *open,
            is_unanswered: *open,
            gap_id: gap.map(GapId),
        };
        let questions: Vec<GapQuestion> = (1..).zip(rows).map(question).collect();
        let groupings = rows.iter().map(|(text, ..)| Grouping::by_words(text, "en")).collect();
        (questions, groupings)
    }

    #[test]
    fn a_gap_goes_on_where_most_of_its_questions_are_and_only_once() {
        let (questions, groupings) = asked(&[
            ("How do I pair the Halo with a laptop?", Some(7), true),
            ("Pairing my Halo and a laptop does not work", Some(7), true),
            ("My camera freezes at once", Some(7), true),
            ("the camera freezes again", None, true),
            ("Where is my parcel?", None, false),
            ("?", None, true),
        ]);
        let groups = grouped(&questions, &groupings);
        let told: Vec<_> = groups.iter().map(|g| (g.members.clone(), g.gap_id)).collect();
        assert_eq!(told, [(vec![0, 1], Some(GapId(7))), (vec![2, 3], None)]);
    }

    #[test]
    fn figures_count_what_waits_and_what_came_when() {
        let (questions, _) = asked(&[("a", None, true), ("b", None, false), ("c", None, true)]);
        let group = Grouped { members: vec![0, 1, 2], name: "a".to_owned(), gap_id: None };
        let row = figures(GapId(1), &group, &questions, from_millis(9 * 24 * 3_600_000));
        assert_eq!((row.n, row.n_waiting, row.n_week, row.n_week_before), (3, 2, 1, 2));
        assert_eq!(row.days[DAYS - 9..], [1, 1, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!((row.lang.as_str(), row.about.as_str()), ("en", "halo"));
    }
}
