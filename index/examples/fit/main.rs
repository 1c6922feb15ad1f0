//! Fits the shipped calibration on the evaluation sets, and writes run files for their scorer.
//!
//! `SUPERFAN_EVAL_DIR=… cargo run --release -p superfan-index --example fit` prints a table and
//! writes `index/src/calibration.json`; with `runs DIR` it only writes run files with what is
//! shipped. Nothing but numbers leaves the sets.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]
#![expect(clippy::cast_precision_loss, reason = "some thousand questions")]

mod confidence;
mod ranking;
mod report;
mod sets;

use std::error::Error;
use std::path::{Path, PathBuf};

use superfan_index::Calibration;

use crate::confidence::Case;
use crate::sets::Set;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::var_os("SUPERFAN_EVAL_DIR")
        .ok_or("SUPERFAN_EVAL_DIR is not set: the evaluation sets are needed")?;
    let sets = sets::load(&PathBuf::from(folder).join("eval"))?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [command, out] if command == "runs" => report::write_runs(&sets, Path::new(out)),
        [] => fit(&sets),
        _ => Err("usage: fit [runs DIR]".into()),
    }
}

fn fit(sets: &[Set]) -> Result<(), Box<dyn Error>> {
    let lists: Vec<_> = sets.iter().map(ranking::lists).collect::<Result<_, _>>()?;
    let all: Vec<usize> = (0..sets.len()).collect();
    let mut unseen: Vec<Vec<Case>> = Vec::new();
    for family in ["forum-en", "multi", "intents-clinc", "intents-banking77"] {
        let (inside, outside): (Vec<usize>, Vec<usize>) =
            all.iter().partition(|n| sets[**n].family == family);
        let model = one_fit(sets, &lists, &outside)?;
        let mut together = Vec::new();
        for n in inside {
            let cases = confidence::cases(&sets[n], &model)?;
            report::line(&format!("{} (left out)", sets[n].name), &cases, &model);
            if !sets[n].blank {
                together.extend(cases);
            }
        }
        unseen.push(together);
    }
    let mut model = one_fit(sets, &lists, &all)?;
    model["curve"] = confidence::curve(&unseen);
    for set in sets {
        report::line(set.name, &confidence::cases(set, &model)?, &model);
    }
    let calibration = Calibration::from_json(&model.to_string())?;
    for target in [0.9, 0.95, 0.97] {
        let line = calibration.line(target);
        println!("line for {target}: {line:?}");
        for cases in &unseen {
            let (right, n) = confidence::answered(cases, f64::from(line.answer));
            println!("    left out: {right} of {n} right, of {} asked", cases.len());
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/calibration.json");
    std::fs::write(&path, calibration.to_json() + "\n")?;
    println!("wrote {}", path.display());
    Ok(())
}

/// Ranking first, then confidence over what that ranking puts first.
fn one_fit(
    sets: &[Set],
    lists: &[Vec<ranking::List>],
    chosen: &[usize],
) -> Result<serde_json::Value, Box<dyn Error>> {
    let ranked = chosen.iter().filter(|n| sets[**n].weight > 0.0);
    let chosen_lists: Vec<_> = ranked.map(|n| (sets[*n].weight, &lists[*n])).collect();
    let ranking = ranking::fit(&chosen_lists);
    let model = serde_json::json!({
        "ranking": ranking, "intercept": 0.0, "weights": [], "curve": []
    });
    let mut cases = Vec::new();
    for n in chosen {
        cases.push((sets[*n].trust, confidence::cases(&sets[*n], &model)?));
    }
    Ok(confidence::fit(model, &cases))
}
