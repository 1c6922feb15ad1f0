//! What an unrelated question scores in this base, and how far a hit stands above that.
//!
//! Half of a question's words in an answer is much in a base of many products and nothing in one
//! of many variants. So each base is asked its own questions, every time without the answer they
//! belong to: what the best of the others scores is what strangers score here. A customer's hit
//! then counts by how far it stands above strangers of its language and length, which means the
//! same in every base.

mod line;
mod sample;

use std::num::NonZero;
use std::path::Path;
use std::thread;

use serde::{Deserialize, Serialize};

use crate::analysis::Token;
use crate::asked::Asked;
use crate::calibration::{Basis, Calibration};
use crate::directory::write_beside;
use crate::error::IndexError;
use crate::generation::{Generation, View};
use crate::index::Index;
use crate::search::Looked;
use crate::semantic::near::Near;
use crate::twins::say_the_same;
use line::{Line, Point};
use sample::{Stranger, sample};

/// The file beside a generation's segments.
const FILE: &str = "strangers.json";

/// What strangers score in one generation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Strangers {
    /// Answers there were when this was measured.
    answers: u64,
    /// The ranking it was measured by, see [`Calibration::ranking_key`].
    ranking: u64,
    /// The models whose vectors went into it.
    models: Vec<String>,
    /// By what questions are judged on, as [`Basis::ALL`] has them.
    lines: [Line; 3],
}

impl Strangers {
    /// What is kept in `dir`, if anything.
    pub(crate) fn read(dir: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(dir.join(FILE)).ok()?).ok()
    }

    /// Keeps it in `dir`.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), IndexError> {
        write_beside(&dir.join(FILE), &serde_json::to_vec(self).unwrap_or_default())
    }

    /// Whether this still describes `answers` answers ranked by `calibration` with `models`.
    pub(crate) fn describes(
        &self,
        answers: u64,
        calibration: &Calibration,
        models: &[String],
    ) -> bool {
        let grown = self.answers.abs_diff(answers);
        self.ranking == calibration.ranking_key()
            && grown * 4 <= self.answers
            && (models.is_empty() || self.models == models)
    }

    /// How far `score` stands above strangers: 0 is what they get on the whole, 1 out of their
    /// reach, -1 far below.
    ///
    /// `mass` is what the question's words weigh, in the analysis `key`.
    pub(crate) fn standing(&self, basis: Basis, key: &str, mass: f32, score: f32) -> f32 {
        self.lines[basis as usize].standing(key, mass, score)
    }

    /// Asks `generation` its own questions.
    pub(crate) fn measure(
        generation: &Generation,
        calibration: &Calibration,
        models: Vec<String>,
    ) -> tantivy::Result<Self> {
        let view = generation.view();
        let strangers = sample(&view, &generation.fields)?;
        let ask = |stranger| Asking { generation, view: &view, calibration, stranger }.points();
        let asked = on_every_core(&strangers, ask);
        let mut points: [Vec<Point>; 3] = Default::default();
        for asked in asked {
            for (basis, point) in asked? {
                points[basis as usize].push(point);
            }
        }
        Ok(Self {
            answers: generation.len(),
            ranking: calibration.ranking_key(),
            models,
            lines: points.map(|points| Line::through(&points)),
        })
    }
}

/// What `make` makes of each, in their order.
fn on_every_core<'a, T: Sync, R: Send>(all: &'a [T], make: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let n_threads = thread::available_parallelism().map_or(1, NonZero::get);
    let make = &make;
    thread::scope(|scope| {
        let shares = all.chunks(all.len().div_ceil(n_threads).max(1));
        let made = shares.map(|share| scope.spawn(|| share.iter().map(make).collect::<Vec<R>>()));
        let threads: Vec<_> = made.collect();
        let made = threads.into_iter().map(|thread| match thread.join() {
            Ok(made) => made,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        made.flatten().collect()
    })
}

impl Index {
    /// Measures what strangers score in `generation`, unless what is known still holds.
    pub(crate) fn meet_strangers(&self, generation: &Generation) -> Result<(), IndexError> {
        generation.meet_strangers(&self.calibration(), self.is_guest)
    }
}

/// One stranger asking.
struct Asking<'a> {
    generation: &'a Generation,
    view: &'a View,
    calibration: &'a Calibration,
    stranger: &'a Stranger,
}

impl Asking<'_> {
    /// What its questions come to, by what each is judged on.
    fn points(&self) -> tantivy::Result<Vec<(Basis, Point)>> {
        let mut points = Vec::new();
        for (number, tokens) in self.stranger.questions.iter().enumerate() {
            points.extend(self.point(tokens, None)?.map(|point| (Basis::Words, point)));
            if let Some(near) = Near::of_answer(self.view, self.stranger.at, number == 0) {
                let basis = near.basis();
                points.extend(self.point(tokens, Some(near))?.map(|point| (basis, point)));
            }
        }
        Ok(points)
    }

    /// What the best answer other than the stranger's own scores.
    fn point(&self, tokens: &[Token], near: Option<Near>) -> tantivy::Result<Option<Point>> {
        let (view, Stranger { own, key, .. }) = (self.view, self.stranger);
        let body = self.generation.fields.body;
        let answers = view.statistics.of(key).answers;
        let asked = Asked::of(tokens, key, &view.searcher, body, answers)?;
        let mass = asked.mass;
        let looked = Looked::among(view, vec![asked], near)?;
        let ranked = looked.weigh(self.generation, view, self.calibration, &own.lang)?;
        let others = ranked.iter().map(|other| (&other.weighed.payload, other.score));
        let mut strange =
            others.filter(|(other, _)| other.id != own.id && !say_the_same(other, own));
        Ok(strange.next().map(|(_, score)| Point { key, mass, score }))
    }
}
