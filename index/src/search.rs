//! A search from question to judged hits.

use crate::analysis::analysis_key;
use crate::asked::Asked;
use crate::calibration::Calibration;
use crate::candidates::candidates;
use crate::error::SearchError;
use crate::evidence::{Scales, Weighed};
use crate::found::{Found, Hit, MatchedTerm, Question};
use crate::generation::{Generation, View};
use crate::language::{Detected, detect_language};
use crate::payload::Part;

/// Share of a question's words that must be known to read it in another language than
/// detected, when the detection was sure and when it was not.
const CLEARLY_KNOWN: f32 = 0.8;
const MOSTLY_KNOWN: f32 = 0.5;

/// A candidate with its ranking score and the question it was weighed against.
struct Ranked {
    weighed: Weighed,
    score: f32,
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
    let mut detected = detect_language(&question.text, question.lang.as_deref());
    let readings = read(generation, &view, &detected, &question.text)?;
    if question.lang.is_none() {
        settle(&mut detected, &readings);
    }
    let mut ranked = Vec::new();
    for (reading, asked) in readings.iter().enumerate() {
        let scales = Scales::new(asked, &view.vocabulary);
        let counts = view.statistics.of(asked.key);
        for (score, payload) in candidates(&view.searcher, &generation.fields, counts, asked)? {
            let mut weighed = scales.weigh(score, payload);
            weighed.values.push(("language", agreement(&detected.lang, &weighed.payload.lang)));
            let score = calibration.rank(&weighed.values);
            ranked.push(Ranked { weighed, score, known: asked.known(), reading });
        }
    }
    ranked.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then_with(|| a.weighed.payload.id.cmp(&b.weighed.payload.id))
    });
    let analyses: Vec<&str> = readings.iter().map(|asked| asked.key).collect();
    let best = ranked.first();
    Ok(Found {
        terms: best.map(|best| matched(&readings[best.reading], best)).unwrap_or_default(),
        hits: judge(calibration, ranked, n),
        language_path: format!("{}; analysed as {}", detected.path, analyses.join(", ")),
        lang: detected.lang,
        generation: generation.number,
    })
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
/// the words, if it knows most of them.
fn settle(detected: &mut Detected, readings: &[Asked]) {
    let known = |asked: &&Asked| asked.known();
    let Some(best) = readings.iter().max_by(|a, b| known(a).total_cmp(&known(b))) else { return };
    let enough = if detected.reliable { CLEARLY_KNOWN } else { MOSTLY_KNOWN };
    if best.key != analysis_key(&detected.lang) && best.key != "xx" && best.known() >= enough {
        detected.path = format!("{}, {} by the words answers use", detected.path, best.key);
        best.key.clone_into(&mut detected.lang);
    }
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

/// Turns ranked candidates into hits with confidence.
fn judge(calibration: &Calibration, ranked: Vec<Ranked>, n: usize) -> Vec<Hit> {
    let scores: Vec<f32> = ranked.iter().map(|c| c.score).collect();
    let rival = runner_up(&ranked);
    let best = scores.first().copied().unwrap_or(0.0);
    let hits = ranked.into_iter().take(n).enumerate().map(|(place, candidate)| {
        let other = if place == 0 { rival } else { best };
        // A lead over nothing is no lead: it counts in full once half the question is covered.
        let covered = (2.0 * candidate.weighed.coverage()).min(1.0);
        let margin = squashed(candidate.score - other) * covered;
        let mut values = candidate.weighed.values;
        values.push(("margin", margin));
        values.push(("known", candidate.known));
        let (confidence, evidence) = calibration.judge(&values);
        let payload = candidate.weighed.payload;
        Hit {
            id: payload.id,
            lang: payload.lang,
            score: candidate.score,
            confidence,
            sendable: payload.sendable,
            product: payload.product,
            evidence,
        }
    });
    hits.collect()
}

/// A distance between ranking scores as -1..=1: far ahead is not twice as far ahead.
fn squashed(distance: f32) -> f32 {
    distance.signum() * (1.0 - (-distance.abs() / 3.0).exp())
}

/// The score of the best candidate that is not nearly the same text as the first.
fn runner_up(ranked: &[Ranked]) -> f32 {
    let Some((first, others)) = ranked.split_first() else { return 0.0 };
    let other = others
        .iter()
        .take(8)
        .find(|other| !first.weighed.payload.resembles(&other.weighed.payload));
    other.map_or(0.0, |other| other.score)
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
