//! Giving an index its sentence models.

use std::sync::Arc;

use super::meaning::Meaning;
use super::{ModelError, SentenceModel};
use crate::error::IndexError;
use crate::index::Index;

/// Folder of the vectors inside the index's, shared by all generations.
const VECTORS: &str = "vectors";

impl Index {
    /// Searches by the meaning of sentences as well, with the first of `models` that covers a
    /// question's language; none searches by words alone.
    ///
    /// Answers that were indexed before a model came are found by meaning after the next
    /// [`Self::build`], see [`Self::needs_build`]; what was embedded once is not embedded again.
    /// An index opened with [`Self::open_read_only`] uses the vectors its owner has made. Errors:
    /// [`IndexError::Io`] if they cannot be read, [`IndexError::Model`] if a model fails.
    pub fn set_models(&self, models: Vec<Arc<dyn SentenceModel>>) -> Result<(), IndexError> {
        let dir = self.dir.as_deref().map(|dir| dir.join(VECTORS));
        let meaning = if models.is_empty() {
            None
        } else {
            Some(Arc::new(Meaning::open(models, dir.as_deref(), self.is_guest)?))
        };
        self.meaning.store(meaning.clone());
        for generation in self.others().open.values() {
            generation.attach(meaning.clone())?;
        }
        let serving = self.serving.load_full();
        serving.attach(meaning)?;
        self.meet_strangers(&serving)
    }

    /// What questions mean, each a vector of unit length in the space of the first model in force;
    /// `None` for a question whose language it does not cover, and for all without a model.
    ///
    /// `questions` are texts with their languages. Errors: the model's.
    pub fn meanings(
        &self,
        questions: &[(&str, &str)],
    ) -> Result<Vec<Option<Vec<f32>>>, ModelError> {
        let meaning = self.meaning.load();
        let Some(space) = meaning.as_ref().and_then(|meaning| meaning.spaces.first()) else {
            return Ok(vec![None; questions.len()]);
        };
        let covered = questions.iter().map(|(_, lang)| space.model.covers(lang));
        let covered: Vec<bool> = covered.collect();
        let texts = questions.iter().zip(&covered).filter(|(_, covered)| **covered);
        let texts: Vec<&str> = texts.map(|((text, _), _)| *text).collect();
        let mut vectors = space.model.embed(&texts)?.into_iter();
        Ok(covered
            .into_iter()
            .map(|is_covered| if is_covered { vectors.next() } else { None })
            .collect())
    }

    /// Names of the sentence models in force.
    pub fn models(&self) -> Vec<String> {
        let meaning = self.meaning.load();
        let spaces = meaning.iter().flat_map(|meaning| &meaning.spaces);
        spaces.map(|space| space.model.name().to_owned()).collect()
    }
}
