//! One question among the answers' vectors: which lie near, and how near.

use std::sync::Arc;

use tantivy::{DocAddress, Searcher};

use super::SentenceModel;
use super::meaning::{Meaning, Placed};
use super::places::Places;
use crate::analysis::analysis_key;
use crate::asked::Asked;
use crate::calibration::{ABROAD, Basis, CLOSEST, MEANING};
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
    /// Places `text` with the slips undone that its `readings` found; `None` without models, or
    /// when none of them covers the language.
    ///
    /// A model that fails is logged and passed over: words alone still answer.
    pub(crate) fn of(
        view: &'a View,
        text: &str,
        detected: &Detected,
        readings: &[Asked],
    ) -> Option<Self> {
        // A short text that could be anything is most likely in the base's own language, unless
        // the base has answers in the language it seems to be in.
        let keys = view.statistics.keys();
        let key = analysis_key(&detected.lang);
        let is_settled = detected.reliable || keys.contains(&key);
        let own = if is_settled { None } else { keys.first().copied() };
        let langs: Vec<&str> = [detected.lang.as_str()].into_iter().chain(own).collect();
        let (meaning, spots) = view.meaning.as_ref()?;
        let reading = readings.iter().find(|asked| asked.key == key);
        let read = |model: &dyn SentenceModel| match reading {
            Some(asked) => asked.mended(text, |word| model.knows(word)),
            None => text.to_owned(),
        };
        let placed = match meaning.place(&langs, read) {
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
    /// the question, so its meaning counts by a weight of its own; and where nobody asked in words,
    /// nothing that was asked can be near.
    pub(crate) fn evidence(
        &self,
        at: DocAddress,
        is_unasked: bool,
        is_abroad: bool,
    ) -> Vec<(&'static str, f32)> {
        let scale = |cosine| self.meaning.likeness(self.placed.space, cosine);
        let found = self.places.likeness(self.searcher, self.meaning, &self.placed, at);
        let found = found.map_or([-1.0; 3], |l| [l.asked, l.answered, l.title]);
        let best = scale(found.into_iter().fold(-1.0, f32::max));
        let asked = |cosine| if is_unasked { 0.0 } else { scale(cosine) };
        let mut values = vec![
            (MEANING, asked(found[0])),
            ("meaning_answered", scale(found[1])),
            ("meaning_title", asked(found[2])),
            (CLOSEST, best),
        ];
        if self.basis() == Basis::Multilingual {
            values.push((ABROAD, if is_abroad { best } else { 0.0 }));
        }
        values
    }

    /// What a question that is placed here is judged on.
    pub(crate) fn basis(&self) -> Basis {
        let is_multilingual = self.meaning.spaces[self.placed.space].is_multilingual;
        if is_multilingual { Basis::Multilingual } else { Basis::Model }
    }
}
