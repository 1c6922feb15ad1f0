//! Figures of a fit, and run files for the scorer of the sets.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};
use superfan_index::Calibration;

use crate::confidence::{Case, CaseHit};
use crate::sets::Set;

/// Prints how well `cases` are told apart, and what the usual line makes of them.
pub(crate) fn line(name: &str, cases: &[Case], model: &Value) {
    let n = cases.len() as f64;
    let firsts: Vec<&CaseHit> = cases.iter().filter_map(|case| case.hits.first()).collect();
    let answerable = cases.iter().filter(|case| case.answerable).count() as f64;
    let right = firsts.iter().filter(|hit| hit.right).count() as f64;
    let (coverage, threshold) = coverage(&firsts, n);
    let bent = model["weights"].as_array().map_or(0, Vec::len);
    println!(
        "{name:28} first right {:.3}  auroc {:.3}  cov_p95 {coverage:.3} at {threshold:.3}  \
         mean confidence {:.3} real {:.3}  ({bent} weights)",
        right / answerable.max(1.0),
        auroc(&firsts),
        firsts.iter().map(|hit| f64::from(hit.confidence)).sum::<f64>() / n,
        right / n,
    );
}

/// How often a right first hit has more confidence than a wrong one, ties half.
fn auroc(hits: &[&CaseHit]) -> f64 {
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
fn coverage(hits: &[&CaseHit], n: f64) -> (f64, f32) {
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
            let hits = set.index.search(&query.question, 10)?.hits;
            let sure: Vec<f32> = hits.iter().map(|hit| hit.confidence.get()).collect();
            let (action, offered) = decide(&sure, line);
            let ids: Vec<Value> =
                hits.iter().map(|hit| json!({"id": hit.id, "score": hit.score})).collect();
            let run = json!({
                "query_id": query.id, "hits": ids, "action": action, "offered": offered,
                "confidence": sure.first().copied().unwrap_or(0.0),
            });
            writeln!(out, "{run}")?;
        }
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// Answer above the line; offer the fewest choices that clear it together.
fn decide(sure: &[f32], line: f32) -> (&'static str, usize) {
    if sure.first().is_some_and(|first| *first >= line) {
        return ("answer", 1);
    }
    let enough = |n: &usize| sure.len() >= *n && sure[..*n].iter().sum::<f32>() >= line;
    match [2, 3].iter().find(|n| enough(n)) {
        Some(n) => ("choices", *n),
        None => ("escalate", 0),
    }
}
