//! Figures of a fit, and run files for the scorer of the sets.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};
use superfan_index::{Calibration, SearchError};

use crate::confidence::{Case, CaseHit, gain, interval, judged};
use crate::sets::Set;
use crate::side_by_side;
use crate::slips::slipped;

/// The chance of a right list from which on it is offered.
pub(crate) const LIST_AT: f64 = 0.15;

/// Prints what is shipped comes to on each set, at the target precision 0.95.
pub(crate) fn figures(sets: &[Set]) -> Result<(), Box<dyn Error>> {
    let line = Calibration::shipped().line(0.95).answer;
    println!("line {line}");
    for (set, cases) in sets.iter().zip(side_by_side(sets, judged)?) {
        self::line(&set.name, &cases, Some(line));
        let by_lang = cases.chunk_by(|a, b| a.lang == b.lang);
        if set.family == "multi" && !set.is_cut {
            for own in by_lang {
                self::line(&format!("  {}", own[0].lang), own, Some(line));
            }
        }
    }
    Ok(())
}

/// Prints what each set's nDCG@10 loses by one slip of the finger in each question.
pub(crate) fn slips(sets: &[Set]) -> Result<(), Box<dyn Error>> {
    let gained = |set: &Set, slip: bool| -> Result<f64, SearchError> {
        let answerable = set.queries.iter().zip(0..).filter(|(q, _)| !q.relevant.is_empty());
        let (mut gained, mut n) = (0.0, 0.0);
        for (query, seed) in answerable {
            let mut question = query.question.clone();
            if slip {
                question.text = slipped(&question.text, seed);
            }
            let hits = set.index.search(&question, 10)?.hits;
            let right: Vec<bool> = hits.iter().map(|h| query.relevant.contains(&h.id)).collect();
            gained += gain(&right, query.relevant.len());
            n += 1.0;
        }
        Ok(gained / n)
    };
    let both = side_by_side(sets, |set| Ok((gained(set, false)?, gained(set, true)?)))?;
    for (set, (clean, slipped)) in sets.iter().zip(both) {
        let lost = clean - slipped;
        println!("{:28} ndcg {clean:.4}, with a slip {slipped:.4}, loses {lost:.4}", set.name);
    }
    Ok(())
}

/// Prints how well `cases` are told apart, and what `line` makes of them.
pub(crate) fn line(name: &str, cases: &[Case], line: Option<f32>) {
    let n = cases.len() as f64;
    let firsts: Vec<&CaseHit> = cases.iter().filter_map(|case| case.hits.first()).collect();
    let answerable = cases.iter().filter(|case| case.answerable).count() as f64;
    let right = firsts.iter().filter(|hit| hit.right).count() as f64;
    let gain: f64 = cases.iter().filter(|case| case.answerable).map(|case| case.gain).sum();
    let (coverage, threshold) = coverage(&firsts, n);
    print!(
        "{name:28} ndcg {:.4}  first right {:.3}  auroc {:.3}  cov_p95 {coverage:.3} at \
         {threshold:.3}  mean confidence {:.3} real {:.3}",
        gain / answerable.max(1.0),
        right / answerable.max(1.0),
        auroc(&firsts),
        firsts.iter().map(|hit| f64::from(hit.confidence)).sum::<f64>() / n,
        right / n,
    );
    match line {
        Some(line) => {
            let outcome = Outcome::of(cases, line);
            println!("  {}", outcome.told(n, answerable));
        }
        None => println!(),
    }
}

/// What customers get.
#[derive(Default)]
struct Outcome {
    answered: f64,
    right: f64,
    listed: f64,
    right_lists: f64,
}

impl Outcome {
    fn of(cases: &[Case], line: f32) -> Self {
        let mut outcome = Self::default();
        for case in cases {
            let is_sure = case.hits.first().is_some_and(|hit| hit.confidence >= line);
            if is_sure {
                outcome.answered += 1.0;
                outcome.right += f64::from(u8::from(case.hits[0].right));
            } else if f64::from(case.together) >= LIST_AT {
                outcome.listed += 1.0;
                outcome.right_lists += f64::from(u8::from(case.hits.iter().any(|hit| hit.right)));
            }
        }
        outcome
    }

    fn told(&self, n: f64, answerable: f64) -> String {
        let (low, high) = interval(self.right, self.answered);
        format!(
            "answered {:.3} right {:.3} ({low:.3}–{high:.3})  listed {:.3} right {:.3}  solved {:.3}",
            self.answered / n,
            self.right / self.answered.max(1.0),
            self.listed / n,
            self.right_lists / self.listed.max(1.0),
            (self.right + self.right_lists) / answerable.max(1.0),
        )
    }
}

/// How often a right first hit has more confidence than a wrong one, ties half.
pub(crate) fn auroc(hits: &[&CaseHit]) -> f64 {
    let (right, wrong): (Vec<&&CaseHit>, Vec<&&CaseHit>) = hits.iter().partition(|h| h.right);
    let wins: f64 = right
        .iter()
        .flat_map(|r| wrong.iter().map(move |w| r.confidence.total_cmp(&w.confidence)))
        .map(|order| match order {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
        .sum();
    wins / (right.len() * wrong.len()).max(1) as f64
}

/// The largest share of all questions that a line answers with 95 % right, and that line.
pub(crate) fn coverage(hits: &[&CaseHit], n: f64) -> (f64, f32) {
    let mut sorted = hits.to_vec();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let (mut right, mut best) = (0.0, (0.0, 1.0));
    for (place, hit) in sorted.iter().enumerate() {
        right += f64::from(u8::from(hit.right));
        let answered = place as f64 + 1.0;
        if right >= 0.95 * answered {
            best = (answered / n, hit.confidence);
        }
    }
    best
}

/// Writes one run file for each set into `folder`, decided at the target precision 0.95.
pub(crate) fn write_runs(sets: &[Set], folder: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    let line = Calibration::shipped().line(0.95).answer;
    println!("line {line}");
    for set in sets {
        let path = folder.join(format!("{}.jsonl", set.name.replace(' ', "-")));
        let mut out = BufWriter::new(File::create(&path)?);
        for query in &set.queries {
            let found = set.index.search(&query.question, 10)?;
            let hits = found.hits;
            let first = hits.first().map_or(0.0, |hit| hit.confidence.get());
            let (action, offered) = match first {
                first if first >= line => ("answer", 1),
                _ if f64::from(found.together.get()) >= LIST_AT => ("choices", 3),
                _ => ("escalate", 0),
            };
            let ids: Vec<Value> =
                hits.iter().map(|hit| json!({"id": hit.id, "score": hit.score})).collect();
            let run = json!({
                "query_id": query.id, "hits": ids, "action": action, "offered": offered,
                "confidence": first,
            });
            writeln!(out, "{run}")?;
        }
        println!("wrote {}", path.display());
    }
    Ok(())
}
