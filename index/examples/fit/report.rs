//! Figures of a fit, and run files for the scorer of the sets.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};
use superfan_index::Calibration;

use crate::confidence::{Case, CaseHit};
use crate::sets::Set;

/// The chance of a right list from which on it is offered.
const LIST_AT: f64 = 0.25;

/// Prints how well `cases` are told apart, and what the usual line makes of them.
pub(crate) fn line(name: &str, cases: &[Case], model: &Value) {
    let n = cases.len() as f64;
    let firsts: Vec<&CaseHit> = cases.iter().filter_map(|case| case.hits.first()).collect();
    let answerable = cases.iter().filter(|case| case.answerable).count() as f64;
    let right = firsts.iter().filter(|hit| hit.right).count() as f64;
    let (coverage, threshold) = coverage(&firsts, n);
    let bent = model["weights"].as_array().map_or(0, Vec::len);
    let right_lists = |case: &&Case| case.hits.iter().any(|hit| hit.right);
    let listed: Vec<&Case> =
        cases.iter().filter(|case| f64::from(case.together) >= LIST_AT).collect();
    let lists = listed.iter().filter(|case| right_lists(case)).count() as f64;
    println!(
        "{name:28} first right {:.3}  auroc {:.3}  cov_p95 {coverage:.3} at {threshold:.3}  \
         mean confidence {:.3} real {:.3}  listed {:.3} right {:.3} of the answerable {:.3} \
         ({bent} weights)",
        right / answerable.max(1.0),
        auroc(&firsts),
        firsts.iter().map(|hit| f64::from(hit.confidence)).sum::<f64>() / n,
        right / n,
        listed.len() as f64 / n,
        lists / listed.len().max(1) as f64,
        lists / answerable.max(1.0),
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
