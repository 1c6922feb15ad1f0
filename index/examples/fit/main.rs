//! Fits the shipped calibration on the evaluation sets, and writes run files for their scorer.
//!
//! `SUPERFAN_EVAL_DIR=… cargo run --release -p superfan-index --example fit` prints a table and
//! writes `index/src/calibration.json`; with `runs DIR` it only writes run files with what is
//! shipped. Nothing but numbers leaves the sets.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]
#![expect(clippy::cast_precision_loss, reason = "some thousand questions")]

mod confidence;
mod ranking;
mod remembering;
mod report;
mod sets;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use superfan_index::Calibration;
use superfan_index::semantic::{self, ModelError};

use crate::confidence::Case;
use crate::remembering::Remembering;
use crate::sets::Set;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::var_os("SUPERFAN_EVAL_DIR")
        .ok_or("SUPERFAN_EVAL_DIR is not set: the evaluation sets are needed")?;
    let folder = PathBuf::from(folder).join("eval");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let load = |models: &[String]| -> Result<Vec<Set>, Box<dyn Error>> {
        let remembering = |model| Arc::new(Remembering::new(model)) as sets::Model;
        let models = models.iter().map(|model| semantic::load(Path::new(model)).map(remembering));
        let models = models.collect::<Result<Vec<sets::Model>, ModelError>>()?;
        sets::load(&folder, &models, Path::new("target/fit"))
    };
    match arguments.as_slice() {
        [command, out, models @ ..] if command == "runs" => {
            report::write_runs(&load(models)?, Path::new(out))
        }
        [command, models @ ..] if command == "model" => fit(&load(models)?, Some(shipped()?)),
        [] => fit(&load(&[])?, None),
        _ => Err("usage: fit [model FOLDER… | runs DIR [FOLDER…]]".into()),
    }
}

fn shipped() -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_str(&Calibration::shipped().to_json())?)
}

/// Fits judging by words, or with `words` given, judging with a model beside it.
fn fit(sets: &[Set], words: Option<Value>) -> Result<(), Box<dyn Error>> {
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
            if !sets[n].blank && !sets[n].is_cut {
                together.extend(cases);
            }
        }
        unseen.push(together);
    }
    let mut model = one_fit(sets, &lists, &all)?;
    model["curve"] = confidence::curve(&unseen);
    for set in sets {
        report::line(&set.name, &confidence::cases(set, &model)?, &model);
    }
    if let Some(words) = words {
        model = beside(words, model);
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

/// `model` as the judgement with a sentence model, moved so that one line serves both at 0.95.
fn beside(mut words: Value, mut model: Value) -> Value {
    let logit = |p: f64| (p / (1.0 - p)).ln();
    let line = |curve: &Value| {
        let lines = curve.as_array().into_iter().flatten();
        let reaching = |line: &&Value| line["precision"].as_f64() >= Some(0.95);
        lines.filter(reaching).find_map(|line| line["answer"].as_f64()).unwrap_or(0.99)
    };
    let shift = logit(line(&words["curve"])) - logit(line(&model["curve"]));
    println!("intercept moved by {shift:.3}");
    let intercept = model["intercept"].as_f64().unwrap_or(0.0) + shift;
    model["intercept"] = serde_json::json!((intercept * 1000.0).round() / 1000.0);
    let mut own = model.as_object().cloned().unwrap_or_default();
    own.remove("curve");
    own.remove("with_model");
    words["with_model"] = own.into();
    words
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
        "ranking": ranking, "intercept": 0.0, "weights": [],
        "list": {"intercept": 0.0, "weights": []}, "curve": []
    });
    let mut cases = Vec::new();
    for n in chosen {
        cases.push((sets[*n].trust, confidence::cases(&sets[*n], &model)?));
    }
    Ok(confidence::fit(model, &cases))
}
