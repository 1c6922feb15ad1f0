//! Giving an index its sentence models.

use std::sync::Arc;

use super::SentenceModel;
use super::meaning::Meaning;
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

    /// Names of the sentence models in force.
    pub fn models(&self) -> Vec<String> {
        let meaning = self.meaning.load();
        let spaces = meaning.iter().flat_map(|meaning| &meaning.spaces);
        spaces.map(|space| space.model.name().to_owned()).collect()
    }
}
