//! A search from question to judged hits.

use std::collections::HashMap;

use tantivy::DocAddress;

use crate::analysis::analysis_key;
use crate::asked::Asked;
use crate::calibration::{Calibration, STANDING};
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
    /// What its words alone would have been ranked by.
    by_words: f32,
    /// Share of the question that the base knows, in the reading this was found by.
    known: f32,
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
    let is_placed = looked.near.is_some();
    let bench = Bench { generation, calibration, readings, is_placed };
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
    /// The candidates, each with the reading that found it and its BM25 score there.
    pub(crate) places: HashMap<DocAddress, (usize, f32)>,
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
        if question.lang.is_none() {
            settle(&mut detected, &readings);
        }
        let near = Near::of(view, &question.text, &detected);
        Ok((detected, Self::among(view, readings, near)?))
    }

    /// Finds what may answer a question that is read and placed already.
    pub(crate) fn among(
        view: &View,
        readings: Vec<Asked>,
        near: Option<Near<'a>>,
    ) -> tantivy::Result<Self> {
        let mut places: HashMap<DocAddress, (usize, f32)> = HashMap::new();
        for (reading, asked) in readings.iter().enumerate() {
            for (score, at) in candidates(&view.searcher, view.statistics.of(asked.key), asked)? {
                places.insert(at, (reading, score));
            }
        }
        // What only the vectors found is weighed by the first reading: its words count where shared.
        for at in near.iter().flat_map(|near| &near.answers).filter(|_| !readings.is_empty()) {
            places.entry(*at).or_insert((0, 0.0));
        }
        Ok(Self { readings, near, places })
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
            let by_words = calibration.rank(&weighed.values);
            let meant = near.into_iter().flat_map(|near| near.evidence(at, language == 0.0));
            weighed.values.extend(meant);
            let score = if near.is_none() { by_words } else { calibration.rank(&weighed.values) };
            let known = self.readings[reading].known();
            ranked.push(Ranked { weighed, score, by_words, known, reading });
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
/// the words. Against a sure detection it must know nearly all that is telling.
fn settle(detected: &mut Detected, readings: &[Asked]) {
    let settled = if detected.reliable {
        let known = |asked: &&Asked| asked.known();
        let best = readings.iter().max_by(|a, b| known(a).total_cmp(&known(b)));
        best.filter(|best| best.key != "xx" && best.known() >= CLEARLY_KNOWN)
    } else {
        // Of languages that know equally many the detected one is taken, then the base's first.
        let own = analysis_key(&detected.lang);
        let could_be = |asked: &&Asked| asked.key != "xx" && shares_script(asked.key, own);
        let rank = |asked: &&Asked| (asked.n_known(), asked.key == own);
        readings.iter().rev().filter(could_be).max_by_key(rank)
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
        let readings = read(generation, &generation.view(), &detected, text)?;
        settle(&mut detected, &readings);
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
    is_placed: bool,
}

impl Bench<'_> {
    /// Turns ranked candidates into hits with confidence, and says how surely the right one is
    /// among the first [`LISTED`].
    fn judge(&self, ranked: Vec<Ranked>, groups: &[usize], n: usize) -> (Vec<Hit>, Confidence) {
        let rival = runner_up(&ranked, groups);
        let best = ranked.first().map_or(0.0, |best| best.score);
        let meanings = Meanings::of(&ranked, groups);
        let strangers = self.generation.strangers();
        let mut listed: Vec<Vec<(&'static str, f32)>> = Vec::new();
        let mut hits = Vec::with_capacity(n.min(ranked.len()));
        for (place, candidate) in ranked.into_iter().take(n.max(LISTED)).enumerate() {
            let other = if place == 0 { rival } else { best };
            let asked = &self.readings[candidate.reading];
            let (key, score) = (asked.key, candidate.score);
            let standing = strangers.standing(self.is_placed, key, asked.mass, score);
            let more = meanings.as_ref().map(|meanings| meanings.evidence(place, &candidate));
            // A lead over nothing is no lead: it counts in full once half the question is
            // covered, or the meaning is the same.
            let lead = squashed(score - other) * credit(&candidate.weighed.values);
            let (payload, mut values) = (candidate.weighed.payload, candidate.weighed.values);
            values.extend(more.into_iter().flatten());
            values.push((STANDING, standing));
            values.push(("margin", lead));
            values.push(("known", candidate.known));
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

/// How the candidates compare by meaning alone, and by words alone.
struct Meanings<'a> {
    closest: Vec<f32>,
    best_by_words: f32,
    groups: &'a [usize],
}

impl<'a> Meanings<'a> {
    /// `None` when the question was not placed by any model.
    fn of(ranked: &[Ranked], groups: &'a [usize]) -> Option<Self> {
        let closest = ranked.iter().map(|c| closest(&c.weighed.values)).collect::<Option<_>>()?;
        let best_by_words = ranked.iter().map(|c| c.by_words).fold(f32::MIN, f32::max);
        Some(Self { closest, best_by_words, groups })
    }

    /// How far the hit at `place` is ahead by meaning, and whether it is also the first by words.
    fn evidence(&self, place: usize, hit: &Ranked) -> [(&'static str, f32); 2] {
        let others = self.closest.iter().zip(self.groups);
        let others = others.filter(|(_, group)| **group != self.groups[place]);
        let rival = others.map(|(closeness, _)| *closeness).fold(0.0, f32::max);
        let own = self.closest.get(place).copied().unwrap_or(0.0);
        let agree = if hit.by_words >= self.best_by_words { 1.0 } else { 0.0 };
        [("meaning_margin", (own - rival).clamp(-1.0, 1.0)), ("agreement", agree)]
    }
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
