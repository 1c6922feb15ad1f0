//! One question among the answers' vectors: which lie near, and how near.

use std::sync::Arc;

use tantivy::{DocAddress, Searcher};

use super::meaning::{Meaning, Placed};
use super::places::Places;
use crate::analysis::analysis_key;
use crate::generation::View;
use crate::language::Detected;

/// Answers looked at closely because of their meaning.
const NEAREST: usize = 64;

/// A question placed in the space of a model.
pub(crate) struct Near<'a> {
    searcher: &'a Searcher,
    meaning: &'a Arc<Meaning>,
    places: &'a Arc<Places>,
    placed: Placed,
    /// The nearest answers, nearest first.
    pub(crate) answers: Vec<DocAddress>,
}

impl<'a> Near<'a> {
    /// Places `text`; `None` without models, or when none of them covers the language.
    ///
    /// A model that fails is logged and passed over: words alone still answer.
    pub(crate) fn of(view: &'a View, text: &str, detected: &Detected) -> Option<Self> {
        // A short text that could be anything is most likely in the base's own language, unless
        // the base has answers in the language it seems to be in.
        let keys = view.statistics.keys();
        let is_settled = detected.reliable || keys.contains(&analysis_key(&detected.lang));
        let own = if is_settled { None } else { keys.first().copied() };
        let langs: Vec<&str> = [detected.lang.as_str()].into_iter().chain(own).collect();
        let (meaning, spots) = view.meaning.as_ref()?;
        let placed = match meaning.place(text, &langs) {
            Ok(placed) => placed?,
            Err(error) => {
                tracing::error!(%error, "searching by words alone: the sentence model failed");
                return None;
            }
        };
        Some(Self::around(view, meaning, spots, placed))
    }

    /// Places what was asked in the thread of the answer at `at`; `None` where it has no vector.
    pub(crate) fn of_answer(view: &'a View, at: DocAddress, by_title: bool) -> Option<Self> {
        let (meaning, places) = view.meaning.as_ref()?;
        let placed = places.question(&view.searcher, meaning, at, by_title)?;
        Some(Self::around(view, meaning, places, placed))
    }

    fn around(
        view: &'a View,
        meaning: &'a Arc<Meaning>,
        places: &'a Arc<Places>,
        placed: Placed,
    ) -> Self {
        let searcher = &view.searcher;
        let answers = places.nearest(searcher, meaning, &placed, NEAREST);
        Self { searcher, meaning, places, placed, answers }
    }

    /// How near the answer at `at` is, from 0 (nothing in common) to about 1 (the same in other
    /// words), on one scale for all models. An answer in another language shares no words with
    /// the question, so its meaning counts by a weight of its own.
    pub(crate) fn evidence(&self, at: DocAddress, is_abroad: bool) -> [(&'static str, f32); 5] {
        let scale = |cosine| self.meaning.likeness(self.placed.space, cosine);
        let found = self.places.likeness(self.searcher, self.meaning, &self.placed, at);
        let found = found.map_or([-1.0; 3], |l| [l.asked, l.answered, l.title]);
        let best = scale(found.into_iter().fold(-1.0, f32::max));
        [
            ("meaning_asked", scale(found[0])),
            ("meaning_answered", scale(found[1])),
            ("meaning_title", scale(found[2])),
            ("meaning_best", best),
            ("meaning_abroad", if is_abroad { best } else { 0.0 }),
        ]
    }
}
