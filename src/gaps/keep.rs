//! Keeping gaps up to date: when questions came or went, they are grouped anew, beside everything
//! else.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use superfan_index::Index;
use superfan_index::groups::Grouping;

use super::grouped::{Grouped, figures, grouped};
use super::incidents;
use crate::desk::Desk;
use crate::ids::{EscalationId, GapId};
use crate::privacy::without;
use crate::store::gaps::{GapQuestion, GapRow};
use crate::store::{StoreError, Tx};

/// How far back questions count.
const WINDOW: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many are grouped, the newest: the time it takes grows with the square.
const MOST: i64 = 1500;
/// How long between two looks.
const PAUSE: SignedDuration = SignedDuration::from_secs(30);
/// Only one node groups; how long it holds that right.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// The setting that says of which questions the gaps are.
const SEEN: &str = "gaps.seen";

type Vectors = HashMap<EscalationId, (String, Option<Vec<f32>>)>;

/// Groups questions, and remembers what they mean: a model is asked once about each.
#[derive(Clone, Debug)]
pub struct GapKeeper {
    desk: Desk,
    vectors: Arc<Mutex<Vectors>>,
    /// When it looked last.
    looked_at: Arc<Mutex<Option<Timestamp>>>,
}

impl GapKeeper {
    /// For one desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk, vectors: Arc::default(), looked_at: Arc::default() }
    }

    /// Groups anew if questions came or went since, or a day began; whether it did.
    pub async fn keep_up(&self) -> Result<bool, StoreError> {
        let now = self.desk.clock.now();
        if !self.is_time(now) {
            return Ok(false);
        }
        let mut tx = self.desk.store.read().await?;
        let today = now.as_second() / 86_400;
        let mark = format!("{today} {}", tx.gap_questions_mark(now - WINDOW).await?);
        if tx.setting(SEEN).await?.as_ref() == Some(&mark) {
            return Ok(false);
        }
        let mut questions = tx.gap_questions(now - WINDOW, MOST).await?;
        questions.iter_mut().for_each(anonymous);
        let known = tx.gaps(i64::MAX).await?;
        drop(tx);
        let mut tx = self.desk.store.begin().await?;
        if !tx.take_lease("gaps", &self.desk.node, now, now + LEASE).await? {
            return Ok(false);
        }
        tx.commit().await?;
        let Some((questions, groups)) = self.group(questions).await else { return Ok(false) };
        let mut tx = self.desk.store.begin().await?;
        write(&mut tx, &self.desk, (&questions, &groups), &known).await?;
        tx.set_setting(SEEN, &mark).await?;
        tx.commit().await?;
        metrics::gauge!("superfan_gaps").set(f64::from(u32::try_from(groups.len()).unwrap_or(0)));
        Ok(true)
    }

    /// Whether the last look was long enough ago; notes this one.
    fn is_time(&self, now: Timestamp) -> bool {
        let mut looked_at = self.looked_at.lock().expect("nothing panics while it holds this lock");
        let is_time = looked_at.is_none_or(|last| now.duration_since(last) >= PAUSE);
        if is_time {
            *looked_at = Some(now);
        }
        is_time
    }

    /// Groups on the blocking pool; `None` if that broke off.
    async fn group(&self, questions: Vec<GapQuestion>) -> Option<(Vec<GapQuestion>, Vec<Grouped>)> {
        let (vectors, index) = (self.vectors.clone(), self.desk.search.index().clone());
        let work = tokio::task::spawn_blocking(move || {
            let meanings = meanings(&index, &vectors, &questions);
            let groupings: Vec<Grouping> = questions
                .iter()
                .zip(meanings)
                .map(|(one, vector)| Grouping {
                    vector,
                    ..Grouping::by_words(&one.question, &one.lang)
                })
                .collect();
            let groups = grouped(&questions, &groupings);
            (questions, groups)
        });
        match work.await {
            Ok(done) => Some(done),
            Err(error) => {
                tracing::error!("could not group questions: {error}");
                None
            }
        }
    }
}

/// Nothing that says who somebody is gives a gap its name.
fn anonymous(question: &mut GapQuestion) {
    let names: Vec<&str> = question.name.iter().flat_map(|name| name.split_whitespace()).collect();
    question.question = without(&question.question, &names);
}

/// What questions mean, where there is a model; what was asked of it before is not asked again.
fn meanings(
    index: &Index,
    vectors: &Mutex<Vectors>,
    questions: &[GapQuestion],
) -> Vec<Option<Vec<f32>>> {
    let mut known = vectors.lock().expect("nothing panics while it holds this lock");
    let is_known = |one: &&GapQuestion| {
        known.get(&one.escalation_id).is_some_and(|(text, _)| *text == one.question)
    };
    let new: Vec<&GapQuestion> = questions.iter().filter(|one| !is_known(one)).collect();
    let texts: Vec<(&str, &str)> =
        new.iter().map(|one| (one.question.as_str(), one.lang.as_str())).collect();
    let found = index.meanings(&texts).unwrap_or_else(|error| {
        tracing::error!("questions are grouped by their words alone: {error}");
        vec![None; texts.len()]
    });
    let wanted: BTreeSet<EscalationId> = questions.iter().map(|one| one.escalation_id).collect();
    known.retain(|id, _| wanted.contains(id));
    for (one, vector) in new.into_iter().zip(found) {
        known.insert(one.escalation_id, (one.question.clone(), vector));
    }
    questions
        .iter()
        .map(|one| known.get(&one.escalation_id).and_then(|(_, vector)| vector.clone()))
        .collect()
}

/// Writes what changed.
async fn write(
    tx: &mut Tx,
    desk: &Desk,
    (questions, groups): (&[GapQuestion], &[Grouped]),
    known: &[GapRow],
) -> Result<(), StoreError> {
    let now = desk.clock.now();
    let mut alive = BTreeSet::new();
    for group in groups {
        let id: GapId = group.gap_id.unwrap_or_else(|| desk.ids.next());
        alive.insert(id);
        let old = known.iter().find(|row| row.id == id);
        let mut row = figures(id, group, questions, now);
        if let Some(old) = old {
            row = GapRow {
                owner: old.owner.clone(),
                state: old.state,
                answer_id: old.answer_id.clone(),
                answering_by: old.answering_by,
                ..row
            };
        }
        if old != Some(&row) {
            tx.put_gap_figures(&row).await?;
        }
        for at in &group.members {
            let one = &questions[*at];
            if one.gap_id != Some(id) {
                tx.set_gap_of(one.escalation_id, id).await?;
            }
        }
    }
    for row in known.iter().filter(|row| !alive.contains(&row.id)) {
        tx.empty_gap(row.id).await?;
    }
    let (stage, least) = (desk.stage(), desk.config.rules.incident_from);
    for id in alive.into_iter().filter(|_| least > 0) {
        incidents::notice(tx, &stage, id, least).await?;
    }
    Ok(())
}
