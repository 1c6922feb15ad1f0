//! How well questions are grouped: against the answers that fit them, and against a plain baseline.
//!
//! The questions are the dev questions of forum-en/stackfaq, where `SUPERFAN_EVAL_DIR` says;
//! without it this says so and measures nothing. With `SUPERFAN_GROUPS_MODEL` (a folder) it measures
//! by meaning as well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::Value;
use superfan_index::groups::{Grouping, group, likenesses};
use superfan_index::semantic;

/// By how much the groups must be better than the baseline's, in adjusted Rand.
const BETTER_BY: f64 = 0.05;

/// The questions, and for each which answer fits.
fn questions() -> Option<Vec<(String, String)>> {
    let rows = texts("forum-en", |row| row["source"] == "stackfaq")?;
    Some(rows.into_iter().filter(|(_, fits)| !fits.is_empty()).collect())
}

/// The same of those of a set that are wanted; nothing where no answer fits.
fn texts(set: &str, wanted: impl Fn(&Value) -> bool) -> Option<Vec<(String, String)>> {
    let Some(dir) = std::env::var_os("SUPERFAN_EVAL_DIR").map(PathBuf::from) else {
        eprintln!("SUPERFAN_EVAL_DIR IS NOT SET: groups are not measured");
        return None;
    };
    let file = File::open(dir.join("eval").join(set).join("queries.dev.jsonl.gz")).unwrap();
    let rows = BufReader::new(GzDecoder::new(file)).lines();
    let rows = rows.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let fits = |row: &Value| row["relevant"][0].as_str().map(str::to_owned);
    let of_set = rows.filter(|row| wanted(row));
    Some(
        of_set
            .filter_map(|row| {
                Some((row["text"].as_str()?.to_owned(), fits(&row).unwrap_or_default()))
            })
            .collect(),
    )
}

/// Adjusted Rand index (Hubert and Arabie 1985) of two ways to group the same things.
#[expect(clippy::cast_precision_loss, reason = "some hundred questions")]
fn adjusted_rand<A: Ord, B: Ord>(one: &[A], other: &[B]) -> f64 {
    fn pairs<K: Ord>(keys: impl Iterator<Item = K>) -> f64 {
        let mut counts: BTreeMap<K, usize> = BTreeMap::new();
        keys.for_each(|key| *counts.entry(key).or_default() += 1);
        counts.values().map(|n| (n * (n - 1) / 2) as f64).sum()
    }
    let both = pairs(one.iter().zip(other));
    let (a, b) = (pairs(one.iter()), pairs(other.iter()));
    let all = (one.len() * (one.len() - 1) / 2) as f64;
    let by_chance = a * b / all;
    (both - by_chance) / (f64::midpoint(a, b) - by_chance)
}

/// Each question linked to its `k` most alike, and what hangs together is a group.
fn baseline(questions: &[Grouping], k: usize) -> Vec<usize> {
    let mut alike: Vec<Vec<(f32, usize)>> = vec![Vec::new(); questions.len()];
    for (one, other, likeness) in likenesses(questions) {
        alike[one].push((likeness, other));
        alike[other].push((likeness, one));
    }
    let mut group_of: Vec<usize> = (0..questions.len()).collect();
    for (one, mut near) in alike.into_iter().enumerate() {
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, other) in near.into_iter().take(k) {
            let (kept, gone) = (group_of[one], group_of[other]);
            group_of.iter_mut().filter(|g| **g == gone).for_each(|g| *g = kept);
        }
    }
    group_of
}

#[track_caller]
fn measure(what: &str, questions: &[Grouping], fitting: &[String]) {
    let ours = adjusted_rand(&group(questions), fitting);
    let plain: Vec<f64> =
        (1..=5).map(|k| adjusted_rand(&baseline(questions, k), fitting)).collect();
    let best = plain.iter().copied().fold(f64::MIN, f64::max);
    let of_k = plain.iter().map(|rand| format!("{rand:.3}")).collect::<Vec<_>>().join(" ");
    eprintln!("groups {what}: adjusted Rand {ours:.3}; nearest neighbours, k 1 to 5: {of_k}");
    assert!(ours >= best + BETTER_BY, "{what}: {ours:.3} against {best:.3}");
}

#[test]
fn questions_are_grouped_better_than_by_nearest_neighbours() {
    let Some(rows) = questions() else { return };
    let fitting: Vec<String> = rows.iter().map(|(_, fits)| fits.clone()).collect();
    let mut questions: Vec<Grouping> =
        rows.iter().map(|(text, _)| Grouping::by_words(text, "en")).collect();
    measure("by words", &questions, &fitting);
    let Some(folder) = std::env::var_os("SUPERFAN_GROUPS_MODEL") else { return };
    let model = semantic::load(Path::new(&folder)).unwrap();
    let texts: Vec<&str> = rows.iter().map(|(text, _)| text.as_str()).collect();
    for (question, vector) in questions.iter_mut().zip(model.embed(&texts).unwrap()) {
        question.vector = Some(vector);
    }
    measure("by words and meaning", &questions, &fitting);
}

/// The most questions that are grouped at once, and how long that may take, model's time apart.
const MOST: usize = 1_500;
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn as_many_questions_as_are_ever_grouped_take_seconds() {
    let Some(texts) = texts("intents-banking77", |_| true) else { return };
    let texts: Vec<&str> = texts.iter().map(|row| row.0.as_str()).take(MOST).collect();
    assert_eq!(texts.len(), MOST);
    let mut questions: Vec<Grouping> = Vec::new();
    let read =
        timed(|| questions = texts.iter().map(|text| Grouping::by_words(text, "en")).collect());
    let grouped = timed(|| drop(group(&questions)));
    eprintln!("{MOST} questions by words: read in {read:.1?}, grouped in {grouped:.1?}");
    assert!(read + grouped < PATIENCE);
    let Some(folder) = std::env::var_os("SUPERFAN_GROUPS_MODEL") else { return };
    let model = semantic::load(Path::new(&folder)).unwrap();
    let mut vectors = Vec::new();
    let embedded = timed(|| vectors = model.embed(&texts).unwrap());
    for (question, vector) in questions.iter_mut().zip(vectors) {
        question.vector = Some(vector);
    }
    let grouped = timed(|| drop(group(&questions)));
    eprintln!("{MOST} questions by meaning: asked in {embedded:.1?}, grouped in {grouped:.1?}");
    assert!(grouped < PATIENCE);
}

fn timed(work: impl FnOnce()) -> Duration {
    let since = Instant::now();
    work();
    since.elapsed()
}

#[test]
fn adjusted_rand_is_one_for_the_same_groups_and_nothing_by_chance() {
    let close = |rand: f64, to: f64| (rand - to).abs() < 1e-9;
    assert!(close(adjusted_rand(&[0, 0, 1, 1], &["a", "a", "b", "b"]), 1.0));
    assert!(close(adjusted_rand(&[0, 0, 1, 1], &[0, 1, 0, 1]), -0.5));
}
