//! Fits the shipped calibration on the evaluation sets, and measures what is shipped on them.
//!
//! `SUPERFAN_EVAL_DIR=… cargo run --release -p superfan-index --example fit` prints a table and
//! writes `index/src/calibration.json`; with folders of sentence models, what each adds beside
//! the words is fitted as well. With a command it only measures what is shipped, see [`USAGE`].
//! Nothing but numbers leaves the sets.
#![expect(clippy::print_stdout, reason = "the table is what this program is for")]
#![expect(clippy::cast_precision_loss, reason = "some thousand questions")]

#[path = "../../../src/chart.rs"]
mod chart;
mod confidence;
mod ranking;
mod remembering;
mod report;
mod sets;
mod slips;
mod tables;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use superfan_index::{Calibration, SearchError, semantic};

use crate::confidence::{Case, cases};
use crate::remembering::Remembering;
use crate::sets::Set;

const USAGE: &str = "usage: fit [FOLDER…]          words, then each model beside them
       fit model FOLDER…      each model beside the shipped words
       fit figures [FOLDER]   what is shipped comes to
       fit slips [FOLDER]     what one slip of the finger in each question costs
       fit ablation [FOLDER]  what each evidence is worth
       fit errors [FOLDER]    where unsolved questions are lost
       fit charts DIR [FOLDER]  reliability and precision–coverage curves
       fit runs DIR [FOLDER]  run files for the scorer of the sets";

/// Sets are left out by family.
const FAMILIES: [&str; 4] = ["forum-en", "multi", "intents-clinc", "intents-banking77"];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [command, model @ ..] if command == "figures" => report::figures(&load(model.first())?),
        [command, model @ ..] if command == "slips" => report::slips(&load(model.first())?),
        [command, model @ ..] if command == "ablation" => tables::ablation(&load(model.first())?),
        [command, model @ ..] if command == "errors" => tables::errors(&load(model.first())?),
        [command, out, model @ ..] if command == "charts" => {
            tables::charts(&load(model.first())?, Path::new(out))
        }
        [command, out, model @ ..] if command == "runs" => {
            report::write_runs(&load(model.first())?, Path::new(out))
        }
        [command, models @ ..] if command == "model" => with_models(shipped()?, models),
        [option, ..] if option.starts_with('-') => Err(USAGE.into()),
        models => {
            let (mut words, unseen) = fit(&load(None)?)?;
            words["curve"] = confidence::curve(&unseen);
            keep(&words, &unseen)?;
            with_models(words, models)
        }
    }
}

/// The sets as `model`, or words alone, read them.
fn load(model: Option<&String>) -> Result<Vec<Set>, Box<dyn Error>> {
    let folder = std::env::var_os("SUPERFAN_EVAL_DIR")
        .ok_or("SUPERFAN_EVAL_DIR is not set: the evaluation sets are needed")?;
    let folder = PathBuf::from(folder).join("eval");
    let model = model.map(|model| semantic::load(Path::new(model))).transpose()?;
    let cache = Path::new("target/fit");
    std::fs::create_dir_all(cache)?;
    let model = model.map(|model| Arc::new(Remembering::new(model, cache)) as sets::Model);
    sets::load(&folder, model.as_ref(), cache)
}

pub(crate) fn shipped() -> Result<Value, Box<dyn Error>> {
    Ok(serde_json::from_str(&Calibration::shipped().to_json())?)
}

/// Fits each model of `folders` beside `calibration`, and keeps it.
fn with_models(mut calibration: Value, folders: &[String]) -> Result<(), Box<dyn Error>> {
    for folder in folders {
        let sets = load(Some(folder))?;
        let (mut model, unseen) = fit(&sets)?;
        model["curve"] = confidence::curve(&unseen);
        let name = if sets.iter().any(|set| set.name.starts_with("abroad")) {
            "with_multilingual"
        } else {
            "with_model"
        };
        calibration = beside(calibration, model, name);
        keep(&calibration, &unseen)?;
    }
    Ok(())
}

/// A judgement, and the cases of each family as the fit of the others judges them.
type Fitted = (Value, Vec<Vec<Case>>);

/// Fits all sets, and judges each family by a fit of the others.
fn fit(sets: &[Set]) -> Result<Fitted, SearchError> {
    let lists = side_by_side(sets, ranking::lists)?;
    let all: Vec<usize> = (0..sets.len()).collect();
    let mut unseen: Vec<Vec<Case>> = Vec::new();
    for family in FAMILIES {
        let (inside, outside): (Vec<usize>, Vec<usize>) =
            all.iter().partition(|n| sets[**n].family == family);
        let model = one_fit(sets, &lists, &outside)?;
        let inside: Vec<&Set> = inside.into_iter().map(|n| &sets[n]).collect();
        let mut together = Vec::new();
        for (set, cases) in inside.iter().zip(side_by_side(&inside, |set| cases(set, &model))?) {
            report::line(&format!("{} (left out)", set.name), &cases, None);
            if !set.blank && !set.is_cut {
                together.extend(cases);
            }
        }
        unseen.push(together);
    }
    let model = one_fit(sets, &lists, &all)?;
    for (set, cases) in sets.iter().zip(side_by_side(sets, |set| cases(set, &model))?) {
        report::line(&set.name, &cases, None);
    }
    Ok((model, unseen))
}

/// Prints what lines `calibration` draws, and writes it where it is shipped.
fn keep(calibration: &Value, unseen: &[Vec<Case>]) -> Result<(), Box<dyn Error>> {
    let calibration = Calibration::from_json(&calibration.to_string())?;
    for target in [0.9, 0.95, 0.97] {
        let line = calibration.line(target);
        println!("line for {target}: {line:?}");
        for (family, cases) in FAMILIES.iter().zip(unseen) {
            let (right, n) = confidence::answered(cases, f64::from(line.answer));
            let (low, high) = confidence::interval(right, n);
            let asked = cases.len();
            println!(
                "    {family} left out: {right} of {n} right ({low:.3}–{high:.3}), {asked} asked"
            );
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/calibration.json");
    std::fs::write(&path, calibration.to_json() + "\n")?;
    println!("wrote {}", path.display());
    Ok(())
}

/// What `make` makes of each item, two at a time, in order.
pub(crate) fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    make: impl Fn(&T) -> Result<R, SearchError> + Sync,
) -> Result<Vec<R>, SearchError> {
    let made: Vec<Mutex<Option<Result<R, _>>>> = items.iter().map(|_| Mutex::default()).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let (Some(item), Some(place)) = (items.get(n), made.get(n)) else { break };
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(make(item));
        }
    };
    std::thread::scope(|threads| {
        threads.spawn(work);
        work();
    });
    let made =
        made.into_iter().map(|place| place.into_inner().unwrap_or_else(PoisonError::into_inner));
    made.map(|made| made.expect("all items were made")).collect()
}

/// `model` as the judgement with a sentence model, moved so that one line serves both at 0.95.
fn beside(mut words: Value, mut model: Value, name: &str) -> Value {
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
    own.remove("with_multilingual");
    words[name] = own.into();
    words
}

/// Ranking first, then confidence over what that ranking puts first.
fn one_fit(
    sets: &[Set],
    lists: &[Vec<ranking::List>],
    chosen: &[usize],
) -> Result<Value, SearchError> {
    let ranked = chosen.iter().filter(|n| sets[**n].weight > 0.0);
    let chosen_lists: Vec<_> = ranked.map(|n| (sets[*n].weight, &lists[*n])).collect();
    let ranking = ranking::fit(&chosen_lists);
    let model = serde_json::json!({
        "ranking": ranking, "intercept": 0.0, "weights": [],
        "list": {"intercept": 0.0, "weights": []}, "curve": []
    });
    let chosen: Vec<&Set> = chosen.iter().map(|n| &sets[*n]).collect();
    let cases = side_by_side(&chosen, |set| cases(set, &model))?;
    let cases: Vec<_> = chosen.iter().map(|set| set.trust).zip(cases).collect();
    Ok(confidence::fit(model, &cases))
}
