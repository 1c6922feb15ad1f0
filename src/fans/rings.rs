//! Rings: a few authors who help each other, and of whom each helps mostly the others. What they do
//! for each other does not count, as long as that is so.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::store::{StoreError, Tx};

/// A ring has at most so many; more who help each other are a community.
const LARGEST: usize = 5;
/// How many authors are looked at around one.
const AROUND: usize = 20;

/// Who helped whom, around somebody: each with all they helped and the other authors among them.
type Around = BTreeMap<String, (i64, Vec<(String, i64)>)>;

/// Looks anew at the rings that authors are in, or were in.
pub(super) async fn settle_rings(
    tx: &mut Tx,
    authors: &BTreeSet<String>,
) -> Result<(), StoreError> {
    let mut due: VecDeque<String> = authors.iter().map(|author| author.to_lowercase()).collect();
    let mut seen: BTreeSet<String> = due.iter().cloned().collect();
    while let Some(author) = due.pop_front() {
        let around = around(tx, &author).await?;
        let ring = ring(&author, &around);
        let partners = tx.ring_partners(&author).await?;
        for person in partners.iter().filter(|person| !ring.contains(*person)) {
            tx.mark_ring(&author, person, false).await?;
        }
        for person in ring.iter().filter(|person| **person != author) {
            tx.mark_ring(&author, person, true).await?;
        }
        due.extend(ring.into_iter().chain(partners).filter(|name| seen.insert(name.clone())));
    }
    Ok(())
}

/// Whom an author helps mostly, whom those help mostly, and so on, as far as a ring could go.
async fn around(tx: &mut Tx, author: &str) -> Result<Around, StoreError> {
    let mut around = Around::new();
    let mut due = VecDeque::from([author.to_owned()]);
    let most = i64::try_from(LARGEST).unwrap_or(i64::MAX);
    while let Some(name) = due.pop_front() {
        if around.contains_key(&name) || around.len() == AROUND {
            continue;
        }
        let helped = tx.most_helped(&name, most).await?;
        // Without the help of many it could not be in a ring, whoever they are.
        if !is_most(helped.most.iter().map(|(_, n)| n).sum(), helped.n) {
            continue;
        }
        let authors = tx.most_helped_authors(&name, most).await?;
        due.extend(authors.iter().map(|(name, _)| name.clone()));
        around.insert(name, (helped.n, authors));
    }
    Ok(around)
}

fn is_most(part: i64, whole: i64) -> bool {
    2 * part > whole
}

/// The ring that an author is in; empty if they are in none.
fn ring(author: &str, around: &Around) -> BTreeSet<String> {
    let mut ring: BTreeSet<String> = around.keys().cloned().collect();
    loop {
        let before = ring.len();
        let all = ring.clone();
        ring.retain(|name| is_most(within(&around[name], &all), around[name].0));
        let from_here = reached(author, &ring, around);
        ring.retain(|name| {
            from_here.contains(name) && reached(name, &from_here, around).contains(author)
        });
        if ring.len() == before {
            break;
        }
    }
    let is_ring = ring.contains(author) && (2..=LARGEST).contains(&ring.len());
    if is_ring { ring } else { BTreeSet::new() }
}

/// How much of somebody's help went to these.
fn within((_, helped): &(i64, Vec<(String, i64)>), these: &BTreeSet<String>) -> i64 {
    helped.iter().filter(|(name, _)| these.contains(name)).map(|(_, n)| n).sum()
}

/// Who of these can be reached from one of them, from helper to helped; nobody from anyone else.
fn reached(from: &str, these: &BTreeSet<String>, around: &Around) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut due = vec![from.to_owned()];
    while let Some(name) = due.pop() {
        if these.contains(&name) && reached.insert(name.clone()) {
            due.extend(around[&name].1.iter().map(|(name, _)| name.clone()));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody, whom they helped in all, and which authors among them.
    type Row<'a> = (&'a str, i64, &'a [(&'a str, i64)]);

    /// Who helped in all how often, and of them these authors how often.
    #[track_caller]
    fn check(of: &str, helped: &[Row], expected: &[&str]) {
        let row = |(name, n, to): &Row| {
            let to = to.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect();
            ((*name).to_owned(), (*n, to))
        };
        let around = helped.iter().map(row).collect();
        assert_eq!(ring(of, &around).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_helps_mostly_the_others() {
        check("a", &[("a", 3, &[("b", 3)]), ("b", 3, &[("a", 3)])], &["a", "b"]);
        check("a", &[("a", 7, &[("b", 3)]), ("b", 3, &[("a", 3)])], &[]);
        check("a", &[("a", 6, &[("b", 3)]), ("b", 3, &[("a", 3)])], &[]);
        check("a", &[("a", 3, &[("b", 3)]), ("b", 3, &[("c", 3)])], &[]);
    }

    #[test]
    fn a_circle_and_a_clique_are_rings() {
        let circle: &[Row] = &[("a", 2, &[("b", 2)]), ("b", 2, &[("c", 2)]), ("c", 2, &[("a", 2)])];
        check("b", circle, &["a", "b", "c"]);
        let clique: &[Row] = &[
            ("a", 5, &[("b", 2), ("c", 2)]),
            ("b", 4, &[("a", 2), ("c", 2)]),
            ("c", 4, &[("a", 2), ("b", 2)]),
        ];
        check("c", clique, &["a", "b", "c"]);
    }

    #[test]
    fn who_only_helps_a_ring_is_not_in_it_and_many_are_none() {
        let rows: &[Row] = &[("a", 1, &[("b", 1)]), ("b", 1, &[("a", 1)]), ("fan", 1, &[("a", 1)])];
        check("fan", rows, &[]);
        check("a", rows, &["a", "b"]);
        let many: &[Row] = &[
            ("a", 1, &[("b", 1)]),
            ("b", 1, &[("c", 1)]),
            ("c", 1, &[("d", 1)]),
            ("d", 1, &[("e", 1)]),
            ("e", 1, &[("f", 1)]),
            ("f", 1, &[("a", 1)]),
        ];
        check("a", many, &[]);
    }
}
