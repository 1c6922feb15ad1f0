//! Learning the words in which customers ask: what helped is found by them from then on.
//!
//! In: a question that was solved by *Helped* or by a moderator's choice, or was not. Out: rows,
//! and which of them the index is given ([`in_use`]). One customer alone teaches nothing: words
//! count once another customer was helped in similar ones, or a moderator stands behind them.

use std::collections::BTreeSet;

use super::read::normalise_lang;
use crate::answerer::folding;
use crate::desk::Stage;
use crate::ids::{CustomerId, DecisionId, PhrasingId};
use crate::people::{Act, ActError, Actor, record};
use crate::privacy::mask_naming;
use crate::store::answers::AnswerRow;
use crate::store::phrasings::PhrasingRow;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{Lesson, PhrasingWord, Role};

/// The most phrasings of one answer that the index is given, the newest.
const MOST_IN_USE: usize = 20;
/// The most that one customer can say about one answer.
const MOST_OF_ONE: usize = 3;
/// Longer questions are stories; their words belong to too much.
const LONGEST: usize = 300;
/// Two phrasings are similar from this share of common words on.
const SIMILAR: f64 = 1.0 / 3.0;

/// A question and what it teaches about an answer.
#[derive(Clone, Copy, Debug)]
pub struct Taught<'a> {
    /// The decision about it.
    pub decision: DecisionId,
    /// Who asked.
    pub customer: CustomerId,
    /// What they asked.
    pub question: &'a str,
    /// Its language.
    pub lang: &'a str,
    /// What it teaches.
    pub lesson: Lesson,
}

/// Learns from a question; the caller wakes the indexer after the commit.
///
/// What is too long, says nothing, or is in another language than the answer teaches nothing.
pub async fn learn(
    tx: &mut Tx,
    stage: &Stage<'_>,
    answer: &AnswerRow,
    taught: Taught<'_>,
) -> Result<(), StoreError> {
    if taught.lesson == Lesson::Chosen {
        for other in tx.forget_choices(taught.decision, &answer.id).await? {
            tx.touch_answer(&other).await?;
        }
    }
    let name = tx.customer(taught.customer).await?.and_then(|customer| customer.name);
    let names: Vec<&str> = name.as_deref().into_iter().collect();
    let text = mask_naming(taught.question.trim(), &names);
    let known = tx.phrasings(&answer.id).await?;
    let n_theirs = known.iter().filter(|row| row.customer_id == taught.customer).count();
    let is_new = !known.iter().any(|row| row.decision_id == taught.decision);
    let fits = normalise_lang(taught.lang) == normalise_lang(&answer.lang)
        && text.chars().count() <= LONGEST
        && !words(&text).is_empty();
    if !fits || (is_new && taught.lesson != Lesson::Chosen && n_theirs >= MOST_OF_ONE) {
        return Ok(());
    }
    let row = PhrasingRow {
        id: stage.ids.next(),
        answer_id: answer.id.clone(),
        decision_id: taught.decision,
        customer_id: taught.customer,
        text,
        how: taught.lesson,
        word: None,
        at: stage.now,
    };
    tx.put_phrasing(&row).await?;
    tx.touch_answer(&answer.id).await
}

/// Says that a phrasing counts, that it does not, or (`None`) that customers decide; needs
/// [`Role::Moderator`].
pub async fn set_phrasing(
    tx: &mut Tx,
    stage: &Stage<'_>,
    actor: &Actor,
    id: PhrasingId,
    word: Option<PhrasingWord>,
) -> Result<PhrasingRow, ActError> {
    actor.require(Role::Moderator)?;
    let row = tx.phrasing(id).await?;
    let row = row.ok_or_else(|| ActError::Unknown { what: format!("phrasing {id}") })?;
    tx.set_phrasing_word(id, word).await?;
    tx.touch_answer(&row.answer_id).await?;
    let detail = word.map_or("as customers judge", PhrasingWord::as_str);
    record(tx, stage, actor, &Act { act: "phrasing", object: &row.answer_id, detail }).await?;
    Ok(row)
}

/// The phrasings that count, oldest first, each wording once, at most twenty.
pub fn in_use(rows: &[PhrasingRow]) -> Vec<&PhrasingRow> {
    let folded: Vec<BTreeSet<String>> = rows.iter().map(|row| words(&row.text)).collect();
    let mut said: Vec<&BTreeSet<String>> = Vec::new();
    let mut used: Vec<&PhrasingRow> = Vec::new();
    for (at, row) in rows.iter().enumerate().rev() {
        if used.len() == MOST_IN_USE {
            break;
        }
        if counts(rows, &folded, at) && !said.contains(&&folded[at]) {
            said.push(&folded[at]);
            used.push(row);
        }
    }
    used.reverse();
    used
}

/// Whether people stand behind a phrasing.
fn counts(rows: &[PhrasingRow], folded: &[BTreeSet<String>], at: usize) -> bool {
    match (rows[at].word, rows[at].how) {
        (Some(word), _) => return word == PhrasingWord::Kept,
        (None, Lesson::Refused) => return false,
        (None, Lesson::Chosen | Lesson::Helped) => {}
    }
    let similar = |lesson: &[Lesson]| {
        let alike = (0..rows.len()).filter(|&other| {
            lesson.contains(&rows[other].how)
                && rows[other].word != Some(PhrasingWord::Removed)
                && likeness(&folded[at], &folded[other]) >= SIMILAR
        });
        alike.map(|other| rows[other].customer_id).collect::<BTreeSet<_>>().len()
    };
    let (n_for, n_against) =
        (similar(&[Lesson::Helped, Lesson::Chosen]), similar(&[Lesson::Refused]));
    n_for > n_against && (rows[at].how == Lesson::Chosen || n_for >= 2)
}

/// The words of a phrasing, whatever their order.
fn words(text: &str) -> BTreeSet<String> {
    folding::tokens(text).into_iter().collect()
}

/// The share of words that two phrasings have in common, 0.0..=1.0.
fn likeness(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
    let n_common = one.intersection(other).count();
    let n_all = one.len() + other.len() - n_common;
    #[expect(clippy::cast_precision_loss, reason = "words of two short texts")]
    let share = n_common as f64 / n_all.max(1) as f64;
    share
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_millis;

    fn row(customer: i64, text: &str, how: Lesson) -> PhrasingRow {
        PhrasingRow {
            id: PhrasingId(customer),
            answer_id: "a".to_owned(),
            decision_id: DecisionId(customer),
            customer_id: CustomerId(customer),
            text: text.to_owned(),
            how,
            word: None,
            at: from_millis(0),
        }
    }

    #[track_caller]
    fn check(rows: &[PhrasingRow], expected: &[&str]) {
        let used: Vec<&str> = in_use(rows).iter().map(|row| row.text.as_str()).collect();
        assert_eq!(used, expected);
    }

    #[test]
    fn one_customer_alone_teaches_nothing_however_often() {
        let mut rows = vec![row(1, "box went mute", Lesson::Helped); 3];
        check(&rows, &[]);
        rows.push(row(2, "my box went mute today", Lesson::Helped));
        check(&rows, &["box went mute", "my box went mute today"]);
        // Another customer's wholly different words stand behind nothing.
        check(&[rows[0].clone(), row(2, "speaker is silent", Lesson::Helped)], &[]);
    }

    #[test]
    fn a_moderators_choice_counts_at_once_and_a_refusal_undoes_it() {
        let chosen = row(1, "box went mute", Lesson::Chosen);
        check(std::slice::from_ref(&chosen), &["box went mute"]);
        check(&[chosen, row(2, "the box went mute", Lesson::Refused)], &[]);
    }

    #[test]
    fn a_moderators_word_counts_more_than_customers() {
        let mut rows =
            vec![row(1, "box went mute", Lesson::Helped), row(2, "box went mute", Lesson::Helped)];
        check(&rows, &["box went mute"]);
        for row in &mut rows {
            row.word = Some(PhrasingWord::Removed);
        }
        check(&rows, &[]);
        check(
            &[PhrasingRow { word: Some(PhrasingWord::Kept), ..rows[0].clone() }],
            &["box went mute"],
        );
    }

    #[test]
    fn the_newest_twenty_count() {
        let rows: Vec<PhrasingRow> =
            (0..30).map(|n| row(n, &format!("words {n}"), Lesson::Chosen)).collect();
        let used = in_use(&rows);
        assert_eq!(used.len(), MOST_IN_USE);
        assert_eq!(used.last().unwrap().text, "words 29");
    }
}
