//! Tables for the page about answers: what each evidence is worth, and why questions stay unsolved.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use superfan_index::{Calibration, SearchError};

use crate::chart::{Chart, Curve};
use crate::confidence::{Case, CaseHit, judged};
use crate::report::{LIST_AT, auroc, coverage};
use crate::sets::Set;
use crate::{shipped, side_by_side};

/// The share of answerable questions that shall be solved without a human.
const AIM: f64 = 0.85;

/// Sets that stand for all in the table of what each evidence is worth.
const SHOWN: [&str; 3] = ["stackfaq", "thunderbird", "multi"];

/// Bins of the reliability curve.
const BINS: usize = 10;

/// Prints what is lost without each evidence, everything else being as it is shipped.
pub(crate) fn ablation(sets: &[Set]) -> Result<(), Box<dyn Error>> {
    let shown = |set: &&Set| SHOWN.iter().any(|name| set.name.split(' ').next() == Some(name));
    let sets: Vec<&Set> = sets.iter().filter(shown).collect();
    println!("| without | {} |", names(&sets).join(" | "));
    println!("|---|{}", "---|".repeat(sets.len()));
    let whole = shipped()?;
    row("–", &sets, &whole)?;
    for part in ["ranking", "weights"] {
        let mut known: Vec<String> = Vec::new();
        for weight in whole[part].as_array().into_iter().flatten() {
            let name = weight["name"].as_str().unwrap_or_default().to_owned();
            if !known.contains(&name) {
                known.push(name);
            }
        }
        for name in known {
            let mut less = whole.clone();
            drop_evidence(&mut less[part], &name);
            row(&format!("`{name}`"), &sets, &less)?;
        }
    }
    Ok(())
}

fn names(sets: &[&Set]) -> Vec<String> {
    sets.iter().map(|set| set.name.replace(" words", "")).collect()
}

fn drop_evidence(weights: &mut Value, name: &str) {
    if let Some(weights) = weights.as_array_mut() {
        weights.retain(|weight| weight["name"] != name);
    }
}

fn row(name: &str, sets: &[&Set], calibration: &Value) -> Result<(), Box<dyn Error>> {
    let calibration = Arc::new(Calibration::from_json(&calibration.to_string())?);
    let figures = side_by_side(sets, |set| {
        set.index.set_calibration(calibration.clone());
        Ok::<_, SearchError>(told(&judged(set)?))
    })?;
    println!("| {name} | {} |", figures.join(" | "));
    Ok(())
}

/// nDCG@10, AUROC and coverage at 95 % right.
fn told(cases: &[Case]) -> String {
    let answerable: Vec<f64> = cases.iter().filter(|c| c.answerable).map(|c| c.gain).collect();
    let firsts: Vec<&CaseHit> = cases.iter().filter_map(|case| case.hits.first()).collect();
    let (covered, _) = coverage(&firsts, cases.len() as f64);
    let ndcg = answerable.iter().sum::<f64>() / answerable.len().max(1) as f64;
    let figures = [ndcg, auroc(&firsts), covered];
    figures.map(|figure| format!("{figure:.3}").trim_start_matches('0').to_owned()).join(" · ")
}

/// Prints for each set how far it is from the aim, and where the unsolved questions are lost.
pub(crate) fn errors(sets: &[Set]) -> Result<(), Box<dyn Error>> {
    let line = Calibration::shipped().line(0.95).answer;
    println!(
        "| set | solved | to 85 % | not among ten | fourth to tenth | among three, too unsure | \
         wrong answer | unanswerable: answered | listed |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let sets: Vec<&Set> = sets.iter().filter(|set| !set.is_cut).collect();
    for (set, cases) in sets.iter().zip(side_by_side(&sets, |set| judged(set))?) {
        let causes = Causes::of(&cases, line);
        println!("| {} | {} |", set.name, causes.told());
    }
    Ok(())
}

/// How questions ended, each counted once.
#[derive(Default)]
struct Causes {
    answerable: f64,
    solved: f64,
    not_found: f64,
    behind: f64,
    unsure: f64,
    wrong: f64,
    unanswerable: f64,
    answered: f64,
    listed: f64,
}

impl Causes {
    fn of(cases: &[Case], line: f32) -> Self {
        let mut causes = Self::default();
        for case in cases {
            let is_sure = case.hits.first().is_some_and(|hit| hit.confidence >= line);
            let is_listed = !is_sure && f64::from(case.together) >= LIST_AT;
            let is_shown = case.hits.iter().any(|hit| hit.right);
            let count = if case.answerable {
                causes.answerable += 1.0;
                match (is_sure, is_listed) {
                    (true, _) if case.hits[0].right => &mut causes.solved,
                    (true, _) => &mut causes.wrong,
                    _ if case.gain <= 0.0 => &mut causes.not_found,
                    _ if !is_shown => &mut causes.behind,
                    (_, true) => &mut causes.solved,
                    _ => &mut causes.unsure,
                }
            } else {
                causes.unanswerable += 1.0;
                match (is_sure, is_listed) {
                    (true, _) => &mut causes.answered,
                    (_, true) => &mut causes.listed,
                    _ => continue,
                }
            };
            *count += 1.0;
        }
        causes
    }

    fn told(&self) -> String {
        let percent = |part: f64, of: f64| format!("{:.1} %", 100.0 * part / of.max(1.0));
        let of_answerable = [self.not_found, self.behind, self.unsure, self.wrong];
        let away = (AIM - self.solved / self.answerable.max(1.0)).max(0.0);
        let away = if away > 0.0 { percent(away, 1.0) } else { "reached".to_owned() };
        [percent(self.solved, self.answerable), away]
            .into_iter()
            .chain(of_answerable.map(|part| percent(part, self.answerable)))
            .chain([self.answered, self.listed].map(|part| percent(part, self.unanswerable)))
            .collect::<Vec<_>>()
            .join(" | ")
    }
}

/// Draws how often each confidence is right, and how much of what share is right.
pub(crate) fn charts(sets: &[Set], folder: &Path) -> Result<(), Box<dyn Error>> {
    let drawn = |set: &&Set| !set.is_cut && !set.blank && !set.name.starts_with("abroad");
    let sets: Vec<&Set> = sets.iter().filter(drawn).collect();
    let judged = side_by_side(&sets, |set| judged(set))?;
    // The sets of one family are drawn as one base, as they share one.
    let mut families: Vec<(&str, Vec<&Case>)> = Vec::new();
    for (set, cases) in sets.iter().zip(&judged) {
        match families.iter_mut().find(|(family, _)| *family == set.family) {
            Some((_, all)) => all.extend(cases),
            None => families.push((set.family, cases.iter().collect())),
        }
    }
    let with = sets.first().and_then(|set| set.name.split(' ').nth(1)).unwrap_or("words");
    let lines = |points: fn(&[&Case]) -> Vec<(f64, f64)>| -> Vec<Curve> {
        let curve = |(name, cases): &(&str, Vec<&Case>)| Curve {
            name: (*name).to_owned(),
            points: points(cases),
            is_guide: false,
        };
        families.iter().map(curve).collect()
    };
    let mut reliability = lines(reliability);
    let straight = vec![(0.0, 0.0), (1.0, 1.0)];
    reliability.push(Curve { name: "as it says".to_owned(), points: straight, is_guide: true });
    let coverage = lines(precision_coverage);
    let said = "Share that is right, by the confidence that was said";
    let kept = "Share that is right, by the share that would be answered";
    for (name, title, curves) in [("reliability", said, reliability), ("coverage", kept, coverage)]
    {
        let axis = || (0..=4).map(|n| (f64::from(n) / 4.0, format!("{} %", n * 25))).collect();
        let chart = Chart { title: title.to_owned(), across: axis(), up: axis(), curves };
        let path = folder.join(format!("{name}-{with}.svg"));
        std::fs::write(&path, chart.svg())?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

/// Mean confidence of the first hits and the share that is right, by tenths of the questions.
fn reliability(cases: &[&Case]) -> Vec<(f64, f64)> {
    let firsts = sorted(cases);
    let bins = firsts.chunks(firsts.len().div_ceil(BINS).max(1)).rev();
    let mean = |bin: &[&CaseHit], of: fn(&CaseHit) -> f64| {
        bin.iter().map(|hit| of(hit)).sum::<f64>() / bin.len() as f64
    };
    bins.map(|bin| {
        (
            mean(bin, |hit| f64::from(hit.confidence)),
            mean(bin, |hit| f64::from(u8::from(hit.right))),
        )
    })
    .collect()
}

/// The share that is right of the surest, by how many of all questions they are, in hundredths.
fn precision_coverage(cases: &[&Case]) -> Vec<(f64, f64)> {
    let firsts = sorted(cases);
    let step = (cases.len() / 100).max(1);
    let (mut right, mut points) = (0.0, Vec::new());
    for (place, hit) in firsts.iter().enumerate() {
        right += f64::from(u8::from(hit.right));
        let n = place + 1;
        if n % step == 0 {
            points.push((n as f64 / cases.len() as f64, right / n as f64));
        }
    }
    points
}

/// The first hits, surest first.
fn sorted<'a>(cases: &[&'a Case]) -> Vec<&'a CaseHit> {
    let mut firsts: Vec<&CaseHit> = cases.iter().filter_map(|case| case.hits.first()).collect();
    firsts.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    firsts
}
