//! A search from question to judged hits.

use std::collections::HashMap;

use tantivy::DocAddress;

use crate::analysis::analysis_key;
use crate::asked::Asked;
use crate::calibration::{Basis, Calibration, STANDING};
use crate::candidates::{candidates, payload};
use crate::error::SearchError;
use crate::evidence::{Scales, Weighed};
use crate::found::{Confidence, Found, Hit, LISTED, MatchedTerm, Question};
use crate::generation::{Generation, View};
use crate::language::{Detected, detect_language, shares_script};
use crate::payload::Part;
use crate::semantic::near::Near;
use crate::twins::{self, Said};

/// Share of a question that must be known to read it in another language than one that was
/// detected for sure.
const CLEARLY_KNOWN: f32 = 0.8;

/// A candidate with its ranking score and the question it was weighed against.
pub(crate) struct Ranked {
    pub(crate) weighed: Weighed,
    pub(crate) score: f32,
    reading: usize,
}

/// Finds the `n` answers of `generation` closest to `question`.
pub(crate) fn search(
    generation: &Generation,
    calibration: &Calibration,
    question: &Question,
    n: usize,
) -> Result<Found, SearchError> {
    let view = generation.view();
    let (detected, looked) = Looked::at(generation, &view, question)?;
    let mut ranked = looked.weigh(generation, &view, calibration, &detected.lang)?;
    let groups = group(&mut ranked);
    let readings = &looked.readings;
    let analyses: Vec<&str> = readings.iter().map(|asked| asked.key).collect();
    let terms = ranked.first().map(|best| matched(&readings[best.reading], best));
    let basis = looked.near.as_ref().map_or(Basis::Words, Near::basis);
    let bench = Bench { generation, calibration, readings, basis };
    let (hits, together) = bench.judge(ranked, &groups, n);
    Ok(Found {
        terms: terms.unwrap_or_default(),
        hits,
        together,
        language_path: format!("{}; analysed as {}", detected.path, analyses.join(", ")),
        lang: detected.lang,
        generation: generation.number,
    })
}

/// What looking for a question found, before anything is weighed.
pub(crate) struct Looked<'a> {
    readings: Vec<Asked>,
    near: Option<Near<'a>>,
    pub(crate) places: Candidates,
}

/// Places of answers, each with the reading that found it and its BM25 score there.
type Candidates = HashMap<DocAddress, (usize, f32)>;

/// What may answer a question by its words.
fn by_words(view: &View, readings: &[Asked]) -> tantivy::Result<Candidates> {
    let mut places = Candidates::new();
    for (reading, asked) in readings.iter().enumerate() {
        for (score, at) in candidates(&view.searcher, view.statistics.of(asked.key), asked)? {
            places.insert(at, (reading, score));
        }
    }
    Ok(places)
}

impl<'a> Looked<'a> {
    /// Reads the question and finds what may answer it, by words and by meaning.
    pub(crate) fn at(
        generation: &Generation,
        view: &'a View,
        question: &Question,
    ) -> tantivy::Result<(Detected, Self)> {
        let mut detected = detect_language(&question.text, question.lang.as_deref());
        let readings = read(generation, view, &detected, &question.text)?;
        let places = by_words(view, &readings)?;
        if question.lang.is_none() {
            settle(&mut detected, &readings, &places);
        }
        let near = Near::of(view, &question.text, &detected, &readings);
        Ok((detected, Self::with(readings, near, places)))
    }

    /// Finds what may answer a question that is read and placed already.
    pub(crate) fn among(
        view: &View,
        readings: Vec<Asked>,
        near: Option<Near<'a>>,
    ) -> tantivy::Result<Self> {
        let places = by_words(view, &readings)?;
        Ok(Self::with(readings, near, places))
    }

    fn with(readings: Vec<Asked>, near: Option<Near<'a>>, mut places: Candidates) -> Self {
        // What only the vectors found is weighed by the first reading: its words count where shared.
        for at in near.iter().flat_map(|near| &near.answers).filter(|_| !readings.is_empty()) {
            places.entry(*at).or_insert((0, 0.0));
        }
        Self { readings, near, places }
    }

    /// Weighs the candidates for a question in `lang`, best first.
    pub(crate) fn weigh(
        &self,
        generation: &Generation,
        view: &View,
        calibration: &Calibration,
        lang: &str,
    ) -> tantivy::Result<Vec<Ranked>> {
        let scale = |asked| Scales::new(asked, &view.vocabulary);
        let scales: Vec<Scales> = self.readings.iter().map(scale).collect();
        let near = self.near.as_ref();
        let mut ranked = Vec::with_capacity(self.places.len());
        for (at, (reading, score)) in &self.places {
            let (at, reading) = (*at, *reading);
            let payload = payload(&view.searcher, &generation.fields, at)?;
            let mut weighed = scales[reading].weigh(*score, payload);
            let language = agreement(lang, &weighed.payload.lang);
            weighed.values.push(("language", language));
            if let Some(near) = near {
                let meant = near.evidence(at, weighed.is_unasked, language == 0.0);
                weighed.values.extend(meant);
            }
            let score = calibration.rank(&weighed.values);
            ranked.push(Ranked { weighed, score, reading });
        }
        ranked.sort_by(|a, b| {
            let by_id = || a.weighed.payload.id.cmp(&b.weighed.payload.id);
            b.score.total_cmp(&a.score).then_with(by_id)
        });
        Ok(ranked)
    }
}

/// Reads the question as the detected language, or as each language of the base if that is
/// unsure or the base has no answers in it.
fn read(
    generation: &Generation,
    view: &View,
    detected: &Detected,
    text: &str,
) -> tantivy::Result<Vec<Asked>> {
    let own = analysis_key(&detected.lang);
    let present = view.statistics.keys();
    let analyses = if present.contains(&own) && detected.reliable { vec![own] } else { present };
    let body = generation.fields.body;
    let read = |key| Asked::read(text, key, &view.searcher, body, view.statistics.of(key).answers);
    analyses.into_iter().map(read).collect()
}

/// Takes the base's word for the language of a short text: the one in which it knows most of
/// the words, and of those the one in which an answer holds most of them. Against a sure detection
/// it must know nearly all that is telling.
fn settle(detected: &mut Detected, readings: &[Asked], places: &Candidates) {
    let settled = if detected.reliable {
        let known = |asked: &&Asked| asked.known();
        let best = readings.iter().max_by(|a, b| known(a).total_cmp(&known(b)));
        best.filter(|best| best.key != "xx" && best.known() >= CLEARLY_KNOWN)
    } else {
        let own = analysis_key(&detected.lang);
        let mut held = vec![0.0_f32; readings.len()];
        for (reading, score) in places.values() {
            let share = score / readings[*reading].mass.max(f32::EPSILON);
            held[*reading] = held[*reading].max(share);
        }
        let could_be =
            |(_, asked): &(f32, &Asked)| asked.key != "xx" && shares_script(asked.key, own);
        let read = held.into_iter().zip(readings).filter(could_be);
        let rank = |(held, asked): &(f32, &Asked)| (asked.n_known(), *held);
        let best = read.max_by(|a, b| {
            let (a, b) = (rank(a), rank(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        best.map(|(_, asked)| asked)
    };
    if let Some(best) = settled.filter(|best| best.key != analysis_key(&detected.lang)) {
        detected.path = format!("{}, {} by the words answers use", detected.path, best.key);
        best.key.clone_into(&mut detected.lang);
    }
}

/// The language of `text` as a search in `generation` settles it.
pub(crate) fn language(
    generation: &Generation,
    text: &str,
    hint: Option<&str>,
) -> tantivy::Result<Detected> {
    let mut detected = detect_language(text, hint);
    if hint.is_none() {
        let view = generation.view();
        let readings = read(generation, &view, &detected, text)?;
        let places = by_words(&view, &readings)?;
        settle(&mut detected, &readings, &places);
    }
    Ok(detected)
}

/// Whether an answer is in the language of the question: 1 exactly, 0 not at all.
fn agreement(asked: &str, answered: &str) -> f32 {
    let primary = |lang: &str| lang.split('-').next().unwrap_or("").to_ascii_lowercase();
    match (asked.eq_ignore_ascii_case(answered), primary(asked) == primary(answered)) {
        (true, _) => 1.0,
        (_, true) => 0.5,
        _ => 0.0,
    }
}

/// What tells whether a candidate says the same as another.
fn said(candidate: &Ranked) -> Said<'_> {
    let values = &candidate.weighed.values;
    let coverage = values.iter().find(|(name, _)| *name == "coverage").map_or(0.0, |value| value.1);
    Said { payload: &candidate.weighed.payload, coverage }
}

/// Puts the best of those that say the same first among them, with the score of the one whose
/// place it takes; for each place the first that says the same.
fn group(ranked: &mut [Ranked]) -> Vec<usize> {
    let said: Vec<Said<'_>> = ranked.iter().map(said).collect();
    let groups = twins::groups(&said);
    let swaps = twins::swaps(&said, &groups);
    for (first, best) in swaps {
        let (ahead, behind) = (ranked[first].score, ranked[best].score);
        ranked.swap(first, best);
        (ranked[first].score, ranked[best].score) = (ahead, behind);
    }
    groups
}

/// Where ranked candidates are judged.
struct Bench<'a> {
    generation: &'a Generation,
    calibration: &'a Calibration,
    readings: &'a [Asked],
    basis: Basis,
}

impl Bench<'_> {
    /// Turns ranked candidates into hits with confidence, and says how surely the right one is
    /// among the first [`LISTED`].
    fn judge(&self, ranked: Vec<Ranked>, groups: &[usize], n: usize) -> (Vec<Hit>, Confidence) {
        let rival = runner_up(&ranked, groups);
        let best = ranked.first().map_or(0.0, |best| best.score);
        let strangers = self.generation.strangers();
        let mut listed: Vec<Vec<(&'static str, f32)>> = Vec::new();
        let mut hits = Vec::with_capacity(n.min(ranked.len()));
        for (place, candidate) in ranked.into_iter().take(n.max(LISTED)).enumerate() {
            let other = if place == 0 { rival } else { best };
            let asked = &self.readings[candidate.reading];
            let (key, score) = (asked.key, candidate.score);
            let standing = strangers.standing(self.basis, key, asked.mass, score);
            // A lead over nothing is no lead: it counts in full once half the question is
            // covered, or the meaning is the same.
            let lead = squashed(score - other) * credit(&candidate.weighed.values);
            let (payload, mut values) = (candidate.weighed.payload, candidate.weighed.values);
            values.push((STANDING, standing));
            values.push(("margin", lead));
            if place < n {
                let (confidence, evidence) = self.calibration.judge(&values);
                hits.push(Hit {
                    id: payload.id,
                    lang: payload.lang,
                    score,
                    confidence,
                    sendable: payload.sendable,
                    product: payload.product,
                    is_twin: groups[place] != place,
                    evidence,
                });
            }
            if place < LISTED {
                listed.push(values);
            }
        }
        (hits, self.calibration.judge_list(&listed))
    }
}

/// How much of its lead a hit with the evidence `values` deserves.
fn credit(values: &[(&'static str, f32)]) -> f32 {
    let coverage = values.iter().find(|(name, _)| *name == "coverage").map_or(0.0, |v| v.1);
    let meant = closest(values).unwrap_or(0.0);
    (2.0 * coverage).max(meant).min(1.0)
}

/// A distance between ranking scores as -1..=1: far ahead is not twice as far ahead.
fn squashed(distance: f32) -> f32 {
    distance.signum() * (1.0 - (-distance.abs() / 3.0).exp())
}

/// The score of the best candidate that says something else than the first.
fn runner_up(ranked: &[Ranked], groups: &[usize]) -> f32 {
    let other = ranked.iter().zip(groups).find(|(_, group)| **group != 0);
    other.map_or(0.0, |(other, _)| other.score)
}

/// The greatest likeness by meaning among `values`.
fn closest(values: &[(&'static str, f32)]) -> Option<f32> {
    let meanings = values.iter().filter(|(name, _)| name.starts_with("meaning_"));
    meanings.map(|(_, value)| *value).max_by(f32::total_cmp)
}

fn matched(asked: &Asked, best: &Ranked) -> Vec<MatchedTerm> {
    let terms = asked.words.iter().enumerate().map(|(place, word)| MatchedTerm {
        term: word.surface.clone(),
        fields: Part::ALL
            .into_iter()
            .filter(|part| best.weighed.held[*part as usize].has(place))
            .map(Part::name)
            .collect(),
        weight: word.weight,
    });
    terms.filter(|term| !term.fields.is_empty()).collect()
}
