//! A sentence model that embeds each single text once: a fit asks the same questions many times.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use superfan_index::semantic::{ModelError, SentenceModel};

/// A model and what it has embedded.
pub(crate) struct Remembering {
    model: Box<dyn SentenceModel>,
    known: Mutex<HashMap<String, Vec<f32>>>,
    file: PathBuf,
}

impl Remembering {
    /// What `folder` holds of this model's questions is known from the start.
    pub(crate) fn new(model: Box<dyn SentenceModel>, folder: &Path) -> Self {
        let file = folder.join(format!("questions-{}.json", model.name()));
        let known = std::fs::read(&file).ok().and_then(|json| serde_json::from_slice(&json).ok());
        Self { model, known: Mutex::new(known.unwrap_or_default()), file }
    }
}

impl Drop for Remembering {
    fn drop(&mut self) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = serde_json::to_vec(&*known).map(|json| std::fs::write(&self.file, json));
        if !matches!(kept, Ok(Ok(()))) {
            println!("the vectors of the questions could not be kept");
        }
    }
}

impl SentenceModel for Remembering {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn dims(&self) -> usize {
        self.model.dims()
    }

    fn covers(&self, lang: &str) -> bool {
        self.model.covers(lang)
    }

    fn knows(&self, word: &str) -> bool {
        self.model.knows(word)
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, ModelError> {
        let [text] = texts else { return self.model.embed(texts) };
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vector) = known().get(*text).cloned() {
            return Ok(vec![vector]);
        }
        let vectors = self.model.embed(texts)?;
        known().extend(vectors.first().map(|vector| ((*text).to_owned(), vector.clone())));
        Ok(vectors)
    }
}
